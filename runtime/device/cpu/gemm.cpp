#include "runtime/device/cpu/gemm.h"

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

static memory::desc describe(const schema::Matrix &matrix, uint64_t rows, uint64_t columns) {
  memory::dim stride = matrix.row_stride();
  // A single column is contiguous whatever its stride; oneDNN wants strides in order.
  memory::dims strides = matrix.transposed() ? memory::dims{1, stride} : memory::dims{stride, 1};
  return memory::desc({memory::dim(rows), memory::dim(columns)}, libraryType(matrix.dtype()), strides);
}

namespace {

class MatMul final : public LibraryGemm {
public:
  explicit MatMul(const schema::Gemm &gemm) {
    memory::desc a = describe(*gemm.a(), gemm.m(), gemm.k()), b = describe(*gemm.b(), gemm.k(), gemm.n());
    memory::desc c = describe(*gemm.c(), gemm.m(), gemm.n()), bias;
    dnnl::primitive_attr attributes;
    if (gemm.accumulate()) {
      dnnl::post_ops operations;
      operations.append_sum(1.0f);
      attributes.set_post_ops(operations);
    }
    if (gemm.bias())
      bias = memory::desc({1, memory::dim(gemm.n())}, libraryType(gemm.bias_dtype()), memory::format_tag::ab);
    dnnl::matmul::desc operation = gemm.bias() ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    product_ = dnnl::matmul(dnnl::matmul::primitive_desc(operation, attributes, engine()));
    a_ = memory(a, engine(), DNNL_MEMORY_NONE);
    b_ = memory(b, engine(), DNNL_MEMORY_NONE);
    c_ = memory(c, engine(), DNNL_MEMORY_NONE);
    arguments_ = {{DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}};
    if (gemm.bias()) {
      bias_ = memory(bias, engine(), DNNL_MEMORY_NONE);
      arguments_.insert({DNNL_ARG_BIAS, bias_});
    }
  }

  void run(const GemmPointers &pointers) override {
    a_.set_data_handle(const_cast<std::byte *>(pointers.a));
    b_.set_data_handle(const_cast<std::byte *>(pointers.b));
    c_.set_data_handle(pointers.c);
    if (pointers.bias)
      bias_.set_data_handle(const_cast<std::byte *>(pointers.bias));
    product_.execute(stream(), arguments_);
  }

private:
  dnnl::matmul product_;
  memory a_, b_, c_, bias_;
  std::unordered_map<int, memory> arguments_;
};

} // namespace

std::unique_ptr<LibraryGemm> LibraryGemm::create(const schema::Gemm &gemm) {
  if (gemm.a()->dtype() == DType::F64 || (gemm.bias() && gemm.bias_dtype() == DType::F64))
    return nullptr;
  try {
    return std::make_unique<MatMul>(gemm);
  } catch (const dnnl::error &) {
    return nullptr; // No implementation of these types or strides: the plain product serves.
  }
}
