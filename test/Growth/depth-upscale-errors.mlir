// What no strategy makes, and what is said of it.
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=solar layers=7" 2>&1 | FileCheck %s --check-prefix=SOLAR7
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=solar layers=13" 2>&1 | FileCheck %s --check-prefix=SOLAR13
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=solar layers=10 removal-layers=2" 2>&1 | FileCheck %s --check-prefix=REMOVAL
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=solar removal-layers=6" 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=stack layers=12 removal-layers=2" 2>&1 | FileCheck %s --check-prefix=STACKS
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=10" 2>&1 | FileCheck %s --check-prefix=PRO
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=stack layers=8" 2>&1 | FileCheck %s --check-prefix=STACK
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=interpolate layers=5" 2>&1 | FileCheck %s --check-prefix=SHALLOW
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=interpolate" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=stack layers=4294967298" 2>&1 | FileCheck %s --check-prefix=ABSURD
// RUN: not tritter-opt %s --tritter-elaborate --tritter-depth-upscale="layers=8 base=other" 2>&1 | FileCheck %s --check-prefix=BASE

// SOLAR7: error: solar cannot make 7 layers of 6: 2 x (6 - removed) gives 8 (--removal-layers 2) or 10 (1); for 7 use --method llama-pro
// SOLAR13: error: solar cannot make 13 layers of 6: 2 x (6 - removed) gives 8 (--removal-layers 2) or 10 (1){{$}}
// REMOVAL: error: solar makes 8 layers of 6 with --removal-layers 2, not 10: for 10 it takes 1
// ALL: error: solar removes at least 1 and fewer than all 6 layers, found --removal-layers 6
// STACKS: error: stack removes no layers: --removal-layers is for solar
// PRO: error: llama-pro cannot make 10 layers of 6: one new layer after every group of equal size gives 9 or 12; for 10 use --method solar
// STACK: error: stack cannot make 8 layers of 6: whole copies give 12 or 18; for 8 use --method llama-pro or solar
// SHALLOW: error: interpolate makes a deeper model: found --layers 5 for a model of 6 layers
// NONE: error: interpolate needs to know how many layers to make: --layers N
// ABSURD: error: stack is asked for 4294967298 layers, and a model has 65536 at most
// BASE: error: holds no tritter.model @other
tritter.decoder @base {layers = 6, hidden = 8, heads = 2, intermediate = 16, vocab = 32}
