/// What can go wrong with files: each tried, each told in words, nothing left behind.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "io/hdf5_handle.h"
#include "tests/results/world.h"

namespace nokkel::results::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

template <class Error, class Work>
std::string message_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

std::string refusal(const fs::path& out, bool force = false) {
  const World world = make_world({});
  return message_of<InputError>([&] { make_writer(out, force, 0, world.description, world.universe); });
}

std::string reading(const fs::path& file) {
  return message_of<InputError>([&] { const Reader reader(file); });
}

void write_bytes(const fs::path& file, const std::string& bytes) { std::ofstream(file, std::ios::binary) << bytes; }

std::size_t n_files(const Folder& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
}

TEST(OutputFile, IsRefusedBeforeAnythingIsComputedWhenItExists) {
  const Folder folder;
  write_bytes(folder / "out.h5", "precious");
  EXPECT_THAT(refusal(folder / "out.h5"), AllOf(HasSubstr("out.h5: exists already"), HasSubstr("--force")));
  fs::create_symlink("/nowhere/at/all", folder / "dangling.h5");
  EXPECT_THAT(refusal(folder / "dangling.h5"), HasSubstr("exists already"));
  EXPECT_EQ(bytes_of_file(folder / "out.h5"), "precious");
  EXPECT_EQ(n_files(folder), 2U);
}

TEST(OutputFile, IsRefusedInAFolderThatDoesNotExistOrIsNone) {
  const Folder folder;
  write_bytes(folder / "file", "");
  fs::create_directory(folder / "dir.h5");
  EXPECT_THAT(refusal(folder / "none/out.h5"), AllOf(HasSubstr("does not exist"), HasSubstr("create it")));
  EXPECT_THAT(refusal(folder / "file/out.h5"), HasSubstr("file is not a folder"));
  EXPECT_THAT(refusal(folder / "dir.h5", true), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder.path() / "", true), HasSubstr("names no file"));
  EXPECT_THAT(refusal(folder / std::string(300, 'x')), HasSubstr("cannot be written"));
  EXPECT_EQ(n_files(folder), 2U);
}

TEST(OutputFile, TellsHowToRemoveWhatAStoppedRunLeft) {
  const Folder folder;
  const World world = make_world({});
  write_bytes(folder / "out.h5.partial", "half a file");
  EXPECT_THAT(refusal(folder / "out.h5"), AllOf(HasSubstr("stopped"), HasSubstr("rm '"), HasSubstr("--force")));
  EXPECT_EQ(bytes_of_file(folder / "out.h5.partial"), "half a file");
  const auto writer = make_writer(folder / "out.h5", true, 0, world.description, world.universe);
  send(world, *writer, 20, 60);
  writer->finish();
  EXPECT_EQ(n_files(folder), 1U);
  EXPECT_EQ(Reader(folder / "out.h5").description().criteria, world.description.criteria);
}

TEST(OutputFile, IsNotTakenFromARunThatIsWriting) {
  const Folder folder;
  const World world = make_world({});
  const auto writer = make_writer(folder / "out.h5", false, 0, world.description, world.universe);
  for (const bool force : {false, true}) EXPECT_THAT(refusal(folder / "out.h5", force), HasSubstr("another run is writing"));
}

TEST(OutputFile, IsNeverWrittenThroughASymbolicLink) {
  const Folder folder;
  const World world = make_world({});
  write_bytes(folder / "precious", "precious");
  fs::create_symlink(folder / "precious", folder / "out.h5.partial");
  EXPECT_THAT(refusal(folder / "out.h5"), HasSubstr("exists already"));
  const auto writer = make_writer(folder / "out.h5", true, 0, world.description, world.universe);
  EXPECT_EQ(bytes_of_file(folder / "precious"), "precious");
}

TEST(OutputFile, IsRefusedWhenTheDiskHasTooLittleRoom) {
  const Folder folder;
  World world = make_world({});
  world.description.extents.n_combinations = 2'000'000'000;
  world.description.extents.n_outcomes = 1000;
  EXPECT_THAT(message_of<MachineError>([&] { make_writer(folder / "out.h5", false, 0, world.description, world.universe); }),
              AllOf(HasSubstr("MiB left"), HasSubstr("will take")));
  EXPECT_EQ(n_files(folder), 0U);
}

/// Writes in a child whose files may not grow beyond `bytes`, and leaves by the ordinary exit. 0: it ended with a
/// MachineError that speaks of file size or disk, and nothing was left behind.
int write_with_limit(const fs::path& out, const World& world, rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 5;
  try {
    write_file(world, out);
    return 2;
  } catch (const MachineError& error) {
    const std::string message = error.what();
    if (message.find("allows no larger file") == std::string::npos ||
        message.find("nothing was left behind") == std::string::npos) {
      std::fprintf(stderr, "%s\n", error.what());
      return 3;
    }
  }
  return fs::exists(out) || fs::exists(out.string() + ".partial") ? 4 : 0;
}

// The limit is met at the first chunk, in the middle, and in the last bytes, which are written on closing.
TEST(OutputFile, LeavesNothingWhenTheDiskFillsUp) {
  const World world = make_world({.n_criteria = 16, .n_forced = 0, .n_outcomes = 2, .n_years = 5});
  const Folder folder;
  write_file(world, folder / "whole.h5");
  const std::uint64_t size = fs::file_size(folder / "whole.h5");
  for (const std::uint64_t bytes : {std::uint64_t{100'000}, size / 2, size * 9 / 10, size - 8192, size - 1})
    EXPECT_EXIT(std::exit(write_with_limit(folder / "out.h5", world, bytes)), ::testing::ExitedWithCode(0), "") << bytes;
  EXPECT_EQ(n_files(folder), 1U);
}

TEST(OutputFile, IsRemovedWhenTheRunEndsWithoutFinishing) {
  const Folder folder;
  const World world = make_world({});
  {
    const auto writer = make_writer(folder / "a.h5", false, 0, world.description, world.universe);
  }
  {
    const auto writer = make_writer(folder / "b.h5", false, 0, world.description, world.universe);
    send(world, *writer, 20, 60);
  }
  EXPECT_EQ(n_files(folder), 0U);
}

TEST(OutputFile, OfARunWithMissingRowsIsMarkedIncomplete) {
  const Folder folder;
  const World world = make_world({});
  const auto writer = make_writer(folder / "out.h5", false, 0, world.description, world.universe);
  writer->begin(world.description.extents);
  const auto blocks = world.universe.blocks(20, 60);
  for (std::size_t b = 0; b + 1 < blocks.size(); ++b)
    for (int outcome = 0; outcome < 2; ++outcome) writer->block(records_of(world, blocks[b], outcome));
  writer->finish();
  EXPECT_THAT(reading(folder / "out.h5"), AllOf(HasSubstr("incomplete"), HasSubstr("run the study again")));
  const hdf5::File file = hdf5::File::open((folder / "out.h5").string());
  std::vector<std::int8_t> status(world.universe.count() * 2 * 3);
  file.dataset("status").read({0, 0, 0}, {world.universe.count(), 2, 3}, std::span<std::int8_t>(status));
  EXPECT_EQ(status.back(), -1);
}

TEST(ResultFile, ThatIsNoneIsRefusedInWords) {
  const Folder folder;
  EXPECT_THAT(reading(folder / "none.h5"), HasSubstr("none.h5: no such file"));
  EXPECT_THAT(reading(folder.path()), HasSubstr("is a folder"));
  write_bytes(folder / "empty.h5", "");
  write_bytes(folder / "text.h5", "unit_id,year\n0101,2006\n");
  for (const char* name : {"empty.h5", "text.h5"}) EXPECT_THAT(reading(folder / name), HasSubstr("is not an HDF5 file"));
  write_file(make_world({}), folder / "whole.h5");
  const std::string bytes = bytes_of_file(folder / "whole.h5");
  write_bytes(folder / "cut.h5", bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(reading(folder / "cut.h5"), HasSubstr("cut short"));
  {
    hdf5::File::create((folder / "other.h5").string()).set_text("title", "something else");
  }
  EXPECT_THAT(reading(folder / "other.h5"), HasSubstr("not a result file of nokkel"));
}

TEST(ResultFile, OfANewerSchemaIsRefusedInOneSentence) {
  const Folder folder;
  {
    hdf5::File::create((folder / "new.h5").string()).set_text("schema", "nokkel/2");
  }
  EXPECT_THAT(reading(folder / "new.h5"), AllOf(HasSubstr("schema nokkel/2"), HasSubstr("reads up to nokkel/1")));
  {
    hdf5::File::create((folder / "odd.h5").string()).set_text("schema", "nokkel/1x");
  }
  EXPECT_THAT(reading(folder / "odd.h5"), HasSubstr("not a result file of nokkel"));
}

TEST(ResultFile, WithoutItsVariablesIsRefused) {
  const Folder folder;
  {
    const hdf5::File file = hdf5::File::create((folder / "bare.h5").string());
    file.set_text("schema", "nokkel/1");
    file.set_int8("complete", 1);
  }
  EXPECT_THAT(reading(folder / "bare.h5"), HasSubstr("`combination` is missing"));
}

TEST(ResultFile, LockedByAnotherProgramIsToldInPlainWords) {
  const Folder folder;
  write_file(make_world({}), folder / "out.h5");
  const int fd = ::open((folder / "out.h5").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX | LOCK_NB), 0);
  EXPECT_THAT(reading(folder / "out.h5"),
              AllOf(HasSubstr("another program holds the file open"), HasSubstr("HDF5_USE_FILE_LOCKING=FALSE")));
  ::close(fd);
  const Reader reader(folder / "out.h5");
}

// One bit of a number changed on the disk.
TEST(ResultFile, WithADamagedByteIsFoundByItsChecksum) {
  const Folder folder;
  const World world = make_world({.n_criteria = 18, .n_forced = 0, .n_outcomes = 3, .n_years = 7});
  write_file(world, folder / "out.h5");
  std::string bytes = bytes_of_file(folder / "out.h5");
  const double wanted = all_of(info(Var::coef), world, 1).real[4 * 7 * 300];
  const std::size_t at = bytes.find(std::string(reinterpret_cast<const char*>(&wanted), sizeof wanted));
  ASSERT_NE(at, std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_bytes(folder / "damaged.h5", bytes);
  const Reader reader(folder / "damaged.h5");
  EXPECT_NO_THROW(static_cast<void>(reader.read(Var::coef_se, 1)));
  const auto all = [&](const Var v) { return message_of<MachineError>([&] { static_cast<void>(reader.read(v, 1)); }); };
  EXPECT_THAT(all(Var::coef), AllOf(HasSubstr("coef: the checksum does not fit"), HasSubstr("damaged")));
  EXPECT_THAT(message_of<MachineError>([&] { compare(folder / "out.h5", folder / "damaged.h5", 0, false); }),
              HasSubstr("damaged"));
}

}  // namespace
}  // namespace nokkel::results::test
