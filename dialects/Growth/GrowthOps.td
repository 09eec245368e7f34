#ifndef TRITTER_GROWTH_OPS_TD
#define TRITTER_GROWTH_OPS_TD

include "dialects/Growth/GrowthDialect.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/SymbolInterfaces.td"

def Growth_Tensor : RankedTensorOf<[AnyTypeOf<[F32, BF16, F64], "f32, bf16 or f64">]>;

class Growth_Op<string mnemonic, list<Trait> traits = []> : Op<Growth_Dialect, mnemonic, [Tritter_WellFormed] # traits>;
class Growth_MappingOp<string mnemonic> : Growth_Op<mnemonic, [Pure, InferTypeOpAdaptor]> {
  let results = (outs Growth_Tensor:$result);
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

def Growth_SourceOp : Growth_Op<"source", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a tensor of another model";
  let description = [{
    `path` names a parameter of `model`. In a derivation inside a block it is relative to the layer that the instance
    names as its origin: `attn.q.weight`, for an instance `from "layers.2"`, is `layers.2.attn.q.weight`.

    ```mlir
    %s = growth.source @base "attn.q.weight" : tensor<8x8xf32>
    ```

    Constraints:
    - C1: `model` is a `tritter.model` or a `tritter.decoder`, or stands in another module.
  }];
  let arguments = (ins FlatSymbolRefAttr:$model, StrAttr:$path);
  let results = (outs Growth_Tensor:$result);
  let assemblyFormat = "$model $path attr-dict `:` type($result)";
}

def Growth_ZeroOp : Growth_Op<"zero", [Pure]> {
  let summary = "zero everywhere";
  let results = (outs Growth_Tensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Growth_ConstantOp : Growth_Op<"constant", [Pure]> {
  let summary = "one value everywhere";
  let description = [{
    Constraints:
    - C1: the value is a number: it may be infinite, which masks a logit.
  }];
  let arguments = (ins F64Attr:$value);
  let results = (outs Growth_Tensor:$result);
  let hasVerifier = 1;
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

def Growth_NormalOp : Growth_Op<"normal", [Pure]> {
  let summary = "independent normal draws with mean 0";
  let description = [{
    Counter-based: the draws depend on `seed`, `stream`, the path of the parameter that they are for, and the flat
    index. Two operations of one derivation with the same seed, stream and shape draw the same numbers, so that noise
    can be added in one place and subtracted in another.

    ```mlir
    %n = growth.normal 0.02 seed 7 : tensor<8x8xf32>
    ```

    Constraints:
    - C1: the standard deviation is finite and not negative.
  }];
  let arguments = (ins F64Attr:$stddev, I64Attr:$seed, DefaultValuedAttr<I64Attr, "0">:$stream);
  let results = (outs Growth_Tensor:$result);
  let assemblyFormat = "$stddev `seed` $seed (`stream` $stream^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Maps along an axis
//===----------------------------------------------------------------------===//

def Growth_GatherOp : Growth_MappingOp<"gather"> {
  let summary = "maps one axis by runs with exact coefficients";
  let description = [{
    ```mlir
    // Each of 4 neurons twice, one after the other.
    %s = growth.source @base "up.weight" : tensor<4x8xf32>
    %r = growth.gather %s along 0 by <2 from 0 step 0, 2 from 1 step 0, 2 from 2 step 0, 2 from 3 step 0> : tensor<4x8xf32>
    ```

    Constraints:
    - C1: the input's shape is static.
    - C2: `axis` is one of the input's.
    - C3: the map reads only coordinates that the axis has.
  }];
  let arguments = (ins Growth_Tensor:$input, I64Attr:$axis, Growth_MapAttr:$map);
  let assemblyFormat = "$input `along` $axis `by` $map attr-dict `:` type($input)";
}

def Growth_ScaleOp : Growth_MappingOp<"scale"> {
  let summary = "everything times one exact coefficient";
  let arguments = (ins Growth_Tensor:$input, Growth_CoefficientAttr:$by);
  let assemblyFormat = "$input `by` $by attr-dict `:` type($input)";
}

def Growth_PadOp : Growth_MappingOp<"pad"> {
  let summary = "zeros after the end of one axis, up to a size";
  let description = [{
    Constraints:
    - C1: the input's shape is static.
    - C2: `axis` is one of the input's.
    - C3: `size` is that of the axis or more.
  }];
  let arguments = (ins Growth_Tensor:$input, I64Attr:$axis, I64Attr:$size);
  let assemblyFormat = "$input `along` $axis `to` $size attr-dict `:` type($input)";
}

def Growth_TileOp : Growth_MappingOp<"tile"> {
  let summary = "one axis as a whole, a number of times";
  let description = [{
    Constraints:
    - C1: the input's shape is static.
    - C2: `axis` is one of the input's.
    - C3: `times` is positive.
    - C4: the result's axis has less than 2^63 coordinates.
    - C5: `times` is at most 2^16, for each repetition may be a run of its own.
  }];
  let arguments = (ins Growth_Tensor:$input, I64Attr:$axis, I64Attr:$times);
  let assemblyFormat = "$input `along` $axis `times` $times attr-dict `:` type($input)";
}

//===----------------------------------------------------------------------===//
// Sums, and the end
//===----------------------------------------------------------------------===//

def Growth_AddOp : Growth_Op<"add", [Pure, SameOperandsAndResultType]> {
  let summary = "the sum of one or more";
  let arguments = (ins Variadic<Growth_Tensor>:$inputs);
  let results = (outs Growth_Tensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` type($result)";
  let hasFolder = 1;
}

def Growth_YieldOp : Growth_Op<"yield", [Pure, ReturnLike, Terminator, HasParent<"::mlir::tritter::ParamOp">]> {
  let summary = "ends a derivation: the values of the parameter";
  let description = [{
    Constraints:
    - C1: the value has the type of the parameter.
  }];
  let arguments = (ins Growth_Tensor:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

#endif // TRITTER_GROWTH_OPS_TD
