tritter.decoder @tiny {layers = 2, hidden = 32, heads = 2, kv_heads = 1, intermediate = 64, tied = true}
