// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/activity/accounts.h"

#include "krbtrail/audit/decoder.h"
#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::activity {
namespace {

std::optional<std::string> name_in(std::string_view record, std::string_view field,
                                   std::string_view passwd = {}) {
  const test::AuditLog log{record};
  model::Coverage coverage;
  audit::Decoder decoder{coverage};
  return Accounts{passwd}.name_of(decoder.decode(log.event(0)).records[0], field);
}

TEST_CASE("a raw record has no names unless a passwd file was handed in", "[activity][accounts]") {
  constexpr std::string_view kRecord = "type=SYSCALL msg=audit(1.0:1): auid=1000 uid=0 euid=0";
  CHECK(name_in(kRecord, "uid") == std::nullopt);  // not the name that this machine has for 0
  CHECK(name_in(kRecord, "auid") == std::nullopt);
  CHECK(name_in(kRecord, "uid", "root:x:0:0::/root:/bin/sh\n") == "root");
  CHECK(name_in(kRecord, "auid", "root:x:0:0::/root:/bin/sh\n") == std::nullopt);
}

TEST_CASE("the record's own enriched name comes before the passwd file's", "[activity][accounts]") {
  const auto [enriched, expected] = GENERATE(table<std::string, std::optional<std::string>>({
      {"UID=\"alice\"", "alice"},
      {"UID=\"DOM\\some one\"", "DOM\\some one"},
      {"UID=706F77", "pow"},              // a name that had to be escaped
      {"UID=\"unknown(1000)\"", "file"},  // auditd had no name
      {"UID=\"unset\"", "file"},
      {"UID=\"\"", "file"},
      {"AUID=\"bob\"", "file"},  // of another field
      {"ARCH=x86_64", "file"},
  }));
  CAPTURE(enriched);
  const std::string record = "type=SYSCALL msg=audit(1.0:1): uid=1000\x1d" + enriched;
  CHECK(name_in(record, "uid", "file:x:1000:1000::/:/bin/sh\n") == expected);
}

TEST_CASE("lines of a passwd file that are no entries are skipped", "[activity][accounts]") {
  const Accounts accounts{
      "# comment:x:1:1\n"
      "+nis:x:2:2\n"
      "\n"
      "first:x:1000:1000:,,,:/home/first:/bin/bash\r\n"
      "second:x:1000:1000::/:/bin/sh\n"  // getpwuid(3) finds the first
      "bad:x:notanumber:1::/:/bin/sh\n"
      "short:x\n"
      ":x:7:7::/:/bin/sh\n"
      "minus:x:-1:7::/:/bin/sh\n"
      "big:x:4294967296:7::/:/bin/sh\n"
      "last:x:1001:1001"};
  CHECK(accounts.name_of(1000) == "first");
  CHECK(accounts.name_of(1001) == "last");
  for (const std::uint32_t uid : {0U, 1U, 2U, 7U, 4294967295U})
    CHECK(accounts.name_of(uid) == std::nullopt);
}

TEST_CASE("an unset or unreadable id has no name", "[activity][accounts]") {
  const std::string value = GENERATE("4294967295", "-1", "?", "foo", "");
  CAPTURE(value);
  CHECK(name_in("type=SYSCALL msg=audit(1.0:1): pid=1 auid=" + value, "auid",
                "root:x:0:0::/:/bin/sh\nodd:x:4294967295:0::/:/bin/sh\n") == std::nullopt);
}

}  // namespace
}  // namespace krbtrail::activity
