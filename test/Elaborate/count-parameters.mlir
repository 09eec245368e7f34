// RUN: tritter-opt %s --tritter-elaborate --tritter-count-parameters --verify-diagnostics

// The example of the pass's documentation. A layer has 4 x 64 + 3 x 128 + 2 x 8 = 656, the tied table 256, the norm 8:
// 1,576.
// expected-remark @below {{@tiny has 1,576 parameters in 2 layers}}
tritter.decoder @tiny {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, tied = true}

// The head is a table of its own: + 256 parameters.
// expected-remark @below {{@untied has 1,832 parameters in 2 layers}}
tritter.decoder @untied {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}

// Grouped heads, biases, learned positions: (72 + 36 + 36 + 72) + (144 + 136) + 2 x 16 = 528 in the layer, two tables
// of 256, 16 x 8 positions and the norm's 16 in the model.
// expected-remark @below {{@gpt has 1,184 parameters in 1 layers}}
tritter.decoder @gpt {layers = 1, hidden = 8, heads = 2, kv_heads = 1, intermediate = 16, vocab = 32, bias = true,
  norm = #tritter.norm<layer>, positions = #tritter.positions<learned>, max_positions = 16, gated = false}
