#ifndef TRITTER_DIALECT_TD
#define TRITTER_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "dialects/Support/WellFormed.td"

def Tritter_Dialect : Dialect {
  let name = "tritter";
  let cppNamespace = "::mlir::tritter";
  let summary = "Language models as graphs of blocks and instances, and their training";
  let description = [{
    A model is a graph over tensors. What repeats is written once, as a *block*; a layer is one line, an *instance* of
    a block, with what belongs to it alone: its path, where it came from, whether it is frozen. Parameters are named by
    their path (inside a block, relative to the instance) and say where their values come from: an initialiser, or a
    derivation from another model's (dialect `growth`). Weights are never in the IR.

    Sizes stand in types, once; only what no type holds (eps, theta) is an attribute. Batch and sequence are dynamic in
    a model and fixed by `--tritter-specialize`.

    Every operation is held to this: no axis of a tensor has length 0, the axes of known lengths make at most 2^50
    elements, numbers such as eps are finite (in f32 too), and an attribute by a name that the operation does not have
    is refused, unless the name is a dialect's (`growth.promise`). So are those of `growth` and `row`, whose constants may
    be infinite.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Tritter_Op<string mnemonic, list<Trait> traits = []> : Op<Tritter_Dialect, mnemonic, [Tritter_WellFormed, Tritter_FiniteNumbers] # traits>;
class Tritter_Attr<string name, string attrMnemonic> : AttrDef<Tritter_Dialect, name> {
  let mnemonic = attrMnemonic;
}

//===----------------------------------------------------------------------===//
// Initialisers
//===----------------------------------------------------------------------===//

def Tritter_ConstantAttr : Tritter_Attr<"ConstantInit", "constant"> {
  let summary = "every element has one value";
  let description = [{
    Constraints:
    - C1: the value is a number: it may be infinite, which masks a logit.
  }];
  let parameters = (ins "::mlir::FloatAttr":$value);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $value `>`";
}

def Tritter_NormalAttr : Tritter_Attr<"NormalInit", "normal"> {
  let summary = "independent normal draws with mean 0 and this standard deviation";
  let description = [{
    Constraints:
    - C1: the standard deviation is finite and not negative.
  }];
  let parameters = (ins "::mlir::FloatAttr":$stddev);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $stddev `>`";
}

//===----------------------------------------------------------------------===//
// Groups of parameters
//===----------------------------------------------------------------------===//

def Tritter_ParameterGroupAttr : Tritter_Attr<"ParameterGroup", "group"> {
  let summary = "parameters that are updated together, with scalars and a count of updates of their own";
  let description = [{
    Written `#tritter.group<"young" = "layers.1.*", "layers.3.*">`; `*` stands for anything. A parameter whose path fits
    several groups is in the first of them. `#tritter.group<"young" = "layers.1.*" at 0.5>` learns at half the rate that
    the host gives.

    Constraints:
    - C1: the name is of letters, digits, `_` and `-`, and neither decay nor no_decay.
    - C2: the paths are patterns.
    - C3: the factor of the learning rate is finite and above 0.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, ArrayRefParameter<"::mlir::StringAttr">:$paths,
                        OptionalParameter<"::mlir::FloatAttr">:$factor);
  let assemblyFormat = "`<` $name `=` $paths (`at` $factor^)? `>`";
  let genVerifyDecl = 1;
}
def Tritter_ParameterGroups : TypedArrayAttrBase<Tritter_ParameterGroupAttr, "groups of parameters">;

//===----------------------------------------------------------------------===//
// Choices
//===----------------------------------------------------------------------===//

class Tritter_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::tritter";
  let genSpecializedAttr = 0;
}

def Tritter_ActivationKind : Tritter_Enum<"ActivationKind", "pointwise non-linearity", [
  I32EnumAttrCase<"Silu", 0, "silu">, I32EnumAttrCase<"Gelu", 1, "gelu">, I32EnumAttrCase<"Relu", 2, "relu">,
  I32EnumAttrCase<"SquaredRelu", 3, "squared_relu">]>;
def Tritter_ActivationKindAttr : EnumAttr<Tritter_Dialect, Tritter_ActivationKind, "activation"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tritter_NormKind : Tritter_Enum<"NormKind", "normalisation of the residual stream", [
  I32EnumAttrCase<"Rms", 0, "rms">, I32EnumAttrCase<"Layer", 1, "layer">]>;
def Tritter_NormKindAttr : EnumAttr<Tritter_Dialect, Tritter_NormKind, "norm"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tritter_PositionKind : Tritter_Enum<"PositionKind", "how positions enter", [
  I32EnumAttrCase<"Rope", 0, "rope">, I32EnumAttrCase<"Learned", 1, "learned">]>;
def Tritter_PositionKindAttr : EnumAttr<Tritter_Dialect, Tritter_PositionKind, "positions"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tritter_StateGrowth : Tritter_Enum<"StateGrowth", "how state of a parameter grows with it", [
  I32EnumAttrCase<"Zero", 0, "zero">, I32EnumAttrCase<"Linear", 1, "linear">, I32EnumAttrCase<"Adjoint", 2, "adjoint">,
  I32EnumAttrCase<"AdjointSquared", 3, "adjoint_squared">]>;
def Tritter_StateGrowthAttr : EnumAttr<Tritter_Dialect, Tritter_StateGrowth, "state_growth">;

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

def Tritter_Real : AnyTypeOf<[F32, BF16, F64], "f32, bf16 or f64">;
def Tritter_Tensor : RankedTensorOf<[Tritter_Real]>;
def Tritter_Indices : RankedTensorOf<[I32]>;
def Tritter_AnyTensor : AnyTypeOf<[Tritter_Tensor, Tritter_Indices]>;
def Tritter_ScalarTensor : TensorRankOf<[Tritter_Real], [0]>;

#endif // TRITTER_DIALECT_TD
