// A model written by hand, from nothing but operations: the attention and the MLP of a layer read the same normed
// stream and are added together (as in GPT-J), with a squared ReLU and no gate. Everything else works on it as on a
// decoder: tritter-run train examples/parallel.mlir --data ...
tritter.block @parallel(%x: tensor<?x?x128xf32>) -> tensor<?x?x128xf32> {
  %gamma = tritter.param "norm.weight" : tensor<128xf32> = #tritter.constant<1.0>
  %n = tritter.rms_norm %x, %gamma {eps = 1.0e-5} : tensor<?x?x128xf32>, tensor<128xf32>

  %wq = tritter.param "attn.q.weight" : tensor<128x128xf32> = #tritter.normal<0.02>
  %wk = tritter.param "attn.k.weight" : tensor<64x128xf32> = #tritter.normal<0.02>
  %wv = tritter.param "attn.v.weight" : tensor<64x128xf32> = #tritter.normal<0.02>
  %wo = tritter.param "attn.o.weight" : tensor<128x128xf32> = #tritter.normal<0.02>
  %q = tritter.linear %n, %wq : tensor<?x?x128xf32>, tensor<128x128xf32>
  %k = tritter.linear %n, %wk : tensor<?x?x128xf32>, tensor<64x128xf32>
  %v = tritter.linear %n, %wv : tensor<?x?x128xf32>, tensor<64x128xf32>
  %qh = tritter.split_heads %q : tensor<?x?x128xf32> -> tensor<?x?x4x32xf32>
  %kh = tritter.split_heads %k : tensor<?x?x64xf32> -> tensor<?x?x2x32xf32>
  %vh = tritter.split_heads %v : tensor<?x?x64xf32> -> tensor<?x?x2x32xf32>
  %qr = tritter.rope %qh {theta = 1.0e4} : tensor<?x?x4x32xf32>
  %kr = tritter.rope %kh {theta = 1.0e4} : tensor<?x?x2x32xf32>
  %a = tritter.attention %qr, %kr, %vh : tensor<?x?x4x32xf32>, tensor<?x?x2x32xf32>, tensor<?x?x2x32xf32>
  %m = tritter.merge_heads %a : tensor<?x?x4x32xf32>
  %attention = tritter.linear %m, %wo : tensor<?x?x128xf32>, tensor<128x128xf32>

  %wup = tritter.param "mlp.up.weight" : tensor<512x128xf32> = #tritter.normal<0.02>
  %wdown = tritter.param "mlp.down.weight" : tensor<128x512xf32> = #tritter.normal<0.02>
  %up = tritter.linear %n, %wup : tensor<?x?x128xf32>, tensor<512x128xf32>
  %active = tritter.activation squared_relu %up : tensor<?x?x512xf32>
  %mlp = tritter.linear %active, %wdown : tensor<?x?x512xf32>, tensor<128x512xf32>

  %x1 = tritter.add %x, %attention : tensor<?x?x128xf32>
  %x2 = tritter.add %x1, %mlp : tensor<?x?x128xf32>
  tritter.yield %x2 : tensor<?x?x128xf32>
}

tritter.model @parallel_model(%tokens: tensor<?x?xi32>) -> tensor<?x?x256xf32> {
  %table = tritter.param "embed.weight" : tensor<256x128xf32> = #tritter.normal<0.02>
  %h0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<256x128xf32>
  %h1 = tritter.layer "layers.0" @parallel(%h0) : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
  %h2 = tritter.layer "layers.1" @parallel(%h1) : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
  %h3 = tritter.layer "layers.2" @parallel(%h2) : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
  %h4 = tritter.layer "layers.3" @parallel(%h3) : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
  %gamma = tritter.param "final_norm.weight" : tensor<128xf32> = #tritter.constant<1.0>
  %n = tritter.rms_norm %h4, %gamma {eps = 1.0e-5} : tensor<?x?x128xf32>, tensor<128xf32>
  %logits = tritter.linear %n, %table : tensor<?x?x128xf32>, tensor<256x128xf32>
  tritter.yield %logits : tensor<?x?x256xf32>
}
