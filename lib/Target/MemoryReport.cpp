// The memory plan as a table for people.

#include "MemoryReport.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace mlir;
using namespace mlir::tritter;

static std::string megabytes(int64_t bytes) { return llvm::formatv("{0:f2}", double(bytes) / 1e6).str(); }

/// layers.3 of @llama becomes layers.* of @llama.
static std::string withoutNumbers(StringRef name) {
  SmallVector<std::string> parts;
  for (StringRef word : llvm::split(name, ' ')) {
    SmallVector<std::string> pieces;
    for (StringRef piece : llvm::split(word, '.'))
      pieces.push_back(llvm::all_of(piece, llvm::isDigit) ? "*" : piece.str());
    parts.push_back(llvm::join(pieces, "."));
  }
  return llvm::join(parts, " ");
}

/// What lives at the peak, like with like, the largest first.
static void printPeak(llvm::raw_ostream &out, ArrayRef<PlannedBuffer> buffers) {
  MemoryPeak peak = findPeak(buffers);
  std::map<std::string, std::pair<int64_t, int64_t>> groups; // how many, bytes
  for (const PlannedBuffer &buffer : buffers)
    if (buffer.first <= peak.command && peak.command <= buffer.last) {
      auto &[count, bytes] = groups[withoutNumbers(buffer.name)];
      ++count;
      bytes += buffer.bytes;
    }
  SmallVector<std::pair<std::string, std::pair<int64_t, int64_t>>> list(groups.begin(), groups.end());
  llvm::stable_sort(list, [](auto &a, auto &b) { return a.second.second > b.second.second; });
  constexpr size_t most = 6;
  for (auto &[name, group] : ArrayRef(list).take_front(most))
    out << llvm::formatv("{0,14}  {1,5} x {2}\n", megabytes(group.second), group.first, name);
  if (list.size() > most)
    out << llvm::formatv("{0,14}  {1} more\n", "", list.size() - most);
}

std::string tritter::formatMemoryPlan(const ExecModule &module) {
  std::string text;
  llvm::raw_string_ostream out(text);
  int64_t total = 0;
  for (unsigned arena = 0; arena < arenaCount; ++arena)
    total += module.arenaBytes(ArenaId(arena));
  out << llvm::formatv("{0,12}  {1}\n", "MB", "arena");
  for (unsigned index = 0; index < arenaCount; ++index) {
    ArenaId arena = ArenaId(index);
    int64_t bytes = module.arenaBytes(arena);
    if (bytes)
      out << llvm::formatv("{0,12}  {1}\n", megabytes(bytes), arenaName(arena));
    if (arena != ArenaId::Saved && arena != ArenaId::Workspace)
      continue;
    bool saved = arena == ArenaId::Saved;
    for (const SequencePlan &plan : module.plans()) {
      ArrayRef<PlannedBuffer> buffers = saved ? plan.saved : plan.workspace;
      int64_t planned = saved ? plan.savedBytes : plan.workspaceBytes;
      if (buffers.empty())
        continue;
      out << llvm::formatv("{0,14}  @{1}: at the peak {2}\n", megabytes(planned), plan.name,
                           megabytes(findPeak(buffers).bytes));
      printPeak(out, buffers);
    }
  }
  out << llvm::formatv("{0,12}  in all\n", megabytes(total));
  return text;
}
