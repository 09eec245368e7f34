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
    tritter.block @residual(%x: tensor<2x4x8xf32>, %y: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      %sum = tritter.add %x, %y : tensor<2x4x8xf32>
      tritter.yield %sum : tensor<2x4x8xf32>
    }
    ```
    becomes
    ```mlir
    tritter.block @residual(%x: tensor<2x4x8xf32>, %y: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      %sum = row.generic rows 8 columns 8(%x, %y) views [#row.view<element, row_stride = 8>, ...] outputs [0] ... {
      ^bb0(%a: f32, %b: f32):
        %c = arith.addf %a, %b : f32
        row.yield %c : f32
      }
      tritter.yield %sum : tensor<2x4x8xf32>
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
    tritter.block @residual(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>, %w: tensor<8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
      %sum = tritter.add %x, %y : tensor<8x8xf32>
      %norm = tritter.rms_norm %sum, %w {eps = 1.0e-5} : tensor<8x8xf32>, tensor<8xf32>
      tritter.yield %sum, %norm : tensor<8x8xf32>, tensor<8x8xf32>
    }
    ```
    becomes, after `--tritter-to-row` has made two kernels of it, one with two results:
    ```mlir
    tritter.block @residual(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>, %w: tensor<8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
      %r:2 = row.generic rows 8 columns 8(%x, %y, %w) ... {
      ^bb0(%a: f32, %b: f32, %g: f32):
        %s = arith.addf %a, %b : f32
        %square = arith.mulf %s, %s : f32
        %total = row.reduce add %square ...
        row.yield %s, %n : f32, f32
      }
      tritter.yield ...
    }
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
    tritter.block @twice(%x: tensor<2x4xf32>, %y: tensor<6x4xf32>) -> (tensor<2x4xf32>, tensor<6x4xf32>) {
      %a = tritter.add %x, %x : tensor<2x4xf32>
      %b = tritter.add %y, %y : tensor<6x4xf32>
      tritter.yield %a, %b : tensor<2x4xf32>, tensor<6x4xf32>
    }
    ```
    becomes, after `--tritter-to-row`, two launches of one kernel:
    ```mlir
    %a = row.launch @add.0 rows 2(%x, %x) : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    %b = row.launch @add.0 rows 6(%y, %y) : (tensor<6x4xf32>, tensor<6x4xf32>) -> tensor<6x4xf32>
    ...
    row.kernel @add.0 columns 4 ... {
    ^bb0(%p: f32, %q: f32):
      %c = arith.addf %p, %q : f32
      row.yield %c : f32
    }
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

    ```mlir
    tritter.block @residual(%x: tensor<2x64x1024xf32>, %y: tensor<2x64x1024xf32>) -> tensor<2x64x1024xf32> {
      %sum = tritter.add %x, %y : tensor<2x64x1024xf32>
      tritter.yield %sum : tensor<2x64x1024xf32>
    }
    ```
    prints, after `--tritter-to-row` and `--row-outline`,
    ```
    .visible .entry add_0( ...
    ld.global.v4.b32 ...
    add.rn.f32 ...
    st.global.v4.b32 ...
    ```
  }];
  let options = [Option<"chip", "chip", "std::string", "\"sm_90\"", "the GPU, as ptxas names it">];
}

#endif // TRITTER_CODEGEN_PASSES_TD
