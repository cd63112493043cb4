// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/exceptions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/detect/rule_catalogue.h"
#include "krbtrail/detect/service_traits.h"

namespace krbtrail::detect {
namespace {

using model::Finding;

enum class Side : std::uint8_t { linux_host, windows };

// One field that can be pinned.
struct PinnedField {
  std::string_view path;
  Side side = Side::linux_host;
  bool required = false;
  bool may_be_empty = false;  // a host has no name where the evidence gives none
  bool ignores_case = false;
  std::optional<std::string> (*value)(const Finding& finding) = nullptr;
};

template <class Number>
std::string digits(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "null";
}

std::optional<std::string> text_of(const std::optional<std::string>& text) {
  return text;
}

constexpr std::array kFields = {
    PinnedField{.path = "rule",
                .required = true,
                .value = [](const Finding& finding) { return std::optional{finding.rule}; }},
    PinnedField{.path = "host",
                .required = true,
                .may_be_empty = true,
                .ignores_case = true,
                .value = [](const Finding& finding) { return std::optional{finding.host}; }},
    PinnedField{
        .path = "account.uid",
        .required = true,
        .value = [](const Finding& finding) { return std::optional{digits(finding.account.uid)}; }},
    PinnedField{
        .path = "account.auid",
        .required = true,
        .value =
            [](const Finding& finding) { return std::optional{digits(finding.account.auid)}; }},
    PinnedField{.path = "process.exe",
                .required = true,
                .value =
                    [](const Finding& finding) {
                      return finding.process ? std::optional{finding.process->exe} : std::nullopt;
                    }},
    PinnedField{.path = "process.command_line",
                .value =
                    [](const Finding& finding) {
                      return finding.process ? std::optional{finding.process->command_line}
                                             : std::nullopt;
                    }},
    PinnedField{.path = "process.parent.exe",
                .value =
                    [](const Finding& finding) {
                      return finding.parent ? std::optional{finding.parent->exe} : std::nullopt;
                    }},
    PinnedField{.path = "file.path",
                .value =
                    [](const Finding& finding) {
                      return finding.file ? std::optional{finding.file->path} : std::nullopt;
                    }},
    PinnedField{.path = "file.action",
                .value =
                    [](const Finding& finding) {
                      return finding.file ? std::optional{finding.file->action} : std::nullopt;
                    }},
    PinnedField{.path = "file.owner_uid",
                .value =
                    [](const Finding& finding) {
                      return finding.file ? std::optional{digits(finding.file->owner_uid)}
                                          : std::nullopt;
                    }},
    PinnedField{.path = "computer",
                .side = Side::windows,
                .required = true,
                .ignores_case = true,
                .value =
                    [](const Finding& finding) {
                      return finding.windows ? std::optional{finding.windows->computer}
                                             : std::nullopt;
                    }},
    PinnedField{.path = "logon.target_user_sid",
                .side = Side::windows,
                .required = true,
                .value =
                    [](const Finding& finding) {
                      return finding.windows && finding.windows->logon
                                 ? text_of(finding.windows->logon->target_user_sid)
                                 : std::nullopt;
                    }},
    PinnedField{.path = "service.name",
                .side = Side::windows,
                .required = true,
                .value =
                    [](const Finding& finding) {
                      return finding.windows ? text_of(finding.windows->service.name)
                                             : std::nullopt;
                    }},
    PinnedField{.path = "service.file_name",
                .side = Side::windows,
                .required = true,
                .value =
                    [](const Finding& finding) {
                      return finding.windows ? text_of(finding.windows->service.file_name)
                                             : std::nullopt;
                    }},
    PinnedField{.path = "service.account",
                .side = Side::windows,
                .required = true,
                .value =
                    [](const Finding& finding) {
                      return finding.windows ? text_of(finding.windows->service.account)
                                             : std::nullopt;
                    }},
};

constexpr auto kPaths = [] {
  std::array<std::string_view, kFields.size()> paths{};
  for (std::size_t i = 0; i < kFields.size(); ++i)
    paths[i] = kFields[i].path;
  return paths;
}();

constexpr std::string_view kTicketName = "krb5cc_";
constexpr std::string_view kTarget = "file.path";
constexpr std::string_view kCommandLine = "process.command_line";

// The exe says nothing of what these do: their command line does.
constexpr std::array<std::string_view, 22> kInterpreters = {
    "awk",  "bash",   "busybox", "dash", "env",  "expect", "gawk", "java", "ksh",   "lua",   "mawk",
    "node", "nodejs", "perl",    "php",  "pwsh", "python", "ruby", "sh",   "tclsh", "xargs", "zsh"};

// Where the tickets of many lie. A beginning that reaches into all of one of these fits a theft
// from anybody.
constexpr std::array<std::string_view, 12> kTicketsOfMany = {
    "/tmp/krb5cc_",     "/run/user/",       "/var/run/user/",   "/home/",
    "/var/tmp/krb5cc_", "/dev/shm/krb5cc_", "/var/lib/sss/db/", "/etc/krb5.",
    "/proc/",           "/var/lib/",        "/var/spool/",      "/srv/"};

const PinnedField* field_of(std::string_view path) {
  const auto* const found = std::ranges::find(kFields, path, &PinnedField::path);
  return found == kFields.end() ? nullptr : &*found;
}

const Pin* pin_of(const Exception& exception, std::string_view path) {
  const auto found = std::ranges::find(exception.pins, path, &Pin::path);
  return found == exception.pins.end() ? nullptr : &*found;
}

Side side_of(const Exception& exception) {
  const bool windows = std::ranges::any_of(exception.pins, [](const Pin& pin) {
    const PinnedField* field = field_of(pin.path);
    return field != nullptr && field->side == Side::windows;
  });
  return windows ? Side::windows : Side::linux_host;
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// "python3.11" and "perl5.36" are what stands before their versions.
bool is_interpreter(std::string_view exe) {
  const std::string_view name = base_name(exe);
  return std::ranges::any_of(kInterpreters, [&](std::string_view interpreter) {
    return name.starts_with(interpreter) &&
           name.find_first_not_of("0123456789.-", interpreter.size()) == std::string_view::npos;
  });
}

bool is_number(std::string_view text) {
  return text == "null" || (!text.empty() && text.size() <= 10 &&
                            text.find_first_not_of("0123456789") == std::string_view::npos);
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string list;
  for (const std::string_view word : words)
    list += (list.empty() ? "" : ", ") + std::string{word};
  return list;
}

// What is wrong with an exception, collected.
class Examination {
 public:
  explicit Examination(const Exception& exception)
      : exception_(exception), side_(side_of(exception)) {}

  std::vector<Refusal> refusals() {
    for (const Pin& pin : exception_.pins)
      examine(pin);
    examine_what_is_missing();
    examine_target();
    examine_time_and_reason();
    return std::move(refusals_);
  }

 private:
  void refuse(std::string_view path, std::string message, std::string hint = {}) {
    refusals_.push_back({.path = std::string{path},
                         .error = {.message = std::move(message), .hint = std::move(hint)}});
  }

  void examine(const Pin& pin) {
    const PinnedField* field = field_of(pin.path);
    if (field == nullptr)
      refuse(pin.path, "'" + pin.path + "' cannot be pinned");
    else if (field->side != side_)
      refuse(pin.path,
             pin.path + " is of Linux and the others are of Windows: no finding has both");
    else if (pin.is_beginning && pin.path != kTarget)
      refuse(pin.path, "too broad: " + pin.path + " cannot end in '*'", "only file.path can");
    else if (!pin.is_beginning && !field->may_be_empty && (pin.value.empty() || pin.value == "-"))
      refuse(pin.path, "too broad: " + pin.path + " is empty");
    else
      examine_value(pin);
  }

  void examine_value(const Pin& pin) {
    if (pin.path == "rule")
      examine_rule(pin.value);
    else if (pin.path == kTarget && pin.is_beginning)
      examine_beginning(pin.value);
    else if ((pin.path.starts_with("account.") || pin.path == "file.owner_uid") &&
             !is_number(pin.value))
      refuse(pin.path, "'" + pin.value + "' is no user id: a number or null is wanted");
  }

  void examine_rule(std::string_view id) {
    if (const RuleInfo* rule = find_rule(id); rule == nullptr)
      refuse("rule", "there is no rule '" + std::string{id} + "'");
    else if (rule->rule_set == model::RuleSet::windows)
      refuse("rule", "rule is pinned on Linux only, where there are many");
  }

  void examine_beginning(std::string_view beginning) {
    const auto covers = [&](std::string_view tickets) { return tickets.starts_with(beginning); };
    const auto* const many = std::ranges::find_if(kTicketsOfMany, covers);
    if (!beginning.starts_with('/'))
      refuse(kTarget, "too broad: '" + std::string{beginning} + "*' is not an absolute path");
    else if (many != kTicketsOfMany.end())
      refuse(kTarget, "too broad: '" + std::string{beginning} + "*' takes in all of " +
                          std::string{*many} + "*, where the tickets of many lie");
    else if (const std::string_view name = base_name(beginning);
             name.starts_with(kTicketName) &&
             name.find_first_not_of("0123456789", kTicketName.size()) == std::string_view::npos)
      refuse(kTarget,
             "too broad: '" + std::string{beginning} + "*' fits the tickets of other users",
             "name the whole path");
    else if (std::ranges::count(beginning, '/') < 2)
      refuse(kTarget, "too broad: '" + std::string{beginning} + "*' names no folder");
  }

  void examine_what_is_missing() {
    std::vector<std::string_view> missing;
    for (const PinnedField& field : kFields) {
      if (field.side == side_ && field.required && pin_of(exception_, field.path) == nullptr)
        missing.push_back(field.path);
    }
    if (!missing.empty())
      refuse("", "too broad: it does not pin " + listed(missing));
  }

  void examine_target() {
    if (side_ == Side::windows)
      return;
    const bool pins_command_line = pin_of(exception_, kCommandLine) != nullptr;
    if (pin_of(exception_, kTarget) == nullptr && !pins_command_line)
      refuse("", "too broad: it pins neither file.path nor process.command_line");
    else if (const Pin* exe = pin_of(exception_, "process.exe");
             exe != nullptr && is_interpreter(exe->value) && !pins_command_line)
      refuse("process.exe", "too broad: " + exe->value +
                                " runs whatever it is told: process.command_line has to "
                                "be pinned, too");
  }

  void examine_time_and_reason() {
    if (!exception_.expires)
      refuse("", "it has no expires", "an exception ends: expires = 2027-01-31");
    else if (exception_.from && *exception_.expires <= *exception_.from)
      refuse("", "it expires before it begins");
    if (exception_.reason.empty())
      refuse("", "it has no reason", "who decided this, and why: reason = …");
  }

  const Exception& exception_;
  Side side_;
  std::vector<Refusal> refusals_;
};

bool fits(const Pin& pin, const Finding& finding) {
  const PinnedField* field = field_of(pin.path);
  if (field == nullptr)
    return false;
  const std::optional<std::string> value = field->value(finding);
  if (!value)
    return false;
  if (pin.is_beginning)
    return value->starts_with(pin.value);
  return field->ignores_case ? equals_ignore_case(*value, pin.value) : *value == pin.value;
}

model::Error no_proposal(std::string why, std::string hint = {}) {
  return {.message = "no exception can be proposed: " + std::move(why), .hint = std::move(hint)};
}

// Whether an exception for this finding has to pin the field.
bool belongs_to_proposal(const PinnedField& field, const Finding& finding) {
  if (field.side != (finding.windows ? Side::windows : Side::linux_host))
    return false;
  if (field.required || (field.path == kTarget && finding.file))
    return true;
  const bool command_line_tells =
      !finding.file || (finding.process && is_interpreter(finding.process->exe));
  return field.path == kCommandLine && command_line_tells;
}

std::string times(std::uint64_t count) {
  return std::to_string(count) + (count == 1 ? " finding" : " findings");
}

}  // namespace

std::span<const std::string_view> pinnable_paths() {
  return kPaths;
}

std::vector<Refusal> refusals(const Exception& exception) {
  return Examination{exception}.refusals();
}

bool fits(const Exception& exception, const model::Finding& finding) {
  const bool wants_file = pin_of(exception, kTarget) != nullptr;
  const bool is_windows = side_of(exception) == Side::windows;
  if (is_windows != finding.windows.has_value() || wants_file != finding.file.has_value())
    return false;
  return std::ranges::all_of(exception.pins, [&](const Pin& pin) { return fits(pin, finding); });
}

model::Result<std::vector<Pin>> pins_for(const model::Finding& finding) {
  if (finding.verdict != model::Verdict::finding)
    return no_proposal("this is no finding but a near miss or undecided, which none suppresses");
  if (finding.windows && is_relay_tool_name(finding.windows->service.name.value_or("")))
    return no_proposal(*finding.windows->service.name +
                           " is the service of a public attack tool: a test of it happens once",
                       "keep the record of the test with the case");
  std::vector<Pin> pins;
  for (const PinnedField& field : kFields) {
    if (!belongs_to_proposal(field, finding))
      continue;
    std::optional<std::string> value = field.value(finding);
    if (!value || (!field.may_be_empty && (value->empty() || *value == "-")))
      return no_proposal("the evidence does not tell " + std::string{field.path});
    pins.push_back({.path = std::string{field.path}, .value = std::move(*value)});
  }
  return pins;
}

Exceptions::Exceptions(std::vector<Exception> exceptions) {
  for (Exception& exception : exceptions) {
    const Pin* rule = pin_of(exception, "rule");
    by_rule_[rule == nullptr ? std::string{} : rule->value].push_back(entries_.size());
    entries_.push_back({.exception = std::move(exception)});
  }
}

std::optional<std::string> Exceptions::judge(const model::Finding& finding) {
  const bool has_time = !finding.windows || finding.windows->service.time;
  if (finding.verdict != model::Verdict::finding || !has_time)
    return std::nullopt;
  const auto candidates = by_rule_.find(finding.windows ? "" : finding.rule);
  if (candidates == by_rule_.end())
    return std::nullopt;
  for (const std::size_t index : candidates->second) {
    Entry& entry = entries_[index];
    if (!fits(entry.exception, finding))
      continue;
    if (entry.exception.expires && finding.time >= *entry.exception.expires) {
      ++entry.expired;
    } else if (entry.exception.from && finding.time < *entry.exception.from) {
      ++entry.early;
    } else {
      ++entry.suppressed;
      return entry.exception.name;
    }
  }
  return std::nullopt;
}

std::vector<std::string> Exceptions::notes(std::optional<model::Timestamp> newest) const {
  std::vector<std::string> notes;
  for (const Entry& entry : entries_) {
    const Exception& exception = entry.exception;
    const std::string name = "exception " + exception.name + ": ";
    if (entry.suppressed != 0)
      notes.push_back(name + "suppressed " + times(entry.suppressed));
    const bool is_over = exception.expires && newest && *exception.expires <= *newest;
    if (entry.expired != 0 || is_over)
      notes.push_back(name + "expired at " + model::format_utc(*exception.expires) + "; " +
                      times(entry.expired) + " that it would have suppressed " +
                      (entry.expired == 1 ? "is" : "are") + " reported");
    if (entry.early != 0)
      notes.push_back(name + "begins at " + model::format_utc(*exception.from) + "; " +
                      times(entry.early) + " before that " + (entry.early == 1 ? "is" : "are") +
                      " reported");
  }
  return notes;
}

}  // namespace krbtrail::detect
