#ifndef TRITTER_MODEL_OPS_TD
#define TRITTER_MODEL_OPS_TD

// What models are made of. B batch, T sequence, C channels, H heads, G key and value heads, D head dimension. Leading
// dimensions of the pointwise and row-wise operations are free: they work on the last axis.

include "dialects/Tritter/OpInterfaces.td"
include "dialects/Tritter/TritterDialect.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Results that are printed with a name that says what they are; the names are in Names.cpp.
def Tritter_Named : DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>;

class Tritter_ModelOp_<string mnemonic, list<Trait> traits = []>
    : Tritter_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)>;

// Element by element.
class Tritter_PointwiseOp<string mnemonic, list<Trait> traits = []>
    : Tritter_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultType], traits)>;

// The same numbers in another shape.
class Tritter_ReshapeOp<string mnemonic, list<Trait> traits = []>
    : Tritter_Op<mnemonic, !listconcat([Pure, Tritter_Reshape, Tritter_Named,
                                        DeclareOpInterfaceMethods<Tritter_RecomputableOpInterface, ["isFree"]>], traits)>;

def Tritter_EmbeddingOp : Tritter_ModelOp_<"embedding", [Tritter_Named]> {
  let summary = "rows of a table chosen by tokens: [B, T] and [V, C] give [B, T, C] in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: the table has two axes.
  }];
  let arguments = (ins Tritter_Indices:$tokens, Tritter_Tensor:$table);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$tokens `,` $table attr-dict `:` type(operands)";
}

def Tritter_PositionEmbeddingOp : Tritter_ModelOp_<"position_embedding", [Tritter_Named]> {
  let summary = "adds row t of a table of positions to every x[b, t]: [B, T, C] and [P, C], T <= P";
  let description = [{
    Constraints:
    - C1: the input has three axes.
    - C2: the table has two axes.
    - C3: the last axes of input and table have one size.
    - C4: the table has a row for each position of the sequence, where both numbers are known.
  }];
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$table);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input `,` $table attr-dict `:` type(operands)";
}

def Tritter_LinearOp : Tritter_ModelOp_<"linear", [Tritter_Named, Tritter_RowWise, Tritter_ReadsWholeOperands]> {
  let summary = "x W' + b: [..., K], [N, K] and optionally [N] give [..., N]";
  let description = [{
    Constraints:
    - C1: the weight has two axes.
    - C2: the input has one axis or more.
    - C3: the input's last axis is as long as the weight's rows, where both lengths are known.
    - C4: the bias is a vector with one element for each row of the weight.
  }];
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$weight, Optional<Tritter_Tensor>:$bias);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input `,` $weight (`bias` $bias^)? attr-dict `:` type(operands)";
}

def Tritter_RmsNormOp : Tritter_ModelOp_<"rms_norm", [Tritter_Named, Tritter_RowWise, Tritter_RecomputableOpInterface]> {
  let summary = "gamma x / sqrt(mean(x^2) + eps) over the last axis (Zhang and Sennrich, 2019)";
  let description = [{
    Constraints:
    - C1: the input has one axis or more.
    - C2: the weight is a vector with one element for each column of the input.
  }];
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$weight, F64Attr:$eps);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type(operands)";
}

def Tritter_LayerNormOp : Tritter_ModelOp_<"layer_norm", [Tritter_Named, Tritter_RowWise, Tritter_RecomputableOpInterface]> {
  let summary = "gamma (x - mean(x)) / sqrt(var(x) + eps) + beta over the last axis";
  let description = [{
    Constraints:
    - C1: the input has one axis or more.
    - C2: the weight is a vector with one element for each column of the input.
    - C3: the bias is a vector with one element for each column of the input.
  }];
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$weight, Optional<Tritter_Tensor>:$bias, F64Attr:$eps);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input `,` $weight (`bias` $bias^)? attr-dict `:` type(operands)";
}

def Tritter_SplitHeadsOp : Tritter_ReshapeOp<"split_heads", [DeclareOpInterfaceMethods<Tritter_RefinableOpInterface>]> {
  let summary = "[B, T, H * D] seen as [B, T, H, D]";
  let description = [{
    Constraints:
    - C1: the input has three axes and the result four.
    - C2: H and D are known.
    - C3: the first two axes are the same in both.
    - C4: the input's last axis has H * D coordinates.
    - C5: H is at most 2^16.
  }];
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tritter_MergeHeadsOp : Tritter_ReshapeOp<"merge_heads", [InferTypeOpAdaptor]> {
  let summary = "[B, T, H, D] seen as [B, T, H * D]";
  let description = [{
    Constraints:
    - C1: the input has four axes.
    - C2: H and D are known.
    - C3: H is at most 2^16, and H * D less than 2^63.
  }];
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasFolder = 1;
}

def Tritter_RopeOp : Tritter_PointwiseOp<"rope", [Tritter_Named, Tritter_RecomputableOpInterface]> {
  let summary = "rotary positions (Su et al., 2021) on [B, T, H, D], in the rotate-half order of Hugging Face";
  let description = [{
    For c < D / 2 and the angle a = t theta^(-2c / D): result[c] = x[c] cos a - x[c + D/2] sin a and
    result[c + D/2] = x[c + D/2] cos a + x[c] sin a. `inverse` turns the other way: it is the gradient.

    Constraints:
    - C1: the input has four axes.
    - C2: D is known and even.
  }];
  let arguments = (ins Tritter_Tensor:$input, F64Attr:$theta, UnitAttr:$inverse);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tritter_AttentionOp : Tritter_ModelOp_<"attention", [Tritter_Named, Tritter_ReadsWholeOperands]> {
  let summary = "causal attention with grouped heads: q [B, T, H, D], k and v [B, T, G, D] give [B, T, H, D]";
  let description = [{
    Query head h reads group h / (H / G). The scale is 1 / sqrt(D) unless given. With `save`, a second result
    [B, H, T] holds the log-sum-exp of every row of scores, in f32 (f64 for f64): what the backward needs.

    Constraints:
    - C1: the query has four axes.
    - C2: the key has four axes.
    - C3: key and value have one type.
    - C4: H, G and D are known and positive.
    - C5: H is a multiple of G.
    - C6: query and key have the same D and, where they are known, the same B and T.
  }];
  let arguments = (ins Tritter_Tensor:$query, Tritter_Tensor:$key, Tritter_Tensor:$value, OptionalAttr<F64Attr>:$scale,
                       UnitAttr:$save);
  let results = (outs Tritter_Tensor:$result, Optional<Tritter_Tensor>:$log_sum_exp);
  let assemblyFormat = "$query `,` $key `,` $value (`save` $save^)? attr-dict `:` type(operands)";
  let extraClassDeclaration = [{
    /// The factor on the scores.
    double getScoreScale();
  }];
}

def Tritter_ActivationOp : Tritter_PointwiseOp<"activation", [Tritter_Named, Tritter_RowWise,
                                                             Tritter_RecomputableOpInterface]> {
  let summary = "silu, gelu (the exact one, by erf), relu or squared_relu, element by element";
  let arguments = (ins Tritter_ActivationKindAttr:$kind, Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "custom<ActivationKind>($kind) $input attr-dict `:` type($input)";
}

def Tritter_AddOp : Tritter_PointwiseOp<"add", [Commutative, Tritter_Named, Tritter_RowWise, Tritter_RecomputableOpInterface]> {
  let summary = "x + y";
  let arguments = (ins Tritter_Tensor:$lhs, Tritter_Tensor:$rhs);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Tritter_MulOp : Tritter_PointwiseOp<"mul", [Commutative, Tritter_Named, Tritter_RowWise, Tritter_RecomputableOpInterface]> {
  let summary = "x y, element by element";
  let arguments = (ins Tritter_Tensor:$lhs, Tritter_Tensor:$rhs);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($result)";
}

def Tritter_CastOp : Tritter_Op<"cast", [Pure, SameOperandsAndResultShape, Tritter_RowWise,
    DeclareOpInterfaceMethods<Tritter_RecomputableOpInterface, ["isFree"]>,
    DeclareOpInterfaceMethods<Tritter_RefinableOpInterface>]> {
  let summary = "the same values in another type, rounded to nearest even";
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def Tritter_CrossEntropyOp : Tritter_ModelOp_<"cross_entropy", [Tritter_RowWise]> {
  let summary = "-log softmax(logits)[target] of every row: [..., V] and [...] give [...] in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: the logits have one axis or more.
    - C2: the targets have the shape of the logits without the last axis.
  }];
  let arguments = (ins Tritter_Tensor:$logits, Tritter_Indices:$targets);
  let results = (outs Tritter_Tensor:$losses);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` type(operands)";
}

def Tritter_MeanOp : Tritter_ModelOp_<"mean"> {
  let summary = "the mean of all elements, as a tensor of rank 0";
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_ScalarTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

#endif // TRITTER_MODEL_OPS_TD
