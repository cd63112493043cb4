// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail explain`: one event against every rule, predicate by predicate, as the rules decide.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/audit_pipeline.h"
#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/folded_text.h"
#include "cli/kerberos_configuration.h"
#include "cli/messages.h"
#include "cli/passwd_file.h"
#include "cli/progress.h"
#include "cli/report_output.h"
#include "cli/sandbox.h"
#include "cli/standard_output.h"
#include "cli/windows_pipeline.h"
#include "krbtrail/input/files.h"
#include "krbtrail/input/mounted_image.h"
#include "krbtrail/model/timestamp.h"
#include "krbtrail/report/escape.h"

namespace krbtrail::cli {

namespace {

using detect::ExplainedActivity;
using model::Error;
using model::Result;

constexpr std::size_t kNameColumn = 11;
constexpr std::size_t kValueColumn = 20;

// What the evidence has of the event that was asked for.
struct Answer {
  std::vector<ExplainedActivity> acts;
  std::vector<std::vector<std::string>> events;  // the record types of each event of that name
};

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

Error no_event(std::string_view text) {
  return {.message = "'" + std::string{text} + "' is no event",
          .hint = "wanted is [NODE/]SECONDS.MILLISECONDS:SERIAL or COMPUTER#RECORDID"};
}

// A node may hold slashes: a host without a name of its own is called by its directory.
Result<detect::EventName> parse_event(std::string_view text) {
  detect::EventName name;
  std::string_view stamp = text;
  if (const auto slash = text.rfind('/'); slash != std::string_view::npos) {
    name.host = text.substr(0, slash);
    stamp = text.substr(slash + 1);
  }
  const auto dot = stamp.find('.');
  const auto colon = stamp.find(':');
  if (dot == std::string_view::npos || colon == std::string_view::npos || colon != dot + 4)
    return no_event(text);
  const auto seconds = number<std::int64_t>(stamp.substr(0, dot));
  const auto milliseconds = number<std::uint16_t>(stamp.substr(dot + 1, 3));
  const auto serial = number<std::uint32_t>(stamp.substr(colon + 1));
  if (!seconds || *seconds < 0 || !milliseconds || !serial)
    return no_event(text);
  name.seconds = *seconds;
  name.milliseconds = *milliseconds;
  name.serial = *serial;
  return name;
}

struct RecordName {
  std::string computer;
  std::uint64_t record_id = 0;
};

// Unset if it is no COMPUTER#RECORDID.
std::optional<RecordName> parse_record(std::string_view text) {
  const auto hash = text.rfind('#');
  if (hash == std::string_view::npos || hash == 0)
    return std::nullopt;
  const auto record_id = number<std::uint64_t>(text.substr(hash + 1));
  if (!record_id)
    return std::nullopt;
  return RecordName{.computer = std::string{text.substr(0, hash)}, .record_id = *record_id};
}

// Text.

std::string_view word_for(const std::optional<bool>& held) {
  if (!held)
    return "unknown";
  return *held ? "held" : "failed";
}

std::string as_text(const model::Predicate& predicate) {
  std::string line = "    " + std::string{word_for(predicate.held)};
  line.append(kNameColumn + 1 - line.size(), ' ');
  const std::string behind(kNameColumn + 1, ' ');
  return line + predicate.name + "\n" + behind + "wanted  " + fold(predicate.wanted, kValueColumn) +
         behind + "saw     " +
         fold(predicate.value.empty() ? "nothing" : report::escape_terminal(predicate.value),
              kValueColumn);
}

std::string as_text(const std::vector<model::Predicate>& predicates) {
  std::string text;
  for (const model::Predicate& predicate : predicates)
    text += as_text(predicate);
  return text;
}

std::string as_text(const detect::Explanation& rule) {
  std::string text = std::string{rule.rule->id} + (rule.holds ? " holds" : " does not hold") + "\n";
  if (!rule.required.empty())
    text += "  all of\n" + as_text(rule.required);
  for (std::size_t i = 0; i < rule.alternatives.size(); ++i) {
    const bool only = rule.alternatives.size() == 1;
    const std::string which =
        only ? "  all of\n" : "  " + std::string{i == 0 ? "either" : "or"} + " all of\n";
    text += which + as_text(rule.alternatives[i]);
  }
  return text;
}

std::string as_text(const ExplainedActivity& activity) {
  std::string text = activity.event;
  text += activity.host.empty() ? " on a host without a name"
                                : " on " + report::escape_terminal(activity.host);
  text += "\n" + fold(report::escape_terminal(activity.act), 0);
  if (activity.rules.empty())
    text += "\nNo rule looks at this.\n";
  for (const detect::Explanation& rule : activity.rules)
    text += "\n" + as_text(rule);
  return text;
}

std::string as_text(const std::vector<ExplainedActivity>& acts) {
  std::string text;
  for (const ExplainedActivity& activity : acts)
    text += (text.empty() ? "" : "\n") + as_text(activity);
  return text;
}

// JSON.

std::string quoted(std::string_view text) {
  std::string json = "\"";
  report::append_json(json, text);
  return json + "\"";
}

template <class T, class AsJson>
std::string list(const std::vector<T>& items, AsJson as_json) {
  std::string json;
  for (const T& item : items)
    json += (json.empty() ? "" : ",") + as_json(item);
  return "[" + json + "]";
}

std::string json_of(const model::Predicate& predicate) {
  const std::string held = !predicate.held ? "null" : *predicate.held ? "true" : "false";
  return "{\"name\":" + quoted(predicate.name) + ",\"held\":" + held +
         ",\"value\":" + quoted(predicate.value) + ",\"wanted\":" + quoted(predicate.wanted) + "}";
}

std::string json_of_clause(const std::vector<model::Predicate>& predicates) {
  return list(predicates, json_of);
}

std::string json_of_rule(const detect::Explanation& rule) {
  return "{\"rule\":" + quoted(rule.rule->id) + ",\"holds\":" + (rule.holds ? "true" : "false") +
         ",\"required\":" + json_of_clause(rule.required) +
         ",\"alternatives\":" + list(rule.alternatives, json_of_clause) + "}";
}

std::string json_of_activity(const ExplainedActivity& activity) {
  return "\n{\"event\":" + quoted(activity.event) + ",\"host\":" + quoted(activity.host) +
         ",\"act\":" + quoted(activity.act) + ",\"rules\":" + list(activity.rules, json_of_rule) +
         "}";
}

std::string as_json(const std::vector<ExplainedActivity>& acts) {
  return "{\"schema\":1,\"acts\":" + list(acts, json_of_activity) + "}\n";
}

// Reading.

using OnProgress = std::function<void(std::uint64_t)>;

// The answer of the audit logs.
Result<Answer> ask_audit_logs(const input::Evidence& evidence, const detect::EventName& event,
                              const detect::Settings& settings, const std::string& passwd,
                              bool strict_kql, const OnProgress& on_progress,
                              model::Coverage& coverage) {
  Answer answer;
  const auto pipeline = AuditPipeline::make(
      {.seed_only = strict_kql,
       .strict_kql = strict_kql,
       .settings = settings,
       .passwd = passwd,
       .explain = ExplanationWanted{
           .event = event,
           .on_event =
               [&](const std::vector<std::string>& types) { answer.events.push_back(types); },
           .on_activity =
               [&](ExplainedActivity activity) { answer.acts.push_back(std::move(activity)); }},
       .on_progress = on_progress,
       .stop = {}},
      coverage, [](const model::Finding&) {}, [](const model::Incident&) {});
  if (!pipeline)
    return pipeline.error();
  for (const input::LogSet& set : evidence.sets)
    pipeline.value()->scan(set);
  pipeline.value()->finish();
  return answer;
}

bool print_what_was_not_read(const input::Evidence& evidence, const model::Coverage& coverage) {
  bool any = false;
  for (const auto* inputs : {&evidence.unread, &coverage.inputs}) {
    for (const model::InputCoverage& input : *inputs) {
      if (!input.problem.empty())
        print_error({.message = input.name + ": " + input.problem, .hint = ""});
      any = any || input.unread;
    }
  }
  return any;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

// An event without an act is an answer, too: no rule can want it.
void print_events_without_acts(const Answer& answer, std::string_view event) {
  if (!answer.acts.empty())
    return;
  for (const std::vector<std::string>& types : answer.events)
    print_error({.message = std::string{event} + ": is neither a program start that succeeded nor "
                                                 "an act on a file, and no rule looks at it",
                 .hint = "its records are " + joined(types)});
}

// The answer of the Windows logs.
Result<Answer> ask_windows_logs(const input::Evidence& evidence, const RecordName& record,
                                detect::RuleVariant variant, const std::string& host_name,
                                std::optional<std::chrono::minutes> input_zone,
                                const OnProgress& on_progress, model::Coverage& coverage) {
  WindowsPipeline pipeline{{.variant = variant,
                            .input_zone = input_zone,
                            .host_name = host_name,
                            .spill_directory = spill_directory(),
                            .on_progress = on_progress,
                            .stop = {}},
                           coverage};
  for (const input::LogFile& file : evidence.windows)
    pipeline.scan(file);
  Result<std::vector<ExplainedActivity>> pairs =
      pipeline.explain(record.computer, record.record_id);
  if (!pairs)
    return pairs.error();
  Answer answer;
  if (!pairs.value().empty())
    answer.events.emplace_back();
  answer.acts = std::move(pairs.value());
  return answer;
}

std::string text_of(const Arguments& arguments, std::string_view name) {
  return std::string{arguments.value(name).value_or("")};
}

Result<std::optional<std::chrono::minutes>> read_input_zone(const Arguments& arguments) {
  const auto text = arguments.value("input-zone");
  if (!text)
    return std::optional<std::chrono::minutes>{};
  const Result<std::chrono::minutes> zone = model::parse_zone(*text);
  if (!zone)
    return about_option("input-zone", zone.error());
  return std::optional{zone.value()};
}

// What a mounted image says about its own tickets.
void add_image(const input::MountedImage& image, Configuration& configuration,
               std::vector<std::string>& notes) {
  const KerberosConfiguration host = read_kerberos_configuration(image);
  add_ticket_places(configuration, host);
  notes.insert(notes.end(), host.notes.begin(), host.notes.end());
}

// What the command line asks: one event and where to look for it.
struct Question {
  std::string event;
  std::vector<std::string> paths;
  std::optional<RecordName> record;  // of a Windows log; otherwise:
  detect::EventName name;
};

Result<Question> read_question(const Arguments& arguments) {
  const std::vector<std::string>& operands = arguments.operands();
  const bool image = arguments.has("root");
  if (image && operands.size() > 1)
    return Error{.message = "--root and a path exclude each other",
                 .hint = "--root DIR reads DIR/var/log/audit"};
  if (operands.size() < (image ? 1U : 2U))
    return Error{.message = "an event and the evidence that holds it are wanted",
                 .hint = "krbtrail explain 1700000000.123:42 /var/log/audit"};
  Question question{.event = operands.front(),
                    .paths = {operands.begin() + 1, operands.end()},
                    .record = parse_record(operands.front()),
                    .name = {}};
  if (question.record)
    return question;
  const Result<detect::EventName> name = parse_event(question.event);
  if (!name)
    return name.error();
  question.name = name.value();
  return question;
}

Result<ExitStatus> print_answer(const Question& question, const Answer& answer, bool json,
                                bool unread) {
  if (answer.events.empty()) {
    print_error({.message = question.event + ": is not in the evidence", .hint = ""});
    return ExitStatus::incomplete;
  }
  print_events_without_acts(answer, question.event);
  const std::string text = json ? as_json(answer.acts) : as_text(answer.acts);
  if (const model::Status written = write_standard_output(text); !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return unread ? ExitStatus::incomplete : ExitStatus::clean;
}

Result<ExitStatus> run(const Arguments& arguments) {
  const Result<Question> read = read_question(arguments);
  if (!read)
    return read.error();
  const Question& question = read.value();
  Mistakes mistakes;
  Configuration configuration = load_configuration(text_of(arguments, "config"), mistakes);
  if (!mistakes.empty()) {
    print_errors(mistakes);
    return ExitStatus::usage;
  }
  const Result<std::optional<std::chrono::minutes>> input_zone = read_input_zone(arguments);
  if (!input_zone)
    return input_zone.error();
  const std::string root = text_of(arguments, "root");
  const std::string passwd_file = text_of(arguments, "passwd");
  SandboxPaths allowed{.readable = question.paths, .writable_directories = {spill_directory()}};
  allowed.readable.push_back(root);
  allowed.readable.push_back(passwd_file);
  static_cast<void>(enter_sandbox(allowed));
  const std::string host_name = text_of(arguments, "hostname");
  input::GatherOptions gathering{.host_name = host_name};
  if (!root.empty())
    gathering.root = root;
  const input::Evidence evidence = input::gather(question.paths, gathering);
  std::vector<std::string> notes;
  const Result<std::string> passwd = account_names(passwd_file, evidence, notes);
  if (!passwd)
    return passwd.error();
  if (evidence.image)
    add_image(*evidence.image, configuration, notes);
  print_warnings(notes);
  model::Coverage coverage;
  Progress progress{{.enabled = shows_progress(When::automatic, false), .total = {}},
                    std::chrono::steady_clock::now()};
  const OnProgress on_progress = [&](std::uint64_t bytes) {
    progress.update(bytes, std::chrono::steady_clock::now());
  };
  const Result<Answer> answer =
      question.record
          ? ask_windows_logs(evidence, *question.record,
                             *detect::parse_rule_variant(*arguments.value("windows-rule")),
                             host_name, input_zone.value(), on_progress, coverage)
          : ask_audit_logs(evidence, question.name, configuration.settings, passwd.value(),
                           arguments.has("strict-kql"), on_progress, coverage);
  progress.clear();
  if (!answer)
    return answer.error();
  const bool unread = print_what_was_not_read(evidence, coverage);
  return print_answer(question, answer.value(), arguments.value("format") == "json", unread);
}

constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
constexpr std::array<std::string_view, 2> kWindowsRules{"v214", "pre2025"};
constexpr std::array<Option, 8> kOptions{{
    {.name = "format",
     .value = "FORMAT",
     .help = "text or json",
     .fallback = "text",
     .words = kFormats,
     .group = "Options"},
    {.name = "strict-kql",
     .help = "the query to the letter: no reads, no other names",
     .group = "Options"},
    {.name = "windows-rule",
     .value = "VERSION",
     .help = "v214, or pre2025: before June 2025",
     .fallback = "v214",
     .words = kWindowsRules,
     .group = "Options"},
    {.name = "config",
     .value = "FILE",
     .help = "the site's settings, krbtrail.conf(5)",
     .group = "Options"},
    {.name = "root",
     .value = "DIR",
     .help = "a mounted image, in place of PATH",
     .group = "Options"},
    {.name = "passwd",
     .value = "FILE",
     .help = "names for uids, as in /etc/passwd",
     .group = "Options"},
    {.name = "hostname",
     .value = "NAME",
     .help = "the host of records that name none",
     .group = "Options"},
    {.name = "input-zone",
     .value = "ZONE",
     .help = "of Windows times that name none: +HH:MM",
     .group = "Options"},
}};
constexpr std::array<Example, 3> kExamples{{
    {"krbtrail explain 1795329411.573:30481 theft.log", "why and why not"},
    {"krbtrail explain --strict-kql 1795329411.573:30481 theft.log", "to the letter"},
    {"krbtrail explain --format json 1795329411.573:30481 theft.log", "for a program"},
}};

}  // namespace

const Command& explain_command() {
  static const Command command{
      .name = "explain",
      .summary = "hold one event against every rule, by predicate",
      .operands = "EVENT PATH...",
      .about =
          "Prints every predicate of every rule for one event: held or failed, what it\n"
          "wanted and what it saw. EVENT is [NODE/]SECONDS.MILLISECONDS:SERIAL, as a\n"
          "finding names it, or COMPUTER#RECORDID of a Windows log. All of PATH is read,\n"
          "because rules know what came before.\n",
      .options = kOptions,
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
