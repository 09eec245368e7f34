#ifndef TRITTER_TARGET_PASSES_TD
#define TRITTER_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def ToExecPass : Pass<"tritter-to-exec", "::mlir::ModuleOp"> {
  let summary = "makes lists of commands of programs, and plans their memory";
  let description = [{
    Every `tritter.program` becomes an entry. A block becomes one `exec.sequence`, whatever the number of its layers: a
    layer is an `exec.call` with a place for each input, result, parameter and gradient. So does the body of a
    `tritter.chunk`, called once for each run of rows.

    Values get their memory here. Reshapes are the buffer that they reshape. What a block yields, what becomes a
    gradient and what becomes a state is written where it belongs by the operation that makes it; a kernel writes over
    an operand that nothing reads later where every element is read before it is written. What is left is packed by its
    life into the workspace of the sequence, which lies in that of its caller; in a program, what lives across a call
    into the arena `saved`.

    The first gradient of a parameter overwrites, later ones add; trained parameters that no gradient reaches are
    zeroed. `accumulate` makes a second entry of the program `step`, in which all of them add.

    Preconditions: static shapes, one `tritter.model`, which says what parameters there are, and no operation left that
    has no command (`--tritter-to-row`, `--row-outline`). The model and its blocks stay; programs go.

    ```mlir
    tritter.model @up(%x: tensor<8x4xi32>) -> tensor<8x4x16xf32> {
      %e = tritter.param "embed.weight" : tensor<32x4xf32>
      %w = tritter.param "up.weight" : tensor<16x4xf32>
      %h = tritter.embedding %x, %e : tensor<8x4xi32>, tensor<32x4xf32>
      %y = tritter.linear %h, %w : tensor<8x4x4xf32>, tensor<16x4xf32>
      tritter.yield %y : tensor<8x4x16xf32>
    }
    tritter.program @evaluate(%x: tensor<8x4xf32>) -> tensor<8x16xf32> attributes {names = ["x", "y"]} {
      %w = tritter.param "up.weight" : tensor<16x4xf32>
      %y = tritter.linear %x, %w : tensor<8x4xf32>, tensor<16x4xf32>
      tritter.yield %y : tensor<8x16xf32>
    }
    ```
    becomes (arenas and bindings left out)
    ```mlir
    exec.sequence @evaluate(%parameters, %masters, %gradients, %states, %saved, %workspace, %io, %scalars, %constants) {
      exec.gemm m 8 n 16 k 4 (%io stride 4, %parameters[512] stride 4 transposed) : f32 to (%io[128] stride 16) : f32 "up"
    }
    exec.entry "evaluate" @evaluate
    ```
  }];
  let dependentDialects = ["::mlir::exec::ExecDialect", "::mlir::row::RowDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"accumulate", "accumulate", "bool", /*default=*/"false",
                        "also make the entry `accumulate`, whose gradients add to what is there">,
                 Option<"printMemoryPlan", "print-memory-plan", "bool", /*default=*/"false",
                        "print where memory goes to standard output">];
  let statistics = [Statistic<"sequences", "sequences", "sequences made">,
                    Statistic<"commands", "commands", "commands in them">];
}

#endif // TRITTER_TARGET_PASSES_TD
