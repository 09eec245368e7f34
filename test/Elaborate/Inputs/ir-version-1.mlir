// tritter-ir 1
tritter.decoder @small {layers = 2, hidden = 16, heads = 2, intermediate = 32, vocab = 64}
