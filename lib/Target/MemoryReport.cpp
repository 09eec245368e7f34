// The memory plan as a table for people.

#include "MemoryReport.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace mlir;
using namespace mlir::tritter;

static std::string megabytes(int64_t bytes) { return llvm::formatv("{0:f2}", double(bytes) / 1e6).str(); }

/// layers.3 of @llama becomes layers.* of @llama.
static std::string withoutNumbers(StringRef name) {
  if (name.contains("@"))
    return name.str();
  SmallVector<std::string> parts;
  for (StringRef word : llvm::split(name, ' ')) {
    SmallVector<std::string> pieces;
    for (StringRef piece : llvm::split(word, '.'))
      pieces.push_back(llvm::all_of(piece, llvm::isDigit) ? "*" : piece.str());
    parts.push_back(llvm::join(pieces, "."));
  }
  return llvm::join(parts, " ");
}

namespace {

class Report {
public:
  explicit Report(const ExecModule &module) : module(module), out(text) {}

  std::string print() {
    int64_t total = 0;
    line(0, "MB", "arena");
    for (unsigned index = 0; index < arenaCount; ++index) {
      ArenaId arena = ArenaId(index);
      int64_t bytes = module.arenaBytes(arena);
      if (!bytes)
        continue;
      total += bytes;
      line(0, megabytes(bytes), arenaName(arena));
      if (arena == ArenaId::Saved)
        printLargest(&SequencePlan::saved, &SequencePlan::savedBytes);
      else if (arena == ArenaId::Workspace)
        printLargest(&SequencePlan::workspace, &SequencePlan::workspaceBytes);
    }
    line(0, megabytes(total), "in all");
    return text;
  }

private:
  void line(unsigned depth, StringRef number, const Twine &text) {
    out << llvm::right_justify(number, 12);
    out.indent(2 * depth + 2) << text << "\n";
  }

  /// The entry that needs most, and what makes it.
  void printLargest(SmallVector<PlannedBuffer> SequencePlan::*buffers, int64_t SequencePlan::*bytes) {
    const SequencePlan *largest = nullptr;
    for (const SequencePlan &plan : module.getPlans())
      if (plan.entry && (!largest || plan.*bytes > largest->*bytes))
        largest = &plan;
    if (largest && !(largest->*buffers).empty())
      printPeak(1, *largest, largest->*buffers, largest->*bytes);
  }

  /// What lives at the peak: buffers of one kind are summed up, and the largest sums come first.
  void printPeak(unsigned depth, const SequencePlan &plan, ArrayRef<PlannedBuffer> buffers, int64_t planned) {
    MemoryPeak peak = findPeak(buffers);
    std::string live;
    if (planned != peak.bytes)
      live = llvm::formatv(" ({0} live at once)", megabytes(peak.bytes));
    line(depth, megabytes(planned), Twine("@") + plan.name + live);
    std::map<std::string, std::pair<int64_t, int64_t>> groups; // how many, bytes
    for (const PlannedBuffer &buffer : buffers)
      if (buffer.first <= peak.command && peak.command <= buffer.last) {
        auto &[count, bytes] = groups[withoutNumbers(buffer.name)];
        ++count;
        bytes += buffer.bytes;
      }
    SmallVector<std::pair<std::string, std::pair<int64_t, int64_t>>> list(groups.begin(), groups.end());
    llvm::stable_sort(list, [](auto &a, auto &b) { return a.second.second > b.second.second; });
    constexpr size_t most = 12;
    for (auto &[name, group] : ArrayRef(list).take_front(most)) {
      if (const SequencePlan *callee = calleeOf(name))
        printPeak(depth + 1, *callee, callee->workspace, callee->workspaceBytes);
      else
        line(depth + 1, megabytes(group.second), group.first == 1 ? name : (Twine(group.first) + " x " + name).str());
    }
    if (list.size() > most)
      line(depth + 1, "", Twine(list.size() - most) + " more");
  }

  const SequencePlan *calleeOf(StringRef name) {
    if (!name.consume_front("workspace of @"))
      return nullptr;
    for (const SequencePlan &plan : module.getPlans())
      if (plan.name == name)
        return &plan;
    return nullptr;
  }

  const ExecModule &module;
  std::string text;
  llvm::raw_string_ostream out;
};

} // namespace

std::string tritter::formatMemoryPlan(const ExecModule &module) { return Report(module).print(); }
