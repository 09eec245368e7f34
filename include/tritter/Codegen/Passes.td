#ifndef TRITTER_CODEGEN_PASSES_TD
#define TRITTER_CODEGEN_PASSES_TD

include "mlir/Pass/PassBase.td"

def TritterToRowPass : Pass<"tritter-to-row", "::mlir::ModuleOp"> {
  let summary = "make row kernels of everything that is no matrix product, attention or scatter";
  let description = [{
    Every operation of blocks and programs that is pointwise or a reduction along rows or columns becomes a
    `row.generic`, or two: sums along rows are made in partials over blocks of rows, whose number depends on the number
    of rows alone, and then added up, so that no number of threads changes a bit. What stays: products, attention,
    `tritter.embedding_grad`, reshapes, parameters, states and structure. Models stay as they are.

    Rotary positions read tables of cosines and sines, made by a kernel without operands: a constant of the program.

    Precondition: static shapes (`--tritter-specialize`).

    ```mlir
    %y = tritter.add %a, %b : tensor<2x4x8xf32>
    // becomes
    %y = row.generic rows 8 columns 8 (%a, %b) views [#row.view<element, row_stride = 8>, ...] outputs [0]
        : (tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      row.yield %z : f32
    }
    ```
  }];
  let dependentDialects = ["::mlir::row::RowDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
  let statistics = [Statistic<"kernels", "kernels", "row.generic operations made">];
}

def RowFusePass : Pass<"row-fuse", "::mlir::ModuleOp"> {
  let summary = "make one kernel of several, so that what one makes for another never goes through memory";
  let description = [{
    A kernel is joined with one that reads what it makes, where both have the same rows and columns, or where one of
    them is pointwise on whole tensors (it then takes the other's views, whatever they are). Kernels that share an
    operand are joined too. What others still read is stored besides; what nothing reads is not computed. Never does
    heavy work (exp, erf ...) more often than before; reads and writes less memory, or as much.

    A value kept in bf16 between two kernels is not rounded when they are one.

    ```mlir
    %s = row.generic rows 8 columns 8 (%x, %y) ... { add }
    %n = row.generic rows 8 columns 8 (%s, %w) ... { rms_norm }
    // becomes
    %s, %n = row.generic rows 8 columns 8 (%x, %y, %w) ... { add, rms_norm }
    ```
  }];
  let statistics = [Statistic<"producers", "producers", "kernels joined with one that reads from them">,
                    Statistic<"siblings", "siblings", "kernels joined with one that reads the same">];
}

def RowOutlinePass : Pass<"row-outline", "::mlir::ModuleOp"> {
  let summary = "give every distinct kernel a name, and launch it by that";
  let description = [{
    `row.generic` operations with equal bodies, views and element types share one `row.kernel`, whatever the number of
    rows.

    ```mlir
    %y = row.generic rows 8 columns 4 (%x) ... { ... }
    // becomes
    row.kernel @kernel.0 columns 4 ... { ... }
    %y = row.launch @kernel.0 rows 8 (%x) : (tensor<8x4xf32>) -> tensor<8x4xf32>
    ```
  }];
  let statistics = [Statistic<"kernels", "kernels", "row.kernel operations made">,
                    Statistic<"launches", "launches", "row.launch operations made">];
}

def RowToPtxPass : Pass<"row-to-ptx", "::mlir::ModuleOp"> {
  let summary = "print the row kernels as PTX";
  let description = [{
    Writes the PTX of every `row.kernel` to standard output, and leaves the module as it is. Kernels that compute in f64
    and those that make constants have none. The PTX needs no library.

    A row is shared by a power of two of threads, up to a block; each has 16 bytes of every tensor at a time where sizes
    allow it. Reductions go by shuffles, and through shared memory between warps.
  }];
  let options = [Option<"chip", "chip", "std::string", "\"sm_90\"", "the GPU, as ptxas names it">];
}

#endif // TRITTER_CODEGEN_PASSES_TD
