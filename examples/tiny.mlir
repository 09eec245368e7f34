tritter.decoder @tiny {layers = 4, hidden = 256, heads = 4, kv_heads = 2, intermediate = 704, tied = true}
