// A growth from a file, in the place of passes that make one.

#include "WrittenGrowth.h"

#include "tritter/Derivation/Derivation.h"
#include "tritter/Elaborate/ModelSpelling.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// Walks two models side by side, up to their first difference. Names of models and blocks do not matter, nor where
/// values come from. The checkpoint's `added` (which growth brought a layer or a parameter) goes to the written model.
class ModelComparison {
public:
  /// Empty where they are the same, else what the written one has and what the checkpoint has.
  std::string compare(ModelOp written, ModelOp checkpoint);

private:
  bool compareGraphs(StringRef prefix, Operation *written, Operation *checkpoint);
  bool compareOps(StringRef prefix, Operation *written, Operation *checkpoint);
  bool differ(const Twine &text);

  SymbolTableCollection symbols;
  llvm::DenseMap<Value, Value> values;
  /// The block that a block of the file stands for.
  llvm::DenseMap<Operation *, Operation *> blocks;
  std::string difference;
};

} // namespace

bool ModelComparison::differ(const Twine &text) {
  difference = text.str();
  return false;
}

static std::string describe(StringRef prefix, Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (auto path = op->getAttrOfType<StringAttr>("path"))
    stream << prefix << path.getValue();
  else
    stream << prefix << op->getName().stripDialect();
  for (Type type : op->getResultTypes())
    stream << ' ' << type;
  for (NamedAttribute attribute : op->getAttrs())
    if (!isa<StringAttr, FlatSymbolRefAttr>(attribute.getValue()))
      stream << ' ' << attribute.getName().getValue() << " = " << attribute.getValue();
  return text;
}

/// Attributes that say what an operation computes.
static DictionaryAttr meaningOf(Operation *op) {
  NamedAttrList attributes(op->getAttrDictionary());
  for (StringRef name : {"init", "frozen", "added", "block", "origin", "sym_name", "group"})
    attributes.erase(name);
  return attributes.getDictionary(op->getContext());
}

bool ModelComparison::compareOps(StringRef prefix, Operation *written, Operation *checkpoint) {
  bool same = written->getName() == checkpoint->getName() && meaningOf(written) == meaningOf(checkpoint) &&
              written->getResultTypes() == checkpoint->getResultTypes() &&
              written->getNumOperands() == checkpoint->getNumOperands();
  if (!same)
    return differ(describe(prefix, written) + ", where the checkpoint has " + describe(prefix, checkpoint));
  for (auto [mine, theirs] : llvm::zip(written->getOperands(), checkpoint->getOperands()))
    if (values.lookup(mine) != theirs)
      return differ(describe(prefix, written) + " reads other values than the checkpoint's");
  for (auto [mine, theirs] : llvm::zip(written->getResults(), checkpoint->getResults()))
    values[mine] = theirs;
  if (Attribute added = checkpoint->getAttr("added"))
    written->setAttr("added", added);
  auto layer = dyn_cast<LayerOp>(written);
  if (!layer)
    return true;
  auto other = cast<LayerOp>(checkpoint);
  Operation *block = symbols.lookupNearestSymbolFrom(layer, layer.getBlockAttr());
  Operation *otherBlock = symbols.lookupNearestSymbolFrom(other, other.getBlockAttr());
  auto [known, isNew] = blocks.try_emplace(block, otherBlock);
  return (!isNew && known->second == otherBlock) || compareGraphs((layer.getPath() + ".").str(), block, otherBlock);
}

bool ModelComparison::compareGraphs(StringRef prefix, Operation *written, Operation *checkpoint) {
  Block &mine = written->getRegion(0).front(), &theirs = checkpoint->getRegion(0).front();
  if (mine.getArgumentTypes() != theirs.getArgumentTypes())
    return differ((prefix + "its arguments").str());
  for (auto [argument, other] : llvm::zip(mine.getArguments(), theirs.getArguments()))
    values[argument] = other;
  auto next = theirs.begin();
  for (Operation &op : mine) {
    if (next == theirs.end())
      return differ(describe(prefix, &op) + ", which the checkpoint's model has not");
    if (!compareOps(prefix, &op, &*next))
      return false;
    ++next;
  }
  return next == theirs.end() || differ("no " + describe(prefix, &*next) + ", which the checkpoint's model has");
}

std::string ModelComparison::compare(ModelOp written, ModelOp checkpoint) {
  if (written.getFunctionType() != checkpoint.getFunctionType())
    differ("another vocabulary");
  else
    compareGraphs("", written, checkpoint);
  return difference;
}

LogicalResult tritter::takeWrittenGrowth(ModuleOp module, ModelOp base, StringRef file) {
  MLIRContext *context = module.getContext();
  auto refuse = [&](const Twine &text) {
    return mlir::emitError(UnknownLoc::get(context)) << "--growth " << file << ": " << text;
  };
  OwningOpRef<ModuleOp> written = loadModel(context, file);
  if (!written)
    return failure();
  SymbolTable symbols(*written);
  ModelOp grown, source;
  for (ModelOp model : written->getOps<ModelOp>())
    grown = growth::findBase(model) ? model : grown;
  if (!grown)
    return refuse("has no model whose parameters derive from another model's");
  // Where growths follow each other, the last one derives in the end from the first model: go back to that.
  llvm::SmallPtrSet<Operation *, 2> chain;
  for (ModelOp next = grown; next && chain.insert(next).second;) {
    StringAttr name = growth::findBase(next);
    source = next;
    next = name ? symbols.lookup<ModelOp>(name) : ModelOp();
    if (name && !next)
      return refuse("does not hold @" + name.getValue() + ", which @" + source.getSymName() + " derives from");
  }
  std::string difference = ModelComparison().compare(source, base);
  if (!difference.empty())
    return refuse("its @" + source.getSymName() + " is not the checkpoint's model: it has " + difference);

  // From here on it is as if a pass had made it.
  StringAttr name = base.getSymNameAttr();
  if (source.getSymNameAttr() != name) {
    if (symbols.lookup(name))
      (void)symbols.renameToUnique(symbols.lookup(name), {});
    if (failed(symbols.rename(source, name)))
      return failure();
  }
  module.getBody()->clear();
  module.getBody()->getOperations().splice(module.getBody()->end(), written->getBody()->getOperations());
  // Passes take the last model for the grown one, which is given the name of the first.
  source->moveBefore(&module.getBody()->front());
  grown->moveBefore(module.getBody(), module.getBody()->end());
  return success();
}
