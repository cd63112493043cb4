// SPDX-License-Identifier: Apache-2.0
#include "message_text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "event_draft.h"

namespace krbtrail::windows {
namespace {

constexpr std::string_view kBlanks = " \t\r";

struct FirstSentence {
  std::uint32_t event_id;
  std::string_view text;
};
constexpr std::array kFirstSentences = {
    FirstSentence{1102, "The audit log was cleared"},
    FirstSentence{4616, "The system time was changed"},
    FirstSentence{4624, "An account was successfully logged on"},
    FirstSentence{4634, "An account was logged off"},
    FirstSentence{4647, "User initiated logoff"},
    FirstSentence{4648, "A logon was attempted using explicit credentials"},
    FirstSentence{4672, "Special privileges assigned to new logon"},
    FirstSentence{4688, "A new process has been created"},
    FirstSentence{4697, "A service was installed in the system"},
    FirstSentence{4719, "System audit policy was changed"},
    FirstSentence{4741, "A computer account was created"},
    FirstSentence{4742, "A computer account was changed"},
    FirstSentence{4768, "A Kerberos authentication ticket (TGT) was requested"},
    FirstSentence{4769, "A Kerberos service ticket was requested"},
    FirstSentence{5136, "A directory service object was modified"},
    // Of the System log; 4697 has the same sentence, so an id that is known decides.
    FirstSentence{7045, "A service was installed in the system"},
};

// A label under a section, in any event or in one.
struct Label {
  std::uint32_t event_id;  // 0: in any
  std::string_view section;
  std::string_view label;
  Field field;
};
constexpr std::uint32_t kAny = 0;
constexpr std::array kLabels = {
    // A logoff calls the account whose session ends its subject.
    Label{4634, "Subject", "Security ID", Field::target_user_sid},
    Label{4634, "Subject", "Account Name", Field::target_user_name},
    Label{4634, "Subject", "Account Domain", Field::target_domain_name},
    Label{4634, "Subject", "Logon ID", Field::target_logon_id},
    Label{4647, "Subject", "Security ID", Field::target_user_sid},
    Label{4647, "Subject", "Account Name", Field::target_user_name},
    Label{4647, "Subject", "Account Domain", Field::target_domain_name},
    Label{4647, "Subject", "Logon ID", Field::target_logon_id},

    Label{kAny, "Subject", "Security ID", Field::subject_user_sid},
    Label{kAny, "Subject", "Account Name", Field::subject_user_name},
    Label{kAny, "Subject", "Account Domain", Field::subject_domain_name},
    Label{kAny, "Subject", "Domain Name", Field::subject_domain_name},
    Label{kAny, "Subject", "Logon ID", Field::subject_logon_id},
    Label{4648, "Subject", "Logon GUID", Field::logon_guid},

    Label{4624, "Logon Information", "Logon Type", Field::logon_type},
    Label{4624, "Logon Information", "Restricted Admin Mode", Field::restricted_admin_mode},
    Label{4624, "Logon Information", "Virtual Account", Field::virtual_account},
    Label{4624, "Logon Information", "Elevated Token", Field::elevated_token},
    Label{kAny, "", "Logon Type", Field::logon_type},
    Label{4624, "", "Impersonation Level", Field::impersonation_level},
    Label{4624, "New Logon", "Security ID", Field::target_user_sid},
    Label{4624, "New Logon", "Account Name", Field::target_user_name},
    Label{4624, "New Logon", "Account Domain", Field::target_domain_name},
    Label{4624, "New Logon", "Logon ID", Field::target_logon_id},
    Label{4624, "New Logon", "Linked Logon ID", Field::target_linked_logon_id},
    Label{4624, "New Logon", "Network Account Name", Field::target_outbound_user_name},
    Label{4624, "New Logon", "Network Account Domain", Field::target_outbound_domain_name},
    Label{4624, "New Logon", "Logon GUID", Field::logon_guid},
    Label{4624, "Process Information", "Process ID", Field::process_id},
    Label{4624, "Process Information", "Process Name", Field::process_name},
    Label{4624, "Network Information", "Workstation Name", Field::workstation_name},
    Label{4624, "Network Information", "Source Network Address", Field::ip_address},
    Label{4624, "Network Information", "Source Port", Field::ip_port},
    Label{4624, "Detailed Authentication Information", "Logon Process", Field::logon_process_name},
    Label{4624, "Detailed Authentication Information", "Authentication Package",
          Field::authentication_package_name},
    Label{4624, "Detailed Authentication Information", "Transited Services",
          Field::transmitted_services},
    Label{4624, "Detailed Authentication Information", "Package Name (NTLM only)",
          Field::lm_package_name},
    Label{4624, "Detailed Authentication Information", "Key Length", Field::key_length},

    Label{4697, "Service Information", "Service Name", Field::service_name},
    Label{4697, "Service Information", "Service File Name", Field::service_file_name},
    Label{4697, "Service Information", "Service Type", Field::service_type},
    Label{4697, "Service Information", "Service Start Type", Field::service_start_type},
    Label{4697, "Service Information", "Service Account", Field::service_account},

    Label{7045, "", "Service Name", Field::service_name},
    Label{7045, "", "Service File Name", Field::image_path},
    Label{7045, "", "Service Type", Field::service_type},
    Label{7045, "", "Service Start Type", Field::start_type},
    Label{7045, "", "Service Account", Field::account_name},

    Label{4648, "Account Whose Credentials Were Used", "Account Name", Field::target_user_name},
    Label{4648, "Account Whose Credentials Were Used", "Account Domain", Field::target_domain_name},
    Label{4648, "Account Whose Credentials Were Used", "Logon GUID", Field::target_logon_guid},
    Label{4648, "Target Server", "Target Server Name", Field::target_server_name},
    Label{4648, "Target Server", "Additional Information", Field::target_info},
    Label{4648, "Process Information", "Process ID", Field::process_id},
    Label{4648, "Process Information", "Process Name", Field::process_name},
    Label{4648, "Network Information", "Network Address", Field::ip_address},
    Label{4648, "Network Information", "Port", Field::ip_port},

    Label{4672, "", "Privileges", Field::privilege_list},

    Label{4688, "Creator Subject", "Security ID", Field::subject_user_sid},
    Label{4688, "Creator Subject", "Account Name", Field::subject_user_name},
    Label{4688, "Creator Subject", "Account Domain", Field::subject_domain_name},
    Label{4688, "Creator Subject", "Logon ID", Field::subject_logon_id},
    Label{4688, "Target Subject", "Security ID", Field::target_user_sid},
    Label{4688, "Target Subject", "Account Name", Field::target_user_name},
    Label{4688, "Target Subject", "Account Domain", Field::target_domain_name},
    Label{4688, "Target Subject", "Logon ID", Field::target_logon_id},
    Label{4688, "Process Information", "New Process ID", Field::new_process_id},
    Label{4688, "Process Information", "New Process Name", Field::new_process_name},
    Label{4688, "Process Information", "Token Elevation Type", Field::token_elevation_type},
    Label{4688, "Process Information", "Mandatory Label", Field::mandatory_label},
    Label{4688, "Process Information", "Creator Process ID", Field::process_id},
    Label{4688, "Process Information", "Creator Process Name", Field::parent_process_name},
    Label{4688, "Process Information", "Process Command Line", Field::command_line},
};

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view without_leading_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

bool is_english(std::string_view message, std::uint32_t event_id) {
  const std::string_view text = without_leading_blanks(message);
  return std::ranges::any_of(kFirstSentences, [&](const FirstSentence& known) {
    return known.event_id == event_id && text.starts_with(known.text);
  });
}

const Label* find_label(std::uint32_t event_id, std::string_view section, std::string_view label) {
  const auto* const found = std::ranges::find_if(kLabels, [&](const Label& known) {
    return (known.event_id == event_id || known.event_id == kAny) && known.section == section &&
           known.label == label;
  });
  return found == kLabels.end() ? nullptr : found;
}

bool is_sid_field(Field field) {
  return field == Field::subject_user_sid || field == Field::target_user_sid;
}

// Reads line by line: what stands at the margin is a section or a field without one, what is
// indented belongs to the section.
class MessageParser {
 public:
  explicit MessageParser(WindowsEvent& event) : event_(event) {}

  void parse(std::string_view message) {
    while (!message.empty())
      read_line(take_line(message));
    for (const auto& [field, value] : found_)
      event_.set_reading(field, value);
  }

 private:
  void read_line(std::string_view line) {
    const bool indented = line.starts_with('\t') || line.starts_with(' ');
    const std::size_t colon = line.find(':');
    // A privilege list goes on without labels.
    if (colon == std::string_view::npos)
      return;
    const std::string_view label = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (!indented)
      section_ = value.empty() ? label : std::string_view{};
    if (indented || !value.empty())
      set(label, value);
  }

  // A value may hold line ends, and behind them what looks like a label. Which of two is the real
  // one cannot be told, so neither is believed.
  void set(std::string_view label, std::string_view value) {
    const Label* known = find_label(event_.event_id, section_, label);
    if (known == nullptr || event_.carries(known->field))
      return;
    const auto before =
        std::ranges::find(found_, known->field, &std::pair<Field, Reading<std::string>>::first);
    if (before != found_.end()) {
      before->second = Unreadable{std::string{value.substr(0, kUnreadableLimit)},
                                  "occurs more than once in the message"};
      return;
    }
    found_.emplace_back(known->field, std::string{value.substr(0, kFieldLimit)});
    event_.from_message = true;
    if (is_sid_field(known->field) && !value.starts_with("S-1-"))
      event_.sids_as_names = true;
  }

  WindowsEvent& event_;
  std::string_view section_;
  std::vector<std::pair<Field, Reading<std::string>>> found_;
};

}  // namespace

std::optional<std::uint32_t> event_id_of_message(std::string_view message) {
  const std::string_view text = without_leading_blanks(message);
  const auto* const found = std::ranges::find_if(
      kFirstSentences, [text](const FirstSentence& known) { return text.starts_with(known.text); });
  if (found == kFirstSentences.end())
    return std::nullopt;
  return found->event_id;
}

void read_message(std::string_view message, WindowsEvent& event) {
  if (without_leading_blanks(message).empty() || !is_wanted(event.event_id))
    return;
  if (!is_english(message, event.event_id)) {
    event.localised = true;
    return;
  }
  MessageParser{event}.parse(message);
}

}  // namespace krbtrail::windows
