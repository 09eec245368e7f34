// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// launch C1
exec.sequence @s(%x) {
  // expected-error @below {{has 1 operands and 0 offsets}}
  "exec.launch"(%x) <{kernel = @k, rows = 8 : i64, offsets = array<i64>}> : (!exec.slot) -> ()
}

// -----

// launch C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.launch"(%x) <{kernel = @k, rows = 8 : i64, offsets = array<i64: -4>}> : (!exec.slot) -> ()
}

// -----

// launch C3
exec.sequence @s(%x) {
  // expected-error @below {{needs a positive number of rows, found 0}}
  exec.launch @k rows 0 (%x)
}

// -----

// launch C3
exec.sequence @s(%x) {
  // expected-error @below {{needs a positive number of rows, found -8}}
  exec.launch @k rows -8 (%x)
}

// -----

// launch C4
exec.sequence @s(%x) {
  // expected-error @below {{launches @nothing, which is not there}}
  exec.launch @nothing rows 8 (%x)
}

// -----

// gemm C1
exec.sequence @s(%x) {
  // expected-error @below {{has 3 operands and 2 offsets}}
  "exec.gemm"(%x, %x, %x) <{m = 8 : i64, n = 8 : i64, k = 8 : i64, strides = array<i64: 8, 8, 8>, input_type = f32, result_type = f32, offsets = array<i64: 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// gemm C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.gemm"(%x, %x, %x) <{m = 8 : i64, n = 8 : i64, k = 8 : i64, strides = array<i64: 8, 8, 8>, input_type = f32, result_type = f32, offsets = array<i64: 0, 0, -4>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// gemm C3
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 0, 8, 8}}
  exec.gemm m 0 n 8 k 8 (%x stride 8, %x stride 8) : f32 to (%x stride 8) : f32
}

// -----

// gemm C3
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found -8, 8, 8}}
  exec.gemm m -8 n 8 k 8 (%x stride 8, %x stride 8) : f32 to (%x stride 8) : f32
}

// -----

// gemm C3
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 8, 0, 8}}
  exec.gemm m 8 n 0 k 8 (%x stride 8, %x stride 8) : f32 to (%x stride 8) : f32
}

// -----

// gemm C3
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 8, 8, 0}}
  exec.gemm m 8 n 8 k 0 (%x stride 8, %x stride 8) : f32 to (%x stride 8) : f32
}

// -----

// gemm C4
exec.sequence @s(%x) {
  // expected-error @below {{has 3 strides, found 2}}
  "exec.gemm"(%x, %x, %x) <{m = 8 : i64, n = 8 : i64, k = 8 : i64, strides = array<i64: 8, 8>, input_type = f32, result_type = f32, offsets = array<i64: 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// gemm C5
exec.sequence @s(%x) {
  // expected-error @below {{has a bias and its type, or neither}}
  "exec.gemm"(%x, %x, %x, %x) <{m = 8 : i64, n = 8 : i64, k = 8 : i64, strides = array<i64: 8, 8, 8>, input_type = f32, result_type = f32, offsets = array<i64: 0, 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// gemm C5
exec.sequence @s(%x) {
  // expected-error @below {{has a bias and its type, or neither}}
  "exec.gemm"(%x, %x, %x) <{m = 8 : i64, n = 8 : i64, k = 8 : i64, strides = array<i64: 8, 8, 8>, input_type = f32, result_type = f32, bias_type = f32, offsets = array<i64: 0, 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// gemm C6
exec.sequence @s(%x) {
  // expected-error @below {{has rows of 64 elements, 32 apart}}
  exec.gemm m 8 n 16 k 64 (%x stride 32, %x stride 16) : f32 to (%x stride 16) : f32
}

// -----

// gemm C6
exec.sequence @s(%x) {
  // expected-error @below {{has rows of 8 elements, 4 apart}}
  exec.gemm m 8 n 16 k 64 (%x stride 4 transposed, %x stride 16) : f32 to (%x stride 16) : f32
}

// -----

// gemm C6
exec.sequence @s(%x) {
  // expected-error @below {{has rows of 16 elements, 8 apart}}
  exec.gemm m 8 n 16 k 64 (%x stride 64, %x stride 8) : f32 to (%x stride 16) : f32
}

// -----

// gemm C6
exec.sequence @s(%x) {
  // expected-error @below {{has rows of 64 elements, 32 apart}}
  exec.gemm m 8 n 16 k 64 (%x stride 64, %x stride 32 transposed) : f32 to (%x stride 16) : f32
}

// -----

// gemm C6
exec.sequence @s(%x) {
  // expected-error @below {{has rows of 16 elements, 8 apart}}
  exec.gemm m 8 n 16 k 64 (%x stride 64, %x stride 16) : f32 to (%x stride 8) : f32
}

// -----

// scatter_add C1
exec.sequence @s(%x) {
  // expected-error @below {{has 3 operands and 2 offsets}}
  "exec.scatter_add"(%x, %x, %x) <{rows = 8 : i64, columns = 4 : i64, table_rows = 4 : i64, type = f32, table_type = f32, offsets = array<i64: 0, 0>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// scatter_add C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.scatter_add"(%x, %x, %x) <{rows = 8 : i64, columns = 4 : i64, table_rows = 4 : i64, type = f32, table_type = f32, offsets = array<i64: 0, 0, -4>}> : (!exec.slot, !exec.slot, !exec.slot) -> ()
}

// -----

// scatter_add C3
exec.sequence @s(%x) {
  // expected-error @below {{has 3 operands, found 2}}
  exec.scatter_add rows 8 columns 4 table_rows 4 (%x, %x) : f32 to f32
}

// -----

// scatter_add C4
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 0, 4, 4}}
  exec.scatter_add rows 0 columns 4 table_rows 4 (%x, %x, %x) : f32 to f32
}

// -----

// scatter_add C4
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 8, 0, 4}}
  exec.scatter_add rows 8 columns 0 table_rows 4 (%x, %x, %x) : f32 to f32
}

// -----

// scatter_add C4
exec.sequence @s(%x) {
  // expected-error @below {{needs positive sizes, found 8, 4, -4}}
  exec.scatter_add rows 8 columns 4 table_rows -4 (%x, %x, %x) : f32 to f32
}

// -----

// copy C1
exec.sequence @s(%x) {
  // expected-error @below {{has 2 operands and 1 offsets}}
  "exec.copy"(%x, %x) <{bytes = 8 : i64, offsets = array<i64: 0>}> : (!exec.slot, !exec.slot) -> ()
}

// -----

// copy C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.copy"(%x, %x) <{bytes = 8 : i64, offsets = array<i64: 0, -4>}> : (!exec.slot, !exec.slot) -> ()
}

// -----

// copy C3
exec.sequence @s(%x) {
  // expected-error @below {{has 2 operands, found 1}}
  exec.copy bytes 8 (%x)
}

// -----

// copy C4
exec.sequence @s(%x) {
  // expected-error @below {{needs 0 bytes or more, found -8}}
  exec.copy bytes -8 (%x, %x)
}

// -----

// fill C1
exec.sequence @s(%x) {
  // expected-error @below {{has 1 operands and 0 offsets}}
  "exec.fill"(%x) <{bytes = 8 : i64, offsets = array<i64>}> : (!exec.slot) -> ()
}

// -----

// fill C2
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.fill"(%x) <{bytes = 8 : i64, offsets = array<i64: -4>}> : (!exec.slot) -> ()
}

// -----

// fill C3
exec.sequence @s(%x) {
  // expected-error @below {{has 1 operands, found 2}}
  exec.fill bytes 8 (%x, %x)
}

// -----

// fill C4
exec.sequence @s(%x) {
  // expected-error @below {{needs 0 bytes or more, found -8}}
  exec.fill bytes -8 (%x)
}
