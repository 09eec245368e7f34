#ifndef TRITTER_TEST_LIB_TESTDIALECT_H
#define TRITTER_TEST_LIB_TESTDIALECT_H

#include "dialects/Tritter/TritterDialect.h"

#include "test/lib/TestOpsDialect.h.inc"

#define GET_OP_CLASSES
#include "test/lib/TestOps.h.inc"

namespace mlir::tritter::test {

/// The test dialect, and all that the passes need of its operations.
void registerTestDialect(DialectRegistry &registry);

} // namespace mlir::tritter::test

#endif // TRITTER_TEST_LIB_TESTDIALECT_H
