// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// sequence C1
// expected-error @below {{has 1 slots and 0 names}}
"exec.sequence"() <{sym_name = "s", slot_names = []}> ({
^bb0(%x: !exec.slot):
}) : () -> ()

// -----

// entry C1
// expected-error @below {{runs @nowhere, which is no exec.sequence}}
exec.entry "step" @nowhere

// -----

// call C1
exec.sequence @leaf(%x) {
}
exec.sequence @s(%x) {
  // expected-error @below {{has 1 operands and 0 offsets}}
  "exec.call"(%x) <{sequence = @leaf, offsets = array<i64>}> : (!exec.slot) -> ()
}

// -----

// call C2
exec.sequence @leaf(%x) {
}
exec.sequence @s(%x) {
  // expected-error @below {{needs offsets of 0 or more, found -4}}
  "exec.call"(%x) <{sequence = @leaf, offsets = array<i64: -4>}> : (!exec.slot) -> ()
}

// -----

// call C3
exec.sequence @s(%x) {
  // expected-error @below {{runs @nowhere, which is no exec.sequence}}
  exec.call @nowhere(%x)
}

// -----

// call C4
// expected-note @below {{the sequence has 1 slots}}
exec.sequence @leaf(%x) {
}
exec.sequence @root(%x) {
  // expected-error @below {{gives 2 places}}
  exec.call @leaf(%x, %x)
}
