#ifndef TRITTER_LIB_TARGET_REGIONLOWERING_H
#define TRITTER_LIB_TARGET_REGIONLOWERING_H

#include "ExecModule.h"
#include "tritter/Target/CommandLowering.h"

namespace mlir::tritter {

/// Makes a sequence of one graph: of a program, a block, or the body of a chunk. First every value gets a buffer
/// (Buffers.cpp), then temporaries get places, then operations become commands (Commands.cpp).
class RegionLowering : private CommandBuilder {
public:
  /// `reached` has the paths (relative to the graph) whose gradients add; those that the graph reaches are added to it.
  /// With `addsResults` a program adds its results to what is in their places.
  RegionLowering(ExecModule &module, Region &region, StringRef name, llvm::StringSet<> &reached,
                 ProgramOp program = {}, bool addsResults = false);

  FailureOr<LoweredSequence> run();

private:
  struct Buffer {
    int64_t bytes = 0;
    /// Positions of the operations that write it first and read it last.
    int64_t first = 0, last = 0;
    std::string name;
    /// Given from outside, not planned here.
    std::optional<SlotPlace> fixed;
    /// For planned ones.
    SlotPlace planned;
    /// The buffer that this one was merged into.
    std::optional<unsigned> parent;
  };
  struct Gradient {
    GradientOp op;
    bool add;
    /// Its value is written where it belongs by the operation that makes it.
    bool direct = false;
  };

  // Buffers.cpp
  LogicalResult collect();
  LogicalResult collectOp(Operation *op, int64_t position);
  LogicalResult collectCall(Operation *op, int64_t position);
  unsigned newBuffer(int64_t bytes, int64_t position, const Twine &name);
  unsigned fixedBuffer(SlotKey key, int64_t bytes);
  void define(Value value, int64_t position, const Twine &name);
  unsigned root(unsigned buffer) const;
  unsigned bufferOf(Value value);
  void use(unsigned buffer, int64_t position);
  /// Of the program.
  StringRef outputName(unsigned output);
  void placeYields();
  void placeGradients();
  void placeStates();
  bool mayWriteDirectly(Value value, bool add);
  void shareBuffers();
  void placeTemporaries();

  // Commands.cpp
  LogicalResult emit();
  LogicalResult emitOp(Operation *op);
  void emitLaunch(row::LaunchOp launch);
  void emitGradient(GradientOp op);
  LogicalResult emitCall(Operation *op);
  void emitMissingGradients();
  void emitAddition(RankedTensorType type, const SlotPlace &from, const SlotPlace &to, StringRef label);
  void emitCopy(int64_t bytes, const SlotPlace &from, const SlotPlace &to, StringRef label);
  OpBuilder &builder() override { return opBuilder; }
  void add(Places &places, Value value) override { add(places, placeOf(value)); }
  void addScratch(Places &places) override { add(places, placeOf(scratch.at(current))); }
  bool accumulates(Value result) const override;
  StringRef gradientPath(Value result) const override;
  SlotPlace placeOf(Value value);
  SlotPlace placeOf(unsigned buffer);
  void add(Places &places, const SlotPlace &place);
  DenseI64ArrayAttr offsets(const Places &places) { return opBuilder.getDenseI64ArrayAttr(places.offsets); }
  StringAttr label(StringRef text) { return text.empty() ? StringAttr() : opBuilder.getStringAttr(text); }

  ExecModule &module;
  Region &region;
  std::string name;
  llvm::StringSet<> &reached;
  ProgramOp program;
  bool addsResults;
  OpBuilder opBuilder;

  std::vector<Buffer> buffers;
  DenseMap<Value, unsigned> values;
  /// Temporaries that an operation needs beside its results.
  DenseMap<Operation *, unsigned> scratch;
  DenseMap<Operation *, int64_t> positions;
  /// What calls run: a layer one, a chunk the first's and the others'.
  DenseMap<Operation *, SmallVector<LoweredSequence *>> callees;
  llvm::MapVector<StringRef, SmallVector<Gradient>> gradients;
  DenseMap<Operation *, Gradient> gradientOps;
  /// Values that are written where a gradient belongs.
  DenseMap<Value, Gradient> directGradients;
  /// What commands are made of.
  Operation *current = nullptr;
  /// The last call that writes a path's gradient.
  llvm::StringMap<int64_t> reachedByCalls;
  llvm::StringSet<> touched;
  DenseSet<Operation *> directStates;
  SmallVector<int64_t> callPositions;
  /// Yielded values that have a place already, and the output they are copied to.
  SmallVector<std::pair<Value, unsigned>> yieldCopies;
  SequencePlan plan;
  LoweredSequence sequence;
  bool isUnresolved = false;
};

/// How often a chunk's region runs.
int64_t chunkCount(ChunkOp chunk);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TARGET_REGIONLOWERING_H
