// SPDX-License-Identifier: Apache-2.0
#include "windows/message_text.h"

#include <string>

#include "reading.h"
#include "support/catch.h"

namespace krbtrail::windows {
namespace {

using namespace std::string_literals;

// As Windows 10 renders it; some labels have a blank before the tabs.
const std::string kLogon =
    "An account was successfully logged on.\r\n\r\nSubject:\r\n\tSecurity ID:\t\tNULL SID\r\n"
    "\tAccount Name:\t\t-\r\n\tAccount Domain:\t\t-\r\n\tLogon ID:\t\t0x0\r\n\r\n"
    "Logon Information:\r\n\tLogon Type:\t\t3\r\n\tRestricted Admin Mode:\t-\r\n"
    "\tVirtual Account:\t\tNo\r\n\tElevated Token:\t\tNo\r\n\r\n"
    "Impersonation Level:\t\tDelegation\r\n\r\nNew Logon:\r\n"
    "\tSecurity ID:\t\tS-1-5-21-1-2-3-500\r\n\tAccount Name:\t\tAdministrator\r\n"
    "\tAccount Domain:\t\tEXAMPLE\r\n\tLogon ID:\t\t0x8A38DE\r\n\tLinked Logon ID:\t\t0x0\r\n"
    "\tNetwork Account Name:\t-\r\n\tNetwork Account Domain:\t-\r\n"
    "\tLogon GUID:\t\t{00000000-0000-0000-0000-000000000000}\r\n\r\nProcess Information:\r\n"
    "\tProcess ID:\t\t0x0\r\n\tProcess Name:\t\t-\r\n\r\nNetwork Information:\r\n"
    "\tWorkstation Name:\t-\r\n\tSource Network Address:\t127.0.0.1\r\n\tSource Port:\t\t50163\r\n"
    "\r\nDetailed Authentication Information:\r\n\tLogon Process:\t\tKerberos\r\n"
    "\tAuthentication Package:\tKerberos\r\n\tTransited Services:\t-\r\n"
    "\tPackage Name (NTLM only):\t-\r\n\tKey Length:\t\t0\r\n\r\n"
    "This event is generated when a logon session is created.";

WindowsEvent parse(std::uint32_t id, const std::string& message) {
  WindowsEvent event;
  event.event_id = id;
  read_message(message, event);
  return event;
}

TEST_CASE("a label means what its section says", "[windows][message_text]") {
  const WindowsEvent event = parse(4624, kLogon);
  CHECK(shown(event, Field::subject_logon_id) == "0x0");
  CHECK(shown(event, Field::target_logon_id) == "0x8A38DE");
  CHECK(shown(event, Field::subject_user_sid) == "NULL SID");
  CHECK(shown(event, Field::target_user_sid) == "S-1-5-21-1-2-3-500");
  CHECK(shown(event, Field::target_user_name) == "Administrator");
  CHECK(shown(event, Field::logon_type) == "3");
  CHECK(shown(event, Field::elevated_token) == "No");
  CHECK(shown(event, Field::virtual_account) == "No");
  CHECK(shown(event, Field::impersonation_level) == "Delegation");
  CHECK(shown(event, Field::process_id) == "0x0");
  CHECK(shown(event, Field::ip_address) == "127.0.0.1");
  CHECK(shown(event, Field::ip_port) == "50163");
  CHECK(shown(event, Field::logon_process_name) == "Kerberos");
  CHECK(shown(event, Field::authentication_package_name) == "Kerberos");
  CHECK(shown(event, Field::key_length) == "0");
  CHECK(event.from_message);
  CHECK(event.sids_as_names);
  CHECK_FALSE(event.localised);
}

TEST_CASE("the first version of the message has no section for the logon type",
          "[windows][message_text]") {
  const WindowsEvent event =
      parse(4624,
            "An account was successfully logged on.\n\nLogon Type:\t\t\t3\n\nNew Logon:\n"
            "\tLogon ID:\t\t0x1\n");
  CHECK(shown(event, Field::logon_type) == "3");
  CHECK(shown(event, Field::target_logon_id) == "0x1");
  CHECK(shown(event, Field::elevated_token) == "~");
}

TEST_CASE("one label has its own field in each event", "[windows][message_text]") {
  const auto [id, message, field, expected] =
      GENERATE(table<std::uint32_t, std::string, Field, std::string>({
          {4697,
           "A service was installed in the system.\n\nService Information:\n\tService File Name:\t"
           "C:\\a: b.exe\n",
           Field::service_file_name, "C:\\a: b.exe"},
          {7045, "A service was installed in the system.\n\nService Name:  KrbSCM\n",
           Field::service_name, "KrbSCM"},
          {7045, "A service was installed in the system.\n\nService File Name:  x.exe\n",
           Field::image_path, "x.exe"},
          {4634, "An account was logged off.\n\nSubject:\n\tLogon ID:\t\t0x5\n",
           Field::target_logon_id, "0x5"},
          {4648,
           "A logon was attempted using explicit credentials.\n\nNetwork Information:\n"
           "\tNetwork Address:\t::1\n",
           Field::ip_address, "::1"},
          {4672, "Special privileges assigned to new logon.\n\nPrivileges:\t\tSeDebugPrivilege\n",
           Field::privilege_list, "SeDebugPrivilege"},
          {4688,
           "A new process has been created.\n\nProcess Information:\n\tCreator Process ID:\t0x7\n",
           Field::process_id, "0x7"},
          {1102, "The audit log was cleared.\nSubject:\n\tDomain Name:\tEXAMPLE\n",
           Field::subject_domain_name, "EXAMPLE"},
      }));
  CAPTURE(id);
  CHECK(shown(parse(id, message), field) == expected);
}

TEST_CASE("what the event already has stays", "[windows][message_text]") {
  WindowsEvent event;
  event.event_id = 4624;
  event.set(Field::process_id, std::string{"0x300"});
  read_message(kLogon, event);
  CHECK(shown(event, Field::process_id) == "0x300");
  CHECK(shown(event, Field::ip_address) == "127.0.0.1");
}

TEST_CASE("a value cannot forge a label: of two the reader believes neither",
          "[windows][message_text]") {
  const WindowsEvent event =
      parse(4697,
            "A service was installed in the system.\n\nSubject:\n\tLogon ID:\t\t0x1\n\n"
            "Service Information:\n\tService Name: \t\tx\nSubject:\n\tLogon ID:\t\t0x8A38DE\n"
            "\tService Account: \tLocalSystem\n");
  CHECK(std::get<Unreadable>(event.text(Field::subject_logon_id)) ==
        Unreadable{"0x8A38DE", "occurs more than once in the message"});
  CHECK(shown(event, Field::service_name) == "x");
}

TEST_CASE("another language is recognised, whatever else it says", "[windows][message_text]") {
  const std::string message =
      GENERATE("Ein Konto wurde erfolgreich angemeldet.\n\nAntragsteller:\n\tAnmelde-ID:\t\t0x0\n"s,
               "Se inici\xc3\xb3 sesi\xc3\xb3n correctamente en una cuenta.\n"s,
               "A service was installed in the system.\n"s);  // of another event
  const WindowsEvent event = parse(4624, message);
  CHECK(event.localised);
  CHECK(event.field_count() == 0);
}

TEST_CASE("no message changes nothing", "[windows][message_text]") {
  CHECK_FALSE(parse(4624, "").localised);
  CHECK_FALSE(parse(4624, " \r\n").localised);
  CHECK_FALSE(parse(4689, "Ein Prozess wurde beendet.").localised);  // not wanted
}

TEST_CASE("a message tells its event", "[windows][message_text]") {
  CHECK(event_id_of_message(kLogon) == 4624);
  CHECK(event_id_of_message("\n A service was installed in the system.") == 4697);
  CHECK_FALSE(event_id_of_message("Ein Konto").has_value());
  CHECK_FALSE(event_id_of_message("").has_value());
}

}  // namespace
}  // namespace krbtrail::windows
