// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/decoder.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <auparse.h>

#include "support/audit_log.h"
#include "support/catch.h"

namespace krbtrail::audit {
namespace {

// The first event of a log, decoded; keeps what the answer views into.
struct Decoded {
  explicit Decoded(std::string_view text)
      : log(text), decoder(coverage), event(decoder.decode(log.event(0))) {}

  [[nodiscard]] const DecodedRecord& record(std::size_t index = 0) const {
    return event.records.at(index);
  }

  test::AuditLog log;
  model::Coverage coverage;
  Decoder decoder;
  const DecodedEvent& event;
};

using namespace std::string_view_literals;

TEST_CASE("each record of an event is decoded, with its type, origin and text",
          "[audit][decoder]") {
  const Decoded decoded{
      R"(type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffc a2=0 a3=0 items=1 ppid=1 pid=7 auid=1001 uid=0 tty=pts0 ses=3 comm="cp" exe="/usr/bin/cp" subj=unconfined key="kerberos_ccache"
type=CWD msg=audit(1700000000.123:42): cwd="/root"
type=PATH msg=audit(1700000000.123:42): item=0 name="/tmp/krb5cc_1000" inode=77 dev=fd:01 mode=0100600 ouid=1000 ogid=1000 rdev=00:00 nametype=NORMAL cap_fp=0
)"};
  REQUIRE(decoded.event.records.size() == 3);
  CHECK(decoded.event.key.serial == 42);
  const DecodedRecord& syscall = decoded.record(0);
  CHECK(syscall.type == RecordType::syscall);
  CHECK(syscall.origin.line == 1);
  CHECK(syscall.text.starts_with("type=SYSCALL msg=audit(1700000000.123:42): arch="));
  CHECK(syscall.fields.size() == 19);
  CHECK(syscall.fields.front().name == "arch");
  CHECK(syscall.hex("arch") == 0xC000003E);
  CHECK(syscall.hex("a0") == 0xFFFFFF9C);
  CHECK(syscall.number("syscall") == 257);
  CHECK(syscall.number("arch") == std::nullopt);  // no decimal number
  CHECK(syscall.value("exe") == "/usr/bin/cp");
  CHECK(syscall.field("exe")->raw == "\"/usr/bin/cp\"");
  CHECK(syscall.value("key") == "kerberos_ccache");
  CHECK(syscall.enriched.empty());
  CHECK(decoded.event.first(RecordType::path)->value("nametype") == "NORMAL");
  CHECK(decoded.event.first(RecordType::path)->value("inode") == "77");
  CHECK(decoded.event.first(RecordType::execve) == nullptr);
  CHECK(decoded.coverage.decode_failures == 0);
}

TEST_CASE("hex or literal is decided by the quote and the kind of field", "[audit][decoder]") {
  const auto [body, name, expected] = GENERATE(table<std::string, std::string, std::string_view>({
      {"type=SYSCALL msg=audit(1.0:1): comm=612062", "comm", "a b"},
      {"type=SYSCALL msg=audit(1.0:1): comm=\"612062\"", "comm", "612062"},
      {"type=SYSCALL msg=audit(1.0:1): pid=6120 uid=0", "pid", "6120"},  // a number
      {"type=SYSCALL msg=audit(1.0:1): a1=6162", "a1", "6162"},          // a number here
      {"type=EXECVE msg=audit(1.0:1): argc=1 a1=6162", "a1", "ab"},      // text here
      {"type=EXECVE msg=audit(1.0:1): argc=11 a0=\"x\"", "argc", "11"},
      {"type=EXECVE msg=audit(1.0:1): a1_len=1802 a1[0]=61", "a1_len", "1802"},
      {"type=EXECVE msg=audit(1.0:1): a1_len=1802 a1[0]=6162", "a1[0]", "ab"},
      {"type=EXECVE msg=audit(1.0:1): a0=\"\"", "a0", ""},          // an empty argument
      {"type=EXECVE msg=audit(1.0:1): a0=6a6B", "a0", "jk"},        // lower case
      {"type=EXECVE msg=audit(1.0:1): a0=616", "a0", "616"},        // half a byte
      {"type=EXECVE msg=audit(1.0:1): a0=61zz", "a0", "61zz"},      // not hex
      {"type=EXECVE msg=audit(1.0:1): a0=FF80", "a0", "\xff\x80"},  // not UTF-8
      {"type=EXECVE msg=audit(1.0:1): a0=410042", "a0", "A\0B"sv},  // NUL inside
      {"type=EXECVE msg=audit(1.0:1): a0=0041", "a0", "\0A"sv},     // NUL in front
      {"type=EXECVE msg=audit(1.0:1): a0=(null)", "a0", "(null)"},
      {"type=SYSCALL msg=audit(1.0:1): exe=2F746D702F2E62202864656C6574656429", "exe",
       "/tmp/.b (deleted)"},
      {"type=CWD msg=audit(1.0:1): cwd=2F746D702F61", "cwd", "/tmp/a"},
      {"type=PATH msg=audit(1.0:1): item=0 name=2F746D702F61", "name", "/tmp/a"},
      {"type=PATH msg=audit(1.0:1): item=0 name=(null) inode=6161", "name", "(null)"},
      {"type=PATH msg=audit(1.0:1): item=0 name=(null) inode=6161", "inode", "6161"},
      {"type=PROCTITLE msg=audit(1.0:1): proctitle=6C73002D6C", "proctitle", "ls\0-l"sv},
      {"type=PROCTITLE msg=audit(1.0:1): proctitle=\"ls\"", "proctitle", "ls"},
      {"type=USER_CMD msg=audit(1.0:1): pid=1234 msg='cwd=\"/\" cmd=6C73202D6C res=success'", "cmd",
       "ls -l"},
      {"type=SYSCALL msg=audit(1.0:1): exe=\"/usr/bin/cu", "exe", "/usr/bin/cu"},  // cut off
      {"type=SYSCALL msg=audit(1.0:1): exe=\"", "exe", ""},
  }));
  CAPTURE(body, name);
  const Decoded decoded{body};
  CHECK(decoded.record().value(name) == expected);
  CHECK(decoded.coverage.decode_failures == 0);
}

TEST_CASE("several keys are one field each", "[audit][decoder]") {
  const Decoded decoded{"type=SYSCALL msg=audit(1.0:1): pid=1 key=6B657931016B6579203201 a=1"};
  const auto& fields = decoded.record().fields;
  REQUIRE(fields.size() == 4);
  CHECK(fields[1].name == "key");
  CHECK(fields[1].value == "key1");
  CHECK(fields[2].name == "key");
  CHECK(fields[2].value == "key 2");
  CHECK(fields[3].name == "a");
}

TEST_CASE("a key that cannot be read is left out, a null key is kept", "[audit][decoder]") {
  const Decoded decoded{"type=SYSCALL msg=audit(1.0:1): key=zz pid=1 key=(null)"};
  REQUIRE(decoded.record().fields.size() == 2);
  CHECK(decoded.record().value("pid") == "1");
  CHECK(decoded.record().value("key") == "(null)");
}

TEST_CASE("records that make libauparse 3.0.9 crash by themselves are decoded",
          "[audit][decoder]") {
  const std::string text = GENERATE(
      std::string{"type=TRUSTED_APP msg=audit(1700000002.500:12342): key=z"},  // a null value
      std::string{"type=SYSCALL msg=audit(1700000002.500:12342): "},           // no field
      std::string{"type=SYSCALL msg=audit(1700000002.500:12342):"},
      std::string{"type=SYSCALL msg=audit(1700000002.500:12342): words but no field"},
      std::string{"type=SYSCALL msg=audit(0.000:0): = =x x= ="});
  CAPTURE(text);
  const Decoded decoded{text};
  CHECK(decoded.event.records.size() == 1);
  CHECK(decoded.record().field("key") == nullptr);
  CHECK(decoded.coverage.decode_failures == 0);
}

TEST_CASE("a record whose type nobody knows has its fields", "[audit][decoder]") {
  const std::string type =
      GENERATE(as<std::string>{}, "LANDLOCK_ACCESS", "UNKNOWN[1420]", "1999", "UNKNOWN[65535]");
  CAPTURE(type);
  const Decoded decoded{"type=" + type + " msg=audit(1.0:1): domain=1a comm=\"x\" exe=2F78"};
  CHECK(decoded.record().fields.size() == 3);
  CHECK(decoded.record().value("comm") == "x");
  CHECK(decoded.record().value("exe") == "/x");
}

TEST_CASE("no account of this machine appears in place of a number", "[audit][decoder]") {
  const Decoded decoded{
      "type=SYSCALL msg=audit(1.0:1): auid=0 uid=0 gid=0 euid=0 fsuid=0 ouid=0 acct=\"0\"\n"
      "type=LOGIN msg=audit(1.0:1): login pid=1 uid=0 old auid=4294967295 new auid=0\n"
      "type=USER_AUTH msg=audit(1.0:1): pid=1 uid=0 auid=? msg='op=x acct=\"0\" res=failed'\n"};
  for (const DecodedRecord& record : decoded.event.records) {
    for (const Field& field : record.fields) {
      CAPTURE(field.name, field.raw);
      CHECK(field.value.find("root") == std::string_view::npos);
    }
    CHECK(record.value("uid") == "0");
  }
  CHECK(decoded.record(1).value("auid") == "4294967295");
  CHECK(decoded.record(2).value("auid") == "?");
}

TEST_CASE("names of the enriched part belong to their own record", "[audit][decoder]") {
  const Decoded decoded{
      "type=SYSCALL msg=audit(1.0:1): arch=c000003e uid=1000 key=(null)\x1d"
      "ARCH=x86_64 SYSCALL=execve AUID=\"alice\" UID=\"DOM\\user name\" EUID=706F77 "
      "FSUID=\"unset\"\n"
      "type=PATH msg=audit(1.0:1): item=0 name=\"/x\" ouid=1000\n"};
  const DecodedRecord& syscall = decoded.record(0);
  CHECK(syscall.value("key") == "(null)");
  CHECK(syscall.fields.size() == 3);
  CHECK(syscall.enriched.size() == 6);
  CHECK(syscall.enriched_value("SYSCALL") == "execve");
  CHECK(syscall.enriched_value("AUID") == "alice");
  CHECK(syscall.enriched_value("UID") == "DOM\\user name");
  CHECK(syscall.enriched_value("EUID") == "pow");
  CHECK(syscall.enriched_value("FSUID") == "unset");
  CHECK(syscall.enriched_value("uid") == std::nullopt);
  CHECK(decoded.record(1).enriched.empty());
  CHECK(decoded.record(1).enriched_value("OUID") == std::nullopt);
}

TEST_CASE("an enriched part that forges a field changes nothing", "[audit][decoder]") {
  const Decoded decoded{
      "type=SYSCALL msg=audit(1.0:1): comm=612062 exe=2F78 \x1d"
      "COMM=\"forged\" EXE=\"/forged\" comm=\"forged\"\n"};
  CHECK(decoded.record().value("comm") == "a b");
  CHECK(decoded.record().value("exe") == "/x");
  CHECK(decoded.record().fields.size() == 2);
}

TEST_CASE("a separator that a relay lost or made a blank is put back", "[audit][decoder]") {
  const auto [text, name, last, account, expected] =
      GENERATE(table<std::string, std::string, std::string, std::string, std::string>({
          {"type=PATH msg=audit(1.0:1): ouid=0 cap_frootid=0OUID=\"root\" OGID=\"root\"",
           "cap_frootid", "0", "OUID", "root"},
          {"type=PATH msg=audit(1.0:1): ouid=0 cap_frootid=0 OUID=\"root\" OGID=\"root\"",
           "cap_frootid", "0", "OUID", "root"},
          {"type=SYSCALL msg=audit(1.0:1): key=(null)ARCH=x86_64 SYSCALL=openat AUID=\"al\"", "key",
           "(null)", "AUID", "al"},
          {"type=SYSCALL msg=audit(1.0:1): key=\"k\"ARCH=x86_64 SYSCALL=openat AUID=\"al\"", "key",
           "k", "AUID", "al"},
          {"type=SYSCALL msg=audit(1.0:1): key=6B01ARCH=x86_64 AUID=\"al\"", "key", "k", "AUID",
           "al"},
          {"type=SOCKADDR msg=audit(1.0:1): saddr=0100SADDR={ saddr_fam=local path=/run/x }",
           "saddr", "0100", "SADDR", "{ saddr_fam=local path=/run/x }"},
      }));
  CAPTURE(text);
  const Decoded decoded{text};
  CHECK(decoded.record().fields.back().name == name);
  CHECK(decoded.record().value(name) == last);
  CHECK(decoded.record().enriched_value(account) == expected);
}

TEST_CASE("text that looks enriched stays text where it is quoted or not the kernel's",
          "[audit][decoder]") {
  const Decoded decoded{
      "type=PATH msg=audit(1.0:1): item=0 name=\"/tmp/UID=x\" ouid=7\n"
      "type=USER msg=audit(1.0:1): pid=1 msg='text=a UID=\"root\" res=success'\n"};
  CHECK(decoded.record(0).value("name") == "/tmp/UID=x");
  CHECK(decoded.record(0).value("ouid") == "7");
  CHECK(decoded.record(0).enriched.empty());
  CHECK(decoded.record(1).enriched.empty());
}

TEST_CASE("a quoted value with blanks is whole, and what it says is no field", "[audit][decoder]") {
  const Decoded decoded{
      "type=AVC msg=audit(1.0:1): apparmor=\"ALLOWED\" info=\"same as uid=0 key=41 profile, "
      "skipping\""
      " pid=12 uid=33 key=4142 comm=\"a b"};
  const DecodedRecord& record = decoded.record();
  CHECK(record.value("info") == "same as uid=0 key=41 profile, skipping");
  CHECK(record.value("pid") == "12");
  CHECK(record.value("uid") == "33");
  CHECK(record.value("key") == "AB");
  CHECK(record.value("comm") == "a");  // cut before its second quote
  CHECK(record.fields.size() == 6);
}

TEST_CASE("text of a user's message forges no head", "[audit][decoder]") {
  const Decoded decoded{
      "type=USER msg=audit(1.0:1): pid=9 uid=0 msg='text=type=SYSCALL msg=audit(1.000:1): "
      "comm=\"klist\" exe=\"/usr/sbin/auditctl\" res=success'"};
  CHECK(decoded.event.records.size() == 1);
  CHECK(decoded.record().type == static_cast<RecordType>(1005));
  CHECK(decoded.record().value("text") == "type=SYSCALL");
  CHECK(decoded.record().value("res") == "success");
}

TEST_CASE("fields behind a hole of NUL bytes are read", "[audit][decoder]") {
  const Decoded decoded{"type=SYSCALL msg=audit(1.0:1): pid=1\0\0\0 uid=5 comm=\"x\""sv};
  CHECK(decoded.record().value("pid") == "1");
  CHECK(decoded.record().value("uid") == "5");
  CHECK(decoded.record().value("comm") == "x");
}

TEST_CASE("a record that libauparse refuses is counted, and the next one is read",
          "[audit][decoder]") {
  const std::string permissions(300, 'p');  // libauparse holds 256 bytes of them
  test::AuditLog log{"type=AVC msg=audit(1.0:1): avc:  denied  { " + permissions +
                     " } for pid=1\n"
                     "type=SYSCALL msg=audit(1.0:1): pid=7\n"};
  model::Coverage coverage;
  Decoder decoder{coverage};
  const DecodedEvent& event = decoder.decode(log.event(0));
  REQUIRE(event.records.size() == 2);
  CHECK(event.records[0].fields.empty());
  CHECK(event.records[1].value("pid") == "7");
  CHECK(coverage.decode_failures == 1);
}

TEST_CASE("a decoder may be used while another one's answer is read", "[audit][decoder]") {
  test::AuditLog log{
      "type=SYSCALL msg=audit(1.0:1): pid=1 comm=6120\x1d"
      "UID=\"a\"\n"
      "type=SYSCALL msg=audit(1.0:2): pid=2 comm=6220\x1d"
      "UID=\"b\"\n"};
  model::Coverage coverage;
  Decoder one{coverage};
  Decoder other{coverage};
  const DecodedEvent& first = one.decode(log.event(0));
  const DecodedEvent& second = other.decode(log.event(1));
  CHECK(first.records[0].value("comm") == "a ");
  CHECK(first.records[0].enriched_value("UID") == "a");
  CHECK(second.records[0].value("comm") == "b ");
  CHECK(second.records[0].enriched_value("UID") == "b");
}

TEST_CASE("an argument of the longest line is whole", "[audit][decoder]") {
  std::string hex;
  for (int i = 0; i < 20'000; ++i)
    hex += "C3A9";
  const Decoded decoded{"type=EXECVE msg=audit(1.0:1): argc=2 a0=\"x\" a1=" + hex};
  CHECK(decoded.record().value("a1")->size() == 40'000);
  CHECK(decoded.record().value("a1")->substr(39'998) == "\xc3\xa9");
}

// `records` records of `type`, each with `fields` fields of two bytes.
std::string large_records(std::string_view type, std::size_t records, std::size_t fields) {
  std::string body;
  for (std::size_t field = 0; field < fields; ++field)
    body += " a" + std::to_string(field % 10) + "=1";
  std::string log;
  for (std::size_t record = 0; record < records; ++record)
    log.append("type=").append(type).append(" msg=audit(1.0:1):").append(body) += '\n';
  return log;
}

std::size_t fields_of(const DecodedEvent& event, RecordType type) {
  std::size_t count = 0;
  for (const DecodedRecord& record : event.records)
    count += record.type == type ? record.fields.size() + record.enriched.size() : 0;
  return count;
}

TEST_CASE(
    "of an event's arguments 131,072 are kept, the others are counted, and cost no other "
    "record its fields",
    "[audit][decoder]") {
  const Decoded decoded{large_records("EXECVE", 14, 10'000) +
                        "type=SYSCALL msg=audit(1.0:1): pid=7 comm=\"cp\"\n"};
  CHECK(fields_of(decoded.event, RecordType::execve) == 131'072);
  CHECK(decoded.event.first(RecordType::syscall)->value("comm") == "cp");
  CHECK(decoded.coverage.evictions ==
        std::map<std::string, std::uint64_t>{{"event_fields", 8'928}});
}

TEST_CASE("of all other fields 131,072 are kept, enriched ones too, and the others are counted",
          "[audit][decoder]") {
  std::string log = large_records("PATH", 13, 10'000);
  log += "type=SYSCALL msg=audit(1.0:1): pid=7\x1d";
  for (int name = 0; name < 1'100; ++name)
    log += " UID=\"a\"";
  const Decoded decoded{log + "\ntype=EXECVE msg=audit(1.0:1): argc=1 a0=\"cp\"\n"};
  CHECK(fields_of(decoded.event, RecordType::path) == 130'000);
  CHECK(fields_of(decoded.event, RecordType::syscall) == 1'072);
  CHECK(decoded.event.first(RecordType::execve)->value("a0") == "cp");
  CHECK(decoded.coverage.evictions == std::map<std::string, std::uint64_t>{{"event_fields", 29}});
}

// libauparse asked directly, as far as it can be trusted.
std::vector<std::pair<std::string, std::string>> interpreted_by_auparse(std::string_view line) {
  const std::unique_ptr<auparse_state_t, void (*)(auparse_state_t*)> auparse{
      auparse_init(AUSOURCE_BUFFER, ""), &auparse_destroy};
  auparse_set_escape_mode(auparse.get(), AUPARSE_ESC_RAW);
  const std::string buffer = std::string{line} + "\n";
  REQUIRE(auparse_new_buffer(auparse.get(), buffer.data(), buffer.size()) == 0);
  REQUIRE(auparse_first_record(auparse.get()) > 0);
  auparse_first_field(auparse.get());
  std::vector<std::pair<std::string, std::string>> fields;
  while (auparse_next_field(auparse.get()) > 0) {
    const std::string name = auparse_get_field_name(auparse.get());
    const int type = auparse_get_field_type(auparse.get());
    const bool escaped = type == AUPARSE_TYPE_ESCAPED || type == AUPARSE_TYPE_ESCAPED_KEY ||
                         type == AUPARSE_TYPE_ESCAPED_FILE || type == AUPARSE_TYPE_PROCTITLE;
    fields.emplace_back(name, escaped ? auparse_interpret_field(auparse.get())
                                      : auparse_get_field_str(auparse.get()));
  }
  return fields;
}

std::vector<std::pair<std::string, std::string>> decoded_by_us(const DecodedRecord& record) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const Field& field : record.fields) {
    std::string value{field.value};
    if (field.name == "proctitle")
      std::replace(value.begin(), value.end(), '\0', ' ');
    fields.emplace_back(field.name, value);
  }
  return fields;
}

TEST_CASE("every field of the captured logs reads as libauparse reads it", "[audit][decoder]") {
  const std::filesystem::path folder{KRBTRAIL_TESTDATA "/captured"};
  model::Coverage coverage;
  Decoder decoder{coverage};
  std::size_t records = 0;
  std::size_t differences = 0;
  for (const char* log_name : {"raw/t1-discover-and-copy.log", "raw/t3-impacket-library.log",
                               "enriched/t2-encode.log", "enriched/a13-memory-program.log"}) {
    std::ifstream file{folder / log_name};
    std::stringstream text;
    text << file.rdbuf();
    const test::AuditLog log{text.str()};
    REQUIRE(log.size() > 0);
    for (std::size_t i = 0; i < log.size(); ++i)
      for (const DecodedRecord& record : decoder.decode(log.event(i)).records) {
        ++records;
        CAPTURE(record.text);
        const auto ours = decoded_by_us(record);
        const auto theirs = interpreted_by_auparse(record.text);
        differences += ours == theirs ? 0 : 1;
        CHECK(ours == theirs);
      }
  }
  CHECK(records > 100);
  CHECK(differences == 0);
  CHECK(coverage.decode_failures == 0);
}

TEST_CASE("mutated records neither crash nor grow", "[audit][decoder]") {
  const std::string base =
      "arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c items=1 pid=7 auid=1001 uid=0 "
      "comm=612062 exe=\"/usr/bin/cp\" key=6B01 avc: { x } name=\"/tmp/a b=c\" msg='op=x'\x1d"
      "UID=\"x y\" SADDR={ a=b }";
  const char* const types[] = {"SYSCALL", "AVC", "EXECVE", "SOCKADDR", "PATH", "USER", "TTY"};
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  model::Coverage coverage;
  Decoder decoder{coverage};
  std::size_t decoded = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = base;
    for (int edit = 0; edit < 4; ++edit) {
      const std::size_t at = random() % body.size();
      const char letters[] = "\"' ={}()\x1d\0az,:0F";
      if (random() % 3 == 0)
        body.erase(at, 1 + random() % 20);
      else
        body.insert(at, 1, letters[random() % (sizeof letters - 1)]);
    }
    const std::string head =
        std::string{"type="} + types[random() % std::size(types)] + " msg=audit(1.0:1): ";
    const test::AuditLog log{head + body};
    const DecodedEvent& event = decoder.decode(log.event(0));
    REQUIRE(event.records.size() == 1);
    for (const Field& field : event.records[0].fields)
      decoded += field.value.size() <= field.raw.size() ? 1 : 0;
    for (const Field& field : event.records[0].fields)
      REQUIRE(field.value.size() <= field.raw.size());
  }
  CHECK(decoded > 100'000);
}

}  // namespace
}  // namespace krbtrail::audit
