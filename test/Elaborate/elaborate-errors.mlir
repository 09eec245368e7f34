// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-elaborate

// expected-error @below {{names no vocabulary: write vocab = N in it, or give --vocab}}
tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16}
