// RUN: tritter-opt %s --split-input-file --verify-diagnostics

exec.arena @io bytes 16
// expected-error @below {{ends at byte 20 of arena @io, which has 16}}
exec.binding "loss" @io[16] : tensor<f32>

// -----

// expected-note @below {{the sequence has 1 slots}}
exec.sequence @leaf(%x) {
}
exec.sequence @root(%x) {
  // expected-error @below {{gives 2 places}}
  exec.call @leaf(%x, %x)
}

// -----

// expected-error @below {{runs @nowhere, which is no exec.sequence}}
exec.entry "step" @nowhere

// -----

exec.sequence @narrow(%x) {
  // expected-error @below {{has rows of 64 elements, 32 apart}}
  exec.gemm m 8 n 8 k 64 (%x stride 32, %x stride 64 transposed) : f32 to (%x stride 8) : f32
}

// -----

exec.sequence @launches(%x) {
  // expected-error @below {{launches @nothing, which is not there}}
  exec.launch @nothing rows 8 (%x)
}
