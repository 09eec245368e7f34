// Grouped heads, rotary positions, RMSNorm, SwiGLU, a tied head. No two sizes are equal, so that none can stand for
// another.
tritter.decoder @llama {layers = 2, hidden = 12, heads = 3, kv_heads = 1, head_dim = 6, intermediate = 20, vocab = 17,
                        tied = true, qkv_bias = true, norm_eps = 1.0e-3}
