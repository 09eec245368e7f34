// Growths that look right. Each is a small model and one change; none of them may pass, but for the first.
// DEFINE: %{prove} = tritter-opt --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s
// DEFINE: %{verify} = tritter-opt --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <exact, bitwise>

// The two weights of one shape exchanged, by derivation, and by operand.
// RUN: sed -e '/block @kep[t]/,/^}/s/@base "up.weight"/@base "X"/' -e '/block @kep[t]/,/^}/s/@base "down.weight"/@base "up.weight"/' -e 's/"X"/"down.weight"/' %s | %{prove} --check-prefix=NO
// RUN: sed -e '/block @kep[t]/,/^}/s/linear %x, %w/linear %x, %v/' -e '/block @kep[t]/,/^}/s/linear %a, %v/linear %a, %w/' %s | %{prove} --check-prefix=NO
// NO: <"not-preserved"

// The stream as both operands of the sum, and the sum of two branches.
// RUN: sed '/block @kep[t]/,/^}/s/add %x, %d/add %x, %x/' %s | %{prove} --check-prefix=NO
// RUN: sed '/block @kep[t]/,/^}/s/add %x, %d/add %d, %d/' %s | %{prove} --check-prefix=NO
// A sum is a sum in either order.
// RUN: sed '/block @kep[t]/,/^}/s/add %x, %d/add %d, %x/' %s | %{prove}
// But a product is no sum.
// RUN: sed '/block @kep[t]/,/^}/s/tritter.add %x, %d/tritter.mul %x, %d/' %s | %{prove} --check-prefix=NO

// An operation left out, or done twice.
// RUN: sed '/block @kep[t]/,/^}/s/linear %a, %v/linear %u, %v/' %s | %{prove} --check-prefix=NO
// RUN: sed '/block @kep[t]/,/^}/s/%a = \(.*\)/%b = \1\n  %a = tritter.activation silu %b : tensor<?x?x4xf32>/' %s | %{prove} --check-prefix=NO

// A parameter of its own: drawn again, or not said to come from anywhere.
// RUN: sed -e '/model @grow[n]/,$s/^  %l = /  %f = tritter.param "other.weight" : tensor<6x4xf32>\n  %l = /' -e '/model @grow[n]/,$s/linear %h2, %e/linear %h2, %f/' %s | %{prove} --check-prefix=FREE
// FREE: first_broken = "other", reason = "its weight adds values that are not the base's, and neither meet zeros nor cancel"

// A tensor said to be of another shape than the base's is none of the base's.
// RUN: sed -e '/block @kep[t]/,/^}/s/growth.source @base "up.weight" : tensor<4x4xf32>/growth.source @base "up.weight" : tensor<8x4xf32>/' -e '/block @kep[t]/,/^}/s/growth.yield %r :/%g = growth.gather %r along 0 by <4 from 0> : tensor<8x4xf32>\n    growth.yield %g :/' %s | %{verify} --check-prefix=SHAPE
// SHAPE: not-preserved: first broken at layers.0.up: its weight reads a tensor of another shape or type than the base's

// Layers of the base in the wrong order, then once too often.
// RUN: sed '/block @kep[t]/,$s/from "layers.0"/from "layers.X"/; s/from "layers.1"/from "layers.0"/; s/layers.X/layers.1/' %s | %{prove} --check-prefix=NO
// RUN: sed -e '/model @grow[n]/,$s/^  %l = /  %h3 = tritter.layer "layers.2" @kept(%h2) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>\n  %l = /' -e '/model @grow[n]/,$s/linear %h2/linear %h3/' %s | %{prove} --check-prefix=ONCE
// ONCE: first_broken = "layers.2 (old layers.1)", reason = "reads old layers.1's output, was layers.0's"

// What is not finite times zero is not zero.
// RUN: sed '/block @kep[t]/,/^}/s/%r = growth.source.*/%r = growth.constant 0x7FF0000000000000 : tensor<4x4xf32>/' %s | %{verify} --check-prefix=INFINITE
// INFINITE: not-preserved: first broken at up.weight: holds values that are not finite

// A growth of another model.
// RUN: sed '/block @kep[t]/,$s/growth.source @base/growth.source @other/' %s | tritter-opt --tritter-verify-growth="base=base grown=grown" -o /dev/null 2>&1 | FileCheck %s --check-prefix=OTHER
// OTHER: not-preserved: first broken at embed: the table is derived from @other, not from @base (--growth-normalise folds a growth of a growth)

// Nothing to compare with.
// RUN: not tritter-opt %s --tritter-verify-growth="base=nothing grown=grown" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: there is no tritter.model @nothing that @grown was grown from
// RUN: not tritter-opt %s --tritter-verify-growth="grown=nothing" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NO-MODEL
// NO-MODEL: error: there is no tritter.model @nothing
// RUN: not tritter-opt %s --tritter-verify-growth="grown=base" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NO-BASE
// NO-BASE: error: @base is derived from no one model: name the one that it was grown from with base=

tritter.block @plain(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up.weight" : tensor<4x4xf32>
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %a = tritter.activation squared_relu %u : tensor<?x?x4xf32>
  %v = tritter.param "down.weight" : tensor<4x4xf32>
  %d = tritter.linear %a, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %d : tensor<?x?x4xf32>
  tritter.yield %y : tensor<?x?x4xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32>
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @plain(%h0) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @plain(%h1) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h2, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.block @kept(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up.weight" : tensor<4x4xf32> derives {
    %r = growth.source @base "up.weight" : tensor<4x4xf32>
    growth.yield %r : tensor<4x4xf32>
  }
  %v = tritter.param "down.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "down.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %a = tritter.activation squared_relu %u : tensor<?x?x4xf32>
  %d = tritter.linear %a, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %d : tensor<?x?x4xf32>
  tritter.yield %y : tensor<?x?x4xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @kept(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @kept(%h1) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h2, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
