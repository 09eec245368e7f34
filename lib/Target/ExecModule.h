#ifndef TRITTER_LIB_TARGET_EXECMODULE_H
#define TRITTER_LIB_TARGET_EXECMODULE_H

#include "MemoryPlan.h"

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Row/RowDialect.h"
#include "tritter/Target/ArenaLayout.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

#include <memory>

namespace mlir::tritter {

/// What a slot of a sequence stands for, in the words of the graph that the sequence was made of. The caller gives it
/// the place that these words mean there.
struct SlotKey {
  enum Kind { Input, Output, Capture, Parameter, Gradient, State, Scalar, Constant, Saved, Workspace };
  Kind kind = Workspace;
  /// Of an input, output or constant.
  unsigned index = 0;
  /// Of a parameter or gradient the path, of a state the kind, of a scalar the name.
  std::string name = {};
  /// Of a parameter of a frozen model: which.
  FlatSymbolRefAttr model = {};
  /// Of a state.
  std::string group = {};
  /// A value of the surrounding graph.
  Value capture = {};

  bool operator==(const SlotKey &other) const = default;
};

/// Bytes from where a slot begins.
struct SlotPlace {
  SlotKey key;
  int64_t offset = 0;
};

/// A block, or the body of a chunk, as a sequence.
struct LoweredSequence {
  exec::SequenceOp op;
  SmallVector<SlotKey> slots;
  int64_t workspaceBytes = 0;
};

/// What a sequence's memory was planned to be, for the report.
struct SequencePlan {
  std::string name;
  bool entry = false;
  SmallVector<PlannedBuffer> saved, workspace;
  int64_t savedBytes = 0, workspaceBytes = 0;
};

/// The executable while it is made: what all its sequences share.
class ExecModule {
public:
  ExecModule(ModuleOp module, const ArenaLayout &arenas, const SymbolTable &symbols);

  /// An entry of the name, made of the program; every gradient and result adds where `accumulate`.
  LogicalResult addEntry(ProgramOp program, StringRef name, bool accumulate);
  /// Arenas, bindings and the entry `setup`, once every entry is there.
  void finish();

  /// The sequence of a block or of a chunk's body, where the gradients of the paths in `reached` add and the others
  /// overwrite. Made once for each set of paths that matters.
  FailureOr<LoweredSequence *> lower(Operation *op, const llvm::StringSet<> &reached);
  /// The paths that gradients in the op, and in the blocks that it calls, are for; relative to it.
  const std::vector<std::string> &gradientPaths(Operation *op);
  /// For every result of a block: the number of the argument that it merely passes on, or -1.
  SmallVector<int64_t> passedThrough(BlockOp block);

  /// Numbers the results of kernels without operands, which are computed once.
  unsigned constant(row::LaunchOp launch, unsigned result);
  /// The place of a slot of a program's sequence; fails with a diagnostic where there is none.
  FailureOr<ArenaPlace> resolve(Operation *user, const SlotKey &key, ProgramOp program);
  /// A kernel that adds an f32 or f64 matrix to another.
  StringRef accumulateKernel(int64_t columns, Type type);

  BlockOp blockOf(LayerOp layer) { return symbols.lookup<BlockOp>(layer.getBlockAttr().getValue()); }
  row::KernelOp kernelOf(row::LaunchOp launch) { return symbols.lookup<row::KernelOp>(launch.getKernel()); }
  const ParameterLayout &getLayout() const { return arenas.getParameters(); }
  exec::SequenceOp createSequence(Location location, StringRef name);

  ArrayRef<SequencePlan> getPlans() const { return plans; }
  void addPlan(SequencePlan plan) { plans.push_back(std::move(plan)); }
  int64_t arenaBytes(ArenaId arena) const { return arenaSizes[size_t(arena)]; }

private:
  struct Constant {
    row::LaunchOp launch;
    SmallVector<int64_t> offsets;
    unsigned first;
  };
  FailureOr<ArenaPlace> binding(Operation *user, StringRef name, RankedTensorType type);

  ModuleOp module;
  const ArenaLayout &arenas;
  const SymbolTable &symbols;
  OpBuilder builder;
  llvm::StringMap<Type> scalarTypes;
  llvm::MapVector<StringAttr, std::pair<RankedTensorType, ArenaPlace>> bindings;
  std::vector<Constant> constants;
  std::vector<int64_t> constantOffsets;
  std::map<std::string, std::unique_ptr<LoweredSequence>> sequences;
  DenseMap<Operation *, std::vector<std::string>> knownGradientPaths;
  llvm::StringSet<> symbolNames;
  llvm::StringMap<std::string> accumulateKernels;
  std::vector<SequencePlan> plans;
  std::array<int64_t, arenaCount> arenaSizes = {};
};

} // namespace mlir::tritter

#endif // TRITTER_LIB_TARGET_EXECMODULE_H
