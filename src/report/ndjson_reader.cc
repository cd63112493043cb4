// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/report/ndjson_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include <simdjson.h>

#include "krbtrail/report/escape.h"

namespace krbtrail::report {
namespace {

using model::Error;
using simdjson::dom::element;

constexpr std::size_t kDepthLimit = 32;
constexpr std::int64_t kSchema = 1;
constexpr std::size_t kIdLength = 16;

// What is wrong with the line; the first fault counts.
struct Fault {
  std::string text;

  void note(std::string_view key, std::string_view what) {
    if (text.empty())
      text = "'" + std::string{key} + "' " + std::string{what};
  }
};

// The members of one JSON object. An absent key gives the empty value; a value of another kind than
// the schema has is a fault.
class Members {
 public:
  Members(simdjson::dom::object object, Fault& fault) : object_(object), fault_(fault) {}

  [[nodiscard]] Fault& fault() const { return fault_; }

  [[nodiscard]] std::optional<element> find(std::string_view key) const {
    element found;
    if (object_.at_key(key).get(found) != simdjson::SUCCESS || found.is_null())
      return std::nullopt;
    return found;
  }

  [[nodiscard]] std::optional<std::string> optional_text(std::string_view key) const {
    const auto value = find(key);
    if (!value)
      return std::nullopt;
    return text_of(key, *value);
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    return optional_text(key).value_or("");
  }

  [[nodiscard]] std::string required_text(std::string_view key) const {
    std::optional<std::string> value = optional_text(key);
    if (!value)
      fault_.note(key, "is missing");
    return std::move(value).value_or("");
  }

  [[nodiscard]] std::string id(std::string_view key) const {
    std::string value = required_text(key);
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (value.size() != kIdLength || !std::ranges::all_of(value, is_digit))
      fault_.note(key, "is no id of 16 hexadecimal digits");
    return value;
  }

  [[nodiscard]] std::optional<model::Timestamp> optional_time(std::string_view key) const {
    const std::optional<std::string> value = optional_text(key);
    if (!value)
      return std::nullopt;
    const model::Result<model::Timestamp> time = model::parse_timestamp(*value);
    if (!time) {
      fault_.note(key, "is no time");
      return std::nullopt;
    }
    return time.value();
  }

  [[nodiscard]] model::Timestamp time(std::string_view key) const {
    const std::optional<model::Timestamp> value = optional_time(key);
    if (!value)
      fault_.note(key, "is missing");
    return value.value_or(model::Timestamp{});
  }

  template <class Number>
  [[nodiscard]] std::optional<Number> optional_number(std::string_view key) const {
    const auto value = find(key);
    if (!value)
      return std::nullopt;
    if constexpr (std::is_signed_v<Number>) {
      std::int64_t number = 0;
      if (value->get(number) == simdjson::SUCCESS && std::in_range<Number>(number))
        return static_cast<Number>(number);
    } else {
      std::uint64_t number = 0;
      if (value->get(number) == simdjson::SUCCESS && std::in_range<Number>(number))
        return static_cast<Number>(number);
    }
    fault_.note(key, "is no number that it can be");
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t count(std::string_view key) const {
    return optional_number<std::uint64_t>(key).value_or(0);
  }

  [[nodiscard]] std::optional<bool> optional_truth(std::string_view key) const {
    const auto value = find(key);
    if (!value)
      return std::nullopt;
    bool truth = false;
    if (value->get(truth) != simdjson::SUCCESS)
      fault_.note(key, "is neither true nor false");
    return truth;
  }

  [[nodiscard]] bool truth(std::string_view key) const {
    return optional_truth(key).value_or(false);
  }

  [[nodiscard]] std::optional<Members> object(std::string_view key) const {
    const auto value = find(key);
    if (!value)
      return std::nullopt;
    return as_object(key, *value);
  }

  // Calls `use` for each element of the array.
  template <class Use>
  void each(std::string_view key, Use use) const {
    const auto value = find(key);
    if (!value)
      return;
    simdjson::dom::array items;
    if (value->get(items) != simdjson::SUCCESS)
      return fault_.note(key, "is no array");
    for (const element item : items)
      use(item);
  }

  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> values;
    each(key, [&](element item) { values.push_back(text_of(key, item)); });
    return values;
  }

  // Of an array of objects, each made by `make`.
  template <class Make>
  [[nodiscard]] auto objects(std::string_view key, Make make) const {
    std::vector<decltype(make(std::declval<const Members&>()))> values;
    each(key, [&](element item) {
      if (const std::optional<Members> members = as_object(key, item))
        values.push_back(make(*members));
    });
    return values;
  }

  // All of it, as counts by names that are data.
  [[nodiscard]] std::map<std::string, std::uint64_t> table() const {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [name, value] : object_) {
      if (value.get(counts[bytes_of_json(name)]) != simdjson::SUCCESS)
        fault_.note(name, "is no number that it can be");
    }
    return counts;
  }

 private:
  [[nodiscard]] std::string text_of(std::string_view key, element value) const {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS)
      fault_.note(key, "is no text");
    return bytes_of_json(text);
  }

  [[nodiscard]] std::optional<Members> as_object(std::string_view key, element value) const {
    simdjson::dom::object inner;
    if (value.get(inner) == simdjson::SUCCESS)
      return Members{inner, fault_};
    fault_.note(key, "is no object");
    return std::nullopt;
  }

  simdjson::dom::object object_;
  Fault& fault_;
};

model::Severity severity(const Members& members) {
  const auto severity = model::parse_severity(members.required_text("severity"));
  if (!severity)
    members.fault().note("severity", "is no severity");
  return severity.value_or(model::Severity::medium);
}

// The enumerator whose word stands at `key`.
template <class Enum, std::size_t Count>
Enum one_of(const Members& members, std::string_view key, const std::array<Enum, Count>& all) {
  const std::string word = members.required_text(key);
  const auto* const found =
      std::ranges::find_if(all, [&](Enum value) { return to_string(value) == word; });
  if (found != all.end())
    return *found;
  members.fault().note(key, "is no word of the schema");
  return all.front();
}

model::RuleSet rule_set(const Members& members) {
  using enum model::RuleSet;
  return one_of(members, "rule_set", std::array{seed, extended, windows});
}

model::Verdict verdict(const Members& members) {
  using enum model::Verdict;
  return one_of(members, "type", std::array{finding, near_miss, indeterminate});
}

model::Reason reason(const Members& members) {
  return {.text = members.text("text"), .points = members.optional_number<int>("points")};
}

model::Account account(const Members& members) {
  return {.name = members.optional_text("name"),
          .uid = members.optional_number<std::uint32_t>("uid"),
          .euid = members.optional_number<std::uint32_t>("euid"),
          .fsuid = members.optional_number<std::uint32_t>("fsuid"),
          .auid = members.optional_number<std::uint32_t>("auid"),
          .session = members.optional_number<std::uint32_t>("session")};
}

model::ProcessFacts process_facts(const Members& members) {
  return {.pid = members.optional_number<std::uint32_t>("pid"),
          .name = members.text("name"),
          .exe = members.text("exe"),
          .command_line = members.text("command_line"),
          .command_line_source = members.text("command_line_source"),
          .source = members.text("source")};
}

void read_process(const Members& members, model::Finding& finding) {
  const std::optional<Members> process = members.object("process");
  if (!process)
    return;
  finding.process = process_facts(*process);
  if (const std::optional<Members> parent = process->object("parent"))
    finding.parent = process_facts(*parent);
  finding.ancestry = process->objects("ancestry", process_facts);
}

model::FileFacts file_facts(const Members& members) {
  return {.path = members.text("path"),
          .old_path = members.text("old_path"),
          .action = members.text("action"),
          .path_confidence = members.text("path_confidence"),
          .owner_uid = members.optional_number<std::uint32_t>("owner_uid"),
          .device = members.text("device"),
          .inode = members.optional_number<std::uint64_t>("inode")};
}

model::Evidence evidence(const Members& members) {
  return {.input = members.text("input"),
          .line = members.count("line"),
          .event = members.text("event"),
          .node = members.text("node"),
          .record_id = members.optional_number<std::uint64_t>("record_id"),
          .offset = members.optional_number<std::uint64_t>("offset"),
          .recovered = members.truth("recovered"),
          .records = members.texts("records")};
}

model::Hop hop(const Members& members) {
  const std::optional<Members> source = members.object("evidence");
  return {.number = members.optional_number<std::uint32_t>("number").value_or(0),
          .time = members.time("time"),
          .action = members.text("action"),
          .path = members.text("path"),
          .process = members.text("process"),
          .pid = members.optional_number<std::uint32_t>("pid"),
          .confidence = members.text("confidence"),
          .evidence = source ? evidence(*source) : model::Evidence{}};
}

model::Predicate predicate(const Members& members) {
  return {.name = members.text("name"),
          .held = members.optional_truth("held"),
          .value = members.text("value"),
          .wanted = members.text("wanted")};
}

std::optional<std::uint64_t> logon_id(const Members& members) {
  const std::optional<std::string> text = members.optional_text("logon_id");
  if (!text)
    return std::nullopt;
  std::uint64_t id = 0;
  const char* const end = text->data() + text->size();
  if (!text->starts_with("0x") || text->size() == 2 ||
      std::from_chars(text->data() + 2, end, id, 16).ptr != end)
    members.fault().note("logon_id", "is no hexadecimal number");
  return id;
}

model::WindowsLogon logon(const Members& members) {
  return {.time = members.optional_time("time"),
          .record_id = members.optional_number<std::uint64_t>("record_id"),
          .logon_id = logon_id(members),
          .target_user_name = members.optional_text("target_user_name"),
          .target_domain_name = members.optional_text("target_domain_name"),
          .target_user_sid = members.optional_text("target_user_sid"),
          .subject_user_name = members.optional_text("subject_user_name"),
          .subject_user_sid = members.optional_text("subject_user_sid"),
          .ip_address = members.optional_text("ip_address"),
          .ip_port = members.optional_text("ip_port"),
          .logon_type = members.optional_text("logon_type"),
          .authentication_package = members.optional_text("authentication_package"),
          .elevated_token = members.optional_text("elevated_token"),
          .process_id = members.optional_text("process_id"),
          .logon_guid = members.optional_text("logon_guid"),
          .logon_process = members.optional_text("logon_process"),
          .target_linked_logon_id = members.optional_text("target_linked_logon_id")};
}

model::WindowsService service(const Members& members) {
  return {.time = members.optional_time("time"),
          .record_id = members.optional_number<std::uint64_t>("record_id"),
          .logon_id = logon_id(members),
          .name = members.optional_text("name"),
          .file_name = members.optional_text("file_name"),
          .account = members.optional_text("account"),
          .start_type = members.optional_text("start_type"),
          .type = members.optional_text("type"),
          .subject_user_name = members.optional_text("subject_user_name"),
          .subject_user_sid = members.optional_text("subject_user_sid"),
          .client_process_id = members.optional_text("client_process_id"),
          .parent_process_id = members.optional_text("parent_process_id"),
          .traits = members.objects("traits", reason)};
}

model::WindowsSessionEvent session_event(const Members& members) {
  return {.time = members.optional_time("time"),
          .event_id = members.optional_number<std::uint32_t>("event_id").value_or(0),
          .record_id = members.optional_number<std::uint64_t>("record_id"),
          .summary = members.text("text")};
}

model::WindowsLead lead(const Members& members) {
  return {
      .why = members.text("why"), .host = members.text("host"), .event = session_event(members)};
}

model::RelatedFinding related(const Members& members) {
  return {.id = members.text("id"), .time = members.time("time"), .text = members.text("text")};
}

// Longer spans than a century are nobody's, and fit any arithmetic on ticks.
std::optional<model::Ticks> span(const Members& members) {
  constexpr double kMostSeconds = 100.0 * 366 * 86'400;
  const auto value = members.find("span_seconds");
  if (!value)
    return std::nullopt;
  double seconds = 0;
  if (value->get(seconds) != simdjson::SUCCESS || std::abs(seconds) > kMostSeconds) {
    members.fault().note("span_seconds", "is no number that it can be");
    return std::nullopt;
  }
  return model::Ticks{std::llround(seconds * static_cast<double>(model::Ticks::period::den))};
}

model::WindowsPair windows_pair(const Members& members) {
  const std::optional<Members> first = members.object("logon");
  const std::optional<Members> second = members.object("service");
  if (!second)
    members.fault().note("service", "is missing");
  return {.computer = members.text("computer"),
          .variant = members.text("variant"),
          .span = span(members),
          .logon = first ? std::optional{logon(*first)} : std::nullopt,
          .service = second ? service(*second) : model::WindowsService{},
          .session = members.objects("session", session_event),
          .leads = members.objects("leads", lead),
          .related = members.objects("related", related),
          .normalisations = members.texts("normalisations"),
          .caveats = members.texts("caveats"),
          .conclusion = members.text("verdict"),
          .conclusion_reasons = members.objects("verdict_reasons", reason),
          .next_steps = members.texts("next_steps")};
}

std::vector<std::string> audit_keys(const Members& members) {
  std::string keys = members.text("audit_key");
  return keys.empty() ? std::vector<std::string>{} : std::vector{std::move(keys)};
}

model::NetworkContact contact(const Members& members) {
  return {.address = members.text("address"),
          .port = members.optional_number<std::uint16_t>("port")};
}

model::Finding finding(const Members& members) {
  model::Finding finding;
  finding.verdict = verdict(members);
  finding.id = members.id("id");
  finding.time = members.time("time");
  finding.rule = members.required_text("rule");
  finding.rules = members.texts("rules");
  finding.rule_set = rule_set(members);
  finding.detection_type = members.text("detection_type");
  finding.title = members.text("title");
  finding.severity = severity(members);
  finding.score = members.optional_number<int>("score");
  finding.confidence = members.text("confidence");
  finding.count = members.optional_number<std::uint64_t>("count").value_or(1);
  finding.attack = members.texts("attack");
  finding.host = members.required_text("host");
  if (const std::optional<Members> actor = members.object("account"))
    finding.account = account(*actor);
  read_process(members, finding);
  finding.matched_name = members.text("matched_name");
  finding.action_type = members.text("action_type");
  if (const std::optional<Members> file = members.object("file"))
    finding.file = file_facts(*file);
  if (const std::optional<Members> reached = members.object("contact"))
    finding.contact = contact(*reached);
  finding.trail = members.objects("trail", hop);
  finding.reasons = members.objects("reasons", reason);
  finding.predicates = members.objects("predicates", predicate);
  finding.audit_keys = audit_keys(members);
  finding.suppressed_by = members.optional_text("suppressed_by");
  if (members.find("incident"))
    finding.incident = members.id("incident");
  finding.evidence = members.objects("evidence", evidence);
  if (finding.rule_set == model::RuleSet::windows)
    finding.windows = windows_pair(members);
  return finding;
}

model::IncidentStep step(const Members& members) {
  return {.time = members.time("time"),
          .text = members.text("text"),
          .event = members.text("event"),
          .confidence = members.text("confidence")};
}

model::Incident incident(const Members& members) {
  const std::optional<Members> actor = members.object("account");
  return {.id = members.id("id"),
          .host = members.required_text("host"),
          .first = members.time("first"),
          .last = members.time("last"),
          .severity = severity(members),
          .title = members.text("title"),
          .actor = actor ? account(*actor) : model::Account{},
          .owner_uid = members.optional_number<std::uint32_t>("owner_uid"),
          .ticket = members.text("ticket"),
          .copies = members.texts("copies"),
          .used_by = members.texts("used_by"),
          .contacts = members.texts("contacts"),
          .ancestry = members.objects("ancestry", process_facts),
          .timeline = members.objects("timeline", step),
          .findings = members.texts("findings"),
          .not_visible = members.texts("not_visible"),
          .linked = members.texts("linked")};
}

model::Statement statement(const Members& members) {
  return {.key = members.text("key"),
          .text = members.text("text"),
          .reason = members.text("reason"),
          .count = members.count("count"),
          .limits = members.truth("limits")};
}

model::HostCoverage host_coverage(const Members& members) {
  return {.host = members.text("host"),
          .first = members.optional_time("first"),
          .last = members.optional_time("last"),
          .events = members.count("events"),
          .records = members.count("records"),
          .statements = members.objects("statements", statement)};
}

model::Count lane(const Members& members, std::string_view key) {
  const std::optional<Members> count = members.object(key);
  if (!count)
    return {};
  return {.lines = count->count("lines"), .bytes = count->count("bytes")};
}

model::Coverage coverage(const Members& members) {
  model::Coverage coverage;
  coverage.bytes_read = members.count("bytes_read");
  coverage.used = lane(members, "used");
  coverage.not_needed = lane(members, "not_needed");
  if (const std::optional<Members> rejected = members.object("rejected")) {
    for (std::size_t i = 0; i < coverage.rejected.size(); ++i)
      coverage.rejected[i] = lane(*rejected, to_string(static_cast<model::Rejection>(i)));
  }
  coverage.records = members.count("records");
  coverage.events = members.count("events");
  coverage.events_evaluated = members.count("events_evaluated");
  coverage.events_displaced = members.count("events_displaced");
  coverage.decode_failures = members.count("decode_failures");
  coverage.notes = members.texts("notes");
  if (const std::optional<Members> evictions = members.object("evictions"))
    coverage.evictions = evictions->table();
  return coverage;
}

model::InputCoverage input(const Members& members) {
  return {.name = members.text("name"),
          .kind = members.text("kind"),
          .bytes = members.count("bytes"),
          .problem = members.text("problem"),
          .unread = members.truth("unread"),
          .sha256 = members.text("sha256")};
}

RunSummary run_summary(const Members& members) {
  RunSummary run;
  run.summary.version = members.text("version");
  run.summary.rule_set = members.text("rule_set");
  run.summary.windows_rule = members.text("windows_rule");
  run.summary.findings = members.count("findings");
  if (const std::optional<Members> counts = members.object("findings_by_severity")) {
    for (std::size_t i = 0; i < run.summary.findings_by_severity.size(); ++i)
      run.summary.findings_by_severity[i] =
          counts->count(to_string(static_cast<model::Severity>(i)));
  }
  run.summary.hidden = members.count("hidden");
  run.summary.suppressed = members.count("suppressed");
  run.summary.filtered = members.count("filtered");
  run.summary.near_misses = members.count("near_misses");
  run.summary.indeterminate = members.count("indeterminate");
  run.summary.incidents = members.count("incidents");
  run.summary.sandbox = members.texts("sandbox");
  run.inputs = members.objects("inputs", input);
  return run;
}

NdjsonObject object_of(const Members& members) {
  std::string type = members.required_text("type");
  if (members.optional_number<std::int64_t>("schema").value_or(0) != kSchema)
    members.fault().note("schema", "is not 1");
  if (type == "finding" || type == "near_miss" || type == "indeterminate")
    return finding(members);
  if (type == "incident")
    return incident(members);
  if (type == "coverage" && members.find("host"))
    return host_coverage(members);
  if (type == "coverage")
    return coverage(members);
  if (type == "summary")
    return run_summary(members);
  return UnknownObject{.type = std::move(type)};
}

}  // namespace

struct NdjsonReader::Parser {
  simdjson::dom::parser json{kLineLimit};
};

NdjsonReader::NdjsonReader() : parser_(std::make_unique<Parser>()) {}
NdjsonReader::~NdjsonReader() = default;

model::Result<NdjsonObject> NdjsonReader::read(std::string_view line) {
  if (line.size() > kLineLimit)
    return Error{.message = "is longer than a line of NDJSON can be", .hint = ""};
  simdjson::dom::parser& json = parser_->json;
  if (json.max_depth() != kDepthLimit || json.capacity() < line.size()) {
    if (json.allocate(std::max(line.size(), std::size_t{1} << 16U), kDepthLimit) !=
        simdjson::SUCCESS)
      return Error{.message = "is longer than the memory allows", .hint = ""};
  }
  element parsed;
  if (const simdjson::error_code error = json.parse(line.data(), line.size()).get(parsed);
      error != simdjson::SUCCESS)
    return Error{.message = std::string{"is not valid JSON: "} + simdjson::error_message(error),
                 .hint = ""};
  simdjson::dom::object top;
  if (parsed.get(top) != simdjson::SUCCESS)
    return Error{.message = "is no JSON object", .hint = ""};
  Fault fault;
  NdjsonObject object = object_of(Members{top, fault});
  if (!fault.text.empty())
    return Error{.message = std::move(fault.text), .hint = ""};
  return object;
}

}  // namespace krbtrail::report
