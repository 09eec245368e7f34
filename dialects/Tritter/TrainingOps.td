#ifndef TRITTER_TRAINING_OPS_TD
#define TRITTER_TRAINING_OPS_TD

// What backward blocks and update programs are made of; made by passes, seldom written by hand. Static shapes only.

include "dialects/Tritter/ModelOps.td"

//===----------------------------------------------------------------------===//
// Gradients of the operations of ModelOps.td. `gradient` is that of the result.
//===----------------------------------------------------------------------===//

def Tritter_LinearGradInputOp : Tritter_ModelOp_<"linear_grad_input", [Tritter_ReadsWholeOperands]> {
  let summary = "dY W: [..., N] and [N, K] give [..., K], in the type of dY";
  let description = [{
    Constraints:
    - C1: the gradient has one axis or more.
    - C2: the weight has two axes.
    - C3: the gradient's last axis is as long as the weight's first, where both lengths are known.
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$weight);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$gradient `,` $weight attr-dict `:` type(operands)";
}

def Tritter_LinearGradWeightOp : Tritter_ModelOp_<"linear_grad_weight", [Tritter_ReadsWholeOperands]> {
  let summary = "dY' X summed over rows: [..., N] and [..., K] give [N, K], in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: gradient and input have one axis or more.
    - C2: gradient and input have the same axes but for the last.
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$gradient `,` $input attr-dict `:` type(operands)";
}

def Tritter_SumRowsOp : Tritter_ModelOp_<"sum_rows"> {
  let summary = "the sum over all axes but the last: the gradient of a bias, in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: the input has one axis or more.
  }];
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def Tritter_RmsNormGradOp : Tritter_ModelOp_<"rms_norm_grad"> {
  let summary = "the gradients of rms_norm's input (in its type) and weight (in f32, f64 for f64)";
  let description = [{
    Constraints:
    - C1: the input has one axis or more.
    - C2: the gradient has the input's shape.
    - C3: the weight is a vector with one element for each column of the input.
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$input, Tritter_Tensor:$weight, F64Attr:$eps);
  let results = (outs Tritter_Tensor:$input_gradient, Tritter_Tensor:$weight_gradient);
  let assemblyFormat = "$gradient `,` $input `,` $weight attr-dict `:` type(operands)";
}

def Tritter_LayerNormGradOp : Tritter_ModelOp_<"layer_norm_grad"> {
  let summary = "the gradients of layer_norm's input, weight and bias";
  let description = [{
    Constraints:
    - C1: the input has one axis or more.
    - C2: the gradient has the input's shape.
    - C3: the weight is a vector with one element for each column of the input.
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$input, Tritter_Tensor:$weight, F64Attr:$eps);
  let results = (outs Tritter_Tensor:$input_gradient, Tritter_Tensor:$weight_gradient, Tritter_Tensor:$bias_gradient);
  let assemblyFormat = "$gradient `,` $input `,` $weight attr-dict `:` type(operands)";
}

def Tritter_ActivationGradOp : Tritter_PointwiseOp<"activation_grad"> {
  let summary = "dY times the derivative of the activation at its input";
  let arguments = (ins Tritter_ActivationKindAttr:$kind, Tritter_Tensor:$gradient, Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "custom<ActivationKind>($kind) $gradient `,` $input attr-dict `:` type($result)";
}

def Tritter_AttentionGradOp : Tritter_ModelOp_<"attention_grad", [Tritter_ReadsWholeOperands]> {
  let summary = "the gradients of query, key and value";
  let description = [{
    Constraints:
    - C1: the query has four axes.
    - C2: the key has four axes.
    - C3: key and value have one type.
    - C4: H, G and D are known and positive.
    - C5: H is a multiple of G.
    - C6: query and key have the same D and, where they are known, the same B and T.
    - C7: gradient and output have the query's shape.
    - C8: the log-sum-exp has the shape [B, H, T].
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$query, Tritter_Tensor:$key, Tritter_Tensor:$value,
                       Tritter_Tensor:$output, Tritter_Tensor:$log_sum_exp, OptionalAttr<F64Attr>:$scale);
  let results = (outs Tritter_Tensor:$query_gradient, Tritter_Tensor:$key_gradient, Tritter_Tensor:$value_gradient);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
  let extraClassDeclaration = "double getScoreScale();";
}

def Tritter_EmbeddingGradOp : Tritter_Op<"embedding_grad", [Pure, Tritter_ReadsWholeOperands]> {
  let summary = "adds row dY[r] to row tokens[r] of a gradient of the table, in the order of r; in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: the gradient has the axes of the tokens, and one more.
    - C2: the result is a matrix with the gradient's columns.
  }];
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Indices:$tokens);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$gradient `,` $tokens attr-dict `:` type(operands) `->` type($result)";
  let hasVerifier = 1;
}

def Tritter_PositionEmbeddingGradOp : Tritter_Op<"position_embedding_grad", [Pure]> {
  let summary = "sums dY [B, T, C] over the batch into the first T rows of [P, C]; in f32 (f64 for f64)";
  let description = [{
    Constraints:
    - C1: the gradient has three axes.
    - C2: the result is a matrix with the gradient's columns.
    - C3: the result has a row for each position of the sequence, where both numbers are known.
  }];
  let arguments = (ins Tritter_Tensor:$gradient);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$gradient attr-dict `:` type($gradient) `->` type($result)";
  let hasVerifier = 1;
}

def Tritter_CrossEntropyGradOp : Tritter_ModelOp_<"cross_entropy_grad"> {
  let summary = "weight scale (softmax(logits) - onehot(target)), in the type of the logits";
  let description = [{
    `weight` is what the mean gives each row (1 / rows); `scale` is a scalar of the host's.

    Constraints:
    - C1: the logits have one axis or more.
    - C2: the targets have the shape of the logits without the last axis.
  }];
  let arguments = (ins Tritter_Tensor:$logits, Tritter_Indices:$targets, Tritter_ScalarTensor:$scale, F64Attr:$weight);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$logits `,` $targets `,` $scale attr-dict `:` type(operands)";
}

def Tritter_SpreadOp : Tritter_Op<"spread", [Pure]> {
  let summary = "weight times a scalar in every element: the gradient of a mean";
  let arguments = (ins Tritter_ScalarTensor:$scale, F64Attr:$weight);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$scale attr-dict `:` type($scale) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Where gradients go, and chunks of rows
//===----------------------------------------------------------------------===//

def Tritter_GradientOp : Tritter_Op<"gradient", [MemoryEffects<[MemWrite]>]> {
  let summary = "adds a value to the gradient of a parameter (inside a block, of the instance's)";
  let description = [{
    The first one that a program's run meets for a parameter overwrites, the others add; in an accumulating program all
    of them add. A trainable parameter that none reaches has gradient 0.
  }];
  let arguments = (ins StrAttr:$path, Tritter_Tensor:$value);
  let assemblyFormat = "$path `,` $value attr-dict `:` type($value)";
}

def Tritter_ChunkOp : Tritter_Op<"chunk", [SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "runs its region on runs of rows, one after the other";
  let description = [{
    The operands' leading axes (all but the last for reals, all for indices) are rows, the same number for each; the
    region's arguments hold `rows` of them, [rows, C] or [rows]. What it yields is laid one after another along rows in
    the results, whose leading axes are again those of the operands. Keeps a row of logits from needing all of them at
    once. Parameters and `tritter.gradient` stand inside as outside.

    ```mlir
    tritter.block @losses(%x: tensor<2x512x8xf32>, %targets: tensor<2x512xi32>) -> tensor<2x512xf32> {
      %losses = tritter.chunk rows 256 (%x, %targets) : (tensor<2x512x8xf32>, tensor<2x512xi32>) -> tensor<2x512xf32> {
      ^bb0(%xs: tensor<256x8xf32>, %ts: tensor<256xi32>):
        %w = tritter.param "head.weight" : tensor<32x8xf32>
        %logits = tritter.linear %xs, %w : tensor<256x8xf32>, tensor<32x8xf32>
        %ls = tritter.cross_entropy %logits, %ts : tensor<256x32xf32>, tensor<256xi32>
        tritter.yield %ls : tensor<256xf32>
      }
      tritter.yield %losses : tensor<2x512xf32>
    }
    ```

    Constraints:
    - C1: `rows` is positive.
    - C2: the region has an argument for each operand.
    - C3: the region yields a value for each result.
    - C4: what the region takes and yields are matrices or vectors of `rows` rows.
    - C5: operands and results have static shapes, with as many axes as their chunks or more.
    - C6: chunks have the element type and, where they are matrices, the last axis of their operand or result.
    - C7: the number of rows of an operand or result is a multiple of `rows`.
    - C8: all operands and results have the same number of rows.
  }];
  let arguments = (ins I64Attr:$rows, Variadic<Tritter_AnyTensor>:$inputs);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Tritter_AnyTensor>:$outputs);
  let assemblyFormat = "`rows` $rows `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs) $body";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// The optimizer
//===----------------------------------------------------------------------===//

def Tritter_ScalarOp : Tritter_Op<"scalar", [MemoryEffects<[MemRead]>]> {
  let summary = "a number that the host or another program writes before a run: learning_rate, loss_scale, loss ...";
  let arguments = (ins StrAttr:$name);
  let results = (outs Tritter_ScalarTensor:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Tritter_StateOp : Tritter_Op<"state", [MemoryEffects<[MemRead]>]> {
  let summary = "a group's storage of one kind, as one matrix";
  let description = [{
    `kind` is value, master, gradient, or state that the programs of the module keep from one run to the next: adam.m
    and adam.v, or any other name. What is kept says how it grows when its parameter does: `linear` as the parameter
    itself, `adjoint` as its gradient, `adjoint_squared` as that squared, or from `zero`. The parameters of a group (see
    `--tritter-adamw`) lie one after the other, padded with zeros so that they are a whole number of rows.

    ```mlir
    tritter.program @decay_average() -> () attributes {names = []} {
      %m = tritter.state "adam.m" of "decay" grows adjoint : tensor<4x1024xf32>
      tritter.set_state "adam.m" of "decay", %m : tensor<4x1024xf32>
      tritter.yield
    }
    ```

    Constraints:
    - C1: state that is kept says how it grows.
    - C2: values, masters and gradients do not.
  }];
  let arguments = (ins StrAttr:$kind, StrAttr:$group, OptionalAttr<Tritter_StateGrowthAttr>:$growth);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$kind `of` $group (`grows` $growth^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Kept from one run to the next: neither a value, a master nor a gradient.
    bool isKept();
  }];
}

def Tritter_SetStateOp : Tritter_Op<"set_state", [MemoryEffects<[MemWrite]>]> {
  let summary = "writes back what tritter.state reads";
  let arguments = (ins StrAttr:$kind, StrAttr:$group, Tritter_Tensor:$value);
  let assemblyFormat = "$kind `of` $group `,` $value attr-dict `:` type($value)";
}

def Tritter_SumOfSquaresOp : Tritter_ModelOp_<"sum_of_squares"> {
  let summary = "the sum of the squares of all elements, in an order that no number of threads changes";
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_ScalarTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def Tritter_ClipOp : Tritter_ModelOp_<"clip"> {
  let summary = "from the squared global norm: the norm, the factor on gradients, and whether all is finite";
  let description = [{
    As torch's clip_grad_norm_: factor = min(1, limit / (norm + 1e-6)); 1 where the limit is not above 0. The new `finite`
    is 1 where the old one is not 0 and both the norm and the loss are finite, else 0: after one step that was not, no
    later one counts.
  }];
  let arguments = (ins Tritter_ScalarTensor:$squared_norm, Tritter_ScalarTensor:$limit, Tritter_ScalarTensor:$loss,
                       Tritter_ScalarTensor:$was_finite);
  let results = (outs Tritter_ScalarTensor:$norm, Tritter_ScalarTensor:$factor, Tritter_ScalarTensor:$finite);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def Tritter_AdamWOp : Tritter_ModelOp_<"adamw"> {
  let summary = "AdamW (Loshchilov and Hutter, 2019) as torch.optim.AdamW computes it";
  let description = [{
    With g = factor * gradient: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g g;
    w = w - lr decay w - lr (m / correction1) / (sqrt(v / correction2) + epsilon). Where `finite` is 0 everything stays
    as it was. `decay` is left out for parameters without weight decay.

    Constraints:
    - C1: the master has one axis or more.
    - C2: gradient and moments have the master's shape.
  }];
  let arguments = (ins Tritter_Tensor:$master, Tritter_Tensor:$gradient, Tritter_Tensor:$m, Tritter_Tensor:$v,
    Tritter_ScalarTensor:$factor, Tritter_ScalarTensor:$finite, Tritter_ScalarTensor:$learning_rate,
    Tritter_ScalarTensor:$beta1, Tritter_ScalarTensor:$beta2, Tritter_ScalarTensor:$epsilon,
    Tritter_ScalarTensor:$correction1, Tritter_ScalarTensor:$correction2, Optional<Tritter_ScalarTensor>:$decay);
  let results = (outs Tritter_Tensor:$new_master, Tritter_Tensor:$new_m, Tritter_Tensor:$new_v);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

#endif // TRITTER_TRAINING_OPS_TD
