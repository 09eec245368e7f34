#include "line_diff.h"

#include <gtest/gtest.h>

using namespace tritter;

/// What a diff makes of the first text; must be the second.
static std::string applied(std::string_view before, std::string_view after, size_t *edits = nullptr) {
  std::string text;
  for (const EditedLine &line : diffLines(before, after)) {
    if (line.edit != Edit::Remove)
      text.append(line.text).append("\n");
    if (edits)
      *edits += line.edit != Edit::Keep;
  }
  return text;
}

TEST(LineDiffTest, IsTheShortestEdit) {
  size_t edits = 0;
  EXPECT_EQ(applied("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", &edits), "c\nb\na\nb\na\nc\n");
  EXPECT_EQ(edits, 5u);
}

TEST(LineDiffTest, HandlesEmptyAndEqualTexts) {
  EXPECT_EQ(applied("", ""), "");
  EXPECT_EQ(applied("", "a\nb\n"), "a\nb\n");
  EXPECT_EQ(applied("a\nb\n", ""), "");
  size_t edits = 0;
  EXPECT_EQ(applied("a\nb\n", "a\nb\n", &edits), "a\nb\n");
  EXPECT_EQ(edits, 0u);
  EXPECT_EQ(unifiedDiff(diffLines("a\nb\n", "a\nb\n")), "");
}

TEST(LineDiffTest, ShowsChangesInContext) {
  EXPECT_EQ(unifiedDiff(diffLines("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\nx\n5\n6\n7\n8\ny\n"), 1),
            "  ...\n  3\n- 4\n+ x\n  5\n  ...\n  8\n+ y\n");
}
