// Kill at every write, sync and rename; fail at every call; lie about a full disk. Afterwards the old or the new
// checkpoint loads, never neither.
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/checkpoint/file_operations.h"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>

namespace tritter {
namespace {

/// Fails call number `at` of those that change a file: with `code`; or, crashing, that call and every later one, a
/// crashing write getting half way. Watches that nothing is renamed with writes that no sync has followed.
class FaultyOperations : public FileOperations {
public:
  FaultyOperations(int at, int code, bool crash) : at_(at), code_(code), crash_(crash) {}
  int calls() const { return calls_; }
  bool renamedUnsynced() const { return renamedUnsynced_; }
  std::set<std::string> failed;

  int truncate(int descriptor, uint64_t bytes) override {
    return fails("truncate") ? -1 : FileOperations::truncate(descriptor, bytes);
  }
  int reserve(int descriptor, uint64_t offset, uint64_t bytes) override {
    return fails("reserve") ? -1 : FileOperations::reserve(descriptor, offset, bytes);
  }
  ssize_t write(int descriptor, const void *bytes, size_t size, uint64_t offset) override {
    if (fails("write")) {
      if (crash_ && calls_ == at_ + 1)
        FileOperations::write(descriptor, bytes, size / 2, offset);
      errno = code_;
      return -1;
    }
    dirty_ = true;
    return FileOperations::write(descriptor, bytes, size, offset);
  }
  ssize_t copyRange(int from, uint64_t fromOffset, int to, uint64_t toOffset, size_t size) override {
    if (fails("copy"))
      return -1;
    dirty_ = true;
    return FileOperations::copyRange(from, fromOffset, to, toOffset, size);
  }
  int sync(int descriptor) override {
    if (fails("sync"))
      return -1;
    dirty_ = false;
    return FileOperations::sync(descriptor);
  }
  int rename(const char *from, const char *to) override {
    if (fails("rename"))
      return -1;
    renamedUnsynced_ = renamedUnsynced_ || dirty_;
    return FileOperations::rename(from, to);
  }
  int remove(const char *path) override { return crash_ && calls_ > at_ ? -1 : FileOperations::remove(path); }

private:
  bool fails(const char *what) {
    int call = calls_++;
    if (crash_ ? call < at_ : call != at_)
      return false;
    failed.insert(what);
    errno = code_;
    return true;
  }

  int at_, code_;
  bool crash_;
  std::atomic<int> calls_ = 0;
  std::atomic<bool> dirty_ = false;
  bool renamedUnsynced_ = false;
};

class CheckpointFaultsTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / fmt::format("tritter-faults-{}", getpid());
    std::filesystem::create_directories(folder);
    path = folder / "model.tckpt";
  }
  void TearDown() override {
    FileOperations::replace(nullptr);
    std::filesystem::remove_all(folder);
  }

  /// One tensor filled with `fill` from memory, one by a producer, one as a copy of `source`'s.
  Status write(const std::string &to, std::byte fill, const CheckpointReader *source = nullptr) {
    auto writer = CheckpointWriter::create(to, {{"a", "value", {25000}, schema::DType::F32},
                                                {"b", "value", {25000}, schema::DType::F32},
                                                {"c", "value", {25000}, schema::DType::F32}});
    if (!writer.ok())
      return std::move(writer).status();
    std::vector<std::byte> bytes(100000, fill);
    TRITTER_RETURN_IF_ERROR((*writer)->write(0, bytes));
    TRITTER_RETURN_IF_ERROR((*writer)->write(1, [&](uint64_t, std::span<std::byte> out) {
      std::fill(out.begin(), out.end(), fill);
      return Status();
    }));
    TRITTER_RETURN_IF_ERROR(source ? (*writer)->copy(2, *source, *source->find("a")) : (*writer)->write(2, bytes));
    auto identity = (*writer)->commit({});
    return identity.ok() ? Status() : std::move(identity).status();
  }

  /// What `path` holds; fails the test unless it loads whole.
  std::byte contents() {
    auto reader = CheckpointReader::open(path);
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    if (!reader.ok())
      return std::byte(0);
    Status status = (*reader)->verifyAll();
    EXPECT_TRUE(status.ok()) << status.message();
    return (*reader)->bytes(*(*reader)->find("a"))[77];
  }

  std::filesystem::path folder;
  std::string path;
};

TEST_F(CheckpointFaultsTest, ACrashAnywhereLeavesTheOldOrTheNew) {
  std::string source = folder / "source.tckpt";
  ASSERT_TRUE(write(source, std::byte(2)).ok());
  auto reader = CheckpointReader::open(source);
  ASSERT_TRUE(reader.ok());
  FaultyOperations whole(1 << 30, EIO, true);
  FileOperations::replace(&whole);
  ASSERT_TRUE(write(path, std::byte(1), reader->get()).ok());
  EXPECT_FALSE(whole.renamedUnsynced());
  ASSERT_GT(whole.calls(), 8);
  std::set<std::string> crashed;
  int old = 0, fresh = 0;
  for (int at = 0; at < whole.calls(); ++at) {
    FileOperations::replace(nullptr);
    ASSERT_TRUE(write(path, std::byte(1)).ok());
    FaultyOperations faulty(at, EIO, true);
    FileOperations::replace(&faulty);
    EXPECT_FALSE(write(path, std::byte(2), reader->get()).ok());
    FileOperations::replace(nullptr);
    crashed.merge(faulty.failed);
    std::byte found = contents();
    (found == std::byte(1) ? old : fresh) += 1;
    EXPECT_TRUE(found == std::byte(1) || found == std::byte(2));
  }
  // Only the folder's sync comes after the new one is there.
  EXPECT_EQ(fresh, 1);
  EXPECT_GT(old, 8);
  EXPECT_EQ(crashed, (std::set<std::string>{"truncate", "reserve", "write", "copy", "sync", "rename"}));
  // What the crash left is taken over by the next write.
  ASSERT_TRUE(write(path, std::byte(3)).ok());
  EXPECT_EQ(contents(), std::byte(3));
  EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
}

TEST_F(CheckpointFaultsTest, AFullDiskAnywhereKeepsTheOldAndSaysWhatWasNeeded) {
  ASSERT_TRUE(write(path, std::byte(1)).ok());
  FaultyOperations whole(1 << 30, ENOSPC, false);
  FileOperations::replace(&whole);
  ASSERT_TRUE(write(folder / "count.tckpt", std::byte(1)).ok());
  for (int at = 0; at < whole.calls(); ++at) {
    FaultyOperations faulty(at, ENOSPC, false);
    FileOperations::replace(&faulty);
    Status status = write(path, std::byte(2));
    FileOperations::replace(nullptr);
    ASSERT_FALSE(status.ok()) << "call " << at;
    std::string message(status.message());
    // The last call is the folder's sync: the new one is already there, and the message says so.
    if (at == whole.calls() - 1) {
      EXPECT_NE(message.find("is written, but its folder cannot be synced"), std::string::npos) << message;
      EXPECT_EQ(contents(), std::byte(2));
      continue;
    }
    EXPECT_NE(message.find("no space for " + path), std::string::npos) << message;
    if (!faulty.failed.count("truncate")) {
      EXPECT_NE(message.find("it needs 3"), std::string::npos) << message;
    }
    EXPECT_EQ(contents(), std::byte(1));
    EXPECT_FALSE(std::filesystem::exists(path + ".partial"));
  }
}

TEST_F(CheckpointFaultsTest, ACopyThatTheKernelCannotMakeGoesThroughMemory) {
  std::string source = folder / "source.tckpt";
  ASSERT_TRUE(write(source, std::byte(9)).ok());
  auto reader = CheckpointReader::open(source);
  ASSERT_TRUE(reader.ok());
  struct NoCopyRange : FileOperations {
    ssize_t copyRange(int, uint64_t, int, uint64_t, size_t) override {
      errno = EXDEV;
      return -1;
    }
  } operations;
  FileOperations::replace(&operations);
  ASSERT_TRUE(write(path, std::byte(9), reader->get()).ok());
  EXPECT_EQ(contents(), std::byte(9));
}

} // namespace
} // namespace tritter
