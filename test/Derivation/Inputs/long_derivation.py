"""Prints a growth whose one derivation is a chain of 100,000 operations, doubles 60 times, or tiles tiles."""
import sys

SQUARE = "tensor<4x4xf32>"
rows = 4
lines = [f'%s0 = growth.source @base "e" : {SQUARE}']
if sys.argv[1] == "chain":
    lines += [f"%s{i + 1} = growth.scale %s{i} by <-1> : {SQUARE}" for i in range(100000)]
elif sys.argv[1] == "doubled":
    lines += [f"%s{i + 1} = growth.add %s{i}, %s{i} : {SQUARE}" for i in range(60)]
else:
    for i in range(2):
        lines.append(f"%s{i + 1} = growth.tile %s{i} along 0 times 65536 : tensor<{rows}x4xf32>")
        rows *= 65536
lines.append(f"growth.yield %s{len(lines) - 1} : tensor<{rows}x4xf32>")
derivation = "\n".join(lines)
print(f"""tritter.model @base(%t: tensor<?x?xi32>) -> tensor<?x?x4xf32> {{
  %e = tritter.param "e" : {SQUARE}
  %h = tritter.embedding %t, %e : tensor<?x?xi32>, {SQUARE}
  tritter.yield %h : tensor<?x?x4xf32>
}}
tritter.model @grown(%t: tensor<?x?xi32>) -> tensor<?x?x4xf32> {{
  %e = tritter.param "e" : tensor<{rows}x4xf32> derives {{
{derivation}
  }}
  %h = tritter.embedding %t, %e : tensor<?x?xi32>, tensor<{rows}x4xf32>
  tritter.yield %h : tensor<?x?x4xf32>
}}""")
