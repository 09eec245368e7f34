tritter.decoder @tiny {layers = 6, hidden = 256, heads = 4, kv_heads = 2, intermediate = 704, tied = true}
