// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// decoder C1
// expected-error @below {{layers must be from 1 to 65536, found 0}}
tritter.decoder @d {layers = 0, hidden = 8, heads = 2, intermediate = 16, vocab = 32}

// -----

// decoder C1
// expected-error @below {{vocab must be from 1 to 16777216, found 4294967296}}
tritter.decoder @d {layers = 2, hidden = 6, heads = 2, intermediate = 16, vocab = 4294967296}

// -----

// decoder C2
// expected-error @below {{norm_eps must not be negative, found -1.000000e+00 : f64}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, norm_eps = -1.0}

// -----

// decoder C3
// expected-error @below {{rope_theta must be positive, found 0.000000e+00 : f64}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, rope_theta = 0.0}

// -----

// decoder C4
// expected-error @below {{init_stddev must not be negative, found -2.000000e-02 : f64}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, init_stddev = -0.02}

// -----

// decoder C5
// expected-error @below {{heads must be a multiple of kv_heads, found 4 and 3}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 4, kv_heads = 3, intermediate = 16, vocab = 32}

// -----

// decoder C6
// expected-error @below {{hidden must be a multiple of heads where head_dim is left out, found 8 and 3}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 3, intermediate = 16, vocab = 32}

// -----

// decoder C7
// expected-error @below {{rope needs an even head_dim, found 3}}
tritter.decoder @d {layers = 2, hidden = 6, heads = 2, intermediate = 16, vocab = 32}

// -----

// decoder C8
// expected-error @below {{learned positions need max_positions}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32,
                    positions = #tritter.positions<learned>}

// -----

// decoder C1
// expected-error @below {{heads must be from 1 to 65536, found 65537}}
tritter.decoder @d {layers = 2, hidden = 131074, heads = 65537, intermediate = 16, vocab = 32}

// -----

// decoder C9
// expected-error @below {{a matrix of vocab 16777216 by hidden 16777216 has more elements than the 274877906944 that a parameter may have}}
tritter.decoder @d {layers = 2, hidden = 16777216, heads = 2, intermediate = 16, vocab = 16777216}

// -----

// decoder C9
// expected-error @below {{a matrix of heads times head_dim 1099511627776 by hidden 32 has more elements}}
tritter.decoder @d {layers = 2, hidden = 32, heads = 65536, head_dim = 16777216, intermediate = 16, vocab = 32}
