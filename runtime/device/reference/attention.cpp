#include "runtime/device/reference/attention.h"
#include "runtime/device/bfloat16.h"

#include <algorithm>
#include <cmath>

using namespace tritter;

namespace {

/// Head rows as [batch, sequence, heads, head_dim] of type S, read in T.
template <typename S, typename T> struct Heads {
  S *data;
  int64_t stride;
  int64_t dim;

  Heads(const schema::HeadRows &rows, const std::byte *data, int64_t dim)
      : data(reinterpret_cast<S *>(const_cast<std::byte *>(data))), stride(rows.row_stride()), dim(dim) {}

  S *at(int64_t token, int64_t head) const { return data + token * stride + head * dim; }
  void load(int64_t token, int64_t head, T *result) const {
    for (int64_t i = 0; i < dim; ++i)
      result[i] = T(at(token, head)[i]);
  }
  void store(int64_t token, int64_t head, const T *values) const {
    for (int64_t i = 0; i < dim; ++i)
      at(token, head)[i] = S(values[i]);
  }
};

template <typename T> T dot(const T *a, const T *b, int64_t count) {
  constexpr int64_t width = 16;
  T sums[width] = {};
  int64_t i = 0;
  for (; i + width <= count; i += width)
    for (int64_t lane = 0; lane < width; ++lane)
      sums[lane] += a[i + lane] * b[i + lane];
  T sum = 0;
  for (; i < count; ++i)
    sum += a[i] * b[i];
  for (T partial : sums)
    sum += partial;
  return sum;
}

/// The keys or values of one head, [sequence, head_dim] in T.
template <typename S, typename T>
std::vector<T> loadHead(const Heads<S, T> &heads, int64_t firstToken, int64_t sequence, int64_t head) {
  std::vector<T> result(sequence * heads.dim);
  for (int64_t token = 0; token < sequence; ++token)
    heads.load(firstToken + token, head, &result[token * heads.dim]);
  return result;
}

template <typename S, typename T> void forward(const schema::Attention &command, const AttentionPointers &pointers) {
  int64_t batch = command.batch(), sequence = command.sequence(), heads = command.heads(), dim = command.head_dim();
  int64_t group = heads / command.kv_heads();
  Heads<S, T> query(*command.query(), pointers.query, dim), key(*command.key(), pointers.key, dim);
  Heads<S, T> value(*command.value(), pointers.value, dim), out(*command.out(), pointers.out, dim);
  auto *logSumExp = reinterpret_cast<T *>(pointers.logSumExp);
  T scale = T(command.scale());
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t head = 0; head < heads; ++head) {
      std::vector<T> keys = loadHead(key, b * sequence, sequence, head / group);
      std::vector<T> values = loadHead(value, b * sequence, sequence, head / group);
      std::vector<T> scores(sequence), q(dim), sum(dim);
      for (int64_t t = 0; t < sequence; ++t) {
        query.load(b * sequence + t, head, q.data());
        T largest = -INFINITY, total = 0;
        for (int64_t s = 0; s <= t; ++s) {
          scores[s] = scale * dot(q.data(), &keys[s * dim], dim);
          largest = std::max(largest, scores[s]);
        }
        std::fill(sum.begin(), sum.end(), T(0));
        for (int64_t s = 0; s <= t; ++s) {
          T weight = std::exp(scores[s] - largest);
          total += weight;
          for (int64_t i = 0; i < dim; ++i)
            sum[i] += weight * values[s * dim + i];
        }
        for (T &element : sum)
          element /= total;
        out.store(b * sequence + t, head, sum.data());
        logSumExp[(b * heads + head) * sequence + t] = largest + std::log(total);
      }
    }
}

template <typename S, typename T>
void backward(const schema::AttentionBackward &command, const AttentionBackwardPointers &pointers) {
  const schema::Attention &attention = *command.forward();
  int64_t batch = attention.batch(), sequence = attention.sequence(), heads = attention.heads();
  int64_t dim = attention.head_dim(), kvHeads = attention.kv_heads(), group = heads / kvHeads;
  Heads<S, T> query(*attention.query(), pointers.forward.query, dim), key(*attention.key(), pointers.forward.key, dim);
  Heads<S, T> value(*attention.value(), pointers.forward.value, dim), out(*attention.out(), pointers.forward.out, dim);
  Heads<S, T> outGradient(*command.out_gradient(), pointers.outGradient, dim);
  Heads<S, T> queryGradient(*command.query_gradient(), pointers.queryGradient, dim);
  Heads<S, T> keyGradient(*command.key_gradient(), pointers.keyGradient, dim);
  Heads<S, T> valueGradient(*command.value_gradient(), pointers.valueGradient, dim);
  auto *logSumExp = reinterpret_cast<const T *>(pointers.forward.logSumExp);
  T scale = T(attention.scale());
#pragma omp parallel for collapse(2) schedule(static)
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t kv = 0; kv < kvHeads; ++kv) {
      std::vector<T> keys = loadHead(key, b * sequence, sequence, kv);
      std::vector<T> values = loadHead(value, b * sequence, sequence, kv);
      std::vector<T> dk(sequence * dim), dv(sequence * dim), q(dim), o(dim), dOut(dim), dq(dim);
      for (int64_t head = kv * group; head < (kv + 1) * group; ++head)
        for (int64_t t = 0; t < sequence; ++t) {
          int64_t token = b * sequence + t;
          query.load(token, head, q.data());
          out.load(token, head, o.data());
          outGradient.load(token, head, dOut.data());
          T delta = dot(o.data(), dOut.data(), dim);
          T normaliser = logSumExp[(b * heads + head) * sequence + t];
          std::fill(dq.begin(), dq.end(), T(0));
          for (int64_t s = 0; s <= t; ++s) {
            T weight = std::exp(scale * dot(q.data(), &keys[s * dim], dim) - normaliser);
            T gradient = scale * weight * (dot(dOut.data(), &values[s * dim], dim) - delta);
            for (int64_t i = 0; i < dim; ++i) {
              dv[s * dim + i] += weight * dOut[i];
              dk[s * dim + i] += gradient * q[i];
              dq[i] += gradient * keys[s * dim + i];
            }
          }
          queryGradient.store(token, head, dq.data());
        }
      for (int64_t s = 0; s < sequence; ++s) {
        keyGradient.store(b * sequence + s, kv, &dk[s * dim]);
        valueGradient.store(b * sequence + s, kv, &dv[s * dim]);
      }
    }
}

} // namespace

void tritter::referenceAttention(const schema::Attention &attention, const AttentionPointers &pointers) {
  if (attention.dtype() == schema::DType::F64)
    forward<double, double>(attention, pointers);
  else if (attention.dtype() == schema::DType::BF16)
    forward<BFloat16, float>(attention, pointers);
  else
    forward<float, float>(attention, pointers);
}

void tritter::referenceAttentionBackward(const schema::AttentionBackward &command,
                                         const AttentionBackwardPointers &pointers) {
  schema::DType type = command.forward()->dtype();
  if (type == schema::DType::F64)
    backward<double, double>(command, pointers);
  else if (type == schema::DType::BF16)
    backward<BFloat16, float>(command, pointers);
  else
    backward<float, float>(command, pointers);
}
