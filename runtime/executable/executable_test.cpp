#include "runtime/executable/executable.h"
#include "runtime/executable/seal.h"
#include "runtime/executable/upgrade.h"

#include <fstream>
#include <functional>
#include <gtest/gtest.h>

using namespace tritter;
using namespace tritter::schema;

// A tiny executable: one kernel that doubles [4, 8], called through a sequence; every test damages one thing in it.

static Operand operand(uint32_t slot, uint64_t offset = 0) { return Operand(slot, offset); }

static std::unique_ptr<StepT> launch(uint32_t kernel, uint64_t rows, uint64_t destination) {
  LaunchT command;
  command.kernel = kernel;
  command.rows = rows;
  command.operands.push_back(operand(0));
  command.operands.push_back(operand(0, destination));
  auto step = std::make_unique<StepT>();
  step->label = "double";
  step->command.Set(std::move(command));
  return step;
}

static ExecutableT tiny() {
  ExecutableT executable;
  executable.version = executableVersion;
  auto arena = std::make_unique<ArenaT>();
  arena->name = "io";
  arena->bytes = 256;
  executable.arenas.push_back(std::move(arena));

  auto binding = std::make_unique<BindingT>();
  binding->name = "x";
  binding->location = std::make_unique<Location>(0, DType::F32, 128);
  binding->shape = {4, 8};
  executable.bindings.push_back(std::move(binding));

  auto kernel = std::make_unique<KernelT>();
  kernel->name = "double";
  kernel->columns = 8;
  kernel->registers = 2;
  for (Direction direction : {Direction::Read, Direction::Write}) {
    auto view = std::make_unique<ViewT>();
    view->direction = direction;
    view->row_stride = 8;
    kernel->views.push_back(std::move(view));
  }
  auto sweep = std::make_unique<SweepT>();
  auto instruction = [&](Opcode opcode, uint16_t result, uint16_t a, uint16_t b, uint16_t view) {
    sweep->columns.push_back(Instruction(opcode, result, a, b, 0, view, 0));
  };
  instruction(Opcode::Load, 0, 0, 0, 0);
  instruction(Opcode::Add, 1, 0, 0, 0);
  instruction(Opcode::Store, 0, 1, 0, 1);
  kernel->sweeps.push_back(std::move(sweep));
  executable.kernels.push_back(std::move(kernel));

  auto inner = std::make_unique<SequenceT>();
  inner->name = "inner";
  inner->slots = 1;
  inner->steps.push_back(launch(0, 2, 64));
  auto outer = std::make_unique<SequenceT>();
  outer->name = "outer";
  outer->slots = 1;
  CallT call;
  call.sequence = 0;
  call.slots.push_back(operand(0, 128));
  auto step = std::make_unique<StepT>();
  step->command.Set(std::move(call));
  outer->steps.push_back(std::move(step));
  executable.sequences.push_back(std::move(inner));
  executable.sequences.push_back(std::move(outer));

  auto entry = std::make_unique<EntryT>();
  entry->name = "step";
  entry->sequence = 1;
  executable.entries.push_back(std::move(entry));
  return executable;
}

static std::vector<std::byte> pack(const ExecutableT &executable) {
  flatbuffers::FlatBufferBuilder builder;
  FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &executable));
  auto *begin = reinterpret_cast<const std::byte *>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

TEST(Executable, LoadsAndFindsByName) {
  auto executable = tritter::Executable::fromBytes(pack(tiny()));
  ASSERT_TRUE(executable.ok()) << executable.status().message();
  ASSERT_NE((*executable)->binding("x"), nullptr);
  EXPECT_EQ((*executable)->binding("x")->location()->offset(), 128u);
  EXPECT_EQ((*executable)->binding("y"), nullptr);
  EXPECT_NE((*executable)->entry("step"), nullptr);
  EXPECT_EQ((*executable)->entry("update"), nullptr);
  EXPECT_EQ((*executable)->parameter("embed.weight"), nullptr);
}

TEST(Executable, RefusesWhatIsNotOne) {
  std::vector<std::byte> text(100, std::byte('x'));
  auto result = tritter::Executable::fromBytes(text);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("not a Tritter executable"), std::string::npos);
  EXPECT_FALSE(tritter::Executable::fromBytes({}).ok());
  EXPECT_FALSE(tritter::Executable::load("/nonexistent.texe").ok());
}

TEST(Executable, RefusesOneCutShort) {
  std::vector<std::byte> bytes = pack(tiny());
  for (size_t size = 0; size < bytes.size(); size += 16)
    EXPECT_FALSE(tritter::Executable::fromBytes({bytes.begin(), bytes.begin() + size}).ok()) << size;
}

TEST(Executable, FilesEndWithTheirHash) {
  std::vector<std::byte> content = pack(tiny()), sealed = content;
  tritter::seal(sealed);
  EXPECT_TRUE(tritter::Executable::fromBytes(sealed).ok());
  for (size_t at = 0; at < content.size() + 32; at += 7) {
    std::vector<std::byte> damaged = sealed;
    damaged[at] ^= std::byte(1);
    EXPECT_FALSE(tritter::Executable::fromBytes(damaged).ok()) << at;
  }
  std::string path = testing::TempDir() + "unsealed.texe";
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char *>(content.data()), content.size());
  auto result = tritter::Executable::load(path);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find("without the hash that ends it"), std::string::npos);
}

struct Damage {
  const char *name;
  std::function<void(ExecutableT &)> apply;
  /// Part of the message expected.
  const char *message;
};

class ExecutableDamage : public testing::TestWithParam<Damage> {};

TEST_P(ExecutableDamage, IsRefused) {
  ExecutableT executable = tiny();
  GetParam().apply(executable);
  auto result = tritter::Executable::fromBytes(pack(executable));
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.status().message().find(GetParam().message), std::string::npos) << result.status().message();
}

static Instruction &instruction(ExecutableT &e, int i) { return e.kernels[0]->sweeps[0]->columns[i]; }
static LaunchT &innerLaunch(ExecutableT &e) { return *e.sequences[0]->steps[0]->command.AsLaunch(); }
static CallT &outerCall(ExecutableT &e) { return *e.sequences[1]->steps[0]->command.AsCall(); }

static const Damage damages[] = {
    {"NewerVersion", [](ExecutableT &e) { e.version = executableVersion + 1; }, "of a newer version of Tritter"},
    {"NoVersion", [](ExecutableT &e) { e.version = 0; }, "format 0, which there never was"},
    {"BindingArena", [](ExecutableT &e) { *e.bindings[0]->location = Location(7, DType::F32, 128); },
     "binding 'x': is in arena 7"},
    {"BindingEnd", [](ExecutableT &e) { *e.bindings[0]->location = Location(0, DType::F32, 132); },
     "beyond the end of arena 'io'"},
    {"BindingHuge",
     [](ExecutableT &e) {
       e.bindings[0]->shape = {1ull << 40, 1ull << 40};
     },
     "beyond the end"},
    {"BindingMisaligned", [](ExecutableT &e) { *e.bindings[0]->location = Location(0, DType::F32, 2); },
     "between two elements"},
    {"Register", [](ExecutableT &e) { instruction(e, 1) = Instruction(Opcode::Add, 2, 0, 0, 0, 0, 0); },
     "kernel 'double': writes register 2"},
    {"ReadRegister", [](ExecutableT &e) { instruction(e, 1) = Instruction(Opcode::Add, 1, 9, 0, 0, 0, 0); },
     "reads register 9"},
    {"Undefined", [](ExecutableT &e) { instruction(e, 1) = Instruction(Opcode::Add, 1, 0, 1, 0, 0, 0); },
     "before it has a value"},
    {"View", [](ExecutableT &e) { instruction(e, 0) = Instruction(Opcode::Load, 0, 0, 0, 0, 2, 0); }, "uses view 2"},
    {"LoadFromWritten", [](ExecutableT &e) { instruction(e, 0) = Instruction(Opcode::Load, 0, 0, 0, 0, 1, 0); },
     "written only"},
    {"StoreToRead", [](ExecutableT &e) { instruction(e, 2) = Instruction(Opcode::Store, 0, 1, 0, 0, 0, 0); },
     "read only"},
    {"RowStoreOfColumns", [](ExecutableT &e) { e.kernels[0]->sweeps[0]->row.push_back(instruction(e, 1)); },
     "where rows are worked on"},
    {"Compute", [](ExecutableT &e) { e.kernels[0]->compute = DType::BF16; }, "computes in bf16"},
    {"Gather",
     [](ExecutableT &e) {
       e.kernels[0]->views[0]->access = Access::Gather;
       e.kernels[0]->views[0]->index_view = 1;
     },
     "one i32 a row"},
    {"Kernel", [](ExecutableT &e) { innerLaunch(e).kernel = 1; }, "launches kernel 1"},
    {"Operands", [](ExecutableT &e) { innerLaunch(e).operands.pop_back(); }, "gives 1 operands"},
    {"Slot", [](ExecutableT &e) { innerLaunch(e).operands[1] = Operand(1, 64); }, "uses slot 1"},
    {"Rows", [](ExecutableT &e) { innerLaunch(e).rows = 3; }, "reaches byte 288 of arena 'io'"},
    {"CallOffset", [](ExecutableT &e) { outerCall(e).slots[0] = Operand(0, 192); }, "reaches byte 320 of arena 'io'"},
    {"CallSlots", [](ExecutableT &e) { outerCall(e).slots.clear(); }, "gives 0 slots"},
    {"CallSequence", [](ExecutableT &e) { outerCall(e).sequence = 5; }, "calls sequence 5"},
    {"Recursion", [](ExecutableT &e) { outerCall(e).sequence = 1; }, "calls itself"},
    {"Entry", [](ExecutableT &e) { e.entries[0]->sequence = 2; }, "entry 'step' runs sequence 2"},
    {"EntrySlots", [](ExecutableT &e) { e.sequences[1]->slots = 2; }, "has 2 slots, but there are 1 arenas"},
};

INSTANTIATE_TEST_SUITE_P(, ExecutableDamage, testing::ValuesIn(damages),
                         [](const auto &info) { return std::string(info.param.name); });
