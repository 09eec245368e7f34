#include "runtime/device/cpu/product_peak.h"

#include <chrono>
#include <cstring>
#include <functional>
#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

using namespace tritter;
using dnnl::memory;

double tritter::measureProductPeak(schema::DType type, int threads) {
  constexpr memory::dim size = 1024;
  constexpr double budget = 0.2;
  if (type == schema::DType::F64)
    return 0;
  int before = omp_get_max_threads();
  if (threads > 0)
    omp_set_num_threads(threads);
  double best = 0;
  try {
    auto element = type == schema::DType::BF16 ? memory::data_type::bf16 : memory::data_type::f32;
    dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    memory::desc plain({size, size}, element, memory::format_tag::ab),
        any({size, size}, element, memory::format_tag::any);
    dnnl::matmul::primitive_desc description(dnnl::matmul::desc(plain, any, plain), engine);
    memory a(plain, engine), b(description.weights_desc(), engine), c(plain, engine);
    for (memory &operand : {std::ref(a), std::ref(b), std::ref(c)})
      std::memset(operand.get_data_handle(), 0, operand.get_desc().get_size());
    dnnl::matmul product(description);
    double spent = 0;
    // The first run makes the code ready.
    for (int turn = 0; turn < 3 || spent < budget; ++turn) {
      auto start = std::chrono::steady_clock::now();
      product.execute(stream, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
      stream.wait();
      double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      spent += seconds;
      if (turn > 0)
        best = std::max(best, 2.0 * size * size * size / seconds);
    }
  } catch (const dnnl::error &) {
    best = 0;
  }
  omp_set_num_threads(before);
  return best;
}
