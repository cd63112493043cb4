// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/path_glance.h"

#include <string>

#include "krbtrail/audit/record.h"
#include "support/catch.h"

namespace krbtrail::audit {
namespace {

using Part = PathGlance::Part;

Record record_of(const std::string& line) {
  const HeadResult head = parse_head(line);
  REQUIRE(head.problem == HeadProblem::none);
  return {.type = head.head.type,
          .body = static_cast<std::uint16_t>(head.head.body_begin - head.head.text_begin),
          .has_node = false,
          .text = std::string_view{line}.substr(head.head.text_begin),
          .origin = {}};
}

TEST_CASE("a PATH record says which file it speaks of", "[audit][path_glance]") {
  struct Row {
    const char* body;
    const char* name;
    const char* device;
    std::uint64_t inode;  // 0: unset
    std::uint32_t mode;
    Part part;
    const char* why;
  };
  const Row rows[] = {
      {R"(item=0 name="/tmp/krb5cc_1000" inode=1253394 dev=fe:00 mode=0100600 ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0)",
       R"("/tmp/krb5cc_1000")", "fe:00", 1253394, 0100600, Part::normal, "as Linux 6 writes it"},
      {R"(item=1 name="/tmp/x inode=7 dev=00:01" inode=8 dev=fe:00 mode=0100600 ouid=0 ogid=0 rdev=00:00 nametype=CREATE)",
       R"("/tmp/x inode=7 dev=00:01")", "fe:00", 8, 0100600, Part::create,
       "a quoted name is no field, whatever it says"},
      {"item=0 name=2F746D702F61206220696E6F64653D37 inode=9 dev=fd:01 mode=040755 nametype=PARENT",
       "2F746D702F61206220696E6F64653D37", "fd:01", 9, 040755, Part::parent, "a name in hex"},
      {"item=0 name=(null) inode=9 dev=fd:01 mode=0100644 nametype=DELETE", "(null)", "fd:01", 9,
       0100644, Part::remove, "no name on record"},
      {R"(item=0 name="/tmp/none" nametype=UNKNOWN)", R"("/tmp/none")", "", 0, 0, Part::other,
       "a file that does not exist has no inode"},
      {R"(item=0 name="/a" objtype=CREATE mode=0100600 dev=fd:01 inode=5)", R"("/a")", "fd:01", 5,
       0100600, Part::create, "another order, and the old name of nametype"},
      {R"(item=0 name="/a" inode=5 dev=fd:01 mode=0100600 nametype=NORMAL inode=6)", R"("/a")",
       "fd:01", 5, 0100600, Part::normal, "the first field of a name counts"},
      {"item=0 name=\"/a\" inode=5 dev=fd:01 mode=0100600 nametype=NORMAL\x1dOUID=\"root\"",
       R"("/a")", "fd:01", 5, 0100600, Part::normal, "an enriched part follows"},
      {R"(item=0 name="/a" inode=5 dev=fd:01 mode=0100600 ouid=0 ogid=0 rdev=00:00 obj=unconfined_u:object_r:user_tmp_t:s0 nametype=DELETE cap_fp=0)",
       R"("/a")", "fd:01", 5, 0100600, Part::remove, "a label of SELinux before the nametype"},
      {R"(item=0 name="/a" inode=5 dev=fd:01 mode=0100600 ouid=0 ogid=0 rdev=00:00 later=1 nametype=DELETE)",
       R"("/a")", "fd:01", 5, 0100600, Part::remove, "a field that no kernel has yet"},
      {R"(item=0 name="/a" inode=5 dev=fd:01 mode=0100600 ouid=4294967295 ogid=0 rdev=00:00 nametype=CREATE)",
       R"("/a")", "fd:01", 5, 0100600, Part::create, "an owner of ten digits"},
      {R"(item=0 name="/a)", R"("/a)", "", 0, 0, Part::other, "a line that was cut"},
      {R"(item=0 name="/a" inode=99999999999999999999 dev=fd:01)", R"("/a")", "fd:01", 0, 0,
       Part::other, "more than a number holds"},
  };
  for (const Row& row : rows) {
    INFO(row.why);
    const std::string line = std::string{"type=PATH msg=audit(1.000:1): "} + row.body;
    const auto glance = glance_at_path(record_of(line));
    REQUIRE(glance);
    CHECK(glance->name == row.name);
    CHECK(glance->device == row.device);
    CHECK(glance->inode.value_or(0) == row.inode);
    CHECK(glance->mode == row.mode);
    CHECK(glance->part == row.part);
  }
}

TEST_CASE("only PATH records are read", "[audit][path_glance]") {
  const std::string line = "type=CWD msg=audit(1.000:1): cwd=\"/root\"";
  CHECK_FALSE(glance_at_path(record_of(line)));
}

TEST_CASE("a directory is told by its mode", "[audit][path_glance]") {
  PathGlance glance;
  CHECK_FALSE(glance.is_directory());
  glance.mode = 040755;
  CHECK(glance.is_directory());
  glance.mode = 0100755;
  CHECK_FALSE(glance.is_directory());
}

}  // namespace
}  // namespace krbtrail::audit
