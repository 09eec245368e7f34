#ifndef TRITTER_LIB_TARGET_MEMORYREPORT_H
#define TRITTER_LIB_TARGET_MEMORYREPORT_H

#include "ExecModule.h"

namespace mlir::tritter {

/// Where memory goes, as a table for people: every arena, and what is alive where saved values and workspaces need
/// most.
std::string formatMemoryPlan(const ExecModule &module);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TARGET_MEMORYREPORT_H
