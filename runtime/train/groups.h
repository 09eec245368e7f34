#ifndef TRITTER_RUNTIME_TRAIN_GROUPS_H
#define TRITTER_RUNTIME_TRAIN_GROUPS_H

#include "runtime/schema/checkpoint_generated.h"

#include <string>

namespace tritter {

/// The groups in which a checkpoint's parameters must be updated so that each goes on with its own bias corrections, in
/// the words of the option `groups`: NAME:PATTERN,... There is one for every number of updates that a parameter's
/// states have seen (none, where it has no states), but for the largest, whose group has no name. Empty where all have
/// seen as many.
///
/// A name says how many updates the oldest were ahead, since-200: it stays the same while all of them go on.
std::string groupsByUpdates(const schema::Manifest &manifest);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_GROUPS_H
