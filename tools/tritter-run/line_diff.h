#ifndef TRITTER_TOOLS_TRITTER_RUN_LINE_DIFF_H
#define TRITTER_TOOLS_TRITTER_RUN_LINE_DIFF_H

#include <string>
#include <string_view>
#include <vector>

namespace tritter {

enum class Edit { Keep, Remove, Insert };

struct EditedLine {
  Edit edit;
  std::string_view text;
};

std::vector<std::string_view> splitLines(std::string_view text);

/// The shortest edit from one text to another, line by line (Myers 1986). The lines are views of the texts.
std::vector<EditedLine> diffLines(std::string_view before, std::string_view after);

/// The changed lines with `context` lines around them, as unified diffs show them.
std::string unifiedDiff(const std::vector<EditedLine> &lines, size_t context = 2);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_LINE_DIFF_H
