// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-to-exec

// expected-error @below {{there is no tritter.model to take the parameters of programs from}}
module {
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}
tritter.program @evaluate(%x: tensor<8x4xf32>) -> tensor<8x4xf32> attributes {names = ["x", "y"]} {
  // expected-error @below {{has no command; run --tritter-to-row and --row-outline before --tritter-to-exec}}
  %y = tritter.add %x, %x : tensor<8x4xf32>
  tritter.yield %y : tensor<8x4xf32>
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}
// expected-error @below {{uses the parameter `up.weight`, which the model has not}}
tritter.program @evaluate(%x: tensor<8x4xf32>) -> tensor<8x16xf32> attributes {names = ["x", "y"]} {
  %w = tritter.param "up.weight" : tensor<16x4xf32>
  %y = tritter.linear %x, %w : tensor<8x4xf32>, tensor<16x4xf32>
  tritter.yield %y : tensor<8x16xf32>
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "embed.weight" {frozen} : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}
// expected-error @below {{uses the gradient `embed.weight`, which the model has not}}
tritter.program @step(%x: tensor<8x16xf32>) -> tensor<8x16xf32> attributes {names = ["x", "y"]} {
  %dw = tritter.linear_grad_weight %x, %x : tensor<8x16xf32>, tensor<8x16xf32>
  tritter.gradient "embed.weight", %dw : tensor<16x16xf32>
  tritter.yield %x : tensor<8x16xf32>
}

// -----

tritter.block @b(%x: tensor<2x4x16xf32>) -> tensor<2x4x16xf32> {
  // expected-note @below {{the first}}
  %other = tritter.param "weight" : tensor<8x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  // expected-error @below {{has a path that a layer of @m has already, "layers.0.weight"}}
  %table = tritter.param "layers.0.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  %h = tritter.layer "layers.0" @b(%x) : (tensor<2x4x16xf32>) -> tensor<2x4x16xf32>
  tritter.yield %h : tensor<2x4x16xf32>
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "embed.weight" : tensor<16x16xf32>
  // expected-error @below {{`head.weight` holds 'bf16', the other trained parameters of its group 'f32'}}
  %head = tritter.param "head.weight" : tensor<16x16xbf16>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<2x4x16xf32>
}
// expected-error @below {{takes 'tensor<?x16xf32>', whose size is not known; run --tritter-specialize first}}
tritter.program @evaluate(%x: tensor<?x16xf32>) -> tensor<?x16xf32> attributes {names = ["x", "y"]} {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %y = tritter.linear %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  tritter.yield %y : tensor<?x16xf32>
}

// -----

// expected-error @below {{expected one tritter.model, or a tritter.objective that says which is trained; found 2 models}}
module {
  tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
    %table = tritter.param "embed.weight" : tensor<16x16xf32>
    %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
    tritter.yield %x : tensor<2x4x16xf32>
  }
  tritter.model @n(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
    %table = tritter.param "embed.weight" : tensor<16x16xf32>
    %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x16xf32>
    tritter.yield %x : tensor<2x4x16xf32>
  }
}

// -----

// State that nothing reads is none.
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
// expected-error @below {{writes the state `average` of the group `decay`, which no tritter.state reads}}
tritter.program @update() attributes {names = []} {
  %w = tritter.state "master" of "decay" : tensor<1x1024xf32>
  tritter.set_state "average" of "decay", %w : tensor<1x1024xf32>
  tritter.yield
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
tritter.program @update() attributes {names = []} {
  // expected-error @below {{names the group "no_decay", in which the model trains nothing}}
  %w = tritter.state "master" of "no_decay" : tensor<1x1024xf32>
  tritter.yield
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
tritter.program @update() attributes {names = []} {
  // expected-error @below {{is of all parameters of the group "decay", 'tensor<1x1024xf32>', found 'tensor<2x1024xf32>'}}
  %w = tritter.state "master" of "decay" : tensor<2x1024xf32>
  tritter.yield
}

// -----

tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
tritter.program @update() attributes {names = []} {
  // expected-note @below {{here it is in 'f32', growing linear}}
  %a = tritter.state "average" of "decay" grows linear : tensor<1x1024xf32>
  // expected-error @below {{reads "average" in 'f32', growing zero; it is one kind of state, kept in one way}}
  %b = tritter.state "average" of "decay" grows zero : tensor<1x1024xf32>
  tritter.yield
}
