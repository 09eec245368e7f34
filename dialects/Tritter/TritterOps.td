#ifndef TRITTER_OPS_TD
#define TRITTER_OPS_TD

include "dialects/Tritter/TritterDialect.td"
include "dialects/Tritter/StructureOps.td"
include "dialects/Tritter/ModelOps.td"
include "dialects/Tritter/TrainingOps.td"

#endif // TRITTER_OPS_TD
