#ifndef TRITTER_TRAINING_GRADIENTS_H
#define TRITTER_TRAINING_GRADIENTS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::tritter {

/// Gives every operation of models its DifferentiableOpInterface. `--tritter-differentiate` needs it.
void registerGradients(DialectRegistry &registry);

} // namespace mlir::tritter

#endif // TRITTER_TRAINING_GRADIENTS_H
