// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// arena C1
// expected-error @below {{needs 0 bytes or more, found -1}}
exec.arena @io bytes -1

// -----

// binding C1
// expected-error @below {{lies in @io, which is no exec.arena}}
exec.binding "loss" @io[0] : tensor<f32>

// -----

// binding C2
exec.arena @io bytes 16
// expected-error @below {{needs a static shape of numbers, found 'tensor<?xf32>'}}
exec.binding "loss" @io[0] : tensor<?xf32>

// -----

// binding C2
exec.arena @io bytes 16
// expected-error @below {{needs a static shape of numbers, found 'tensor<4xindex>'}}
exec.binding "loss" @io[0] : tensor<4xindex>

// -----

// binding C3
exec.arena @io bytes 16
// expected-error @below {{takes 4 bytes from byte 16 of arena @io, which has 16}}
exec.binding "loss" @io[16] : tensor<f32>

// -----

// binding C3
exec.arena @io bytes 16
// expected-error @below {{takes 4 bytes from byte -4 of arena @io, which has 16}}
exec.binding "loss" @io[-4] : tensor<f32>

// -----

// binding C3
exec.arena @io bytes 16
// expected-error @below {{takes 0 bytes from byte 20 of arena @io, which has 16}}
exec.binding "loss" @io[20] : tensor<0xf32>

// -----

// binding C3
exec.arena @io bytes 16
// expected-error @below {{takes 2305843009213693951 bytes from byte 0 of arena @io, which has 16}}
exec.binding "loss" @io[0] : tensor<4611686018427387904x4xf32>

// -----

// state C1
// expected-error @below {{lies in @states, which is no exec.arena}}
exec.state "adam.m" of "decay" grows adjoint @states[0] : tensor<1x1024xf32>

// -----

// state C2
exec.arena @states bytes 4096
// expected-error @below {{needs a static shape of numbers, found 'tensor<?x1024xf32>'}}
exec.state "adam.m" of "decay" grows adjoint @states[0] : tensor<?x1024xf32>

// -----

// state C3
exec.arena @states bytes 4096
// expected-error @below {{takes 4096 bytes from byte 64 of arena @states, which has 4096}}
exec.state "adam.m" of "decay" grows adjoint @states[64] : tensor<1x1024xf32>
