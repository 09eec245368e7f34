#ifndef TRITTER_OPS_TD
#define TRITTER_OPS_TD

include "dialects/Tritter/TritterDialect.td"
include "dialects/Tritter/StructureOps.td"
include "dialects/Tritter/ModelOps.td"
include "dialects/Tritter/TrainingOps.td"
include "dialects/Tritter/ObjectiveOps.td"

#endif // TRITTER_OPS_TD
