tritter.decoder @small {layers = 6, hidden = 32, heads = 4, kv_heads = 2, intermediate = 48, tied = true}
