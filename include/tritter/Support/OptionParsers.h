#ifndef TRITTER_SUPPORT_OPTIONPARSERS_H
#define TRITTER_SUPPORT_OPTIONPARSERS_H

#include "mlir/Support/LLVM.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"

/// Options of passes and tools whose mistakes read like the rest of the project's: what was found, what was expected.
namespace mlir::tritter {

/// A word that an option takes.
template <typename Enum> struct Word {
  Enum value;
  StringRef name, help;
};

/// The words of an enumeration, in the order in which people read them: specialised beside each.
template <typename Enum> ArrayRef<Word<Enum>> wordsOf();

template <typename Enum> std::optional<Enum> symbolize(StringRef name) {
  for (const Word<Enum> &word : wordsOf<Enum>())
    if (word.name == name)
      return word.value;
  return std::nullopt;
}

template <typename Enum> StringRef stringify(Enum value) {
  for (const Word<Enum> &word : wordsOf<Enum>())
    if (word.value == value)
      return word.name;
  llvm_unreachable("an enumeration without a word");
}

/// Names an enumeration's words on an option, in the place of llvm::cl::values.
template <typename Enum> struct Words {
  template <typename Option> void apply(Option &option) const {
    for (const Word<Enum> &word : wordsOf<Enum>())
      option.getParser().addLiteralOption(word.name, word.value, word.help);
  }
};

/// Writes "error: --NAME TEXT: EXPECTED was expected" to standard error. True, as parsers say that they failed.
bool refuseOption(StringRef name, StringRef text, StringRef expected);
/// "a, b or c".
std::string alternatives(ArrayRef<StringRef> names);

/// Reads one of an enumeration's words. For the elements of lists too, whose parser never sees Words.
template <typename Enum> struct WordParser : llvm::cl::parser<Enum> {
  using llvm::cl::parser<Enum>::parser;
  void initialize() {
    for (const Word<Enum> &word : wordsOf<Enum>())
      this->addLiteralOption(word.name, word.value, word.help);
  }
  bool parse(llvm::cl::Option &option, StringRef name, StringRef text, Enum &value) {
    if (std::optional<Enum> known = symbolize<Enum>(text)) {
      value = *known;
      return false;
    }
    SmallVector<StringRef> names;
    for (const Word<Enum> &word : wordsOf<Enum>())
      names.push_back(word.name);
    return refuseOption(name, text, alternatives(names));
  }
  static void print(raw_ostream &stream, const Enum &value) { stream << stringify(value); }
};

/// A whole number as the value of an option: a type of its own, for LLVM's parser of plain integers is final.
enum class WholeNumber : int64_t {};

/// Reads a whole number of at least `least`.
template <int64_t least>
struct WholeNumberParser : llvm::cl::parser<WholeNumber> {
  using llvm::cl::parser<WholeNumber>::parser;
  bool parse(llvm::cl::Option &, StringRef name, StringRef text, WholeNumber &value) {
    int64_t number;
    if (text.getAsInteger(10, number) || number < least)
      return refuseOption(name, text, ("a whole number of at least " + Twine(least)).str());
    value = WholeNumber(number);
    return false;
  }
  static void print(raw_ostream &stream, const WholeNumber &value) { stream << int64_t(value); }
};

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_OPTIONPARSERS_H
