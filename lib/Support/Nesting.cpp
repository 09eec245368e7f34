#include "tritter/Support/Nesting.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Regex.h"

using namespace mlir;

bool tritter::nestsTooDeep(StringRef text) {
  unsigned depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    StringRef rest = text.drop_front(at);
    switch (rest.front()) {
    case '"':
      for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
        at += text[at] == '\\';
      break;
    case '/':
      if (rest.starts_with("//"))
        at = std::min(text.find('\n', at), text.size());
      break;
    case '-': // the arrow of a function's type
      at += rest.starts_with("->");
      break;
    case '(':
    case '[':
    case '{':
    case '<':
      if (++depth > mostNesting)
        return true;
      break;
    case ')':
    case ']':
    case '}':
    case '>':
      depth -= depth > 0;
      break;
    default:
      break;
    }
  }
  return false;
}

bool tritter::hasIndexArray(StringRef text) {
  return llvm::Regex("array[[:space:]]*<[[:space:]]*index[[:space:]]*[:>]").match(text);
}
