#ifndef TRITTER_WELL_FORMED_TD
#define TRITTER_WELL_FORMED_TD

include "mlir/IR/OpBase.td"

// What operations of the project's dialects are held to; their meaning is in WellFormed.h.
def Tritter_WellFormed : NativeOpTrait<"WellFormed">;
def Tritter_FiniteNumbers : NativeOpTrait<"FiniteNumbers">;

#endif // TRITTER_WELL_FORMED_TD
