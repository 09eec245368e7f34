#include "runtime/train/groups.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string_view>

using namespace tritter;

/// Parameters by path, and the updates that their states have seen.
using Updates = std::map<std::string, uint64_t>;

static Updates updatesOf(const schema::Manifest &manifest) {
  Updates updates;
  for (const schema::Tensor *tensor : *manifest.tensors()) {
    uint64_t &seen = updates[tensor->name()->str()];
    seen = std::max(seen, tensor->updates());
  }
  return updates;
}

/// As a pattern that only fits the text itself.
static std::string quoted(std::string_view text) {
  std::string pattern;
  for (char c : text) {
    if (std::string_view("*?[]{}\\").find(c) != std::string_view::npos)
      pattern += '\\';
    pattern += c;
  }
  return pattern;
}

/// Adds to `groups` what keeps the parameters from `first` to `last` apart, all of whose paths begin with the same
/// `prefix` characters; as few patterns as whole subtrees of the paths allow.
static void addGroups(Updates::const_iterator first, Updates::const_iterator last, size_t prefix, uint64_t oldest,
                      std::string &groups) {
  auto add = [&](const std::string &pattern, uint64_t updates) {
    if (updates != oldest)
      groups += fmt::format("{}since-{}:{}", groups.empty() ? "" : ",", oldest - updates, pattern);
  };
  while (first != last) {
    size_t dot = first->first.find('.', prefix);
    if (dot == std::string::npos) {
      add(quoted(first->first), first->second);
      ++first;
      continue;
    }
    std::string_view parent = std::string_view(first->first).substr(0, dot + 1);
    auto end = std::find_if(first, last, [&](const auto &parameter) { return !parameter.first.starts_with(parent); });
    bool same = std::all_of(first, end, [&](const auto &parameter) { return parameter.second == first->second; });
    if (same)
      add(quoted(parent) + "*", first->second);
    else
      addGroups(first, end, dot + 1, oldest, groups);
    first = end;
  }
}

std::string tritter::groupsByUpdates(const schema::Manifest &manifest) {
  Updates updates = updatesOf(manifest);
  uint64_t oldest = 0;
  for (const auto &[name, seen] : updates)
    oldest = std::max(oldest, seen);
  std::string groups;
  addGroups(updates.begin(), updates.end(), 0, oldest, groups);
  return groups;
}
