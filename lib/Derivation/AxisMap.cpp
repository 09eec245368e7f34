#include "tritter/Derivation/AxisMap.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace mlir::growth;

AxisMap::AxisMap(int64_t domain, llvm::ArrayRef<Run> rows) : domain(domain) {
  for (const Run &run : rows)
    append(run);
}

void AxisMap::append(Run run) {
  if (run.length <= 0)
    return;
  length += run.length;
  if (run.kind == Run::Kind::Copy && run.length == 1)
    run.step = 1;
  if (!runs.empty()) {
    Run &last = runs.back();
    bool continues = last.kind == run.kind && last.coefficient == run.coefficient;
    if (continues && run.kind == Run::Kind::Copy) {
      int64_t step = last.length > 1 ? last.step : run.length > 1 ? run.step : run.first - last.first;
      // Runs of one coordinate join only where they repeat it or are neighbours. Any two could be written as one run
      // with a step, but `2 from 0 step 5` is harder to read than the two coordinates.
      bool natural = last.length > 1 || run.length > 1 || (step >= -1 && step <= 1);
      continues = natural && run.first == last.first + last.length * step && (run.length == 1 || run.step == step);
      if (continues)
        last.step = step;
    }
    if (continues) {
      last.length += run.length;
      return;
    }
  }
  runs.push_back(run);
}

bool AxisMap::isIdentity() const { return length == domain && runs.size() == 1 && runs[0] == Run::copy(length, 0); }

bool AxisMap::all(Run::Kind kind) const {
  return llvm::all_of(runs, [&](const Run &run) { return run.kind == kind; });
}

bool AxisMap::any(Run::Kind kind) const {
  return llvm::any_of(runs, [&](const Run &run) { return run.kind == kind; });
}

bool AxisMap::operator==(const AxisMap &other) const {
  if (domain != other.domain || length != other.length)
    return false;
  bool equal = true;
  walkTogether({this, &other}, [&](int64_t, llvm::ArrayRef<Run> parts) { equal &= parts[0].agrees(parts[1]); });
  return equal;
}

std::optional<AxisMap> AxisMap::after(const AxisMap &inner) const {
  AxisMap result;
  result.domain = inner.domain;
  llvm::SmallVector<int64_t> begins;
  int64_t begin = 0;
  for (const Run &run : inner.runs) {
    begins.push_back(begin);
    begin += run.length;
  }
  for (const Run &run : runs) {
    if (run.kind == Run::Kind::Mean) {
      // The mean over the inner rows is the mean over its domain where they hold every coordinate alike.
      std::optional<Coefficient> share;
      DiagonalSum columns;
      bool copies = true;
      for (const Run &row : inner.runs) {
        copies &= row.kind == Run::Kind::Copy || row.kind == Run::Kind::Zero;
        if (row.kind == Run::Kind::Copy)
          columns.add(row.first, row.step, row.first, row.step, row.length, row.coefficient);
      }
      if (copies)
        share = columns.multipleOfIdentity(inner.domain);
      std::optional<Coefficient> ratio = Coefficient::get(inner.domain, inner.length);
      share = share && ratio ? share->times(*ratio) : std::nullopt;
      share = share ? share->times(run.coefficient) : std::nullopt;
      if (!share)
        return std::nullopt;
      result.append(Run::mean(run.length, *share));
      continue;
    }
    if (run.kind != Run::Kind::Copy) {
      result.append(run);
      continue;
    }
    for (int64_t done = 0; done < run.length;) {
      int64_t at = run.first + done * run.step;
      size_t index = llvm::upper_bound(begins, at) - begins.begin() - 1;
      const Run &source = inner.runs[index];
      int64_t offset = at - begins[index], left = run.length - done, count = left;
      if (run.step > 0)
        count = std::min(left, (source.length - offset + run.step - 1) / run.step);
      else if (run.step < 0)
        count = std::min(left, offset / -run.step + 1);
      Run part = source.slice(offset, count);
      // A step over nothing may be any number.
      part.step = count > 1 ? source.step * run.step : 1;
      if (source.kind == Run::Kind::Copy || source.kind == Run::Kind::Mean) {
        std::optional<Coefficient> product = source.coefficient.times(run.coefficient);
        if (!product)
          return std::nullopt;
        part.coefficient = *product;
      }
      if (source.kind != Run::Kind::Copy)
        part.step = 0;
      result.append(part);
      if (result.runs.size() > mostRuns)
        return std::nullopt;
      done += count;
    }
  }
  return result;
}

std::optional<AxisMap> AxisMap::scaled(const Coefficient &factor) const {
  AxisMap result;
  result.domain = domain;
  for (Run run : runs) {
    if (run.kind == Run::Kind::Copy || run.kind == Run::Kind::Mean) {
      std::optional<Coefficient> product = run.coefficient.times(factor);
      if (!product)
        return std::nullopt;
      run.coefficient = *product;
      if (product->isZero())
        run = Run::zero(run.length);
    }
    result.append(run);
  }
  return result;
}

AxisMap AxisMap::padded(int64_t size) const {
  AxisMap result = *this;
  result.append(Run::zero(size - length));
  return result;
}

std::optional<AxisMap> AxisMap::tiled(int64_t times) const {
  if (times > int64_t(mostRuns / std::max<size_t>(runs.size(), 1)))
    return std::nullopt;
  AxisMap result;
  result.domain = domain;
  for (int64_t i = 0; i < times; ++i)
    for (const Run &run : runs)
      result.append(run);
  return result;
}

Coefficient AxisMap::leading() const {
  for (const Run &run : runs)
    if (run.kind == Run::Kind::Copy || run.kind == Run::Kind::Mean)
      return run.coefficient;
  return 1;
}

std::optional<Coefficient> AxisMap::gram() const {
  DiagonalSum sum;
  for (const Run &run : runs) {
    if (run.kind == Run::Kind::Zero)
      continue;
    std::optional<Coefficient> square = run.coefficient.times(run.coefficient);
    if (run.kind != Run::Kind::Copy || !square)
      return std::nullopt;
    sum.add(run.first, run.step, run.first, run.step, run.length, *square);
  }
  return sum.multipleOfIdentity(domain);
}

void mlir::growth::walkTogether(llvm::ArrayRef<const AxisMap *> maps,
                                llvm::function_ref<void(int64_t, llvm::ArrayRef<Run>)> visit) {
  struct Cursor {
    size_t run = 0;
    int64_t offset = 0;
  };
  llvm::SmallVector<Cursor, 4> cursors(maps.size());
  llvm::SmallVector<Run, 4> parts(maps.size());
  int64_t length = maps.front()->getLength();
  for (const AxisMap *map : maps)
    length = std::min(length, map->getLength());
  for (int64_t at = 0; at < length;) {
    int64_t size = length - at;
    for (auto [map, cursor] : llvm::zip_equal(maps, cursors))
      size = std::min(size, map->getRuns()[cursor.run].length - cursor.offset);
    for (auto [map, cursor, part] : llvm::zip_equal(maps, cursors, parts)) {
      const Run &run = map->getRuns()[cursor.run];
      part = run.slice(cursor.offset, size);
      cursor.offset += size;
      if (cursor.offset == run.length)
        cursor = {cursor.run + 1, 0};
    }
    visit(at, parts);
    at += size;
  }
}

void DiagonalSum::addInterval(int64_t diagonal, int64_t begin, int64_t end, const Coefficient &coefficient) {
  steps.push_back({diagonal, coefficient.getRadicand(), begin, coefficient});
  steps.push_back({diagonal, coefficient.getRadicand(), end, coefficient.negated()});
}

void DiagonalSum::add(int64_t a, int64_t stepA, int64_t b, int64_t stepB, int64_t length,
                      const Coefficient &coefficient) {
  if (coefficient.isZero() || length <= 0)
    return;
  if (stepA == stepB && (stepA == 1 || length == 1))
    return addInterval(b - a, a, a + length, coefficient);
  if (stepA == stepB && stepA == -1)
    return addInterval(b - a, a - length + 1, a + 1, coefficient);
  if (stepA == 0 && stepB == 0) {
    std::optional<Coefficient> total = coefficient.times(length);
    overflowed |= !total;
    return addInterval(b - a, a, a + 1, total.value_or(0));
  }
  if (overflowed || length > int64_t(mostSteps / 2) || steps.size() + 2 * size_t(length) > mostSteps) {
    overflowed = true;
    return;
  }
  for (int64_t j = 0; j < length; ++j)
    addInterval(b + j * stepB - a - j * stepA, a + j * stepA, a + j * stepA + 1, coefficient);
}

std::optional<Coefficient> DiagonalSum::multipleOfIdentity(int64_t size) {
  if (overflowed)
    return std::nullopt;
  auto key = [](const Step &step) { return std::tuple(step.diagonal, step.radicand, step.at); };
  llvm::sort(steps, [&](const Step &a, const Step &b) { return key(a) < key(b); });
  llvm::SmallVector<Step> changes;
  for (const Step &step : steps) {
    if (changes.empty() || key(changes.back()) != key(step)) {
      if (!changes.empty() && changes.back().change.isZero())
        changes.pop_back();
      changes.push_back(step);
      continue;
    }
    std::optional<Coefficient> sum = changes.back().change.plus(step.change);
    if (!sum) {
      overflowed = true;
      return std::nullopt;
    }
    changes.back().change = *sum;
  }
  if (!changes.empty() && changes.back().change.isZero())
    changes.pop_back();
  if (changes.empty())
    return Coefficient(0);
  // One constant along the main diagonal: it begins at 0, ends at `size`, and there is nothing else.
  if (changes.size() == 2 && changes[0].diagonal == 0 && changes[1].diagonal == 0 && changes[0].at == 0 &&
      changes[1].at == size && changes[0].radicand == changes[1].radicand &&
      changes[1].change == changes[0].change.negated())
    return changes[0].change;
  return std::nullopt;
}
