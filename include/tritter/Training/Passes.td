#ifndef TRITTER_TRAINING_PASSES_TD
#define TRITTER_TRAINING_PASSES_TD

include "mlir/Pass/PassBase.td"

def FreezePass : Pass<"tritter-freeze", "::mlir::ModuleOp"> {
  let summary = "train only what is new or named";
  let description = [{
    Marks every parameter `frozen` whose path fits none of the patterns of `train-only` (`*` stands for anything); an
    instance all of whose parameters are is frozen as a whole, one with some gets a copy of its block. The word `new`
    selects the layers that the last growth added. Fails where nothing is left to train.

    ```mlir
    tritter.decoder @m {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}
    ```
    becomes, after `--tritter-elaborate`, `--tritter-depth-upscale=layers=3` and `--tritter-finish-growth`, with
    `train-only=new`
    ```mlir
    tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
      ...
      %h1 = tritter.layer "layers.0" @llama(%x) {frozen} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h2 = tritter.layer "layers.1" @llama(%h1) {frozen} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h3 = tritter.layer "layers.2" @llama(%h2) {added = 1 : i64} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %g = tritter.param "final_norm.weight" {frozen} : tensor<8xf32>
      ...
    ```
  }];
  let options = [
    ListOption<"trainOnly", "train-only", "std::string", "patterns of the paths of parameters, or `new`">
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def GroupPass : Pass<"tritter-group", "::mlir::ModuleOp"> {
  let summary = "say which parameters are updated together";
  let description = [{
    Names groups of parameters by patterns of their paths (`*` stands for anything); a parameter is in the first group
    that fits it, or in the one without a name. A group has its own learning rate (`NAME:PATTERN@0.5`: half of what the
    host says) and its own count of updates: after a
    growth the moments of new tensors begin at zero, and so do the counts of their bias corrections. `--tritter-adamw`
    updates each group by kernels of its own.

    ```mlir
    tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
      %w = tritter.param "embed.weight" : tensor<8x8xf32>
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<8x8xf32>
      tritter.yield %x : tensor<?x?x8xf32>
    }
    ```
    becomes with `groups=young:layers.1.*,young:layers.3.*`
    ```mlir
    tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> attributes {groups = [#tritter.group<"young" = "layers.1.*", "layers.3.*">]} { ... }
    ```
  }];
  let options = [
    ListOption<"groups", "groups", "std::string", "NAME:PATTERN or NAME:PATTERN@FACTOR of the learning rate, one or more for each group">
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def SpecializePass : Pass<"tritter-specialize", "::mlir::ModuleOp"> {
  let summary = "fix the batch and the sequence of every model";
  let description = [{
    Gives the tokens of each `tritter.model` their static shape and infers the types of everything that follows from
    them, into the blocks. Fails where a model has another batch or sequence already, where a block would get two
    types, and where the sequence is longer than a table of positions.

    ```mlir
    tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x4xf32> {
      %w = tritter.param "embed.weight" : tensor<8x4xf32>
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<8x4xf32>
      tritter.yield %x : tensor<?x?x4xf32>
    }
    ```
    becomes with `batch=2 seq=16`
    ```mlir
    tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x4xf32> {
      %w = tritter.param "embed.weight" : tensor<8x4xf32>
      %x = tritter.embedding %tokens, %w : tensor<2x16xi32>, tensor<8x4xf32>
      tritter.yield %x : tensor<2x16x4xf32>
    }
    ```
  }];
  let options = [
    Option<"batch", "batch", "int64_t", /*default=*/"0", "sequences in a batch">,
    Option<"sequence", "seq", "int64_t", /*default=*/"0", "tokens in a sequence">
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def PrecisionPass : Pass<"tritter-precision", "::mlir::ModuleOp"> {
  let summary = "choose the type that models compute in";
  let description = [{
    `f32` and `f64` make everything of that type. `bf16` makes parameters of rank 2 be read as bf16 and products and
    attention take and give bf16, with casts around them; the residual stream, norms and pointwise arithmetic stay in
    f32, parameters of rank 1 too. Run it before `--tritter-differentiate`: what the backward needs is then saved in
    the type that it is used in.

    ```mlir
    tritter.block @up(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      %w = tritter.param "up.weight" : tensor<8x8xf32>
      %y = tritter.linear %x, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
      tritter.yield %y : tensor<2x4x8xf32>
    }
    ```
    becomes with `precision=bf16`
    ```mlir
    %a = tritter.cast %x : tensor<2x4x8xf32> -> tensor<2x4x8xbf16>
    %w = tritter.param "up.weight" : tensor<8x8xbf16>
    %b = tritter.linear %a, %w : tensor<2x4x8xbf16>, tensor<8x8xbf16>
    %y = tritter.cast %b : tensor<2x4x8xbf16> -> tensor<2x4x8xf32>
    ```
  }];
  let options = [
    Option<"precision", "precision", "::mlir::tritter::Precision",
           /*default=*/"::mlir::tritter::Precision::F32", "the type of activations and of the inputs of products",
           [{::mlir::tritter::Words<::mlir::tritter::Precision>()}]>
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def DifferentiatePass : Pass<"tritter-differentiate", "::mlir::ModuleOp"> {
  let summary = "build the programs of training from a model";
  let description = [{
    Needs one model of static shapes, or a `tritter.objective` that says which of several is trained. Beside it, the
    pass builds
    - `@step(tokens, targets) -> loss`: the loss, which is the objective's sum of terms or else the mean cross entropy,
      and the gradients of all that is trained, each given to `tritter.gradient`; the scalar `loss_scale` multiplies
      them. Where there are several terms, each is a result `term.NAME`,
    - `@evaluate(tokens, targets) -> loss`: the cross entropy of the trained model, whatever it is trained for,
    - `@logits(tokens) -> logits, residual.0 .. residual.N`: also what enters the first layer and what leaves each.

    A block is differentiated once for each way in which its instances are trained: `@llama.forward` yields what the
    block yields and what the backward needs, `@llama.backward` takes the gradient of the results, then what is needed
    of the inputs, the results and the saved values, and yields the gradients of the inputs. Parameters are read again,
    reshapes and widening casts done again. What feeds only pointwise operations of the backward is computed again
    where that needs nothing more to be saved; with `recompute=pointwise`, what feeds its products too (normed
    activations, gated ones).

    What is `frozen` (the other models of an objective are) costs nothing: there are no gradients of it, and no backward
    at all below the lowest parameter that is trained. Fails where nothing is.

    What is row-wise from the last products of the models on, the losses and their gradients run inside a
    `tritter.chunk` of at most `head-rows` rows, so that all logits never exist at once.

    ```mlir
    tritter.block @mlp(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      %w = tritter.param "up.weight" : tensor<8x8xf32>
      %y = tritter.linear %x, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
      tritter.yield %y : tensor<2x4x8xf32>
    }
    tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x32xf32> {
      %table = tritter.param "embed.weight" : tensor<32x8xf32>
      %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<32x8xf32>
      %h = tritter.layer "layers.0" @mlp(%x) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
      %head = tritter.param "head.weight" : tensor<32x8xf32>
      %logits = tritter.linear %h, %head : tensor<2x4x8xf32>, tensor<32x8xf32>
      tritter.yield %logits : tensor<2x4x32xf32>
    }
    ```
    gets beside it
    ```mlir
    tritter.block @mlp.forward(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      ...
    }
    tritter.block @mlp.backward(%dy: tensor<2x4x8xf32>, %x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
      %w = tritter.param "up.weight" : tensor<8x8xf32>
      %dx = tritter.linear_grad_input %dy, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
      %dw = tritter.linear_grad_weight %dy, %x : tensor<2x4x8xf32>, tensor<2x4x8xf32>
      tritter.gradient "up.weight", %dw : tensor<8x8xf32>
      tritter.yield %dx : tensor<2x4x8xf32>
    }
    ...
    tritter.program @step(%tokens: tensor<2x4xi32>, %targets: tensor<2x4xi32>) -> tensor<f32> ...
    ```
  }];
  let options = [
    Option<"headRows", "head-rows", "int64_t", /*default=*/"512",
           "the most rows of logits at once; the largest divisor of batch times sequence not above it is taken">,
    Option<"recompute", "recompute", "::mlir::tritter::Recompute", /*default=*/"::mlir::tritter::Recompute::None",
           "what the backward computes again instead of reading it",
           [{::mlir::tritter::Words<::mlir::tritter::Recompute>()}]>,
    Option<"step", "step", "bool", /*default=*/"true", "build @step">,
    Option<"evaluate", "evaluate", "bool", /*default=*/"true", "build @evaluate">,
    Option<"logits", "logits", "bool", /*default=*/"true", "build @logits">
  ];
  let statistics = [
    Statistic<"variants", "block variants", "Number of pairs of forward and backward blocks">,
    Statistic<"saved", "saved values", "Number of values that forward blocks save, all variants together">
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def AdamWPass : Pass<"tritter-adamw", "::mlir::ModuleOp"> {
  let summary = "build the program that updates parameters";
  let description = [{
    Of the model that is trained: the only one, or an objective's. `@update() -> grad_norm, finite` takes the norm of all
    gradients, clips them by it and updates the master parameters as torch.optim.AdamW does. Parameters of rank 2 and
    more have weight decay (the group `decay`), norms and biases none (`no_decay`); each group that `--tritter-group`
    named is two likewise (`young.decay`, `young.no_decay`). Where parameters are read in another type than the masters',
    they are written too.

    The numbers (`learning_rate`, `beta1`, `beta2`, `epsilon`, `weight_decay`, `clip`, `bias_correction1`,
    `bias_correction2`) are scalars of the host's; of a named group `learning_rate.young`, `bias_correction1.young` and
    `bias_correction2.young`. Where a gradient or the `loss` is not finite nothing is updated, and neither is it in later
    runs, until the host sets `finite` to 1 again: it need not look after every step.

    ```mlir
    tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x8xf32> {
      %w = tritter.param "embed.weight" : tensor<512x8xf32>
      %x = tritter.embedding %tokens, %w : tensor<2x16xi32>, tensor<512x8xf32>
      tritter.yield %x : tensor<2x16x8xf32>
    }
    ```
    gets beside it
    ```mlir
    tritter.program @update() -> (tensor<f32>, tensor<f32>) attributes {names = ["grad_norm", "finite"]} {
      %g = tritter.state "gradient" of "decay" : tensor<4x1024xf32>
      %s = tritter.sum_of_squares %g : tensor<4x1024xf32>
      ...
      %norm, %factor, %finite = tritter.clip %s, %limit, %loss, %was_finite : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
      ...
      %w1, %m1, %v1 = tritter.adamw %w, %g, %m, %v, %factor, %finite, ...
      tritter.set_state "master" of "decay", %w1 : tensor<4x1024xf32>
      ...
    }
    ```
  }];
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

#endif // TRITTER_TRAINING_PASSES_TD
