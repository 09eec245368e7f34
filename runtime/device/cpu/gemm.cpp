#include "runtime/device/cpu/gemm.h"
#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/blocked_gemm.h"

#include <oneapi/dnnl/dnnl.hpp>

using namespace tritter;
using dnnl::memory;
using schema::DType;

/// oneDNN's engine and stream, shared: they hold no state that matters here.
static dnnl::engine &engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}
static dnnl::stream &stream() {
  static dnnl::stream stream(engine());
  return stream;
}

static memory::data_type libraryType(DType type) {
  return type == DType::BF16 ? memory::data_type::bf16 : memory::data_type::f32;
}

namespace {

/// Where a matrix's elements are.
struct Layout {
  DType type;
  int64_t rowStride;
  int64_t columnStride;

  explicit Layout(const schema::Matrix &matrix)
      : type(matrix.dtype()), rowStride(matrix.transposed() ? 1 : matrix.row_stride()),
        columnStride(matrix.transposed() ? matrix.row_stride() : 1) {}
  Layout(DType type, int64_t rowStride) : type(type), rowStride(rowStride), columnStride(1) {}

  memory::desc describe(int64_t rows, int64_t columns) const {
    return memory::desc({rows, columns}, libraryType(type), memory::dims{rowStride, columnStride});
  }
  int64_t bytesTo(int64_t row, int64_t column) const {
    return (row * rowStride + column * columnStride) * int64_t(sizeOf(type));
  }
};

/// What one primitive does.
struct Product {
  int64_t m, n, k;
  Layout a, b, c;
  std::optional<DType> bias;
  bool accumulate;
};

class MatMul final : public LibraryGemm {
public:
  explicit MatMul(const Product &product) {
    memory::desc a = product.a.describe(product.m, product.k), b = product.b.describe(product.k, product.n);
    memory::desc c = product.c.describe(product.m, product.n), bias;
    dnnl::primitive_attr attributes;
    if (product.accumulate) {
      dnnl::post_ops operations;
      operations.append_sum(1.0f);
      attributes.set_post_ops(operations);
    }
    if (product.bias)
      bias = memory::desc({1, product.n}, libraryType(*product.bias), memory::format_tag::ab);
    dnnl::matmul::desc operation = product.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    primitive_ = dnnl::matmul(dnnl::matmul::primitive_desc(operation, attributes, engine()));
    a_ = memory(a, engine(), DNNL_MEMORY_NONE);
    b_ = memory(b, engine(), DNNL_MEMORY_NONE);
    c_ = memory(c, engine(), DNNL_MEMORY_NONE);
    arguments_ = {{DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}};
    if (product.bias) {
      bias_ = memory(bias, engine(), DNNL_MEMORY_NONE);
      arguments_.insert({DNNL_ARG_BIAS, bias_});
    }
  }

  void run(const GemmPointers &pointers) override {
    a_.set_data_handle(const_cast<std::byte *>(pointers.a));
    b_.set_data_handle(const_cast<std::byte *>(pointers.b));
    c_.set_data_handle(pointers.c);
    if (bias_)
      bias_.set_data_handle(const_cast<std::byte *>(pointers.bias));
    primitive_.execute(stream(), arguments_);
  }

private:
  dnnl::matmul primitive_;
  memory a_, b_, c_, bias_;
  std::unordered_map<int, memory> arguments_;
};

/// A product over a long k, in parts that the caches hold (oneDNN 2.6 loses a quarter without): the first as asked,
/// the others added to it, in f32 whatever the result's type.
class SplitMatMul final : public LibraryGemm {
public:
  SplitMatMul(const Product &product, int64_t count) : product_(product) {
    Product part = product;
    if (product.c.type == DType::BF16) {
      sums_.resize(product.m * product.n);
      part.c = Layout(DType::F32, product.n);
      part.accumulate = false;
    }
    for (int64_t i = 0; i < count; ++i) {
      int64_t first = product.k * i / count;
      part.k = product.k * (i + 1) / count - first;
      parts_.push_back({first, MatMul(part)});
      part.bias.reset();
      part.accumulate = true;
    }
  }

  void run(const GemmPointers &pointers) override {
    GemmPointers part = pointers;
    if (!sums_.empty())
      part.c = reinterpret_cast<std::byte *>(sums_.data());
    for (auto &[first, product] : parts_) {
      part.a = pointers.a + product_.a.bytesTo(0, first);
      part.b = pointers.b + product_.b.bytesTo(first, 0);
      product.run(part);
    }
    if (!sums_.empty())
      round(reinterpret_cast<BFloat16 *>(pointers.c));
  }

private:
  void round(BFloat16 *c) {
#pragma omp parallel for schedule(static)
    for (int64_t row = 0; row < product_.m; ++row)
      for (int64_t column = 0; column < product_.n; ++column) {
        float sum = sums_[row * product_.n + column];
        BFloat16 &place = c[row * product_.c.rowStride + column];
        place = BFloat16(product_.accumulate ? sum + float(place) : sum);
      }
  }

  Product product_;
  std::vector<std::pair<int64_t, MatMul>> parts_;
  /// The result in f32, where it is bf16.
  std::vector<float> sums_;
};

/// The product of our own.
class BlockedMatMul final : public LibraryGemm {
public:
  explicit BlockedMatMul(const Product &product)
      : product_{product.m,
                 product.n,
                 product.k,
                 {product.a.rowStride, product.a.columnStride},
                 {product.b.rowStride, product.b.columnStride},
                 {product.c.rowStride, product.c.columnStride},
                 product.a.type == DType::BF16,
                 product.c.type == DType::BF16,
                 product.accumulate,
                 !product.accumulate} {}

  /// It beats the library where a has to be transposed, as in gradients of weights (whose result nothing reads soon).
  static bool serves(const Product &product) {
    bool bf16 = product.a.type == DType::BF16;
    return product.a.columnStride != 1 && product.a.type == product.b.type && !product.bias &&
           product.c.columnStride == 1 && (bf16 || product.accumulate) && hasBlockedGemm(bf16);
  }

  void run(const GemmPointers &pointers) override { blockedGemm(product_, pointers.a, pointers.b, pointers.c); }

private:
  BlockedProduct product_;
};

} // namespace

std::unique_ptr<LibraryGemm> LibraryGemm::create(const schema::Gemm &gemm) {
  if (gemm.a()->dtype() == DType::F64 || (gemm.bias() && gemm.bias_dtype() == DType::F64))
    return nullptr;
  Product product{int64_t(gemm.m()), int64_t(gemm.n()), int64_t(gemm.k()), Layout(*gemm.a()),
                  Layout(*gemm.b()), Layout(*gemm.c()), std::nullopt,      gemm.accumulate()};
  if (gemm.bias())
    product.bias = gemm.bias_dtype();
  if (BlockedMatMul::serves(product))
    return std::make_unique<BlockedMatMul>(product);
  // Rounding from a buffer of its own pays for longer k only.
  constexpr int64_t partDepth = 1024;
  int64_t shortest = gemm.c()->dtype() == DType::BF16 ? 4 * partDepth : 2 * partDepth;
  try {
    if (product.k >= shortest)
      return std::make_unique<SplitMatMul>(product, product.k / partDepth);
    return std::make_unique<MatMul>(product);
  } catch (const dnnl::error &) {
    return nullptr; // No implementation of these types or strides: the plain product serves.
  }
}
