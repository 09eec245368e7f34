#ifndef TRITTER_EXEC_OPS_TD
#define TRITTER_EXEC_OPS_TD

// The executable as IR: what `runtime/schema/executable.fbs` says of arenas, bindings, sequences and entries, one to
// one. Kernels are the `row.kernel`s of the module.

include "dialects/Tritter/TritterDialect.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "dialects/Exec/CommandInterface.td"

def Exec_Dialect : Dialect {
  let name = "exec";
  let cppNamespace = "::mlir::exec";
  let summary = "Lists of commands on places in memory: what the runtime executes";
  let description = [{
    A program is a *sequence* of flat commands. A sequence sees memory through its *slots*; a place is a slot and bytes
    from where that begins, written `%slot[bytes]`. A sequence is run by `exec.call`, which gives a place for each slot
    (so that eighty layers are calls, not copies), or by an `exec.entry`, whose slots are the *arenas*.
  }];
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

class Exec_Op<string mnemonic, list<Trait> traits = []> : Op<Exec_Dialect, mnemonic, traits>;

def Exec_Slot : TypeDef<Exec_Dialect, "Slot"> {
  let mnemonic = "slot";
  let summary = "a buffer that a sequence is given";
}

def Exec_Real : AnyTypeOf<[F32, BF16, F64]>;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def Exec_ArenaOp : Exec_Op<"arena", [Symbol]> {
  let summary = "one allocation; the order of the arenas is the order of an entry's slots";
  let description = [{
    Constraints:
    - C1: `bytes` is not negative.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$bytes);
  let assemblyFormat = "$sym_name `bytes` $bytes attr-dict";
  let hasVerifier = 1;
}

def Exec_BindingOp : Exec_Op<"binding", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a buffer that the host reads or writes by name";
  let description = [{
    ```mlir
    exec.arena @io bytes 512
    exec.binding "tokens" @io[0] : tensor<2x64xi32>
    ```

    Constraints:
    - C1: `arena` is an `exec.arena`.
    - C2: the type is of numbers, with a static shape.
    - C3: the buffer lies within the arena.
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$arena, I64Attr:$offset, TypeAttrOf<AnyRankedTensor>:$type);
  let assemblyFormat = "$name $arena `[` $offset `]` `:` $type attr-dict";
}

def Exec_StateOp : Exec_Op<"state", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "state that programs keep for the parameters of a group from one run to the next";
  let description = [{
    The parameters lie in it in their order (see `ParameterLayout`), and it grows with them.

    ```mlir
    exec.arena @states bytes 16384
    exec.state "adam.m" of "decay" grows adjoint @states[0] : tensor<4x1024xf32>
    ```

    Constraints:
    - C1: `arena` is an `exec.arena`.
    - C2: the tensor has a static shape and numbers as elements.
    - C3: the tensor lies inside the arena.
  }];
  let arguments = (ins StrAttr:$kind, StrAttr:$group, Tritter_StateGrowthAttr:$growth, FlatSymbolRefAttr:$arena,
                       I64Attr:$offset, TypeAttrOf<AnyRankedTensor>:$type);
  let assemblyFormat = "$kind `of` $group `grows` $growth $arena `[` $offset `]` `:` $type attr-dict";
}

//===----------------------------------------------------------------------===//
// Sequences and entries
//===----------------------------------------------------------------------===//

def Exec_SequenceOp : Exec_Op<"sequence", [IsolatedFromAbove, Symbol, SingleBlock, NoTerminator,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "commands, one after the other, on slots";
  let description = [{
    ```mlir
    exec.sequence @twice(%x, %y) {
      exec.copy bytes 64 (%x, %y)
      exec.copy bytes 64 (%x, %y[64])
    }
    exec.sequence @step(%parameters, %io) {
      exec.call @twice (%parameters[256], %io) "layers.0"
    }
    ```

    Constraints:
    - C1: `slot_names` has a name for each slot.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$slot_names);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::llvm::ArrayRef<::llvm::StringRef>":$slots)>];
  let extraClassDeclaration = [{
    unsigned getSlotCount() { return getBody().getNumArguments(); }
    ::mlir::Value getSlot(unsigned index) { return getBody().getArgument(index); }
  }];
  let hasVerifier = 1;
}

def Exec_EntryOp : Exec_Op<"entry", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a program that the host runs by name; the sequence's slots are the arenas";
  let description = [{
    Constraints:
    - C1: `sequence` is an `exec.sequence`.
  }];
  let arguments = (ins StrAttr:$name, FlatSymbolRefAttr:$sequence);
  let assemblyFormat = "$name $sequence attr-dict";
}

//===----------------------------------------------------------------------===//
// Commands
//===----------------------------------------------------------------------===//

/// `offsets` has the bytes of each operand, in their order. `label` says what the command is for, in the words of the
/// model.
class Exec_Command<string mnemonic, list<Trait> traits = []>
    : Exec_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<Exec_CommandOpInterface>], traits)> {
  let hasVerifier = 1;
}

def Exec_LaunchOp : Exec_Command<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs a kernel over rows";
  let description = [{
    `blocks` is the number of runs of rows that the kernel's column sums are kept apart for; left out where it has none.

    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: `rows` is positive.
    - C4: `kernel` is a symbol of the module.
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, I64Attr:$rows, OptionalAttr<I64Attr>:$blocks,
                       Variadic<Exec_Slot>:$operands, DenseI64ArrayAttr:$offsets, OptionalAttr<StrAttr>:$label);
  let assemblyFormat = [{
    $kernel `rows` $rows (`blocks` $blocks^)? custom<Places>($operands, $offsets) ($label^)? attr-dict
  }];
}

def Exec_GemmOp : Exec_Command<"gemm"> {
  let summary = "c[m, n] = a[m, k] b[k, n] (+ bias[n]) (+ c)";
  let description = [{
    Rows of a matrix are `stride` elements apart; one that is `transposed` is stored the other way round.

    ```mlir
    exec.sequence @up(%x, %w, %y) {
      exec.gemm m 128 n 704 k 256 (%x stride 256, %w stride 256 transposed) : bf16 to (%y stride 704) : f32
    }
    ```

    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: m, n and k are positive.
    - C4: `strides` has a number for each of a, b and c.
    - C5: there is a bias if, and only if, there is a `bias_type`.
    - C6: a stride is not less than a row of its matrix, as it is stored.
  }];
  let arguments = (ins I64Attr:$m, I64Attr:$n, I64Attr:$k, Exec_Slot:$a, Exec_Slot:$b, Exec_Slot:$c,
                       Optional<Exec_Slot>:$bias, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$strides,
                       UnitAttr:$transpose_a, UnitAttr:$transpose_b, TypeAttrOf<Exec_Real>:$input_type,
                       TypeAttrOf<Exec_Real>:$result_type, OptionalAttr<TypeAttrOf<Exec_Real>>:$bias_type,
                       UnitAttr:$accumulate, OptionalAttr<StrAttr>:$label);
  let hasCustomAssemblyFormat = 1;
}

class Exec_AttentionLike<string mnemonic> : Exec_Command<mnemonic> {
  let hasCustomAssemblyFormat = 1;
}

def Exec_AttentionOp : Exec_AttentionLike<"attention"> {
  let summary = "causal attention with grouped key and value heads";
  let description = [{
    Operands: query, key, value, out, log_sum_exp. Tokens are `stride` elements apart in each but the last.

    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: there are as many operands as are named above.
    - C4: `strides` has a number for each operand but log_sum_exp.
    - C5: sizes are positive.
    - C6: `heads` is a multiple of `kv_heads`.
  }];
  let arguments = (ins Variadic<Exec_Slot>:$operands, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$strides,
                       I64Attr:$batch, I64Attr:$sequence, I64Attr:$heads, I64Attr:$kv_heads, I64Attr:$head_dim,
                       F64Attr:$scale, TypeAttrOf<Exec_Real>:$type, OptionalAttr<StrAttr>:$label);
}

def Exec_AttentionBackwardOp : Exec_AttentionLike<"attention_backward"> {
  let summary = "the gradients of attention, which it overwrites";
  let description = [{
    Operands: those of `exec.attention`, then out_gradient, query_gradient, key_gradient, value_gradient.

    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: there are as many operands as are named above.
    - C4: `strides` has a number for each operand but log_sum_exp.
    - C5: sizes are positive.
    - C6: `heads` is a multiple of `kv_heads`.
  }];
  let arguments = Exec_AttentionOp.arguments;
}

def Exec_ScatterAddOp : Exec_Command<"scatter_add"> {
  let summary = "table[indices[r], :] += source[r, :], in the order of r";
  let description = [{
    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: there are three operands: source, indices and table.
    - C4: `rows`, `columns` and `table_rows` are positive.
  }];
  let arguments = (ins I64Attr:$rows, I64Attr:$columns, I64Attr:$table_rows, TypeAttrOf<Exec_Real>:$type,
                       TypeAttrOf<Exec_Real>:$table_type, Variadic<Exec_Slot>:$operands, DenseI64ArrayAttr:$offsets,
                       OptionalAttr<StrAttr>:$label);
  let assemblyFormat = [{
    `rows` $rows `columns` $columns `table_rows` $table_rows custom<Places>($operands, $offsets) `:` $type `to`
    $table_type ($label^)? attr-dict
  }];
}

def Exec_CopyOp : Exec_Command<"copy"> {
  let summary = "copies bytes from the first place to the second";
  let description = [{
    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: there are two operands.
    - C4: `bytes` is not negative.
  }];
  let arguments = (ins I64Attr:$bytes, Variadic<Exec_Slot>:$operands, DenseI64ArrayAttr:$offsets,
                       OptionalAttr<StrAttr>:$label);
  let assemblyFormat = "`bytes` $bytes custom<Places>($operands, $offsets) ($label^)? attr-dict";
}

def Exec_FillOp : Exec_Command<"fill"> {
  let summary = "zeroes bytes";
  let description = [{
    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: there is one operand.
    - C4: `bytes` is not negative.
  }];
  let arguments = Exec_CopyOp.arguments;
  let assemblyFormat = Exec_CopyOp.assemblyFormat;
}

def Exec_CallOp : Exec_Command<"call", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "runs another sequence on places of this one's slots";
  let description = [{
    Constraints:
    - C1: `offsets` has a number for each operand.
    - C2: no offset is negative.
    - C3: `sequence` is an `exec.sequence`.
    - C4: there is a place for each slot of the sequence.
  }];
  let arguments = (ins FlatSymbolRefAttr:$sequence, Variadic<Exec_Slot>:$operands, DenseI64ArrayAttr:$offsets,
                       OptionalAttr<StrAttr>:$label);
  let assemblyFormat = "$sequence custom<Places>($operands, $offsets) ($label^)? attr-dict";
}

#endif // TRITTER_EXEC_OPS_TD
