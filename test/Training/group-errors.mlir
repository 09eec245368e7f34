// RUN: not tritter-opt %s --tritter-group="groups=young" 2>&1 | FileCheck %s --check-prefix=FORM
// RUN: not tritter-opt %s --tritter-group="groups=no_decay:x*" 2>&1 | FileCheck %s --check-prefix=WORD
// RUN: not tritter-opt %s --tritter-group="groups=a:x[" 2>&1 | FileCheck %s --check-prefix=PATTERN

// FORM: `young` is no group: NAME:PATTERN or NAME:PATTERN@FACTOR was expected, as young:layers.1.*@0.5
// WORD: a group is named by letters, digits, `_` and `-`, and not decay or no_decay, found "no_decay"
// PATTERN: the paths of a group are patterns, found "x["
module {}
