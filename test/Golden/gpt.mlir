// Learned positions, LayerNorm, a plain MLP with GELU, biases, a head of its own.
tritter.decoder @gpt {layers = 2, hidden = 12, heads = 2, intermediate = 20, vocab = 17, max_positions = 9,
                      norm = #tritter.norm<layer>, norm_eps = 1.0e-3, positions = #tritter.positions<learned>,
                      activation = #tritter.activation<gelu>, gated = false, bias = true}
