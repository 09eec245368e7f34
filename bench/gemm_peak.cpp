// The best rate of a oneDNN matrix product on this machine, in GFLOP/s: what a training step is held against.
//   gemm_peak f32|bf16
// Tries the shapes of the benchmark's models and a large square, with plain weights and with weights in the layout that
// oneDNN likes best (packed before the clock starts), and prints the highest rate that any of them kept up.

#include <dnnl.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace dnnl;

/// GFLOP/s of m x k times k x n, the median of many runs.
static double rateOf(engine &cpu, stream &queue, memory::data_type type, memory::dim m, memory::dim n, memory::dim k,
                     bool packed) {
  memory::desc source({m, k}, type, memory::format_tag::ab), destination({m, n}, type, memory::format_tag::ab);
  memory::desc weight({k, n}, type, packed ? memory::format_tag::any : memory::format_tag::ba);
  matmul::primitive_desc description(matmul::desc(source, weight, destination), cpu);
  memory a(source, cpu), b(description.weights_desc(), cpu), c(destination, cpu);
  for (memory &operand : {std::ref(a), std::ref(b), std::ref(c)})
    std::memset(operand.get_data_handle(), 0, operand.get_desc().get_size());
  matmul product(description);
  std::vector<double> seconds;
  double spent = 0;
  for (int turn = 0; turn < 200 && spent < 0.4; ++turn) {
    auto start = std::chrono::steady_clock::now();
    product.execute(queue, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
    queue.wait();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    spent += seconds.back();
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  return 2.0 * m * n * k / seconds[seconds.size() / 2] / 1e9;
}

int main(int argc, char **argv) {
  bool bf16 = argc > 1 && !std::strcmp(argv[1], "bf16");
  if (argc != 2 || (!bf16 && std::strcmp(argv[1], "f32"))) {
    std::fprintf(stderr, "gemm_peak: expected f32 or bf16\n");
    return 1;
  }
  engine cpu(engine::kind::cpu, 0);
  stream queue(cpu);
  const memory::dim shapes[][3] = {{1024, 384, 1024}, {1024, 1024, 384}, {256, 16384, 384}, {1024, 768, 768},
                                   {1024, 2048, 768}, {1024, 768, 2048}, {256, 32000, 768}, {2048, 2048, 2048}};
  double best = 0;
  for (auto &[m, n, k] : shapes)
    for (bool packed : {false, true})
      best =
          std::max(best, rateOf(cpu, queue, bf16 ? memory::data_type::bf16 : memory::data_type::f32, m, n, k, packed));
  std::printf("%.1f\n", best);
}
