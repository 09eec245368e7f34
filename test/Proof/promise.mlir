// A promise that is not kept is an error; a growth that promises nothing, or says nothing, is told its verdict.
// RUN: sed 's/PROMISE/attributes {growth.promise = #growth.promise<preserves>}/' %s | not tritter-opt --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s --check-prefix=BROKEN
// BROKEN: error: growth of @base to @grown promises the same function, but is not-preserved: first broken at head: the logits are zero
// RUN: sed 's/PROMISE/attributes {growth.promise = #growth.promise<none>}/' %s | tritter-opt --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s
// RUN: sed 's/PROMISE//' %s | tritter-opt --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s
// CHECK: remark: growth of @base to @grown: not-preserved: first broken at head

// Kept.
// RUN: sed -e 's/PROMISE/attributes {growth.promise = #growth.promise<preserves>}/' -e 's/growth.zero/growth.source @base "head"/' %s | tritter-opt --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s --check-prefix=KEPT
// KEPT: remark: growth of @base to @grown: exact, bitwise

tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed" : tensor<6x4xf32>
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %w = tritter.param "head" : tensor<6x4xf32>
  %l = tritter.linear %h, %w : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> PROMISE {
  %e = tritter.param "embed" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %w = tritter.param "head" : tensor<6x4xf32> derives {
    %s = growth.zero : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %l = tritter.linear %h, %w : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
