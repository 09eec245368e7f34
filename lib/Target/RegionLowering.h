#ifndef TRITTER_LIB_TARGET_REGIONLOWERING_H
#define TRITTER_LIB_TARGET_REGIONLOWERING_H

#include "ExecModule.h"

namespace mlir::tritter {

/// Makes a sequence of one graph: of a program, a block, or the body of a chunk. First every value gets a buffer
/// (Buffers.cpp), then temporaries get places, then operations become commands (Commands.cpp).
class RegionLowering {
public:
  /// `reached` has the paths (relative to the graph) whose gradients add; those that the graph reaches are added to it.
  RegionLowering(ExecModule &module, Region &region, StringRef name, llvm::StringSet<> &reached,
                 ProgramOp program = {});

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
  struct Operands {
    SmallVector<Value> slots;
    SmallVector<int64_t> offsets;
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
  void placeYields();
  void placeGradients();
  void placeStates();
  bool mayWriteDirectly(Value value, bool add);
  void shareBuffers();
  void plan();

  // Commands.cpp
  LogicalResult emit();
  LogicalResult emitOp(Operation *op);
  void emitGemm(Operation *op, Value a, bool transposeA, Value b, bool transposeB, Value c, Value bias, int64_t m,
                int64_t n, int64_t k, StringRef label);
  void emitLaunch(row::LaunchOp launch);
  void emitAttention(AttentionOp op);
  void emitAttentionGrad(AttentionGradOp op);
  void emitEmbeddingGrad(EmbeddingGradOp op);
  void emitGradient(GradientOp op);
  LogicalResult emitCall(Operation *op);
  void emitMissingGradients();
  void emitCopy(int64_t bytes, const SlotPlace &from, const SlotPlace &to, StringRef label);
  SlotPlace placeOf(Value value);
  SlotPlace placeOf(unsigned buffer);
  void add(Operands &operands, const SlotPlace &place);
  DenseI64ArrayAttr offsets(const Operands &operands) { return builder_.getDenseI64ArrayAttr(operands.offsets); }
  StringAttr label(StringRef text) { return text.empty() ? StringAttr() : builder_.getStringAttr(text); }

  ExecModule &module_;
  Region &region_;
  std::string name_;
  llvm::StringSet<> &reached_;
  ProgramOp program_;
  OpBuilder builder_;

  std::vector<Buffer> buffers_;
  DenseMap<Value, unsigned> values_;
  /// Temporaries that an operation needs beside its results.
  DenseMap<Operation *, unsigned> scratch_;
  DenseMap<Operation *, int64_t> positions_;
  /// What calls run: a layer one, a chunk the first's and the others'.
  DenseMap<Operation *, SmallVector<LoweredSequence *>> callees_;
  llvm::MapVector<StringRef, SmallVector<Gradient>> gradients_;
  DenseMap<Operation *, Gradient> gradientOps_;
  /// The last call that writes a path's gradient.
  llvm::StringMap<int64_t> reachedByCalls_;
  llvm::StringSet<> touched_;
  DenseSet<Operation *> directStates_;
  SmallVector<int64_t> callPositions_;
  /// Yielded values that have a place already, and the output they are copied to.
  SmallVector<std::pair<Value, unsigned>> yieldCopies_;
  SequencePlan plan_;
  LoweredSequence result_;
  bool failed_ = false;
};

/// How often a chunk's region runs.
int64_t chunkCount(ChunkOp chunk);

/// The value behind reshapes.
Value throughReshapes(Value value);

} // namespace mlir::tritter

#endif // TRITTER_LIB_TARGET_REGIONLOWERING_H
