// Jobs without a compiler: executables that are given.
#include "runtime/train/bigram_executable.h"
#include "runtime/tritter.h"

#include <gtest/gtest.h>

using namespace tritter;

namespace {

std::shared_ptr<const Executable> bigram(uint64_t batch) {
  tritter::testing::BigramShape shape;
  shape.batch = batch;
  Result<std::shared_ptr<const Executable>> executable =
      Executable::fromBytes(tritter::testing::makeBigramExecutable(shape));
  EXPECT_TRUE(executable.ok());
  return *executable;
}

TEST(OptionList, KeepsOneValueOfEachName) {
  OptionList list = {{"batch", "1"}, {"seq", "16"}};
  list.set("batch", "2");
  list.setDefault("seq", "32");
  list.setDefault("seed", "7");
  std::string text;
  for (auto &[name, value] : list)
    text += name + "=" + value + " ";
  EXPECT_EQ(text, "batch=2 seq=16 seed=7 ");
}

TEST(OptionList, ReadsWords) {
  OptionList list;
  std::vector<std::string> words = {"recompute=pointwise", "print-memory-plan", "train-only=a=b"};
  ASSERT_TRUE(list.set(words).ok());
  EXPECT_EQ(*list.find("recompute"), "pointwise");
  EXPECT_EQ(*list.find("print-memory-plan"), "true");
  EXPECT_EQ(*list.find("train-only"), "a=b");
  for (std::vector<std::string> wrong : {std::vector<std::string>{"--seed=1"}, {"=1"}})
    EXPECT_FALSE(list.set(wrong).ok());
}

TEST(GivenExecutables, ChoosesTheOneThatFits) {
  std::unique_ptr<Compiler> compiler = createGivenExecutables({bigram(1), bigram(2)});
  Result<CompiledExecutable> two = compiler->compile({"model", "", {{"batch", "2"}, {"entries", "step,update"}}});
  ASSERT_TRUE(two.ok());
  EXPECT_EQ((*two->executable)->batch(), 2u);
  Result<CompiledExecutable> three = compiler->compile({"model", "", {{"batch", "3"}, {"seed", "1"}}});
  ASSERT_FALSE(three.ok());
  EXPECT_EQ(three.status().message(), "none of the 2 executables given fits: one compiled with --batch 3 was expected");
  EXPECT_FALSE(compiler->compile({"model", "", {{"entries", "none-such"}}}).ok());
}

TEST(ProgramCompiler, SaysThatThereIsNone) {
  std::unique_ptr<Compiler> compiler = createProgramCompiler({"/nowhere/tritter-compile", "", {}});
  EXPECT_EQ(compiler->compile({"llama:15M", "", {}}).status().message(),
            "/nowhere/tritter-compile: there is no such compiler");
  EXPECT_FALSE(compiler->options().ok());
}

} // namespace
