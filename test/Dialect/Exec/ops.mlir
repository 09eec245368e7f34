// The syntax of every operation, printed as it was read.
// RUN: tritter-opt %s | tritter-opt | FileCheck %s

// CHECK: exec.arena @parameters bytes 1048576
exec.arena @parameters bytes 1048576
exec.arena @workspace bytes 1048576
exec.arena @io bytes 4096
// CHECK: exec.binding "tokens" @io[512] : tensor<2x64xi32>
exec.binding "tokens" @io[512] : tensor<2x64xi32>
exec.binding "loss" @io[0] : tensor<f32>

row.kernel @double columns 64
    views [#row.view<element, row_stride = 64>, #row.view<element, row_stride = 64>] types [f32, f32] outputs [0] {
^bb0(%a: f32):
  %b = arith.addf %a, %a : f32
  row.yield %b : f32
}

// CHECK-LABEL: exec.sequence @layer(%x, %attn.q.weight, %workspace)
exec.sequence @layer(%x, %attn.q.weight, %workspace) {
  // CHECK: exec.launch @double rows 8 (%x, %workspace[2048]) "attn_norm"
  exec.launch @double rows 8 (%x, %workspace[2048]) "attn_norm"
  // CHECK: exec.gemm m 8 n 32 k 64 (%x stride 64, %attn.q.weight stride 64 transposed) : bf16 to (%workspace[4096] stride 32) : f32
  exec.gemm m 8 n 32 k 64 (%x stride 64, %attn.q.weight stride 64 transposed) : bf16 to (%workspace[4096] stride 32) : f32
  // CHECK: exec.gemm m 32 n 64 k 8 (%x stride 32 transposed, %x stride 64) : f32 to (%workspace stride 64) : f32 bias %attn.q.weight[64] : f32 accumulate "attn.q"
  exec.gemm m 32 n 64 k 8 (%x stride 32 transposed, %x stride 64) : f32 to (%workspace stride 64) : f32 bias %attn.q.weight[64] : f32 accumulate "attn.q"
  // CHECK: exec.attention batch 2 sequence 4 heads 4 kv_heads 2 head_dim 8 scale 2.500000e-01 : f32 query %x stride 32 key %x[128] stride 16 value %x stride 16 out %workspace stride 32 log_sum_exp %workspace[4096]
  exec.attention batch 2 sequence 4 heads 4 kv_heads 2 head_dim 8 scale 0.25 : f32 query %x stride 32 key %x[128] stride 16 value %x stride 16 out %workspace stride 32 log_sum_exp %workspace[4096]
  // CHECK: exec.attention_backward {{.*}} log_sum_exp %workspace[4096] out_gradient %x stride 32 query_gradient %x stride 32 key_gradient %x stride 16 value_gradient %x stride 16
  exec.attention_backward batch 2 sequence 4 heads 4 kv_heads 2 head_dim 8 scale 0.25 : f32 query %x stride 32 key %x stride 16 value %x stride 16 out %workspace stride 32 log_sum_exp %workspace[4096] out_gradient %x stride 32 query_gradient %x stride 32 key_gradient %x stride 16 value_gradient %x stride 16
  // CHECK: exec.fill bytes 256 (%workspace)
  exec.fill bytes 256 (%workspace)
  // CHECK: exec.scatter_add rows 8 columns 16 table_rows 4 (%x, %x[64], %workspace) : bf16 to f32
  exec.scatter_add rows 8 columns 16 table_rows 4 (%x, %x[64], %workspace) : bf16 to f32
  // CHECK: exec.copy bytes 64 (%x, %workspace[64]) "out"
  exec.copy bytes 64 (%x, %workspace[64]) "out"
}

exec.sequence @step(%parameters, %workspace, %io) {
  // CHECK: exec.call @layer (%io[512], %parameters[128], %workspace) "layers.0"
  exec.call @layer(%io[512], %parameters[128], %workspace) "layers.0"
}
// CHECK: exec.entry "step" @step
exec.entry "step" @step
