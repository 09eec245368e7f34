#ifndef TRITTER_LIB_GROWTH_DEPTHMETHODS_H
#define TRITTER_LIB_GROWTH_DEPTHMETHODS_H

#include "tritter/Growth/Methods.h"

namespace mlir::tritter {

/// The methods that make a model deeper: one for each strategy of `--tritter-depth-upscale`, and `dus`, which picks
/// one.
std::vector<GrowthMethod> depthMethods();

} // namespace mlir::tritter

#endif // TRITTER_LIB_GROWTH_DEPTHMETHODS_H
