// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// attention C1
exec.sequence @s(%x) {
  // expected-error @below {{has 5 operands and 4 offsets}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, -4>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C3
exec.sequence @s(%x) {
  // expected-error @below {{has 5 operands, found 4}}
  "exec.attention"(%x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C4
exec.sequence @s(%x) {
  // expected-error @below {{has 4 strides, found 5}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 0, 4, 4, 2, 8}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 0 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 0, 4, 2, 8}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 0 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 0, 2, 8}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 0 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 4, -1, 8}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = -1 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 4, 2, 0}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 0 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention C6
exec.sequence @s(%x) {
  // expected-error @below {{needs heads a multiple of kv_heads, found 4 and 3}}
  "exec.attention"(%x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 3 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C1
exec.sequence @s(%x) {
  // expected-error @below {{has 9 operands and 8 offsets}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, -4>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C3
exec.sequence @s(%x) {
  // expected-error @below {{has 9 operands, found 8}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C4
exec.sequence @s(%x) {
  // expected-error @below {{has 8 strides, found 9}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 0, 4, 4, 2, 8}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 0 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 0, 4, 2, 8}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 0 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 0, 2, 8}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 0 : i64, kv_heads = 2 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 4, -1, 8}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = -1 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C5
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 2, 4, 4, 2, 0}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 2 : i64, head_dim = 0 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// attention_backward C6
exec.sequence @s(%x) {
  // expected-error @below {{needs heads a multiple of kv_heads, found 4 and 3}}
  "exec.attention_backward"(%x, %x, %x, %x, %x, %x, %x, %x, %x) <{batch = 2 : i64, sequence = 4 : i64, heads = 4 : i64, kv_heads = 3 : i64, head_dim = 8 : i64, scale = 1.0 : f64, type = f32, strides = array<i64: 8, 8, 8, 8, 8, 8, 8, 8>, offsets = array<i64: 0, 0, 0, 0, 0, 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}
