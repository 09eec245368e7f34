#ifndef TRITTER_LIB_PROOF_PROVER_H
#define TRITTER_LIB_PROOF_PROVER_H

#include "tritter/Proof/Proof.h"
#include "tritter/Proof/Relations.h"

namespace mlir::growth {

/// How the derivations of a grown graph name the base's parameters.
struct Scope {
  enum class Kind {
    /// Whole paths on both sides: models.
    Whole,
    /// Both relative to one layer of the base.
    SameLayer,
    /// Relative to another layer than the base's graph: they never name the same tensor.
    OtherLayer,
    /// A block without an origin: the grown graph names the base's parameters by whole paths.
    Absolute
  };
  Kind kind = Kind::Whole;
  /// Absolute: the path of the base's layer.
  StringAttr prefix;

  bool operator==(const Scope &) const = default;

  /// Whether a term of a grown parameter reads this parameter of the base's graph.
  bool reads(const Term &term, Value baseParameter, StringAttr base) const;
};

struct Comparison;

/// A layer of the grown model beside one of the base's (null: beside none, only its input being known).
struct LayerComparison {
  tritter::LayerOp base;
  Comparison *inside;
};

/// What was found of one graph of the grown model beside one of the base's.
struct Comparison {
  Block *grown = nullptr;
  /// Null where the grown graph is looked at alone; then its own arguments stand for the base's.
  Block *base = nullptr;
  Scope scope;
  SmallVector<Knowledge, 1> arguments;

  DenseMap<Value, Knowledge> known;
  struct Reason {
    std::string text;
    bool operandsFault = false, likely = false;
  };
  DenseMap<Operation *, Reason> reasons;
  DenseMap<Operation *, SmallVector<LayerComparison, 1>> layers;

  const Knowledge &knowledge(Value value) const;
};

/// Walks the grown model once, relating its values to the base's.
class Prover {
public:
  Prover(tritter::ModelOp base, tritter::ModelOp grown) : base(base), grown(grown) {}

  /// The comparison of the two models.
  Comparison &run();

  StringAttr baseName() { return base.getSymNameAttr(); }
  /// The normal form of a parameter; null where it has none. Computed once.
  const Derivation *form(tritter::ParamOp param);
  StringRef formError(tritter::ParamOp param) { return formErrors[param]; }

private:
  Comparison &compare(Block *grownBlock, Block *baseBlock, Scope scope, SmallVector<Knowledge, 1> arguments);
  void visit(Operation *op, Comparison &comparison);
  void visitLayer(tritter::LayerOp layer, Comparison &comparison);
  void relateLayers(tritter::LayerOp layer, tritter::LayerOp baseLayer, Comparison &comparison);
  Block *bodyOf(tritter::LayerOp layer);

  tritter::ModelOp base, grown;
  SymbolTableCollection symbols;
  DenseMap<Operation *, std::optional<Derivation>> forms;
  DenseMap<Operation *, std::string> formErrors;
  /// Comparisons by grown graph: blocks are compared once for each pair of input facts met.
  DenseMap<Block *, SmallVector<std::unique_ptr<Comparison>, 2>> comparisons;
};

/// Where a proof broke, in words.
struct Diagnosis {
  std::string where, reason;
  Location location;
};
Diagnosis diagnose(Comparison &models, Prover &prover);

} // namespace mlir::growth

#endif // TRITTER_LIB_PROOF_PROVER_H
