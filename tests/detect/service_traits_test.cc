// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/service_traits.h"

#include <string>
#include <vector>

#include "support/catch.h"

namespace krbtrail::detect {
namespace {

using Texts = std::vector<std::string>;

Texts texts(const ServiceFacts& service) {
  Texts found;
  for (const model::Reason& trait : service_traits(service)) {
    CHECK_FALSE(trait.points.has_value());
    found.push_back(trait.text);
  }
  return found;
}

}  // namespace

TEST_CASE("KrbRelayUp's service shows its name, its place and its account",
          "[detect][service_traits]") {
  CHECK(texts({.name = "KrbSCM",
               .file_name = "\"C:\\Users\\alice\\KrbRelayUp.exe\" system 1",
               .account = "LocalSystem",
               .type = "0x10",
               .client_process_id = "6116"}) ==
        Texts{"the name KrbSCM is that of a Kerberos relay tool",
              "the file lies below a user's profile", "it runs as LocalSystem"});
}

TEST_CASE("a service of Windows itself shows nothing", "[detect][service_traits]") {
  CHECK(texts({.name = "AarSvc_b0b5d",
               .file_name = "C:\\windows\\system32\\svchost.exe -k AarSvcGroup -p",
               .account = "NT AUTHORITY\\LocalService",
               .type = "0xe0",
               .client_process_id = "0x2d4"})
            .empty());
}

TEST_CASE("each trait of a command is named once", "[detect][service_traits]") {
  const auto [command, expected] = GENERATE(table<std::string, Texts>({
      {"%COMSPEC% /C whoami", {"the command starts a shell through %COMSPEC%"}},
      {"C:\\Windows\\System32\\CMD.EXE /c whoami", {"the command starts cmd.exe"}},
      {"rundll32 C:\\x.dll,Start", {"the command loads a library with rundll32"}},
      {"cmd /c echo x > \\\\.\\pipe\\x",
       {"the command starts cmd", "the command writes to a named pipe"}},
      {"\\\\127.0.0.1\\ADMIN$\\x.exe",
       {"the command goes over a share of its own host", "the file lies on the share ADMIN$"}},
      {"\\\\srv\\share\\x.exe", {"the file lies on another host's share"}},
      {"C:\\Windows\\Temp\\x.exe", {"the file lies in a temporary directory"}},
      {"C:\\Program Files\\x y.exe", {"the path has a blank and no quotes"}},
      {"\"C:\\Program Files\\x y.exe\"", {}},
      // "dir" in UTF-16LE, base64.
      {"powershell -enc ZABpAHIA",
       {"the command starts PowerShell", "the command is encoded; it says: dir"}},
      {"", {}},
  }));
  CAPTURE(command);
  CHECK(texts({.name = "Spooler", .file_name = command}) == expected);
}

TEST_CASE("a driver and a remote installation are traits", "[detect][service_traits]") {
  CHECK(texts({.name = "Spooler", .type = "0x1", .client_process_id = "0"}) ==
        Texts{"it is a driver: it runs in the kernel",
              "no process of the host asked for it: installed remotely or by RPC"});
}

TEST_CASE("a name looks random by its vowels and by its digits", "[detect][service_traits]") {
  const auto [name, expected] = GENERATE(table<std::string, bool>({
      {"xkqzvbnwrt", true},     // ten letters without a vowel
      {"a1b2c3d4", true},       // letters and digits in turn
      {"Spooler", false},       // a word
      {"KrbSCM", false},        // too short to say
      {"wuauserv", false},      // vowels
      {"AarSvc_b0b5d", false},  // an instance of a service of the user
      {"", false},
  }));
  CAPTURE(name);
  CHECK(looks_random(name) == expected);
}

TEST_CASE("numbers of a service get their words", "[detect][service_traits]") {
  CHECK(start_type_in_words("3") == "3 (manual)");
  CHECK(start_type_in_words("2") == "2 (automatic)");
  CHECK(start_type_in_words("demand start") == "demand start");
  CHECK(service_type_in_words("0x10") == "0x10 (own process)");
  CHECK(service_type_in_words("16") == "16 (own process)");
  CHECK(service_type_in_words("0xe0") == "0xe0 (shared process of a user, an instance)");
  CHECK(service_type_in_words("-") == "-");
}

}  // namespace krbtrail::detect
