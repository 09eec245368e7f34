// Normal forms as FlatBuffers tables.

#include "tritter/Derivation/Schema.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;
using namespace mlir::growth;
namespace schema = ::tritter::schema;

uint64_t mlir::growth::drawStream(StringRef path, int64_t stream) {
  std::string name = stream == 0 ? path.str() : (path + "#" + Twine(stream)).str();
  std::array<uint8_t, 32> digest =
      llvm::SHA256::hash(ArrayRef(reinterpret_cast<const uint8_t *>(name.data()), name.size()));
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i)
    value = value << 8 | digest[i];
  return value;
}

static schema::Run convert(const Run &run) {
  switch (run.kind) {
  case Run::Kind::Copy:
    return schema::Run(run.length, run.first, run.step, run.coefficient.getNumerator(),
                       run.coefficient.getDenominator(), run.coefficient.getRadicand());
  case Run::Kind::Mean:
    return schema::Run(run.length, -2, 0, run.coefficient.getNumerator(), run.coefficient.getDenominator(),
                       run.coefficient.getRadicand());
  case Run::Kind::Zero:
    return schema::Run(run.length, -1, 0, 0, 1, 1);
  case Run::Kind::Unknown:
  case Run::Kind::Masked:
    break;
  }
  llvm_unreachable("a derivation has no such run");
}

/// The number of what `content` stands for: a known one, or that of the element that `make` adds.
template <typename Elements, typename Make>
static uint32_t intern(llvm::StringMap<uint32_t> &known, StringRef content, Elements &elements, Make make) {
  auto [found, added] = known.try_emplace(content, uint32_t(elements.size()));
  if (added)
    elements.push_back(make());
  return found->second;
}

/// The same term with what scales all of it on the axis with the fewest runs, so that long maps are equal where they
/// differ by a factor. Unchanged where a coefficient would exceed 63 bits.
static SmallVector<AxisMap, 2> scaledOnShortest(ArrayRef<AxisMap> axes) {
  SmallVector<AxisMap, 2> result;
  Coefficient scale = 1;
  for (const AxisMap &map : axes) {
    std::optional<Coefficient> inverse = map.leading().inverse(), product = scale.times(map.leading());
    std::optional<AxisMap> unit = inverse ? map.scaled(*inverse) : std::nullopt;
    if (!unit || !product)
      return SmallVector<AxisMap, 2>(axes);
    scale = *product;
    result.push_back(std::move(*unit));
  }
  auto *shortest = llvm::min_element(
      result, [](const AxisMap &a, const AxisMap &b) { return a.getRuns().size() < b.getRuns().size(); });
  std::optional<AxisMap> scaled = shortest == result.end() ? std::nullopt : shortest->scaled(scale);
  if (!scaled)
    return SmallVector<AxisMap, 2>(axes);
  *shortest = std::move(*scaled);
  return result;
}

std::optional<uint32_t> DerivationTables::addMap(const AxisMap &map) {
  if (map.any(Run::Kind::Unknown) || map.any(Run::Kind::Masked))
    return std::nullopt;
  auto table = std::make_unique<schema::AxisMapT>();
  if (!map.isIdentity())
    llvm::transform(map.getRuns(), std::back_inserter(table->runs), convert);
  StringRef content(reinterpret_cast<const char *>(table->runs.data()), table->runs.size() * sizeof(schema::Run));
  return intern(maps, content, tables.maps, [&] { return std::move(table); });
}

FailureOr<uint32_t> DerivationTables::add(const Derivation &derivation, std::optional<int64_t> seed,
                                          function_ref<InFlightDiagnostic()> emitError) {
  auto table = std::make_unique<schema::DerivationT>();
  for (const Term &term : derivation.terms) {
    auto out = std::make_unique<schema::TermT>();
    out->value = term.value;
    switch (term.kind) {
    case Term::Kind::Source:
      out->kind = schema::TermKind::Source;
      out->source = term.path.str();
      break;
    case Term::Kind::Constant:
      out->kind = schema::TermKind::Constant;
      break;
    case Term::Kind::Normal:
      out->kind = schema::TermKind::Normal;
      out->seed = seed.value_or(term.seed);
      break;
    case Term::Kind::Free:
      emitError() << "parameter " << term.path << " has neither a derivation nor an initialiser";
      return failure();
    }
    out->shape.assign(term.type.getShape().begin(), term.type.getShape().end());
    SmallVector<AxisMap, 2> axes = scaledOnShortest(term.axes);
    if (!llvm::all_of(axes, [](const AxisMap &map) { return map.isIdentity(); }))
      for (const AxisMap &map : axes)
        out->maps.push_back(addMap(map).value());
    table->terms.push_back(std::move(out));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Derivation::Pack(builder, table.get()));
  StringRef content(reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize());
  return intern(derivations, content, tables.derivations, [&] { return std::move(table); });
}

std::vector<uint64_t> mlir::growth::drawStreams(const Derivation &derivation, StringRef path) {
  std::vector<uint64_t> streams;
  for (const Term &term : derivation.terms)
    if (term.kind == Term::Kind::Normal)
      streams.push_back(drawStream(path, term.stream));
  return streams;
}
