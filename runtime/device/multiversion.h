#ifndef TRITTER_RUNTIME_DEVICE_MULTIVERSION_H
#define TRITTER_RUNTIME_DEVICE_MULTIVERSION_H

/// Before a function: compiled for several instruction sets, the best of which is chosen when the program is loaded.
/// Nothing is needed of the processor at compile time.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define TRITTER_MULTIVERSION __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TRITTER_MULTIVERSION
#endif

#endif // TRITTER_RUNTIME_DEVICE_MULTIVERSION_H
