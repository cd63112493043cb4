// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/file_names.h"

#include <string>

#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

constexpr model::HostId kHost{0};

FileObject object(std::string path, std::uint64_t inode,
                  PathConfidence confidence = PathConfidence::absolute) {
  FileObject object;
  object.path = std::move(path);
  object.confidence = confidence;
  object.device = "fd:01";
  object.inode = inode;
  return object;
}

struct Fixture {
  model::Coverage coverage;
  FileNames names{{}, nullptr, coverage};
};

TEST_CASE("a file is known by host, device and inode", "[activity][file_names]") {
  Fixture fixture;
  FileNames& names = fixture.names;
  names.remember(kHost, object("/tmp/krb5cc_1000", 7));
  CHECK(names.known(kHost, "fd:01", 7) == "/tmp/krb5cc_1000");
  CHECK(names.known(model::HostId{1}, "fd:01", 7).empty());
  CHECK(names.known(kHost, "fd:02", 7).empty());
  CHECK(names.known(kHost, "fd:01", 8).empty());
  names.remember(kHost, object("/tmp/other", 7, PathConfidence::joined));
  CHECK(names.known(kHost, "fd:01", 7) == "/tmp/other");
}

TEST_CASE("only full names are remembered", "[activity][file_names]") {
  Fixture fixture;
  FileNames& names = fixture.names;
  names.remember(kHost, object("x", 7, PathConfidence::unresolved));
  names.remember(kHost, object("/tmp/x", 7, PathConfidence::known_inode));
  names.remember(kHost, object("", 7, PathConfidence::null));
  CHECK(names.known(kHost, "fd:01", 7).empty());
  FileObject without_inode = object("/tmp/x", 7);
  without_inode.inode.reset();
  names.remember(kHost, without_inode);
  FileObject too_long = object("/" + std::string(4'096, 'x'), 7);
  names.remember(kHost, too_long);
  CHECK(names.known(kHost, "fd:01", 7).empty());
}

TEST_CASE("a name that no rule wants is not remembered", "[activity][file_names]") {
  model::Coverage coverage;
  FileNames names{
      {},
      [](std::string_view base) { return base.find("krb5cc") != std::string_view::npos; },
      coverage};
  names.remember(kHost, object("/krb5cc/notes", 1));  // the folder does not count
  names.remember(kHost, object("/tmp/krb5cc_1", 2));
  CHECK(names.known(kHost, "fd:01", 1).empty());
  CHECK(names.known(kHost, "fd:01", 2) == "/tmp/krb5cc_1");
}

TEST_CASE("beyond the bound on their bytes the names used first go", "[activity][file_names]") {
  model::Coverage coverage;
  FileNames names{{.bytes = 100}, nullptr, coverage};
  const std::string long_name = "/tmp/" + std::string(40, 'x');  // 45 bytes
  names.remember(kHost, object(long_name, 1));
  names.remember(kHost, object(long_name, 2));
  CHECK(coverage.evictions.empty());
  names.remember(kHost, object("/tmp/short_", 3));  // 101 in all
  CHECK(names.known(kHost, "fd:01", 1).empty());
  CHECK(names.known(kHost, "fd:01", 2) == long_name);
  CHECK(coverage.evictions == std::map<std::string, std::uint64_t>{{"file_names", 1}});
  names.remember(kHost, object(long_name + long_name, 3));  // a name that grew: 135
  CHECK(names.known(kHost, "fd:01", 2).empty());
  CHECK(names.known(kHost, "fd:01", 3) == long_name + long_name);
  names.remember(kHost, object("/tmp/" + std::string(200, 'x'), 4));  // the newest one stays
  CHECK(names.known(kHost, "fd:01", 4).size() == 205);
}

TEST_CASE("a deleted or newly created inode number is forgotten", "[activity][file_names]") {
  const auto [text, kept] = GENERATE(table<std::string, bool>({
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=DELETE", false},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=CREATE", false},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 objtype=CREATE", false},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=CREATE\x1d"
       "OUID=\"a\"",
       false},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=NORMAL", true},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:02 nametype=DELETE", true},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=77 dev=fd:01 nametype=DELETE", true},
      {"type=PATH msg=audit(1.0:1): item=1 name=\"x\" nametype=DELETE", true},
      // A name may say anything: it holds no blank in front of what it says.
      {"type=PATH msg=audit(1.0:1): item=1 name=\"/nametype=DELETE\" inode=7 dev=fd:01 "
       "nametype=NORMAL",
       true},
      {"type=SYSCALL msg=audit(1.0:1): arch=c000003e success=no exit=-13\n"
       "type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=DELETE",
       true},  // the call failed: the file is still there
      {"type=SYSCALL msg=audit(1.0:1): arch=c000003e success=yes exit=0\n"
       "type=PATH msg=audit(1.0:1): item=1 name=\"x\" inode=7 dev=fd:01 nametype=DELETE",
       false},
      {"node=b type=PATH msg=audit(1.0:1): item=1 inode=7 dev=fd:01 nametype=DELETE", false},
  }));
  CAPTURE(text);
  const test::AuditLog log{text};
  Fixture fixture;
  fixture.names.remember(kHost, object("/tmp/krb5cc_1000", 7));
  fixture.names.forget(log.event(0));
  CHECK(fixture.names.known(kHost, "fd:01", 7).empty() != kept);
}

TEST_CASE("the name that was used longest ago makes room, and that is counted",
          "[activity][file_names]") {
  model::Coverage coverage;
  FileNames names{{.names = 2}, nullptr, coverage};
  names.remember(kHost, object("/a", 1));
  names.remember(kHost, object("/b", 2));
  names.remember(kHost, object("/a", 1));
  CHECK(coverage.evictions.empty());
  names.remember(kHost, object("/c", 3));
  CHECK(names.known(kHost, "fd:01", 1) == "/a");
  CHECK(names.known(kHost, "fd:01", 2).empty());
  CHECK(names.known(kHost, "fd:01", 3) == "/c");
  CHECK(coverage.evictions == std::map<std::string, std::uint64_t>{{"file_names", 1}});
}

}  // namespace
}  // namespace krbtrail::activity
