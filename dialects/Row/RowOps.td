#ifndef TRITTER_ROW_OPS_TD
#define TRITTER_ROW_OPS_TD

// Row kernels: what is pointwise or a reduction along rows or columns, over an iteration space of rows and columns.

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "dialects/Support/WellFormed.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Row_Dialect : Dialect {
  let name = "row";
  let cppNamespace = "::mlir::row";
  let summary = "Kernels over an iteration space of rows and columns";
  let description = [{
    A row kernel runs a body of scalar `arith` and `math` operations at every (row, column) of a space. Operands and
    results are tensors seen through *views*, which say how a tensor follows the space; the shape of the tensor does
    not matter otherwise, only its elements in row-major order. `row.reduce` reduces along the columns of a row; a
    result with a `column_sum` view sums along rows, in partials over a fixed number of blocks of rows.

    The body computes in one type, f32 or f64: loads convert to it, stores from it. It says what is computed, not in
    which passes over a row; the split into sweeps at reductions is made when a kernel is emitted.

    `row.generic` is a use with its body; `--row-outline` makes a `row.kernel` of each distinct body, and uses of it
    become `row.launch`.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Row_Op<string mnemonic, list<Trait> traits = []> : Op<Row_Dialect, mnemonic, [Tritter_WellFormed] # traits>;

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

def Row_Access : I32EnumAttr<"Access", "how a tensor follows the iteration space", [
  I32EnumAttrCase<"Element", 0, "element">,        // [row(r), c]
  I32EnumAttrCase<"Column", 1, "column">,          // [c]
  I32EnumAttrCase<"Row", 2, "row">,                // [row(r)]
  I32EnumAttrCase<"Scalar", 3, "scalar">,          // [0]
  I32EnumAttrCase<"Gather", 4, "gather">,          // [index(row(r)), c]
  I32EnumAttrCase<"ColumnSum", 5, "column_sum">    // [block, c], written only
]> {
  let cppNamespace = "::mlir::row";
  let genSpecializedAttr = 0;
}

def Row_ViewAttr : AttrDef<Row_Dialect, "View"> {
  let mnemonic = "view";
  let summary = "which element of a tensor stands at row r and column c";
  let description = [{
    The element numbered `offset + row(r) * row_stride + c * column_stride` in row-major order, with
    `row(r) = (r / divisor) % modulus` (modulus 0: none). Accesses without rows or columns leave out that term. For
    `gather`, row(r) is what the operand numbered `index` (an i32 tensor with a `row` view) holds there. For
    `column_sum`, the number of the block stands for row(r). A `scalar` is element `offset`.

    ```mlir
    #halves = #row.view<element, row_stride = 64, offset = 32>    // the second halves of rows of 64
    ```
  }];
  let parameters = (ins
    EnumParameter<Row_Access>:$access,
    DefaultValuedParameter<"int64_t", "0">:$row_stride,
    DefaultValuedParameter<"int64_t", "1">:$column_stride,
    DefaultValuedParameter<"int64_t", "1">:$divisor,
    DefaultValuedParameter<"int64_t", "0">:$modulus,
    DefaultValuedParameter<"int64_t", "0">:$offset,
    DefaultValuedParameter<"int64_t", "-1">:$index
  );
  let assemblyFormat = [{
    `<` $access (`,` struct($row_stride, $column_stride, $divisor, $modulus, $offset, $index)^)? `>`
  }];
  let builders = [
    AttrBuilder<(ins "::mlir::row::Access":$access, CArg<"int64_t", "0">:$rowStride), [{
      return $_get($_ctxt, access, rowStride, 1, 1, 0, 0, -1);
    }]>
  ];
  let extraClassDeclaration = [{
    /// Has one value for a row.
    bool isRowUniform() const { return getAccess() == Access::Row || getAccess() == Access::Scalar; }
    /// Element n of the tensor stands at row n / columns and column n % columns.
    bool isFlat(int64_t columns) const {
      return getAccess() == Access::Element && getRowStride() == columns && getColumnStride() == 1 &&
             getDivisor() == 1 && getModulus() == 0 && getOffset() == 0;
    }
  }];
}

def Row_ViewArrayAttr : TypedArrayAttrBase<Row_ViewAttr, "views">;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

def Row_Tensor : RankedTensorOf<[F32, BF16, F64, I32]>;

class Row_Body {
  string extraDeclaration = [{
    /// f32 or f64: what the body computes in.
    ::mlir::FloatType getComputeType();
    ::mlir::row::YieldOp getYield();
    unsigned getInputCount() { return getBody().getNumArguments(); }
    unsigned getOutputCount() { return getOutputs().size(); }
    ::mlir::row::ViewAttr getInputView(unsigned input) { return ::llvm::cast<::mlir::row::ViewAttr>(getViews()[input]); }
    /// The view through which the yielded value number `output` is stored.
    ::mlir::row::ViewAttr getOutputView(unsigned output) { return getInputView(getInputCount() + output); }
  }];
}

def Row_GenericOp : Row_Op<"generic", [Pure, IsolatedFromAbove, SingleBlock]> {
  let summary = "a kernel where it is used";
  let description = [{
    `views` has a view for each operand, then one for each yielded value. `outputs` says for each yielded value which
    result it is stored to; several may go to one result through different views, which together cover it (rotary
    positions store the two halves of a row). A result is one buffer. The body has an argument for each operand.

    `blocks` is 0 (and left out) where rows may be split freely between threads; where a result has a `column_sum`
    view it is the number of equal runs of rows, ceil(rows / blocks) long, that are summed apart; such a result has
    blocks * columns elements.

    `label` says what the kernel does, for names.

    Without operands the results are constants: to be computed once, when a program is loaded.

    ```mlir
    tritter.block @norm(%x: tensor<8x4xbf16>) -> tensor<8x4xf32> {
      // y = x / sqrt(mean(x^2)), by rows.
      %y = row.generic rows 8 columns 4 (%x) views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>]
          outputs [0] : (tensor<8x4xbf16>) -> tensor<8x4xf32> {
      ^bb0(%a: f32):
        %square = arith.mulf %a, %a : f32
        %sum = row.reduce add %square : f32
        %quarter = arith.constant 0.25 : f32
        %mean = arith.mulf %sum, %quarter : f32
        %factor = math.rsqrt %mean : f32
        %b = arith.mulf %a, %factor : f32
        row.yield %b : f32
      }
      tritter.yield %y : tensor<8x4xf32>
    }
    ```

    Constraints:
    - C1: the body ends with `row.yield`.
    - C2: the body yields a value for each of `outputs`, and one at least.
    - C3: there is a view for each argument of the body, then one for each yielded value.
    - C4: arguments and yielded values of the body have one type.
    - C5: the body holds operations of this dialect, and those of `arith` and `math` that every device has.
    - C6: a view's divisor is positive; its strides, modulus and offset are not negative.
    - C7: no operand is read through `column_sum`.
    - C8: the `index` of a `gather` is the number of an operand of i32 with a `row` view.
    - C9: nothing is stored through `gather` or `column`.
    - C10: what is stored through `row` or `scalar` is the same in all columns.
    - C11: the body has an argument for each operand.
    - C12: `rows` and `columns` are positive, and `blocks` is not negative; rows times columns, and blocks times columns,
      are at most 2^50.
    - C13: `outputs` are numbers of results.
    - C14: every result is stored to.
    - C15: a result with a `column_sum` view has `blocks` * `columns` elements, of the type that the body computes in.
    - C16: `blocks` is positive if, and only if, a result has a `column_sum` view.
  }];
  let arguments = (ins I64Attr:$rows, I64Attr:$columns, DefaultValuedAttr<I64Attr, "0">:$blocks,
                       Variadic<Row_Tensor>:$inputs, Row_ViewArrayAttr:$views, DenseI64ArrayAttr:$outputs,
                       OptionalAttr<StrAttr>:$label);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Row_Tensor>:$results);
  let assemblyFormat = [{
    `rows` $rows `columns` $columns (`blocks` $blocks^)? `(` $inputs `)` `views` $views `outputs` $outputs attr-dict
    `:` functional-type($inputs, $results) $body
  }];
  let extraClassDeclaration = Row_Body<>.extraDeclaration;
  let hasVerifier = 1;
}

def Row_KernelOp : Row_Op<"kernel", [Symbol, IsolatedFromAbove, SingleBlock]> {
  let summary = "a kernel by name";
  let description = [{
    As `row.generic`; `types` has the element type of each view's tensor.

    Constraints:
    - C1: the body ends with `row.yield`.
    - C2: the body yields a value for each of `outputs`, and one at least.
    - C3: there is a view for each argument of the body, then one for each yielded value.
    - C4: arguments and yielded values of the body have one type.
    - C5: the body holds operations of this dialect, and those of `arith` and `math` that every device has.
    - C6: a view's divisor is positive; its strides, modulus and offset are not negative.
    - C7: no operand is read through `column_sum`.
    - C8: the `index` of a `gather` is the number of an operand of i32 with a `row` view.
    - C9: nothing is stored through `gather` or `column`.
    - C10: what is stored through `row` or `scalar` is the same in all columns.
    - C11: `types` has a type for each view.
    - C12: `columns` is positive, and at most 2^50.
    - C13: `outputs` are numbers from 0 on.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$columns, Row_ViewArrayAttr:$views, TypeArrayAttr:$types,
                       DenseI64ArrayAttr:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `columns` $columns `views` $views `types` $types `outputs` $outputs attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = Row_Body<>.extraDeclaration # [{
    /// Whether result `result` may lie where operand `input` does: every element is read, for the last time, where it
    /// is written.
    bool mayShareStorage(unsigned input, unsigned result);
  }];
  let hasVerifier = 1;
}

def Row_LaunchOp : Row_Op<"launch", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a kernel over rows";
  let description = [{
    Operands and results as those of the `row.generic` that the kernel was made of: operand i is seen through view i of
    the kernel; result `outputs[j]` through view `operands + j`. The order of views is that of the operands of the
    executable's launch; a view's `offset` is added to the place where the tensor begins.

    ```mlir
    row.kernel @double.0 columns 4 views [#row.view<element, row_stride = 4>, #row.view<element, row_stride = 4>]
        types [bf16, f32] outputs [0] {
    ^bb0(%a: f32):
      %b = arith.addf %a, %a : f32
      row.yield %b : f32
    }
    tritter.block @double(%x: tensor<8x4xbf16>) -> tensor<8x4xf32> {
      %y = row.launch @double.0 rows 8 (%x) : (tensor<8x4xbf16>) -> tensor<8x4xf32>
      tritter.yield %y : tensor<8x4xf32>
    }
    ```

    Constraints:
    - C1: `kernel` is a `row.kernel`.
    - C2: there is an operand for each argument of the kernel's body.
    - C3: operands have elements of the kernel's `types`.
    - C4: the kernel's `outputs` are numbers of results, which have elements of its `types`.
    - C5: `rows` is positive, and `blocks` is not negative; with the kernel's columns they are at most 2^50.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, I64Attr:$rows, DefaultValuedAttr<I64Attr, "0">:$blocks,
                       Variadic<Row_Tensor>:$inputs);
  let results = (outs Variadic<Row_Tensor>:$results);
  let assemblyFormat = [{
    $kernel `rows` $rows (`blocks` $blocks^)? `(` $inputs `)` attr-dict `:` functional-type($inputs, $results)
  }];
}

//===----------------------------------------------------------------------===//
// In bodies
//===----------------------------------------------------------------------===//

def Row_Real : AnyTypeOf<[F32, F64], "f32 or f64">;

def Row_ReduceKind : I32EnumAttr<"ReduceKind", "how values are reduced", [
  I32EnumAttrCase<"Add", 0, "add">, I32EnumAttrCase<"Maximum", 1, "maximum">]> {
  let cppNamespace = "::mlir::row";
  let genSpecializedAttr = 0;
}
def Row_ReduceKindAttr : EnumAttr<Row_Dialect, Row_ReduceKind, "reduction">;

def Row_ReduceOp : Row_Op<"reduce", [Pure, SameOperandsAndResultType]> {
  let summary = "the sum or the maximum over the columns of the row: one value for the row";
  let arguments = (ins Row_ReduceKindAttr:$kind, Row_Real:$value);
  let results = (outs Row_Real:$result);
  let assemblyFormat = "$kind $value attr-dict `:` type($value)";
}

def Row_RowIndexOp : Row_Op<"row_index", [Pure]> {
  let summary = "the number of the row, as a real";
  let results = (outs Row_Real:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Row_ColumnIndexOp : Row_Op<"column_index", [Pure]> {
  let summary = "the number of the column, as a real";
  let results = (outs Row_Real:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Row_YieldOp : Row_Op<"yield", [Pure, Terminator, ParentOneOf<["GenericOp", "KernelOp"]>]> {
  let summary = "what is stored";
  let arguments = (ins Variadic<Row_Real>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

#endif // TRITTER_ROW_OPS_TD
