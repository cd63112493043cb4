// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/activity.h"

#include <string>

#include "support/catch.h"

namespace krbtrail::activity {
namespace {

TEST_CASE("a process is named by its image, by comm where there is none", "[activity]") {
  const auto [exe, comm, expected] = GENERATE(table<std::string, std::string, std::string>({
      {"/usr/bin/cp", "x", "cp"},
      {"/tmp/.b (deleted)", "x", ".b"},
      {"/memfd:kworker (deleted)", "x", "memfd:kworker"},
      {"cp", "x", "cp"},                     // not a path
      {"", "kworker/u8:1", "kworker/u8:1"},  // a kernel thread; its slash is part of the name
      {"", "", ""},
      {"/tmp/a (deleted) b", "x", "a (deleted) b"},  // only at the end
  }));
  CAPTURE(exe, comm);
  Process process;
  process.exe = exe;
  process.comm = comm;
  CHECK(process.name() == expected);
}

TEST_CASE("an object is regular unless its mode says otherwise", "[activity]") {
  FileObject object;
  CHECK(object.is_regular());
  object.mode = 0100600;
  CHECK(object.is_regular());
  object.mode = 0040755;
  CHECK_FALSE(object.is_regular());
  object.mode = 0120777;
  CHECK_FALSE(object.is_regular());
}

TEST_CASE("a base name is what stands behind the last slash", "[activity]") {
  FileObject object;
  CHECK(object.base_name().empty());
  object.path = "/tmp/krb5cc_1000";
  CHECK(object.base_name() == "krb5cc_1000");
  object.path = "krb5cc_1000";
  CHECK(object.base_name() == "krb5cc_1000");
}

TEST_CASE("each word that a report prints is the enumerator's", "[activity]") {
  CHECK(to_string(CommandLineSource::execve_truncated) == "execve_truncated");
  CHECK(to_string(CommandLineSource::proctitle) == "proctitle");
  CHECK(to_string(ProcessSource::fork) == "fork");
  CHECK(to_string(ProcessSource::unknown) == "unknown");
  CHECK(to_string(FileAction::symlinked) == "symlinked");
  CHECK(to_string(FileAction::attempted) == "attempted");
  CHECK(to_string(PathConfidence::known_inode) == "inode");
  CHECK(to_string(PathConfidence::unresolved) == "unresolved");
}

TEST_CASE("an ancestry that is known already is what was given", "[activity]") {
  Process parent;
  parent.pid = 7;
  const Ancestry ancestry{std::vector{parent}};
  CHECK(ancestry.size() == 1);
  CHECK(ancestry.front().pid == 7);
  CHECK(Ancestry{}.empty());
}

}  // namespace
}  // namespace krbtrail::activity
