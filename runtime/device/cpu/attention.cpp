#include "runtime/device/cpu/attention.h"
#include "runtime/device/cpu/attention_kernels.h"

#include <omp.h>
#include <stdexcept>

using namespace tritter;
using schema::DType;

static const TileKernels &kernelsFor(DType type) {
  bool bf16 = type == DType::BF16;
  if (const TileKernels *kernels = bf16 ? avx512Bf16Kernels() : nullptr)
    return *kernels;
  if (const TileKernels *kernels = avx512Kernels(bf16))
    return *kernels;
  if (const TileKernels *kernels = avx2Kernels(bf16))
    return *kernels;
  return *portableKernels(bf16);
}

static HeadShape shapeOf(const schema::Attention &attention) {
  auto roundUp = [](int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; };
  int64_t sequence = attention.sequence(), dim = attention.head_dim();
  return {sequence, roundUp(sequence, tileSize), dim, roundUp(dim, 16), float(attention.scale())};
}

namespace {

/// Finds a head of a sequence of the batch.
template <typename Byte> struct Tensor {
  Byte *data;
  int64_t stride;
  int64_t elementSize;
  int64_t sequence;
  int64_t dim;

  Tensor(const schema::HeadRows &rows, Byte *data, const schema::Attention &attention)
      : data(data), stride(rows.row_stride()), elementSize(sizeOf(attention.dtype())), sequence(attention.sequence()),
        dim(attention.head_dim()) {}

  HeadPointer<Byte> head(int64_t batch, int64_t head) const {
    return {data + (batch * sequence * stride + head * dim) * elementSize, stride};
  }
};

} // namespace

uint32_t *TiledAttention::scratch(size_t count) {
  if (!scratch_ || scratch_->size() < count * 4) {
    scratch_.reset();
    Result<Arena> arena = Arena::allocate(count * 4);
    if (!arena.ok())
      throw std::runtime_error(std::string(arena.status().message()));
    scratch_ = std::make_unique<Arena>(*std::move(arena));
  }
  return reinterpret_cast<uint32_t *>(scratch_->data());
}

void TiledAttention::forward(const schema::Attention &attention, const AttentionPointers &pointers) {
  const TileKernels &kernels = kernels_ ? *kernels_ : kernelsFor(attention.dtype());
  HeadShape shape = shapeOf(attention);
  int64_t batch = attention.batch(), heads = attention.heads(), kvHeads = attention.kv_heads();
  Tensor<const std::byte> query(*attention.query(), pointers.query, attention);
  Tensor<const std::byte> key(*attention.key(), pointers.key, attention);
  Tensor<const std::byte> value(*attention.value(), pointers.value, attention);
  Tensor<std::byte> out(*attention.out(), pointers.out, attention);
  auto *logSumExp = reinterpret_cast<float *>(pointers.logSumExp);

  int64_t packed = shape.paddedSequence * shape.paddedDim, blocks = shape.paddedSequence / tileSize;
  int64_t own = forwardScratch(shape);
  uint32_t *keys = scratch(2 * batch * kvHeads * packed + omp_get_max_threads() * own);
  uint32_t *values = keys + batch * kvHeads * packed, *rest = values + batch * kvHeads * packed;
#pragma omp parallel
  {
#pragma omp for schedule(static)
    for (int64_t i = 0; i < 2 * batch * kvHeads; ++i) {
      int64_t b = i / 2 / kvHeads, kv = i / 2 % kvHeads;
      if (i % 2 == 0)
        kernels.packTransposed(shape, key.head(b, kv), keys + i / 2 * packed);
      else
        kernels.packRows(shape, value.head(b, kv), values + i / 2 * packed);
    }
    // The later tiles of queries have more keys: they come first, so that threads end together.
#pragma omp for schedule(dynamic)
    for (int64_t i = 0; i < batch * heads * blocks; ++i) {
      int64_t block = blocks - 1 - i / (batch * heads), b = i / heads % batch, head = i % heads;
      int64_t kv = b * kvHeads + head / (heads / kvHeads);
      kernels.forward(shape, {query.head(b, head), out.head(b, head), logSumExp + (b * heads + head) * shape.sequence,
                              keys + kv * packed, values + kv * packed, block, rest + omp_get_thread_num() * own});
    }
  }
}

void TiledAttention::backward(const schema::AttentionBackward &command, const AttentionBackwardPointers &pointers) {
  const schema::Attention &attention = *command.forward();
  const TileKernels &kernels = kernels_ ? *kernels_ : kernelsFor(attention.dtype());
  HeadShape shape = shapeOf(attention);
  int64_t batch = attention.batch(), heads = attention.heads(), kvHeads = attention.kv_heads();
  int64_t group = heads / kvHeads;
  Tensor<const std::byte> query(*attention.query(), pointers.forward.query, attention);
  Tensor<const std::byte> key(*attention.key(), pointers.forward.key, attention);
  Tensor<const std::byte> value(*attention.value(), pointers.forward.value, attention);
  Tensor<const std::byte> out(*attention.out(), pointers.forward.out, attention);
  Tensor<const std::byte> outGradient(*command.out_gradient(), pointers.outGradient, attention);
  Tensor<std::byte> queryGradient(*command.query_gradient(), pointers.queryGradient, attention);
  Tensor<std::byte> keyGradient(*command.key_gradient(), pointers.keyGradient, attention);
  Tensor<std::byte> valueGradient(*command.value_gradient(), pointers.valueGradient, attention);
  auto *logSumExp = reinterpret_cast<const float *>(pointers.forward.logSumExp);

  int64_t packed = shape.paddedSequence * shape.paddedDim, own = backwardScratch(shape);
  int64_t allKv = batch * kvHeads, all = batch * heads;
  uint32_t *packs = scratch((3 * allKv + 2 * all) * packed + omp_get_max_threads() * own);
  auto *parts = reinterpret_cast<float *>(packs + 3 * allKv * packed);
  uint32_t *rest = packs + (3 * allKv + 2 * all) * packed;
  // keysTransposed, valuesTransposed and keys of each key head; key and value gradients of each query head.
  auto pack = [&](int64_t kind, int64_t kv) { return packs + (kind * allKv + kv) * packed; };
  auto part = [&](int64_t kind, int64_t head) { return parts + (kind * all + head) * packed; };
#pragma omp parallel
  {
#pragma omp for schedule(static)
    for (int64_t i = 0; i < 3 * allKv; ++i) {
      int64_t kind = i / allKv, kv = i % allKv;
      HeadPointer<const std::byte> head = (kind == 1 ? value : key).head(kv / kvHeads, kv % kvHeads);
      (kind == 2 ? kernels.packRows : kernels.packTransposed)(shape, head, pack(kind, kv));
    }
#pragma omp for schedule(dynamic)
    for (int64_t i = 0; i < all; ++i) {
      int64_t b = i / heads, head = i % heads, kv = b * kvHeads + head / group;
      kernels.backward(shape, {query.head(b, head), out.head(b, head), outGradient.head(b, head),
                               queryGradient.head(b, head), logSumExp + i * shape.sequence, pack(0, kv), pack(1, kv),
                               pack(2, kv), part(0, i), part(1, i), rest + omp_get_thread_num() * own});
    }
    // Heads that share keys and values add up in their order, whoever worked on them.
    int64_t blocks = shape.paddedSequence / tileSize;
#pragma omp for schedule(static)
    for (int64_t i = 0; i < 2 * allKv * blocks; ++i) {
      int64_t kind = i / blocks / allKv, kv = i / blocks % allKv, first = i % blocks * tileSize;
      const Tensor<std::byte> &gradient = kind ? valueGradient : keyGradient;
      kernels.storeSum(shape, part(kind, kv * group), group, packed, kind ? 1.0f : shape.scale, first,
                       std::min(first + tileSize, shape.sequence), gradient.head(kv / kvHeads, kv % kvHeads));
    }
  }
}
