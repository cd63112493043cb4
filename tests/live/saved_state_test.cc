// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/live/saved_state.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/temporary_tree.h"

namespace krbtrail::live {
namespace {

using namespace std::chrono_literals;

namespace fs = std::filesystem;

const SavedState kState{.boot_id = "c637769d-359c-445c-9338-d3183353e145",
                        .host = "web1",
                        .ended = true,
                        .processes = "process exec 20 10 - 1700000000.100:7 web1\nSYSCALL pid=20\n",
                        .events = "taught\ntype=SYSCALL msg=audit(1700000000.100:7): pid=20\n"};

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

TEST_CASE("what was written is what is read", "[live][saved_state]") {
  const model::Result<SavedState> read = parse_saved_state(to_text(kState));
  REQUIRE(read);
  CHECK(read->boot_id == kState.boot_id);
  CHECK(read->host == kState.host);
  CHECK(read->ended);
  CHECK(read->processes == kState.processes);
  CHECK(read->events == kState.events);
}

TEST_CASE("the file begins with its version and its checksum", "[live][saved_state]") {
  // FNV-1a with 64 bits of what stands behind it, computed apart.
  CHECK(to_text({}) ==
        "krbtrail state 1\nchecksum 737ec33fa6e4d07c\nboot \nhost \nended no\nprocesses 0\nevents "
        "0\n");
}

TEST_CASE("a state with one byte changed is not read", "[live][saved_state]") {
  const std::string text = to_text(kState);
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(parse_saved_state(changed));
  }
}

TEST_CASE("a state that is cut or goes on is not read", "[live][saved_state]") {
  const std::string text = to_text(kState);
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK_FALSE(parse_saved_state(std::string_view{text}.substr(0, size)));
  CHECK_FALSE(parse_saved_state(text + "\n"));
}

TEST_CASE("a state replaces the one before whole, for its owner's eyes", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("state");
  REQUIRE(write_state_file(path, "old"));
  REQUIRE(write_state_file(path, "new"));
  CHECK(content(path) == "new");
  CHECK_FALSE(fs::exists(path + ".new"));
  CHECK((fs::status(path).permissions() & fs::perms::all) ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("what a death left half written is no obstacle", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("state");
  REQUIRE(write_state_file(path, "old"));
  std::ofstream{path + ".new"} << "half of a";
  CHECK(content(path) == "old");
  REQUIRE(write_state_file(path, "new"));
  CHECK(content(path) == "new");
}

TEST_CASE("a link that waits under the name is not followed", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("state");
  std::ofstream{tree.path("precious")} << "precious";
  fs::create_symlink(tree.path("precious"), path + ".new");
  REQUIRE(write_state_file(path, "new"));
  CHECK(content(tree.path("precious")) == "precious");
  fs::remove(path);
  fs::create_symlink(tree.path("precious"), path);
  CHECK_FALSE(write_state_file(path, "new"));
  CHECK_FALSE(read_state_file(path));
}

TEST_CASE("a folder that is not there is said, and a device is not replaced",
          "[live][saved_state]") {
  const test::TemporaryTree tree;
  const model::Status absent = write_state_file(tree.path("absent/state"), "new");
  REQUIRE_FALSE(absent);
  CHECK(absent.error().message ==
        tree.path("absent/state.new") + ": cannot write: No such file or directory");
  const model::Status device = write_state_file("/dev/null", "new");
  REQUIRE_FALSE(device);
  CHECK(device.error().message == "/dev/null: is no regular file");
}

TEST_CASE("only a file that nobody else could have written is read", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("state");
  REQUIRE(write_state_file(path, "text"));
  const auto [mode, is_read] = GENERATE(table<mode_t, bool>(
      {{0600, true}, {0644, true}, {0640, true}, {0660, false}, {0602, false}, {0666, false}}));
  CAPTURE(mode);
  REQUIRE(chmod(path.c_str(), mode) == 0);
  const auto read = read_state_file(path);
  CHECK(read.has_value() == is_read);
  CHECK((is_read ? read->value() : read.error().message) ==
        (is_read ? "text" : path + ": somebody else could have written it"));
}

TEST_CASE("a state that is not there is none, a folder is no state", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const auto absent = read_state_file(tree.path("absent"));
  REQUIRE(absent);
  CHECK_FALSE(absent->has_value());
  const auto folder = read_state_file(tree.path());
  REQUIRE_FALSE(folder);
  CHECK(folder.error().message == tree.path() + ": is no regular file");
}

TEST_CASE("a state beyond the bound is not read", "[live][saved_state]") {
  const test::TemporaryTree tree;
  const std::string path = tree.path("state");
  REQUIRE(write_state_file(path, "text"));
  REQUIRE(truncate(path.c_str(), (32 << 20) + 1) == 0);
  const auto read = read_state_file(path);
  REQUIRE_FALSE(read);
  CHECK(read.error().message == path + ": is too large");
}

TEST_CASE("the oldest events give way, and are counted", "[live][saved_state]") {
  TaughtEvents events{10};
  events.keep("aaaa\n");
  events.keep("bbbb\n");
  CHECK(events.text() == "aaaa\nbbbb\n");
  CHECK(events.left_out() == 0);
  events.keep("c\n");
  CHECK(events.text() == "bbbb\nc\n");
  CHECK(events.left_out() == 1);
  events.keep("longer than all\n");
  CHECK(events.text().empty());
  CHECK(events.left_out() == 4);
}

TEST_CASE("a state is written while others go on", "[live][saved_state]") {
  const test::TemporaryTree tree;
  StateWriter writer{tree.path("state")};
  CHECK(writer.begin("first"));
  REQUIRE(writer.wait_until(std::chrono::steady_clock::now() + 60s));
  CHECK(content(tree.path("state")) == "first");
  CHECK(writer.begin("second"));
  REQUIRE(writer.wait_until(std::chrono::steady_clock::now() + 60s));
  CHECK(content(tree.path("state")) == "second");
  CHECK(writer.written() == 2);
  CHECK_FALSE(writer.take_problem());
}

TEST_CASE("what keeps a state from being written is said once", "[live][saved_state]") {
  const test::TemporaryTree tree;
  // The name of the new file is taken by a folder: nothing can be made under it.
  fs::create_directory(tree.path("state.new"));
  StateWriter writer{tree.path("state")};
  CHECK(writer.begin("text"));
  REQUIRE(writer.wait_until(std::chrono::steady_clock::now() + 60s));
  CHECK(writer.written() == 0);
  const auto problem = writer.take_problem();
  REQUIRE(problem);
  CHECK(problem->message == tree.path("state.new") + ": cannot write: File exists");
  CHECK_FALSE(writer.take_problem());
}

TEST_CASE("the boot has a name, and a system without one has none", "[live][saved_state]") {
  CHECK(boot_id().size() == 36);  // a UUID, random(4)
  CHECK(boot_id() == boot_id());
  CHECK(boot_id("/nonexistent").empty());
}

}  // namespace
}  // namespace krbtrail::live
