// SPDX-License-Identifier: Apache-2.0
#include "windows/shapes.h"

#include "support/evtx_writer.h"

namespace krbtrail::windows {
namespace {

using namespace test;
using model::Ticks;

using EvtxValueList = std::vector<std::pair<std::string, EvtxValue>>;

const std::string kSid = "S-1-5-21-1-2-3-500";

const FieldTexts kLogonFields = {
    {Field::target_user_sid, kSid},
    {Field::target_user_name, "Administrator"},
    {Field::target_domain_name, "EXAMPLE"},
    {Field::target_logon_id, "0x8a38de"},
    {Field::logon_type, "3"},
    {Field::logon_process_name, "Kerberos"},
    {Field::authentication_package_name, "Kerberos"},
    {Field::process_id, "0x0"},
    {Field::ip_address, "127.0.0.1"},
    {Field::ip_port, "50163"},
    {Field::elevated_token, "%%1843"},
};
const FieldTexts kServiceFields = {
    {Field::subject_user_sid, kSid},
    {Field::subject_logon_id, "0x8a38de"},
    {Field::service_name, "KrbSCM"},
    {Field::service_file_name, R"("C:\Users\eve\KrbRelayUp.exe" system 1)"},
    {Field::service_type, "0x10"},
    {Field::service_start_type, "3"},
    {Field::service_account, "LocalSystem"},
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string json_text(const std::string& text) {
  const std::string escaped = replaced(replaced(text, "\\", "\\\\"), "\"", "\\\"");
  return '"' + replaced(replaced(escaped, "\n", "\\n"), "\t", "\\t") + '"';
}

// "NAME":"value",… of one leg, without braces.
std::string json_fields(const FieldTexts& fields) {
  std::string text;
  for (const auto& [field, value] : fields) {
    if (!text.empty())
      text += ',';
    text += json_text(std::string{raw_name(field)}) + ':' + json_text(value);
  }
  return text;
}

std::string xml_text(const std::string& text) {
  return replaced(replaced(replaced(text, "&", "&amp;"), "<", "&lt;"), "\"", "&quot;");
}

std::string xml_event(std::uint32_t id, const std::string& time, std::uint64_t record_id,
                      const FieldTexts& fields) {
  std::string text =
      "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
      "<Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>" +
      std::to_string(id) + "</EventID><Version>2</Version><Keywords>0x8020000000000000</Keywords>" +
      "<TimeCreated SystemTime='" + time + "'/><EventRecordID>" + std::to_string(record_id) +
      "</EventRecordID><Execution ProcessID='680' ThreadID='768'/><Channel>Security</Channel>" +
      "<Computer>" + kHost + "</Computer></System><EventData>";
  for (const auto& [field, value] : fields)
    text += "<Data Name='" + std::string{raw_name(field)} + "'>" + xml_text(value) + "</Data>";
  return text + "</EventData></Event>";
}

const std::string kLogonXml =
    xml_event(4624, "2022-04-25T22:17:47.058172300Z", 72742, kLogonFields);
const std::string kServiceXml =
    xml_event(4697, "2022-04-25T22:17:47.912345600Z", 72745, kServiceFields);

// With the message in a language that is not read: the data are.
std::string rendered_xml(const std::string& event) {
  return replaced(event, "</Event>",
                  "<RenderingInfo Culture='de-DE'><Message>Ein Konto wurde erfolgreich "
                  "angemeldet.</Message></RenderingInfo></Event>\r\n");
}

// Six digits, indented.
std::string evtx_dump_xml(const std::string& event) {
  const std::string six = replaced(replaced(event, "172300Z", "172Z"), "345600Z", "345Z");
  return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" +
         replaced(replaced(six, "'", "\""), "><", ">\n  <") + "\n";
}

// A blank in place of the T, no zone, and ids of 16 digits.
std::string python_evtx(const std::string& event) {
  const std::string stamp = replaced(replaced(event, "172300Z", "172"), "345600Z", "345");
  const std::string padded = replaced(stamp, "0x8a38de", "0x00000000008a38de");
  return replaced(replaced(padded, "2022-04-25T", "2022-04-25 "), "<EventID>",
                  "<EventID Qualifiers=\"\">") +
         "\n\n";
}

std::string evtxexport(const std::string& event) {
  return replaced(replaced(event, "0x8a38de", "0x00000000008a38de"), "><", ">\n  <") + "\n\n";
}

EvtxValueList evtx_data(const FieldTexts& fields) {
  EvtxValueList values;
  for (const auto& [field, value] : fields)
    values.emplace_back(raw_name(field), evtx_text(value));
  return values;
}

EvtxEvent evtx_logon() {
  return {.event_id = 4624,
          .version = 2,
          .record_id = 72742,
          .filetime = 132'953'986'670'581'723,
          .plain_time = "2022-04-25T22:17:47.058172300Z",
          .computer = kHost,
          .data = evtx_data(kLogonFields)};
}

EvtxEvent evtx_service() {
  return {.event_id = 4697,
          .version = 1,
          .record_id = 72745,
          .filetime = 132'953'986'679'123'456,
          .plain_time = "2022-04-25T22:17:47.912345600Z",
          .computer = kHost,
          .data = evtx_data(kServiceFields)};
}

std::string evtx(EvtxStyle style) {
  EvtxChunk chunk;
  chunk.add(evtx_logon(), style);
  chunk.add(evtx_service(), style);
  return evtx_file({chunk.bytes()});
}

// evtx_dump: numbers as numbers, attributes beside the text, six digits.
std::string evtx_dump(std::uint32_t id, const std::string& time, std::uint64_t record_id,
                      const FieldTexts& fields) {
  return R"({"Event":{"#attributes":{"xmlns":"x"},"System":{"Provider":{"#attributes":{"Name":)"
         R"("Microsoft-Windows-Security-Auditing","Guid":"5484"}},"EventID":)" +
         std::to_string(id) + R"(,"Version":2,"Keywords":"0x8020000000000000","TimeCreated":)" +
         R"({"#attributes":{"SystemTime":")" + time + R"("}},"EventRecordID":)" +
         std::to_string(record_id) + R"(,"Execution":{"#attributes":{"ProcessID":680}},)" +
         R"("Channel":"Security","Computer":")" + kHost + R"("},"EventData":{)" +
         replaced(json_fields(fields), R"("LogonType":"3")", R"("LogonType":3)") + "}}}";
}
const std::string kLogonDump = evtx_dump(4624, "2022-04-25T22:17:47.058172Z", 72742, kLogonFields);
const std::string kServiceDump =
    replaced(evtx_dump(4697, "2022-04-25T22:17:47.912345Z", 72745, kServiceFields),
             R"("EventID":4697)", R"("EventID":{"#attributes":{"Qualifiers":""},"#text":4697})");

std::string chainsaw(const std::string& dump) {
  return replaced(
      replaced(replaced(replaced(replaced(dump, R"("Event":{"#attributes":{"xmlns":"x"},)",
                                          R"("Event_attributes":{"xmlns":"x"},"Event":{)"),
                                 R"("Provider":{"#attributes":{)", R"("Provider_attributes":{)"),
                        R"("Guid":"5484"}})", R"("Guid":"5484"})"),
               R"("TimeCreated":{"#attributes":{)", R"("TimeCreated_attributes":{)"),
      R"(Z"}},"EventRecordID")", R"(Z"},"EventRecordID")");
}

std::string velociraptor(std::uint32_t id, const std::string& time, std::uint64_t record_id,
                         const std::string& fields) {
  return R"({"System":{"Provider":{"Name":"Microsoft-Windows-Security-Auditing"},"EventID":{"Value":)" +
         std::to_string(id) + R"(},"TimeCreated":{"SystemTime":)" + time + R"(},"EventRecordID":)" +
         std::to_string(record_id) + R"(,"Channel":"Security","Computer":")" + kHost +
         R"("},"EventData":{)" + fields + "}}";
}

std::string winlogbeat(std::uint32_t id, const std::string& ms, std::uint64_t record_id,
                       const std::string& fields, const std::string& ecs) {
  return R"({"@timestamp":"2022-04-25T22:17:47.)" + ms + R"(Z","event":{"code":")" +
         std::to_string(id) + R"(","outcome":"success"},)" + ecs +
         R"("host":{"name":"wec","os":{"type":"windows"}},"winlog":{"computer_name":")" + kHost +
         R"(","event_id":")" + std::to_string(id) + R"(","channel":"Security","record_id":)" +
         std::to_string(record_id) + R"(,"process":{"pid":680},"event_data":{)" + fields + "}}}";
}
const std::string kLogonBeat = winlogbeat(4624, "058", 72742, json_fields(kLogonFields), "");
const std::string kServiceBeat = winlogbeat(4697, "912", 72745, json_fields(kServiceFields), "");
// The ingest pipeline has moved what ECS has a name for.
const std::string kLogonPipeline = winlogbeat(
    4624, "058", 72742,
    R"("TargetLogonId":"0x8a38de","AuthenticationPackageName":"Kerberos","LogonProcessName":)"
    R"("Kerberos","ElevatedToken":"%%1843")",
    R"("source":{"ip":"127.0.0.1","port":50163},"process":{"pid":0},"user":{"id":")" + kSid +
        R"(","name":"Administrator","domain":"EXAMPLE"},)");
const std::string kLogonPipelineTyped =
    replaced(kLogonPipeline, R"("record_id")", R"("logon":{"type":"Network"},"record_id")");
const std::string kLogonDotted =
    R"({"@timestamp":"2022-04-25T22:17:47.058Z","event.outcome":"success","winlog.computer_name":")" +
    kHost + R"(","winlog.event_id":4624,"winlog.record_id":72742,"winlog.event_data":{)" +
    json_fields(kLogonFields) + "}}";
const std::string kServiceDotted =
    R"({"@timestamp":"2022-04-25T22:17:47.912Z","winlog.computer_name":")" + kHost +
    R"(","winlog.event_id":4697,"winlog.record_id":72745,)" +
    replaced("\"" + json_fields(kServiceFields).substr(1), R"(,")", R"(,"winlog.event_data.)")
        .insert(1, "winlog.event_data.") +
    "}";

std::string evtx2es(const std::string& document) {
  return replaced(document, R"("outcome":"success")", R"("module":"windows")");
}

std::string winlogbeat_6(std::uint32_t id, const std::string& ms, std::uint64_t record_id,
                         const std::string& fields) {
  return R"({"@timestamp":"2022-04-25T22:17:47.)" + ms + R"(Z","event_id":)" + std::to_string(id) +
         R"(,"computer_name":")" + kHost + R"(","record_number":")" + std::to_string(record_id) +
         R"(","log_name":"Security","event_data":{)" + fields + R"(},"host":{"name":"WECserver"}})";
}

std::string hit(const std::string& source) {
  return R"({"_index":"winlogbeat-7","_id":"x","_score":1.0,"_source":)" + source +
         R"(,"sort":[1650925067058]})";
}

std::string splunk(const std::string& raw) {
  return R"({"preview":false,"offset":2,"result":{"_raw":)" + json_text(raw) +
         R"(,"_time":"2022-04-25T22:17:47.000+00:00","host":"heavy-forwarder","EventCode":"1"}})";
}

std::string flat(const std::string& head, const FieldTexts& fields) {
  return "{" + head + "," + json_fields(fields) + "}";
}

std::string evtxecmd_payload(const FieldTexts& fields) {
  std::string payload = R"({"EventData":{"Data":[)";
  for (const auto& [field, value] : fields) {
    payload += payload.ends_with('[') ? "" : ",";
    payload += R"({"@Name":)" + json_text(std::string{raw_name(field)}) + R"(,"#text":)" +
               json_text(value == "0x8a38de" ? "0x8A38DE" : value) + "}";
  }
  return payload + "]}}";
}

std::string evtxecmd(std::uint32_t id, const std::string& time, std::uint64_t record_id,
                     const FieldTexts& fields) {
  return R"({"EventRecordId":")" + std::to_string(record_id) + R"(","TimeCreated":")" + time +
         R"(","EventId":)" + std::to_string(id) +
         R"(,"Channel":"Security","ProcessId":680,"Computer":")" + kHost +
         R"(","PayloadData3":"LogonId: 0x8A38DE","Payload":)" +
         json_text(evtxecmd_payload(fields)) + "}";
}

// 27 properties of 4624 version 2, 12 of 4697 version 1, in the order of the template.
const std::string kGetWinEventLogon =
    R"({"Id":4624,"Version":2,"RecordId":72742,"ProcessId":680,"LogName":"Security","MachineName":")" +
    kHost + R"(","ProviderName":"Microsoft-Windows-Security-Auditing","TimeCreated":)" +
    R"("\/Date(1650925067058)\/","Properties":[)" +
    R"({"Value":"S-1-0-0"},{"Value":"-"},{"Value":"-"},{"Value":0},)" +
    R"({"Value":{"BinaryLength":28,"Value":"S-1-5-21-1-2-3-500"}},{"Value":"Administrator"},)" +
    R"({"Value":"EXAMPLE"},{"Value":9058526},{"Value":3},{"Value":"Kerberos"},)" +
    R"({"Value":"Kerberos"},{"Value":"-"},{"Value":"8a"},{"Value":"-"},{"Value":"-"},)" +
    R"({"Value":0},{"Value":0},{"Value":"-"},{"Value":"127.0.0.1"},{"Value":"50163"},)" +
    R"({"Value":"%%1840"},{"Value":"-"},{"Value":"-"},{"Value":"-"},{"Value":"%%1843"},)" +
    R"({"Value":0},{"Value":"%%1843"}]})";
const std::string kGetWinEventService =
    R"({"Id":4697,"Version":1,"RecordId":72745,"ProcessId":680,"LogName":"Security","MachineName":")" +
    kHost + R"(","TimeCreated":"\/Date(1650925067912)\/","Properties":[)" +
    R"({"Value":"S-1-5-21-1-2-3-500"},{"Value":"Administrator"},{"Value":"EXAMPLE"},)" +
    R"({"Value":9058526},{"Value":"KrbSCM"},)" +
    R"({"Value":"\"C:\\Users\\eve\\KrbRelayUp.exe\" system 1"},{"Value":16},{"Value":3},)" +
    R"({"Value":"LocalSystem"},{"Value":0},{"Value":0},{"Value":0}]})";

// The message as Windows renders it; the exporting host wrote names in place of other SIDs.
const std::string kLogonMessage =
    "An account was successfully logged on.\n\nSubject:\n\tSecurity ID:\t\tNULL SID\n"
    "\tAccount Name:\t\t-\n\tAccount Domain:\t\t-\n\tLogon ID:\t\t0x0\n\nLogon Information:\n"
    "\tLogon Type:\t\t3\n\tRestricted Admin Mode:\t-\n\tVirtual Account:\t\tNo\n"
    "\tElevated Token:\t\tNo\n\nImpersonation Level:\t\tDelegation\n\nNew Logon:\n"
    "\tSecurity ID:\t\tS-1-5-21-1-2-3-500\n\tAccount Name:\t\tAdministrator\n"
    "\tAccount Domain:\t\tEXAMPLE\n\tLogon ID:\t\t0x8A38DE\n\nProcess Information:\n"
    "\tProcess ID:\t\t0x0\n\tProcess Name:\t\t-\n\nNetwork Information:\n"
    "\tWorkstation Name:\t-\n\tSource Network Address:\t127.0.0.1\n\tSource Port:\t\t50163\n\n"
    "Detailed Authentication Information:\n\tLogon Process:\t\tKerberos\n"
    "\tAuthentication Package:\tKerberos\n";
const std::string kServiceMessage =
    "A service was installed in the system.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-21-1-2-3-500\n"
    "\tAccount Name:\t\tAdministrator\n\tAccount Domain:\t\tEXAMPLE\n\tLogon ID:\t\t0x8A38DE\n\n"
    "Service Information:\n\tService Name: \t\tKrbSCM\n"
    "\tService File Name:\t\"C:\\Users\\eve\\KrbRelayUp.exe\" system 1\n\tService Type: \t\t0x10\n"
    "\tService Start Type:\t3\n\tService Account: \tLocalSystem\n";

std::string quoted(const std::string& cell) {
  return '"' + replaced(cell, "\"", "\"\"") + '"';
}

std::string row(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells)
    text += (text.empty() ? "" : ",") + quoted(cell);
  return text + "\r\n";
}

// Columns by name, of both legs: a cell that a leg does not have is `absent`.
std::string field_table(const std::vector<std::string>& head, const std::string& prefix,
                        const std::vector<std::string>& logon,
                        const std::vector<std::string>& service, const std::string& absent) {
  std::vector<std::string> names = head;
  std::vector<std::string> first = logon;
  std::vector<std::string> second = service;
  for (const auto& [field, value] : kLogonFields) {
    names.push_back(prefix + std::string{raw_name(field)});
    first.push_back(value);
    second.push_back(absent);
  }
  for (const auto& [field, value] : kServiceFields) {
    names.push_back(prefix + std::string{raw_name(field)});
    first.push_back(absent);
    second.push_back(value);
  }
  return row(names) + row(first) + row(second);
}

std::string classic(std::uint32_t id, std::uint64_t record_id, const std::string& message) {
  return "04/25/2022 10:17:47 PM\nLogName=Security\nEventCode=" + std::to_string(id) +
         "\nEventType=0\nComputerName=" + kHost +
         "\nSourceName=Microsoft Windows security auditing.\nType=Information\nRecordNumber=" +
         std::to_string(record_id) + "\nKeywords=Audit Success\nOpCode=Info\nMessage=" + message;
}

std::string wevtutil_text(int number, std::uint32_t id, const std::string& ms,
                          const std::string& message) {
  return "Event[" + std::to_string(number) +
         "]:\r\n  Log Name: Security\r\n  Source: "
         "Microsoft-Windows-Security-Auditing\r\n  Date: 2022-04-25T22:17:47." +
         ms + "\r\n  Event ID: " + std::to_string(id) +
         "\r\n  Task: Logon\r\n  Level: Information\r\n"
         "  Keyword: Audit Success\r\n  User: N/A\r\n  User Name: N/A\r\n  Computer: " +
         kHost + "\r\n  Description: \r\n" + replaced(message, "\n", "\r\n") + "\r\n";
}

std::string format_list(std::uint32_t id, const std::string& message) {
  return "TimeCreated  : 4/25/2022 10:17:47 PM\r\nProviderName : "
         "Microsoft-Windows-Security-Auditing\r\nId           : " +
         std::to_string(id) + "\r\nMachineName  : " + kHost + "\r\nMessage      : " +
         replaced(replaced(message, "\n", "\r\n               "), "               \r", "\r") +
         "\r\n\r\n";
}

std::string event_viewer_text(std::uint32_t id, const std::string& message) {
  return "Log Name:      Security\r\nSource:        Microsoft-Windows-Security-Auditing\r\n"
         "Date:          4/25/2022 10:17:47 PM\r\nEvent ID:      " +
         std::to_string(id) +
         "\r\nTask Category: Logon\r\nLevel:         Information\r\nKeywords:      Audit "
         "Success\r\n"
         "User:          N/A\r\nComputer:      " +
         kHost + "\r\nDescription:\r\n" + message;
}

}  // namespace

const FieldTexts& logon_fields() {
  return kLogonFields;
}

const FieldTexts& service_fields() {
  return kServiceFields;
}

std::string evtx_with_service_in_slack() {
  EvtxChunk chunk;
  chunk.add(evtx_logon(), EvtxStyle::plain);
  chunk.begin_slack();
  chunk.add(evtx_service(), EvtxStyle::plain);
  return evtx_file({chunk.bytes()});
}

std::vector<Shaped> all_shapes() {
  const std::string nl = "\n";
  const Ticks ms{10'000};
  const Ticks second{10'000'000};
  const auto nxlog_head = [](std::uint32_t id, std::uint64_t record_id) {
    return R"("EventTime":"2022-04-25 22:17:47","Hostname":")" + kHost + R"(","EventID":)" +
           std::to_string(id) + R"(,"RecordNumber":)" + std::to_string(record_id) +
           R"(,"Channel":"Security","ExecutionProcessID":732,"host":"wec.example.test",)" +
           R"("@timestamp":"2022-04-26T02:17:48.900Z")";
  };
  const auto export_head = [](std::uint32_t id, const std::string& part, std::uint64_t record_id) {
    return R"("TimeCreated":"2022-04-25T10:17:47.)" + part + R"(Z","Hostname":")" + kHost +
           R"(","EventID":)" + std::to_string(id) + R"(,"EventRecordID":)" +
           std::to_string(record_id);
  };
  const auto sentinel_head = [](std::uint32_t id, const std::string& part) {
    return R"("TimeGenerated":"2022-04-25T22:17:47.)" + part + R"(Z","Computer":")" + kHost +
           R"(","EventID":)" + std::to_string(id) + R"(,"LogonTypeName":"3 - Network")";
  };
  return {
      {"EVTX, embedded templates", read_evtx, Shape::evtx, evtx(EvtxStyle::embedded)},
      {"EVTX, one template", read_evtx, Shape::evtx, evtx(EvtxStyle::single)},
      {"EVTX, no template", read_evtx, Shape::evtx, evtx(EvtxStyle::plain)},
      {"wevtutil", read_xml, Shape::xml, kLogonXml + "\r\n" + kServiceXml + "\r\n"},
      {"Event Viewer XML", read_xml, Shape::xml,
       "<?xml version=\"1.0\"?><Events>" + kServiceXml + kLogonXml + "</Events>"},
      {"wevtutil, rendered", read_xml, Shape::xml,
       rendered_xml(kLogonXml) + rendered_xml(kServiceXml)},
      {"evtx_dump xml", read_xml, Shape::xml,
       "Record 72742\n" + evtx_dump_xml(kLogonXml) + "Record 72745\n" + evtx_dump_xml(kServiceXml),
       Ticks{10}},
      {"python-evtx", read_xml, Shape::xml,
       "<?xml version=\"1.1\" encoding=\"utf-8\" standalone=\"yes\" ?>\n\n<Events>\n" +
           python_evtx(kLogonXml) + python_evtx(kServiceXml) + "</Events>\n",
       Ticks{10}},
      {"evtxexport", read_xml, Shape::xml,
       "evtxexport 20181227\n\n" + evtxexport(kLogonXml) + evtxexport(kServiceXml)},
      {"evtx_dump jsonl", read_json, Shape::json_evtx_dump, kLogonDump + nl + kServiceDump + nl,
       Ticks{10}},
      {"evtx_dump json", read_json, Shape::json_evtx_dump,
       "Record 72742\n" + replaced(kLogonDump, ",", ",\n  ") + "\nRecord 72745\n" +
           replaced(kServiceDump, ",", ",\n  ") + nl,
       Ticks{10}},
      {"chainsaw array", read_json, Shape::json_chainsaw,
       "[" + chainsaw(kLogonDump) + "," + chainsaw(kServiceDump) + "]", Ticks{10}},
      {"winlogbeat", read_json, Shape::json_winlogbeat, kLogonBeat + nl + kServiceBeat, ms},
      {"winlogbeat behind a pipeline", read_json, Shape::json_winlogbeat,
       kLogonPipelineTyped + nl + kServiceBeat, ms},
      {"evtx2es", read_json, Shape::json_winlogbeat,
       evtx2es(kLogonBeat) + nl + evtx2es(kServiceBeat), ms},
      {"winlogbeat, dotted", read_json, Shape::json_winlogbeat, kLogonDotted + nl + kServiceDotted,
       ms},
      {"winlogbeat 6", read_json, Shape::json_winlogbeat_6,
       winlogbeat_6(4624, "058", 72742, json_fields(kLogonFields)) + nl +
           winlogbeat_6(4697, "912", 72745, json_fields(kServiceFields)),
       ms},
      {"Elasticsearch _search", read_json, Shape::json_winlogbeat,
       R"({"took":3,"timed_out":false,"_shards":{"total":1},"hits":{"total":{"value":2},)"
       R"("max_score":1.0,"hits":[)" +
           hit(kServiceBeat) + "," + hit(kLogonBeat) + R"(]},"aggregations":{"a":{"b":1}}})",
       ms},
      {"Elasticsearch _search, pretty", read_json, Shape::json_winlogbeat,
       "{\n  \"took\" : 3,\n  \"hits\" : {\n    \"total\" : { \"value\" : 2 },\n    \"hits\" : "
       "[\n" +
           hit(kServiceBeat) + ",\n" + hit(kLogonBeat) + "\n    ]\n  }\n}\n",
       ms},
      {"elasticdump", read_json, Shape::json_winlogbeat, hit(kLogonBeat) + nl + hit(kServiceBeat),
       ms},
      {"Splunk JSON, XML inside", read_json, Shape::json_splunk,
       splunk(kLogonXml) + nl + splunk(kServiceXml) + nl},
      {"Splunk JSON, XML escaped twice", read_json, Shape::json_splunk,
       splunk(replaced(replaced(replaced(kLogonXml, "&", "&amp;"), "<", "&lt;"), ">", "&gt;")) +
           nl +
           splunk(
               replaced(replaced(replaced(kServiceXml, "&", "&amp;"), "<", "&lt;"), ">", "&gt;"))},
      {"Splunk REST rows", read_json, Shape::json_splunk,
       R"({"preview":false,"init_offset":0,"fields":["_time","_raw"],"rows":[["2022-04-25T22:17:47Z",)" +
           json_text(kLogonXml) + R"(],["2022-04-25T22:17:47Z",)" + json_text(kServiceXml) + "]]}"},
      {"NXLog", read_json, Shape::json_nxlog,
       flat(nxlog_head(4624, 72742), kLogonFields) + nl +
           flat(nxlog_head(4697, 72745), kServiceFields),
       second, Zone::local},
      {"Export-WinEvents.ps1",
       read_json,
       Shape::json_export_winevent,
       flat(export_head(4624, "058", 72742), kLogonFields) + nl +
           flat(export_head(4697, "912", 72745), kServiceFields),
       ms,
       Zone::half_day,
       {},
       "indeterminate: span"},
      {"Sentinel",
       read_json,
       Shape::json_sentinel,
       replaced(flat(sentinel_head(4624, "058"), kLogonFields), R"("ProcessId":)",
                R"("ProcessId_string":)") +
           nl + flat(sentinel_head(4697, "912"), kServiceFields),
       ms,
       Zone::utc,
       {.record_id = true}},
      {"Log Analytics rows",
       read_json,
       Shape::json_sentinel,
       R"({"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},)"
       R"({"name":"Computer"},{"name":"EventID"},{"name":"TargetLogonId"},{"name":"SubjectLogonId"}],)"
       R"("rows":[["2022-04-25T22:17:47.058Z",")" +
           kHost + R"(",4624,"0x8a38de",null],["2022-04-25T22:17:47.912Z",")" + kHost +
           R"(",4697,null,"0x8a38de"]]}]})",
       ms,
       Zone::utc,
       {.record_id = true,
        .fields = {Field::target_user_sid, Field::target_user_name, Field::target_domain_name,
                   Field::logon_type, Field::logon_process_name, Field::authentication_package_name,
                   Field::process_id, Field::ip_address, Field::ip_port, Field::elevated_token,
                   Field::subject_user_sid, Field::service_name, Field::service_file_name,
                   Field::service_type, Field::service_start_type, Field::service_account}},
       "indeterminate: ElevatedToken, ProcessId, AuthenticationPackageName, LogonType, IpAddress"},
      {"Get-WinEvent | ConvertTo-Json", read_json, Shape::json_get_winevent,
       "[\r\n    " + kGetWinEventLogon + ",\r\n    " + kGetWinEventService + "\r\n]", ms},
      {"EvtxECmd", read_json, Shape::json_evtxecmd,
       "\xEF\xBB\xBF" + evtxecmd(4624, "2022-04-25T22:17:47.0581723+00:00", 72742, kLogonFields) +
           nl + evtxecmd(4697, "2022-04-25T22:17:47.9123456+00:00", 72745, kServiceFields)},
      {"Velociraptor", read_json, Shape::json_velociraptor,
       velociraptor(4624, "1650925067.0581722", 72742,
                    replaced(replaced(json_fields(kLogonFields), R"("0x8a38de")", "9058526"),
                             R"("0x0")", "0")) +
           nl +
           velociraptor(4697, "1650925067.9123456", 72745,
                        replaced(replaced(json_fields(kServiceFields), R"("0x8a38de")", "9058526"),
                                 R"("0x10")", "16")),
       Ticks{5}},
      {"Splunk JSON, classic text inside", read_json, Shape::json_splunk,
       splunk(classic(4624, 72742, kLogonMessage)) + nl +
           splunk(classic(4697, 72745, kServiceMessage)),
       second},
      {"Event Viewer CSV",
       read_csv,
       Shape::csv_event_viewer,
       "Keywords,Date and Time,Source,Event ID,Task Category\r\n"
       "Audit Success,4/25/2022 10:17:47 PM,Microsoft-Windows-Security-Auditing,4697,Security "
       "System Extension," +
           quoted(kServiceMessage) +
           "\r\n"
           "Audit Success,4/25/2022 10:17:47 PM,Microsoft-Windows-Security-Auditing,4624,Logon," +
           quoted(kLogonMessage) + "\r\n",
       second,
       Zone::local,
       {.computer = true, .record_id = true},
       "indeterminate: Computer, order"},
      {"Event Viewer CSV, German header, tabs",
       read_csv,
       Shape::csv_event_viewer,
       "Schl\xc3\xbcsselw\xc3\xb6rter\tDatum und "
       "Uhrzeit\tQuelle\tEreignis-ID\tAufgabenkategorie\r\n"
       "\xc3\x9c"
       "berwachung\t25.04.2022 22:17:47\tMicrosoft-Windows-Security-Auditing\t4624\tLogon\t" +
           quoted(kLogonMessage) +
           "\r\n\xc3\x9c"
           "berwachung\t25.04.2022 22:17:47\tMicrosoft-Windows-Security-Auditing\t4697\tLogon\t" +
           quoted(kServiceMessage) + "\r\n",
       second,
       Zone::local,
       {.computer = true, .record_id = true},
       "indeterminate: Computer"},
      {"Get-WinEvent | Export-Csv", read_csv, Shape::csv_get_winevent,
       "#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n" +
           row({"Message", "Id", "Version", "RecordId", "ProviderName", "LogName", "ProcessId",
                "MachineName", "TimeCreated", "Properties"}) +
           row({kLogonMessage, "4624", "2", "72742", "Microsoft-Windows-Security-Auditing",
                "Security", "680", kHost, "4/25/2022 10:17:47 PM",
                "System.Collections.Generic.List`1"}) +
           row({kServiceMessage, "4697", "1", "72745", "Microsoft-Windows-Security-Auditing",
                "Security", "680", kHost, "4/25/2022 10:17:47 PM",
                "System.Collections.Generic.List`1"}),
       second, Zone::local},
      {"Kibana CSV", read_csv, Shape::csv_kibana,
       field_table({"@timestamp", "winlog.computer_name", "event.code", "winlog.record_id"},
                   "winlog.event_data.", {"Apr 25, 2022 @ 22:17:47.058", kHost, "4624", "72,742"},
                   {"Apr 25, 2022 @ 22:17:47.912", kHost, "4697", "72,745"}, "-"),
       ms, Zone::local},
      {"Sentinel CSV",
       read_csv,
       Shape::csv_sentinel,
       "\xEF\xBB\xBF" + field_table({"TimeGenerated [UTC]", "Computer", "EventID"}, "",
                                    {"4/25/2022, 10:17:47.058 PM", kHost, "4624"},
                                    {"4/25/2022, 10:17:47.912 PM", kHost, "4697"}, ""),
       ms,
       Zone::utc,
       {.record_id = true}},
      {"EvtxECmd CSV", read_csv, Shape::csv_evtxecmd,
       row({"RecordNumber", "EventRecordId", "TimeCreated", "EventId", "Channel", "ProcessId",
            "Computer", "PayloadData1", "Payload"}) +
           row({"1", "72742", "2022-04-25 22:17:47.0581723", "4624", "Security", "680", kHost,
                "Target: EXAMPLE\\Administrator", evtxecmd_payload(kLogonFields)}) +
           row({"2", "72745", "2022-04-25 22:17:47.9123456", "4697", "Security", "680", kHost, "",
                evtxecmd_payload(kServiceFields)})},
      {"Splunk CSV, XML", read_csv, Shape::csv_splunk,
       row({"_raw", "_time", "host"}) +
           row({kLogonXml, "2022-04-25T22:17:47.000+0000", "heavy-forwarder"}) +
           row({kServiceXml, "2022-04-25T22:17:47.000+0000", "heavy-forwarder"})},
      {"Splunk CSV, classic", read_csv, Shape::csv_splunk,
       row({"_time", "_raw"}) +
           row({"2022-04-25T22:17:47.000+0000", classic(4624, 72742, kLogonMessage)}) +
           row({"2022-04-25T22:17:47.000+0000", classic(4697, 72745, kServiceMessage)}),
       second},
      {"Splunk classic text", read_text, Shape::text,
       classic(4624, 72742, kLogonMessage) + classic(4697, 72745, kServiceMessage), second,
       Zone::local},
      {"wevtutil /f:text",
       read_text,
       Shape::text,
       wevtutil_text(0, 4624, "058", kLogonMessage) +
           wevtutil_text(1, 4697, "912", kServiceMessage),
       ms,
       Zone::local,
       {.record_id = true}},
      {"Get-WinEvent | Format-List",
       read_text,
       Shape::text,
       "\r\n\r\n" + format_list(4624, kLogonMessage) + format_list(4697, kServiceMessage),
       second,
       Zone::local,
       {.record_id = true}},
      {"Event Viewer, copied as text",
       read_text,
       Shape::text,
       event_viewer_text(4624, kLogonMessage) + event_viewer_text(4697, kServiceMessage),
       second,
       Zone::local,
       {.record_id = true}},
  };
}

}  // namespace krbtrail::windows
