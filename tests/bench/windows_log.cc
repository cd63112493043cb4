// SPDX-License-Identifier: Apache-2.0
#include "bench/windows_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "support/evtx_writer.h"

namespace krbtrail::bench {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::uint64_t kFirstFiletime = 132'953'986'670'581'723;  // 2022-04-25T22:17:47.0581723Z
constexpr std::uint64_t kTicksBetweenRecords = 1'234'567;
constexpr std::uint64_t kSecond = 10'000'000;
constexpr std::uint64_t kMinutesOfDay = 24 * 60;

struct Record {
  std::uint32_t event_id = 0;
  std::uint64_t number = 0;
  Fields fields;
};

std::string hexadecimal(std::uint64_t number) {
  std::array<char, 20> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(number));
  return {text.data(), static_cast<std::size_t>(size)};
}

Fields logon(std::uint64_t number) {
  return {
      {"SubjectUserSid", "S-1-5-18"},
      {"SubjectUserName", "DC1$"},
      {"SubjectDomainName", "EXAMPLE"},
      {"SubjectLogonId", "0x3e7"},
      {"TargetUserSid", "S-1-5-21-1004336348-1177238915-682003330-" + std::to_string(number % 500)},
      {"TargetUserName", "user" + std::to_string(number % 500)},
      {"TargetDomainName", "EXAMPLE.TEST"},
      {"TargetLogonId", hexadecimal(0x10000 + number * 7)},
      {"LogonType", "3"},
      {"LogonProcessName", "Kerberos"},
      {"AuthenticationPackageName", "Kerberos"},
      {"WorkstationName", "-"},
      {"LogonGuid", "{8a5d1f8e-3a55-6c41-7c2f-6f8bfe3d0a11}"},
      {"ProcessId", "0x0"},
      {"ProcessName", "-"},
      {"IpAddress", "192.0.2." + std::to_string(number % 250)},
      {"IpPort", std::to_string(49152 + number % 16384)},
      {"ImpersonationLevel", "%%1833"},
      {"ElevatedToken", "%%1842"}};
}

Fields service(std::uint64_t number) {
  return {{"SubjectUserSid", "S-1-5-18"},
          {"SubjectLogonId", "0x3e7"},
          {"ServiceName", "Agent" + std::to_string(number % 7)},
          {"ServiceFileName", "\"C:\\Program Files\\Agent\\agent.exe\" -service"},
          {"ServiceType", "0x10"},
          {"ServiceStartType", "2"},
          {"ServiceAccount", "LocalSystem"}};
}

Fields of_a_session(std::uint64_t number) {
  return {{"SubjectUserSid", "S-1-5-21-1004336348-1177238915-682003330-500"},
          {"SubjectUserName", "user" + std::to_string(number % 500)},
          {"SubjectDomainName", "EXAMPLE"},
          {"SubjectLogonId", hexadecimal(0x10000 + number * 7)},
          {"NewProcessId", hexadecimal(0x400 + number % 9000 * 4)},
          {"NewProcessName", "C:\\Windows\\System32\\conhost.exe"},
          {"CommandLine", "\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1"}};
}

Fields of_no_interest(std::uint64_t number) {
  return {{"ProcessID", std::to_string(number % 9000)},
          {"Application", "\\device\\harddiskvolume2\\windows\\system32\\svchost.exe"},
          {"Direction", "%%14592"},
          {"SourceAddress", "192.0.2." + std::to_string(number % 250)},
          {"SourcePort", std::to_string(49152 + number % 16384)},
          {"DestAddress", "198.51.100.7"},
          {"DestPort", "389"},
          {"Protocol", "6"}};
}

Record record(std::uint64_t number) {
  if (number % 2000 == 1999)
    return {4697, number, service(number)};
  if (number % 20 < 5)
    return {4624, number, logon(number)};
  if (number % 20 < 12)
    return {4688, number, of_a_session(number)};
  return {5156, number, of_no_interest(number)};
}

std::uint64_t filetime_of(const Record& record) {
  return kFirstFiletime + record.number * kTicksBetweenRecords;
}

// Within the first day of the log, over and over: no calendar is needed.
std::string time_of(const Record& record, const char* format) {
  const std::uint64_t ticks = record.number * kTicksBetweenRecords;
  const std::uint64_t seconds = ticks / kSecond;
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), format, static_cast<unsigned>(seconds / 60 % kMinutesOfDay / 60),
      static_cast<unsigned>(seconds / 60 % 60), static_cast<unsigned>(seconds % 60),
      static_cast<unsigned>(ticks % kSecond));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string as_xml(const Record& record) {
  std::string text =
      "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider "
      "Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/>"
      "<EventID>" +
      std::to_string(record.event_id) +
      "</EventID><Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode>"
      "<Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='" +
      time_of(record, "2022-04-25T%02u:%02u:%02u.%07u00Z") + "'/><EventRecordID>" +
      std::to_string(record.number + 1) +
      "</EventRecordID><Correlation/><Execution ProcessID='680' ThreadID='768'/><Channel>Security"
      "</Channel><Computer>ws1.example.test</Computer><Security/></System><EventData>";
  for (const auto& [name, value] : record.fields)
    text += "<Data Name='" + name + "'>" + value + "</Data>";
  return text + "</EventData></Event>\r\n";
}

std::string escaped(const std::string& value) {
  std::string text;
  for (const char c : value) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text;
}

std::string as_json(const Record& record) {
  std::string text =
      R"({"Event":{"#attributes":{"xmlns":"http://schemas.microsoft.com/win/2004/08/events/event"},)"
      R"("System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},)"
      R"("EventID":)" +
      std::to_string(record.event_id) +
      R"(,"Version":2,"Level":0,"Task":12544,"Opcode":0,"Keywords":"0x8020000000000000",)" +
      R"("TimeCreated":{"#attributes":{"SystemTime":")" +
      time_of(record, "2022-04-25T%02u:%02u:%02u.%07uZ") + R"("}},"EventRecordID":)" +
      std::to_string(record.number + 1) +
      R"(,"Execution":{"#attributes":{"ProcessID":680,"ThreadID":768}},"Channel":"Security",)" +
      R"("Computer":"ws1.example.test","Security":null},"EventData":{)";
  for (const auto& [name, value] : record.fields)
    text += (text.ends_with('{') ? "\"" : ",\"") + name + "\":\"" + escaped(value) + "\"";
  return text + "}}}\n";
}

// EvtxECmd's: the fields are JSON in the last column.
std::string as_csv(const Record& record) {
  std::string payload = R"({""EventData"":{""Data"":[)";
  for (const auto& [name, value] : record.fields) {
    std::string doubled;
    for (const char c : escaped(value))
      doubled += c == '"' ? std::string{"\"\""} : std::string(1, c);
    payload += (payload.ends_with('[') ? R"({""@Name"":"")" : R"(,{""@Name"":"")") + name +
               R"("",""#text"":"")" + doubled + R"(""})";
  }
  const std::string number = std::to_string(record.number + 1);
  return number + "," + number + "," + time_of(record, "2022-04-25 %02u:%02u:%02u.%07u") + "," +
         std::to_string(record.event_id) + ",LogAlways,Microsoft-Windows-Security-Auditing," +
         "Security,680,768,ws1.example.test,\"" + payload + "]}}\"\r\n";
}

std::string as_text(const Record& record) {
  const std::string_view sentence = record.event_id == 4624
                                        ? "An account was successfully logged on."
                                        : "A service was installed in the system.";
  const bool is_rendered = record.event_id == 4624 || record.event_id == 4697;
  std::string text = "Event[" + std::to_string(record.number) +
                     "]:\r\n  Log Name: Security\r\n  Source: "
                     "Microsoft-Windows-Security-Auditing\r\n  Date: " +
                     time_of(record, "2022-04-25T%02u:%02u:%02u.%07u") +
                     "\r\n  Event ID: " + std::to_string(record.event_id) +
                     "\r\n  Task: Logon\r\n  Level: Information\r\n  Keyword: Audit Success\r\n"
                     "  Computer: ws1.example.test\r\n  Description: \r\n";
  text += is_rendered ? sentence : "A process was allowed what it asked for.";
  text += "\r\n\r\nSubject:\r\n\tSecurity ID:\t\tS-1-5-18\r\n\tLogon ID:\t\t0x3E7\r\n\r\n";
  if (record.event_id == 4624)
    text +=
        "Logon Information:\r\n\tLogon Type:\t\t3\r\n\tElevated Token:\t\tYes\r\n\r\nNew Logon:\r\n"
        "\tAccount Name:\t\tuser\r\n\tLogon ID:\t\t" +
        hexadecimal(0x10000 + record.number * 7) +
        "\r\n\r\nNetwork Information:\r\n\tSource Network Address:\t192.0.2.7\r\n"
        "\tSource Port:\t\t50163\r\n\r\n";
  return text;
}

std::string as_evtx(std::size_t bytes) {
  constexpr std::size_t kRoom = 4096;  // what one record takes at most, its template included
  std::vector<std::string> chunks;
  std::uint64_t number = 0;
  for (std::size_t size = 0; size < bytes; size += test::kEvtxChunkSize) {
    test::EvtxChunk chunk;
    while (chunk.next_content() + kRoom < test::kEvtxChunkSize) {
      const Record made = record(number++);
      test::EvtxEvent event{.event_id = made.event_id,
                            .version = 2,
                            .record_id = made.number + 1,
                            .filetime = filetime_of(made),
                            .data = {}};
      for (const auto& [name, value] : made.fields)
        event.data.emplace_back(name, test::evtx_text(value));
      chunk.add(event, test::EvtxStyle::single);
    }
    chunks.push_back(chunk.bytes());
  }
  return test::evtx_file(chunks);
}

}  // namespace

std::optional<WindowsForm> parse_windows_form(std::string_view word) {
  constexpr std::array<std::string_view, 5> kWords{"evtx", "xml", "json", "csv", "text"};
  const auto* const found = std::ranges::find(kWords, word);
  if (found == kWords.end())
    return std::nullopt;
  return static_cast<WindowsForm>(found - kWords.begin());
}

std::string windows_log(WindowsForm form, std::size_t bytes) {
  if (form == WindowsForm::evtx)
    return as_evtx(bytes);
  std::string log;
  if (form == WindowsForm::csv)
    log =
        "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,"
        "Computer,Payload\r\n";
  for (std::uint64_t number = 0; log.size() < bytes; ++number) {
    const Record made = record(number);
    switch (form) {
      case WindowsForm::xml:
        log += as_xml(made);
        break;
      case WindowsForm::json:
        log += as_json(made);
        break;
      case WindowsForm::csv:
        log += as_csv(made);
        break;
      case WindowsForm::text:
      case WindowsForm::evtx:
        log += as_text(made);
        break;
    }
  }
  return log;
}

}  // namespace krbtrail::bench
