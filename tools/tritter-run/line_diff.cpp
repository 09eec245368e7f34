#include "line_diff.h"

#include <algorithm>

using namespace tritter;

std::vector<std::string_view> tritter::splitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<EditedLine> tritter::diffLines(std::string_view before, std::string_view after) {
  std::vector<std::string_view> a = splitLines(before), b = splitLines(after);
  auto n = static_cast<int64_t>(a.size()), m = static_cast<int64_t>(b.size());
  // furthest[k]: how far down `a` a path with so many edits gets on diagonal x - y = k.
  std::vector<int64_t> furthest(2 * (n + m) + 3, 0);
  auto at = [&, offset = n + m + 1](std::vector<int64_t> &row, int64_t k) -> int64_t & { return row[offset + k]; };
  std::vector<std::vector<int64_t>> history;
  for (int64_t edits = 0; edits <= n + m; ++edits) {
    history.push_back(furthest);
    bool done = false;
    for (int64_t k = -edits; k <= edits; k += 2) {
      bool down = k == -edits || (k != edits && at(furthest, k - 1) < at(furthest, k + 1));
      int64_t x = down ? at(furthest, k + 1) : at(furthest, k - 1) + 1;
      int64_t y = x - k;
      while (x < n && y < m && a[x] == b[y])
        ++x, ++y;
      at(furthest, k) = x;
      done = done || (x >= n && y >= m);
    }
    if (done)
      break;
  }

  std::vector<EditedLine> lines;
  int64_t x = n, y = m;
  for (size_t edits = history.size(); edits-- > 0;) {
    std::vector<int64_t> &row = history[edits];
    auto d = static_cast<int64_t>(edits);
    int64_t k = x - y;
    bool down = k == -d || (k != d && at(row, k - 1) < at(row, k + 1));
    int64_t fromX = edits == 0 ? 0 : down ? at(row, k + 1) : at(row, k - 1);
    int64_t fromY = edits == 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0 && a[x - 1] == b[y - 1]) {
      lines.push_back({Edit::Keep, a[x - 1]});
      --x, --y;
    }
    if (edits == 0)
      break;
    if (down)
      lines.push_back({Edit::Insert, b[--y]});
    else
      lines.push_back({Edit::Remove, a[--x]});
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

std::string tritter::unifiedDiff(const std::vector<EditedLine> &lines, size_t context) {
  std::vector<bool> shown(lines.size());
  for (size_t i = 0; i < lines.size(); ++i)
    if (lines[i].edit != Edit::Keep)
      for (size_t j = i >= context ? i - context : 0; j < std::min(lines.size(), i + context + 1); ++j)
        shown[j] = true;
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!shown[i])
      continue;
    if (i > 0 && !shown[i - 1])
      text += "  ...\n";
    text += lines[i].edit == Edit::Keep ? "  " : lines[i].edit == Edit::Insert ? "+ " : "- ";
    text.append(lines[i].text).append("\n");
  }
  return text;
}
