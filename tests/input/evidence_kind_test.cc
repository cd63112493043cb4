// SPDX-License-Identifier: Apache-2.0
//
// The audit lines are such as auditd, audisp-syslog, rsyslog, journalctl, dmesg and ausearch write;
// the Windows heads are shortened from what each named tool writes.
#include "krbtrail/input/evidence_kind.h"

#include <string>
#include <string_view>

#include "compressed.h"
#include "krbtrail/model/timestamp.h"
#include "support/catch.h"

using namespace krbtrail;
using namespace std::string_literals;
using input::EvidenceKind;
using input::recognise;

namespace {

const std::string kRecord =
    "type=SYSCALL msg=audit(1700000000.123:42): arch=c000003e syscall=257 success=yes key=(null)\n";

std::string stamp_of(const input::Recognition& seen) {
  return seen.first_stamp ? model::format_utc(*seen.first_stamp) : "";
}

std::string utf16(std::string_view text, bool little) {
  std::string wide;
  for (const char c : text)
    wide += little ? std::string{c, '\0'} : std::string{'\0', c};
  return wide;
}

}  // namespace

TEST_CASE("an audit log is recognised by the heads of its lines", "[input][evidence_kind]") {
  const auto [reason, text] = GENERATE(table<std::string, std::string>({
      {"raw", kRecord},
      {"a BOM", "\xEF\xBB\xBF" + kRecord},
      {"CRLF", "type=CWD msg=audit(1700000000.123:42): cwd=\"/\"\r\n"},
      {"enriched",
       "type=LOGIN msg=audit(1700000000.123:42): pid=1 uid=0\x1DUID=\"root\" AUID=\"alice\"\n"},
      {"the host in front", "node=web1 " + kRecord},
      {"a number for a type", "type=1300 msg=audit(1700000000.123:42): arch=c000003e\n"},
      {"a type the library does not know", "type=UNKNOWN[1334] msg=audit(1700000000.123:42): x\n"},
      {"a header without a colon", "type=USER msg=audit(1700000000.123:42) config changed\n"},
      {"a record without a body", "type=EOE msg=audit(1700000000.123:42): \n"},
      {"rsyslog, RFC 3164", "Jan  1 00:00:00 host audispd: node=h " + kRecord},
      {"rsyslog with a priority", "<13>Jan 10 00:00:00 host audispd[77]: " + kRecord},
      {"rsyslog, ISO 8601", "2023-11-14T22:13:20.123456+00:00 host audispd: " + kRecord},
      {"journalctl -o short-iso", "2023-11-14T22:13:20+0000 host audisp-syslog[1]: " + kRecord},
      {"journalctl -o short-precise", "Nov 14 22:13:20.123456 host audisp-syslog[1]: " + kRecord},
      {"RFC 5424", "<13>1 2023-11-14T22:13:20.123Z host audispd 77 - - " + kRecord},
      {"RFC 5424 with data", "<13>1 2023-11-14T22:13:20Z host app - ID [a@1 b=\"c\"] " + kRecord},
      {"the kernel's own form", "audit: type=1400 audit(1700000000.123:42): apparmor=\"DENIED\"\n"},
      {"the kernel's form in syslog",
       "Nov 14 22:13:20 host kernel: [  12.345678] audit: type=1400 audit(1700000000.123:42): x\n"},
      {"dmesg", "[   12.345678] audit: type=1400 audit(1700000000.123:42): apparmor=\"DENIED\"\n"},
      {"a hole of NUL bytes", std::string(5000, '\0') + kRecord},
      {"ausearch's separators", "\n----\ntime->Sat Jan  2 03:51:36 2021\n" + kRecord},
      {"a first line that rotation cut", "st/bin\" inode=7 dev=fd:01\n" + kRecord},
      {"a record without a stamp first", "type=DAEMON_ERR op=format-raw msg=NULL\n" + kRecord},
      {"a few lines of syslog first",
       "Nov 14 22:13:18 host cron[1]: job\nNov 14 22:13:19 host sshd[2]: login\n"
       "Nov 14 22:13:20 host kernel: audit: type=1400 audit(1700000000.123:42): x\n"},
      {"every second line damaged", "###\n###\n" + kRecord + kRecord},
      {"no line end at the end", kRecord.substr(0, kRecord.size() - 1)},
  }));
  CAPTURE(reason, text);
  const input::Recognition seen = recognise(text, true);
  CHECK(seen.kind == EvidenceKind::audit);
  CHECK(stamp_of(seen) == "2023-11-14T22:13:20.123Z");
}

TEST_CASE("the first record gives the stamp, also if it is not the oldest",
          "[input][evidence_kind]") {
  const input::Recognition seen =
      recognise("type=PATH msg=audit(1700000009.001:43): item=0\n" + kRecord, true);
  CHECK(stamp_of(seen) == "2023-11-14T22:13:29.001Z");
}

TEST_CASE("what only looks like a record is none", "[input][evidence_kind]") {
  const auto [reason, text] = GENERATE(table<std::string, std::string>({
      {"in the middle of a line", "see type=SYSCALL msg=audit(1700000000.123:42): arch=1\n"},
      {"indented", "    " + kRecord},
      {"once in a page of prose", "a\nb\nc\nd\n" + kRecord + "e\nf\n"},
      {"no stamp", "type=SYSCALL msg=lost\n"},
      {"a stamp that is not closed", "type=SYSCALL msg=audit(1700000000.123:42\n"},
      {"no serial", "type=SYSCALL msg=audit(1700000000.123): x\n"},
      {"a serial beyond 32 bits", "type=SYSCALL msg=audit(1700000000.123:4294967296): x\n"},
      {"beyond the year 9999", "type=SYSCALL msg=audit(253402300800.123:1): x\n"},
      {"milliseconds beyond 999", "type=SYSCALL msg=audit(1700000000.1234:1): x\n"},
      {"a negative time", "type=SYSCALL msg=audit(-1.123:1): x\n"},
      {"a type in small letters", "type=syscall msg=audit(1700000000.123:1): x\n"},
      {"no type", "msg=audit(1700000000.123:1): x\n"},
      {"a host without a blank behind it", "node=web1type=X msg=audit(1700000000.123:1): x\n"},
      {"a syslog tag without a colon", "Jan  1 00:00:00 host said " + kRecord},
      {"the journal's own form has no stamp",
       "Nov 14 22:13:20 host audit[1]: SYSCALL arch=c000003e syscall=59\n"},
  }));
  CAPTURE(reason, text);
  const input::Recognition seen = recognise(text, true);
  CHECK(seen.kind == EvidenceKind::unknown);
  CHECK(seen.unknown_as == "is text without an audit record or a Windows event");
  CHECK_FALSE(seen.first_stamp.has_value());
}

TEST_CASE("a line that the head cuts is not judged", "[input][evidence_kind]") {
  const std::string cut = "type=SYSCALL msg=audit(1700000000.123:42)";
  CHECK(recognise(cut, true).kind == EvidenceKind::audit);
  CHECK(recognise(cut, false).kind == EvidenceKind::unknown);
}

TEST_CASE("text of ausearch -i is a kind of its own in every locale", "[input][evidence_kind]") {
  const std::string line = GENERATE(
      "type=SYSCALL msg=audit(11/14/2023 22:13:20.100:10) : arch=x86_64 syscall=execve auid=user\n"s,
      "type=SYSCALL msg=audit(14.11.2023 22:13:20.100:10) : arch=x86_64\n"s,
      "type=SYSCALL msg=audit(2023-11-14 22:13:20.100:10) : arch=x86_64\n"s,
      "type=SYSCALL msg=audit(2023年11月14日 22:13:20.100:10) : arch=x86_64\n"s,
      "----\nnode=web1 type=PROCTITLE msg=audit(11/14/23 22:13:20.100:10) : proctitle=klist \n"s);
  CAPTURE(line);
  CHECK(recognise(line, true).kind == EvidenceKind::interpreted);
  CHECK(recognise("\xEF\xBB\xBF" + line, true).kind == EvidenceKind::interpreted);
}

TEST_CASE("Windows evidence is told by its shape", "[input][evidence_kind]") {
  const auto [reason, text, expected] = GENERATE(table<std::string, std::string, EvidenceKind>({
      {"evtx", "ElfFile\0\0\0\0"s, EvidenceKind::evtx},
      {"a carved chunk", "ElfChnk\0\1\0\0"s, EvidenceKind::evtx},
      {"wevtutil", "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>",
       EvidenceKind::windows_xml},
      {"Event Viewer",
       "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?><Events><Event xmlns=",
       EvidenceKind::windows_xml},
      {"evtx_dump -o xml", "Record 72742\n<?xml version=\"1.0\"?>\n<Event xmlns=\"x\">\n",
       EvidenceKind::windows_xml},
      {"evtxexport", "evtxexport 20181227\n\n<Event xmlns=\"x\">", EvidenceKind::windows_xml},
      {"evtx_dump",
       R"({"Event":{"#attributes":{},"System":{"Provider":{},"EventID":4624}},"EventData":{}})",
       EvidenceKind::windows_json},
      {"evtx_dump -o json", "Record 72742\n{\n  \"Event\": {\n \"System\" : {\"EventID\" : 4624}}}",
       EvidenceKind::windows_json},
      {"chainsaw --json", R"([{"Event_attributes":{},"Event":{"System":{"EventID":4624}}}])",
       EvidenceKind::windows_json},
      {"winlogbeat",
       R"({"@timestamp":"2022-04-25T22:17:47.058Z","event":{"code":"4624"},"winlog":{}})",
       EvidenceKind::windows_json},
      {"winlogbeat 6", R"({"@timestamp":"x","event_id":4624,"computer_name":"H","event_data":{}})",
       EvidenceKind::windows_json},
      {"Elasticsearch _search",
       R"({"took":3,"hits":{"hits":[{"_source":{},"fields":{"winlog.computer_name":["H"]}}]}})",
       EvidenceKind::windows_json},
      {"Splunk", R"({"preview":false,"result":{"_raw":"<Event xmlns='x'>","host":"H"}})",
       EvidenceKind::windows_json},
      {"Splunk REST",
       R"({"fields":["_time","_raw"],"rows":[["1","LogName=Security\nEventCode=1"]]})",
       EvidenceKind::windows_json},
      {"NXLog", R"({"EventTime":"2020-10-09 17:34:27","Hostname":"W6","EventID":4624})",
       EvidenceKind::windows_json},
      {"OTRF", R"({"TimeCreated":"2021-06-11T09:07:41.219Z","Hostname":"W5","EventID":4697})",
       EvidenceKind::windows_json},
      {"Log Analytics rows",
       R"({"tables":[{"name":"t","columns":[{"name":"EventID"}],"rows":[[4624]]}]})",
       EvidenceKind::windows_json},
      {"Sentinel", R"({"TimeGenerated":"2021-08-02T13:06:38.33Z","Computer":"DC","EventID":4624})",
       EvidenceKind::windows_json},
      {"Get-WinEvent", R"({"Id":4624,"RecordId":72742,"MachineName":"H","Properties":[]})",
       EvidenceKind::windows_json},
      {"EvtxECmd",
       "\xEF\xBB\xBF"
       R"({"EventRecordId":"1","EventId":4624,"Channel":"Security"})",
       EvidenceKind::windows_json},
      {"Velociraptor", R"({"System":{"EventID":{"Value":4624},"Computer":"H"},"EventData":{}})",
       EvidenceKind::windows_json},
      {"Event Viewer CSV",
       "Keywords,Date and Time,Source,Event ID,Task Category\r\nAudit Success,4/25/2022 10:17:47 "
       "PM,",
       EvidenceKind::windows_csv},
      {"Event Viewer text", "Keywords\tDate and Time\tSource\tEvent ID\tTask Category\r\n",
       EvidenceKind::windows_csv},
      {"Event Viewer in German",
       "Schl\xC3\xBCsselw\xC3\xB6rter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\n"
       "x,25.04.2022 22:17:47,Microsoft-Windows-Security-Auditing,4697,y,\"text\"\r\n",
       EvidenceKind::windows_csv},
      {"Get-WinEvent | Export-Csv",
       "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n\"Message\",\"Id\"",
       EvidenceKind::windows_csv},
      {"the same without its type", "\"Message\",\"Id\",\"RecordId\",\"MachineName\"\r\n",
       EvidenceKind::windows_csv},
      {"Kibana", "\"@timestamp\",\"winlog.computer_name\",\"event.code\"\n",
       EvidenceKind::windows_csv},
      {"Splunk CSV",
       "\"_raw\",\"_time\"\n\"04/25/2022 10:17:47 PM\nLogName=Security\nEventCode=1\"",
       EvidenceKind::windows_csv},
      {"Sentinel CSV", "\"TimeGenerated [UTC]\",Computer,EventID\n", EvidenceKind::windows_csv},
      {"EvtxECmd CSV", "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider\r\n",
       EvidenceKind::windows_csv},
      {"semicolons", "Id;MachineName;Message\r\n", EvidenceKind::windows_csv},
      {"wevtutil /f:text", "Event[0]:\r\n  Log Name: Security\r\n  Event ID: 4624\r\n",
       EvidenceKind::windows_text},
      {"Splunk's classic text", "04/25/2022 10:17:47 PM\nLogName=Security\nEventCode=4697\n",
       EvidenceKind::windows_text},
      {"Get-WinEvent | Format-List",
       "\r\n\r\nTimeCreated  : 4/25/2022\r\nProviderName : Microsoft-Windows-Security-Auditing\r\n",
       EvidenceKind::windows_text},
      {"a copied message", "An account was successfully logged on.\r\n\r\nSubject:\r\n",
       EvidenceKind::windows_text},
  }));
  CAPTURE(reason, text);
  CHECK(recognise(text, true).kind == expected);
  const bool is_text = expected != EvidenceKind::evtx && !text.starts_with('\xEF');
  if (!is_text)
    return;
  CHECK(recognise("\r\n" + text, true).kind == expected);
  for (const bool little : {true, false}) {
    const std::string mark = little ? "\xFF\xFE" : "\xFE\xFF";
    CHECK(recognise(mark + utf16(text, little), true).kind == expected);
    CHECK(recognise(utf16(text, little), true).kind == expected);
  }
}

TEST_CASE("JSON, XML and tables of other things are no Windows events", "[input][evidence_kind]") {
  const auto [reason, text] = GENERATE(table<std::string, std::string>({
      {"another JSON log", R"({"ts":1700000000.1,"uid":"C1","id.orig_h":"10.0.0.1"})"},
      {"a name as a value", R"({"a":"System","b":"EventID"})"},
      {"a Splunk export of Linux logs",
       R"({"preview":false,"result":{"_raw":"Jan 1 sshd: accepted","host":"h"}})"},
      {"another XML", "<?xml version=\"1.0\"?><EventsOfTheYear></EventsOfTheYear>"},
      {"XML that is cut in its declaration", "<?xml version=\"1.0\""},
      {"another table", "name,Id,size\na,1,2\n"},
  }));
  CAPTURE(reason, text);
  CHECK(recognise(text, true).kind == EvidenceKind::unknown);
}

TEST_CASE("a line like a record inside a Windows event does not make it a log",
          "[input][evidence_kind]") {
  CHECK(
      recognise("<Event xmlns='x'><Data Name='ServiceName'>\n" + kRecord + "</Data>", true).kind ==
      EvidenceKind::windows_xml);
}

TEST_CASE("words of a Windows event inside a record do not make it one", "[input][evidence_kind]") {
  CHECK(recognise("type=USER msg=audit(1700000000.123:42): LogName=Security\n", true).kind ==
        EvidenceKind::audit);
}

TEST_CASE("what is no evidence is described", "[input][evidence_kind]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"PK\x03\x04rest", "is a ZIP archive: unpack it and name its content"},
      {std::string(257, 'a') + "ustar\0"s, "is a tar archive: unpack it and name its content"},
      {test::gzip_of(kRecord), "is an archive within an archive: unpack it and name its content"},
      {std::string(4096, '\0'), "holds nothing but NUL bytes"},
      {"\x7F"
       "ELF\x02\x01\x01"s,
       "is binary and no evidence that is known"},
      {"shopping list\n", "is text without an audit record or a Windows event"},
  }));
  CAPTURE(expected);
  const input::Recognition seen = recognise(text, true);
  CHECK(seen.kind == EvidenceKind::unknown);
  CHECK(seen.unknown_as == expected);
}

TEST_CASE("no byte at all is empty", "[input][evidence_kind]") {
  CHECK(recognise("", true).kind == EvidenceKind::empty);
}

TEST_CASE("kinds have names that scripts can rely on", "[input][evidence_kind]") {
  const auto [kind, word, windows] = GENERATE(table<EvidenceKind, std::string, bool>({
      {EvidenceKind::empty, "empty", false},
      {EvidenceKind::unknown, "unknown", false},
      {EvidenceKind::audit, "audit", false},
      {EvidenceKind::interpreted, "interpreted", false},
      {EvidenceKind::evtx, "evtx", true},
      {EvidenceKind::windows_xml, "windows_xml", true},
      {EvidenceKind::windows_json, "windows_json", true},
      {EvidenceKind::windows_csv, "windows_csv", true},
      {EvidenceKind::windows_text, "windows_text", true},
  }));
  CHECK(to_string(kind) == word);
  CHECK(is_windows(kind) == windows);
}
