tritter.decoder @small {layers = 2, hidden = 16, heads = 2, kv_heads = 1, intermediate = 32, vocab = 64}
