#ifndef TRITTER_TOOLS_TRITTER_RUN_OPENMP_WAITING_H
#define TRITTER_TOOLS_TRITTER_RUN_OPENMP_WAITING_H

namespace tritter {

/// Has OpenMP's threads spin at barriers for a moment only, before they sleep, unless the user's environment says what
/// they do. Where nothing is said libgomp spins for milliseconds, and two trainings side by side take the processor
/// from each other; with OMP_WAIT_POLICY=passive it never spins, which slows a training alone. It reads the number
/// once, when it is loaded, so this program is started again (it does not return then). `words` are those of main.
void waitBriefly(char **words);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_OPENMP_WAITING_H
