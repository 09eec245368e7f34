// Normal forms as FlatBuffers tables.

#include "tritter/Derivation/Schema.h"

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

static std::optional<schema::Run> convert(const Run &run) {
  switch (run.kind) {
  case Run::Kind::Copy:
    return schema::Run(run.length, run.first, run.step, run.coefficient.getNumerator(),
                       run.coefficient.getDenominator(), run.coefficient.getRadicand());
  case Run::Kind::Zero:
    return schema::Run(run.length, -1, 0, 0, 1, 1);
  default:
    return std::nullopt;
  }
}

FailureOr<std::unique_ptr<schema::DerivationT>> mlir::growth::toSchema(const Derivation &derivation, StringRef path,
                                                                       StringRef origin,
                                                                       function_ref<InFlightDiagnostic()> emitError) {
  auto result = std::make_unique<schema::DerivationT>();
  for (const Term &term : derivation.terms) {
    auto out = std::make_unique<schema::TermT>();
    out->value = term.value;
    switch (term.kind) {
    case Term::Kind::Source:
      out->kind = schema::TermKind::Source;
      out->source = origin.empty() ? term.path.str() : (origin + "." + term.path.getValue()).str();
      break;
    case Term::Kind::Constant:
      out->kind = schema::TermKind::Constant;
      break;
    case Term::Kind::Normal:
      out->kind = schema::TermKind::Normal;
      out->seed = term.seed;
      out->stream = drawStream(path, term.stream);
      break;
    case Term::Kind::Free:
      emitError() << "parameter \"" << path << "\" has neither a derivation nor an initialiser";
      return failure();
    }
    out->shape.assign(term.type.getShape().begin(), term.type.getShape().end());
    bool identity = llvm::all_of(term.axes, [](const AxisMap &map) { return map.isIdentity(); });
    for (const AxisMap &map : identity ? ArrayRef<AxisMap>() : ArrayRef<AxisMap>(term.axes)) {
      auto axis = std::make_unique<schema::AxisMapT>();
      if (!map.isIdentity())
        for (const Run &run : map.getRuns()) {
          std::optional<schema::Run> converted = convert(run);
          if (!converted) {
            emitError() << "parameter \"" << path << "\" needs the mean of an axis, which the runtime has no run for";
            return failure();
          }
          axis->runs.push_back(*converted);
        }
      out->axes.push_back(std::move(axis));
    }
    result->terms.push_back(std::move(out));
  }
  return result;
}
