#ifndef TRITTER_STRUCTURE_OPS_TD
#define TRITTER_STRUCTURE_OPS_TD

// Models, blocks, instances, parameters.

include "dialects/Tritter/TritterDialect.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tritter_DecoderOp : Tritter_Op<"decoder", [Symbol]> {
  let summary = "a decoder-only transformer, declared by its sizes";
  let description = [{
    The short way to write a model; `--tritter-elaborate` turns it into a `tritter.model` over a `tritter.block`.
    What is left out has the value that a Llama has.

    ```mlir
    tritter.decoder @tiny {layers = 6, hidden = 256, heads = 4, kv_heads = 2, intermediate = 704, tied = true}
    ```

    Constraints:
    - C1: every size is positive, and below a bound that keeps products of sizes within 64 bits.
    - C2: `norm_eps` is not negative.
    - C3: `rope_theta` is positive.
    - C4: `init_stddev` is not negative.
    - C5: `heads` is a multiple of `kv_heads`.
    - C6: `hidden` is a multiple of `heads` where `head_dim` is left out.
    - C7: the dimension of a head is even where positions are rotary.
    - C8: `max_positions` is given where positions are learned.
    - C9: no matrix has more than 2^38 elements.
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    I64Attr:$layers,
    I64Attr:$hidden,
    I64Attr:$heads,
    OptionalAttr<I64Attr>:$kv_heads,        // heads
    OptionalAttr<I64Attr>:$head_dim,        // hidden / heads
    I64Attr:$intermediate,
    OptionalAttr<I64Attr>:$vocab,           // the tokenizer's
    DefaultValuedAttr<Tritter_NormKindAttr, "NormKind::Rms">:$norm,
    DefaultValuedAttr<F64Attr, "1.0e-5">:$norm_eps,
    DefaultValuedAttr<Tritter_PositionKindAttr, "PositionKind::Rope">:$positions,
    DefaultValuedAttr<F64Attr, "10000.0">:$rope_theta,
    OptionalAttr<I64Attr>:$max_positions,   // needed where positions are learned
    DefaultValuedAttr<Tritter_ActivationKindAttr, "ActivationKind::Silu">:$activation,
    DefaultValuedAttr<BoolAttr, "true">:$gated,
    DefaultValuedAttr<BoolAttr, "false">:$qkv_bias,
    DefaultValuedAttr<BoolAttr, "false">:$attention_bias,   // on the four linears of the attention
    DefaultValuedAttr<BoolAttr, "false">:$mlp_bias,         // on the linears of the MLP
    DefaultValuedAttr<BoolAttr, "false">:$bias,             // on every linear of a layer
    DefaultValuedAttr<BoolAttr, "false">:$tied,
    DefaultValuedAttr<F64Attr, "0.02">:$init_stddev,
    OptionalAttr<TypeAttrOf<Tritter_Real>>:$dtype  // f32
  );
  let assemblyFormat = "$sym_name attr-dict";
  let hasVerifier = 1;
}

def Tritter_BlockOp : Tritter_Op<"block", [IsolatedFromAbove, FunctionOpInterface,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "a graph that layers are instances of";
  let description = [{
    Parameters inside are named relative to the instance: `attn.q.weight` of instance `layers.3` is
    `layers.3.attn.q.weight`. A block yields with `tritter.yield`.

    ```mlir
    tritter.block @mlp(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %w = tritter.param "up.weight" : tensor<8x8xf32>
      %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
      tritter.yield %y : tensor<?x?x8xf32>
    }
    ```

    Constraints:
    - C1: no two parameters of the block have one path.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let hasVerifier = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type)>];
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def Tritter_ModelOp : Tritter_Op<"model", [IsolatedFromAbove, FunctionOpInterface,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "a language model: tokens to logits";
  let description = [{
    One argument, `tensor<BxTxi32>`, and one result, `tensor<BxTxVxf32>`. Parameters are named by their whole path;
    layers are `tritter.layer` instances of blocks. A checkpoint keeps one tensor under a path, so what is used in
    several places (a tied table) is one `tritter.param`, whose value has several uses. `groups` (`--tritter-group`) says
    which parameters are updated together.

    Constraints:
    - C1: there is one argument and one result.
    - C2: the argument is a matrix of i32.
    - C3: the result has three axes of reals, the last of a known size.
    - C4: no two parameters and layers of the model have one path.
    - C5: no two parameters have one whole path, those in the layers' blocks included.
    - C6: all parameters, those of every layer included, have at most 2^48 elements.
    - C7: `max_positions`, the longest sequence that rotary positions are meant for, is positive.
    - C8: the first two axes of the result are those of the argument.
  }];
  let arguments = !con(Tritter_BlockOp.arguments, (ins OptionalAttr<Tritter_ParameterGroups>:$groups,
                                                       OptionalAttr<I64Attr>:$max_positions));
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = Tritter_BlockOp.builders;
  let extraClassDeclaration = Tritter_BlockOp.extraClassDeclaration;
  let hasVerifier = 1;
}

def Tritter_ProgramOp : Tritter_Op<"program", [IsolatedFromAbove, FunctionOpInterface,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "an entry of the executable: a step of training, an evaluation";
  let description = [{
    A graph like a model's, made by passes (`--tritter-differentiate`, `--tritter-adamw`), whose arguments and results
    are the buffers that the host sees. `names` has one name for each argument, then one for each result: the bindings
    of the executable.

    ```mlir
    tritter.program @evaluate(%tokens: tensor<2x8xi32>, %targets: tensor<2x8xi32>) -> tensor<f32>
        attributes {names = ["tokens", "targets", "loss"]} {
      %table = tritter.param "embed.weight" : tensor<32x32xf32>
      %logits = tritter.embedding %tokens, %table : tensor<2x8xi32>, tensor<32x32xf32>
      %losses = tritter.cross_entropy %logits, %targets : tensor<2x8x32xf32>, tensor<2x8xi32>
      %loss = tritter.mean %losses : tensor<2x8xf32>
      tritter.yield %loss : tensor<f32>
    }
    ```

    Constraints:
    - C1: `names` has a name for each argument and each result.
    - C2: arguments and results are ranked tensors of numbers.
  }];
  let arguments = !con(Tritter_BlockOp.arguments, (ins StrArrayAttr:$names));
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                                 "::llvm::ArrayRef<::llvm::StringRef>":$names)>];
  let extraClassDeclaration = Tritter_BlockOp.extraClassDeclaration;
  let hasVerifier = 1;
}

def Tritter_YieldOp : Tritter_Op<"yield", [Pure, ReturnLike, Terminator]> {
  let summary = "ends a block, a model, a program or a chunk";
  let description = [{
    Constraints:
    - C1: it stands in a block, a model, a program or a chunk.
    - C2: the values have the types of the results of the block, model or program.
  }];
  let arguments = (ins Variadic<Tritter_AnyTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), "build($_builder, $_state, ::mlir::ValueRange());">];
  let hasVerifier = 1;
}

def Tritter_LayerOp : Tritter_Op<"layer", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "an instance of a block";
  let description = [{
    `path` is the prefix of its parameters. `origin` names the layer of the base model that its derivations read from;
    `added` is the number of the growth that brought it (1, 2, ...) and stays; a `frozen` one is not trained. In a program
    `model` names the model that it is a layer of, where that is not the one that is trained.

    ```mlir
    tritter.block @mlp(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %w = tritter.param "up.weight" : tensor<8x8xf32>
      %y = tritter.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
      tritter.yield %y : tensor<?x?x8xf32>
    }
    tritter.model @bigram(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
      %table = tritter.param "embed.weight" : tensor<8x8xf32>
      %h0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<8x8xf32>
      %h1 = tritter.layer "layers.0" @mlp(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h2 = tritter.layer "layers.1" @mlp(%h1) from "layers.0" {added = 1} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      tritter.yield %h2 : tensor<?x?x8xf32>
    }
    ```

    Constraints:
    - C1: it stands directly in a model or a program.
    - C2: `block` is a `tritter.block`.
    - C3: operands and results have the types of the block's.
  }];
  let arguments = (ins StrAttr:$path, FlatSymbolRefAttr:$block, Variadic<Tritter_AnyTensor>:$inputs,
                       OptionalAttr<StrAttr>:$origin, OptionalAttr<I64Attr>:$added, UnitAttr:$frozen,
                       OptionalAttr<FlatSymbolRefAttr>:$model);
  let results = (outs Variadic<Tritter_AnyTensor>:$outputs);
  let assemblyFormat = [{
    $path $block `(` $inputs `)` (`from` $origin^)? attr-dict `:` functional-type($inputs, $outputs)
  }];
}

def Tritter_ParamOp : Tritter_Op<"param", [MemoryEffects<[]>, DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "a parameter, and where its values come from";
  let description = [{
    `init` is `#tritter.constant` or `#tritter.normal`; the region is a derivation from another model's tensors
    (dialect `growth`), ended by `growth.yield`; with neither, a checkpoint holds the values. Inside a block `path` is
    relative to the instance. `added` is the number of the growth that brought it to layers that were there before. A
    `frozen` one is not trained. In a program `model` names the model whose parameter it is, where that is not the one
    that is trained.

    ```mlir
    %w = tritter.param "attn.q.weight" : tensor<8x8xf32> = #tritter.normal<0.02>
    ```

    Constraints:
    - C1: the shape is static.
    - C2: `init` is `#tritter.constant` or `#tritter.normal`.
    - C3: there is not both an initialiser and a derivation.
    - C4: a derivation ends with `growth.yield`.
    - C5: there are at most 2^38 elements.
  }];
  let arguments = (ins StrAttr:$path, OptionalAttr<AnyAttr>:$init, OptionalAttr<I64Attr>:$added, UnitAttr:$frozen,
                       OptionalAttr<FlatSymbolRefAttr>:$model);
  let regions = (region MaxSizedRegion<1>:$derivation);
  let results = (outs Tritter_Tensor:$value);
  let assemblyFormat = "$path attr-dict `:` type($value) (`=` $init^)? (`derives` $derivation^)?";
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::mlir::Type":$type, "::llvm::StringRef":$path, CArg<"::mlir::Attribute", "{}">:$init)>];
}

#endif // TRITTER_STRUCTURE_OPS_TD
