#include "runtime/growth/axis_map.h"

#include <unordered_map>

namespace tritter {

namespace {
struct HashOfCoefficient {
  size_t operator()(const Coefficient &c) const {
    return (size_t(c.numerator) * 0x9E3779B97F4A7C15 + size_t(c.denominator)) * 0x9E3779B97F4A7C15 + size_t(c.radicand);
  }
};
} // namespace

Result<AxisMap> AxisMap::read(const schema::AxisMap &map) {
  AxisMap result;
  std::unordered_map<Coefficient, size_t, HashOfCoefficient> known;
  result.identity = true;
  if (!map.runs())
    return result;
  result.runs.reserve(map.runs()->size());
  for (const schema::Run *run : *map.runs()) {
    if (run->length() == 0)
      continue;
    MapRun prepared{result.length, run->length(), run->first(), run->step(), 0, MapRun::Kind::Copy};
    if (__builtin_add_overflow(result.length, run->length(), &result.length) || result.length > uint64_t(INT64_MAX))
      return error("an axis map has more than 2^63 coordinates");
    if (run->first() < 0) {
      if (run->first() < -2)
        return error("an axis map has a run of kind {}, which is unknown", run->first());
      prepared.kind = run->first() == -1 ? MapRun::Kind::Zero : MapRun::Kind::Mean;
      prepared.first = prepared.step = 0;
      result.hasMean |= prepared.kind == MapRun::Kind::Mean;
    } else {
      __int128 last = __int128(run->first()) + __int128(run->length() - 1) * run->step();
      if (last < 0 || last >= INT64_MAX || run->first() == INT64_MAX)
        return error("an axis map reads outside of its source's axis");
      result.extent = std::max(result.extent, uint64_t(std::max<int64_t>(run->first(), int64_t(last))) + 1);
    }
    if (prepared.kind != MapRun::Kind::Zero) {
      Coefficient written{run->numerator(), run->denominator(), run->radicand()};
      std::optional<Coefficient> coefficient = written.reduced();
      if (!coefficient)
        return error("an axis map has the coefficient ({} / {}) sqrt({}), which is no number", written.numerator,
                     written.denominator, written.radicand);
      auto [found, added] = known.try_emplace(*coefficient, result.coefficients.size());
      if (added) {
        result.coefficients.push_back(*coefficient);
        result.factors.push_back(coefficient->value());
      }
      prepared.coefficient = found->second;
    }
    result.identity &= prepared.kind == MapRun::Kind::Copy && uint64_t(prepared.first) == prepared.begin &&
                       (prepared.step == 1 || prepared.length == 1) && result.factors[prepared.coefficient] == 1 &&
                       result.coefficients[prepared.coefficient].isOne();
    result.runs.push_back(prepared);
  }
  return result;
}

AxisMap AxisMap::identityOf(uint64_t size) {
  AxisMap result;
  result.runs.push_back({0, size, 0, 1, 0, MapRun::Kind::Copy});
  result.coefficients.push_back({});
  result.factors.push_back(1);
  result.length = result.extent = size;
  result.identity = true;
  return result;
}

std::optional<AxisMap> AxisMap::squared() const {
  if (hasMean)
    return std::nullopt;
  AxisMap result = *this;
  for (size_t i = 0; i < coefficients.size(); ++i) {
    std::optional<Coefficient> square = coefficients[i].times(coefficients[i]);
    if (!square)
      return std::nullopt;
    result.coefficients[i] = *square;
    result.factors[i] = square->value();
  }
  return result;
}

bool AxisMap::isDisjoint(const AxisMap &other) const {
  for (size_t i = 0, j = 0; i < runs.size() && j < other.runs.size();) {
    const MapRun &a = runs[i], &b = other.runs[j];
    uint64_t endOfA = a.begin + a.length, endOfB = b.begin + b.length;
    bool meet = std::max(a.begin, b.begin) < std::min(endOfA, endOfB);
    if (meet && a.kind != MapRun::Kind::Zero && b.kind != MapRun::Kind::Zero)
      return false;
    i += endOfA <= endOfB;
    j += endOfB <= endOfA;
  }
  return true;
}

} // namespace tritter
