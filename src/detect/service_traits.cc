// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/service_traits.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "krbtrail/detect/kusto_text.h"
#include "krbtrail/windows/event.h"

namespace krbtrail::detect {
namespace {

// Names that public tools give their service unless told otherwise: KrbRelayUp and its variant, as
// the rule's guide says; PsExec and what imitates it.
constexpr std::array<std::string_view, 2> kRelayToolNames = {"KrbSCM", "UACBypassedService"};
constexpr std::array<std::string_view, 4> kRemoteToolNames = {"PSEXESVC", "RemComSvc", "PAExec",
                                                              "BTOBTO"};

struct NamedPart {
  std::string_view part;  // of the command, in any case
  std::string_view reason;
};

// Programs that run what they are given.
constexpr std::array kInterpreters = {
    NamedPart{"%comspec%", "the command starts a shell through %COMSPEC%"},
    NamedPart{"cmd.exe", "the command starts cmd.exe"},
    NamedPart{"cmd /", "the command starts cmd"},
    NamedPart{"powershell", "the command starts PowerShell"},
    NamedPart{"pwsh", "the command starts PowerShell"},
    NamedPart{"rundll32", "the command loads a library with rundll32"},
    NamedPart{"regsvr32", "the command loads a library with regsvr32"},
    NamedPart{"mshta", "the command runs a script with mshta"},
    NamedPart{"certutil", "the command uses certutil, which can fetch and decode files"},
    NamedPart{"bitsadmin", "the command uses bitsadmin, which can fetch files"},
    NamedPart{"wscript", "the command runs a script with wscript"},
    NamedPart{"cscript", "the command runs a script with cscript"},
    NamedPart{".bat", "the command runs a batch file"},
    NamedPart{".ps1", "the command runs a PowerShell script"},
    NamedPart{".vbs", "the command runs a Visual Basic script"},
};

// Bits of 4697's ServiceType, from winnt.h: of the kernel, of a file system.
constexpr std::uint64_t kDrivers = 0x1 | 0x2;

constexpr std::array kRedirections = {
    NamedPart{R"(\\.\pipe\)", "the command writes to a named pipe"},
    NamedPart{R"(\\127.0.0.1\)", "the command goes over a share of its own host"},
    NamedPart{R"(\\localhost\)", "the command goes over a share of its own host"},
    NamedPart{"admin$", "the file lies on the share ADMIN$"},
};

constexpr std::array kWritablePlaces = {
    NamedPart{"\\users\\", "the file lies below a user's profile"},
    NamedPart{"%userprofile%", "the file lies below a user's profile"},
    NamedPart{"\\appdata\\", "the file lies below a user's AppData"},
    NamedPart{"\\temp\\", "the file lies in a temporary directory"},
    NamedPart{"%temp%", "the file lies in a temporary directory"},
    NamedPart{"\\programdata\\", "the file lies in ProgramData, where users can write"},
    NamedPart{"\\perflogs\\", "the file lies in PerfLogs"},
    NamedPart{"\\$recycle.bin\\", "the file lies in the recycle bin"},
};

struct NumberInWords {
  std::uint64_t number;
  std::string_view words;
};

// SERVICE_BOOT_START … of winnt.h.
constexpr std::array kStartTypes = {
    NumberInWords{0, "boot"},   NumberInWords{1, "system"},   NumberInWords{2, "automatic"},
    NumberInWords{3, "manual"}, NumberInWords{4, "disabled"},
};

// SERVICE_KERNEL_DRIVER … of winnt.h; per-user services and their instances.
constexpr std::array kServiceTypes = {
    NumberInWords{0x1, "kernel driver"},
    NumberInWords{0x2, "file system driver"},
    NumberInWords{0x10, "own process"},
    NumberInWords{0x20, "shared process"},
    NumberInWords{0x50, "own process of a user"},
    NumberInWords{0x60, "shared process of a user"},
    NumberInWords{0xd0, "own process of a user, an instance"},
    NumberInWords{0xe0, "shared process of a user, an instance"},
    NumberInWords{0x110, "own process, interactive"},
    NumberInWords{0x120, "shared process, interactive"},
};

std::string in_words(std::string_view value, std::span<const NumberInWords> known) {
  const std::optional<std::uint64_t> number = windows::parse_number(value);
  for (const NumberInWords& entry : known) {
    if (number == entry.number)
      return std::string{value} + " (" + std::string{entry.words} + ")";
  }
  return std::string{value};
}

void add(std::vector<model::Reason>& traits, std::string text) {
  const bool is_new =
      std::ranges::none_of(traits, [&](const model::Reason& trait) { return trait.text == text; });
  if (is_new)
    traits.push_back({std::move(text), std::nullopt});
}

void add_parts(std::vector<model::Reason>& traits, std::string_view command,
               std::span<const NamedPart> parts) {
  for (const NamedPart& part : parts) {
    if (contains(command, part.part))
      add(traits, std::string{part.reason});
  }
}

bool is_zero(std::string_view number) {
  return windows::parse_number(number) == std::uint64_t{0};
}

// C:\Program Files\x.exe without quotes is looked for as C:\Program.exe first.
bool lacks_quotes(std::string_view command) {
  if (!starts_with(command.substr(std::min<std::size_t>(1, command.size())), ":\\"))
    return false;
  for (const std::string_view extension : {".exe", ".dll", ".sys"}) {
    const auto* const end =
        std::search(command.begin(), command.end(), extension.begin(), extension.end(),
                    [](char c, char wanted) {
                      return c == wanted || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == wanted);
                    });
    if (end != command.end())
      return std::find(command.begin(), end, ' ') != end;
  }
  return false;
}

bool is_local_system(std::string_view account) {
  return equals_ignore_case(account, "LocalSystem") ||
         equals_ignore_case(account, "NT AUTHORITY\\SYSTEM") || account == "S-1-5-18";
}

// On a share, but not on one of this host, a device or a long path.
bool is_on_other_host(std::string_view command) {
  if (command.starts_with('"'))
    command.remove_prefix(1);
  if (!command.starts_with("\\\\"))
    return false;
  command.remove_prefix(2);
  return !command.starts_with(".\\") && !command.starts_with("?\\") &&
         !starts_with(command, "127.") && !starts_with(command, "localhost\\");
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::uint32_t> base64_value(char c) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::size_t place = kAlphabet.find(c);
  return place == std::string_view::npos ? std::nullopt
                                         : std::optional{static_cast<std::uint32_t>(place)};
}

std::string decode_base64(std::string_view text, std::size_t limit) {
  std::string bytes;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = base64_value(c);
    if (!value || bytes.size() == limit)
      break;
    pending = (pending << 6U) | *value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((pending >> static_cast<unsigned>(bits)) & 0xFFU));
    }
  }
  return bytes;
}

// What is not ASCII stands as '?': it is a preview.
std::string ascii_of_utf16le(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const bool is_plain = bytes[i + 1] == '\0' && bytes[i] >= ' ' && bytes[i] <= '~';
    text.push_back(is_plain ? bytes[i] : '?');
  }
  return text;
}

bool is_encoded_flag(std::string_view word) {
  if (word.size() < 2 || (word.front() != '-' && word.front() != '/'))
    return false;
  const std::string_view flag = word.substr(1);
  return equals_ignore_case(flag, "ec") ||
         starts_with("encodedcommand", flag);  // PowerShell takes any beginning
}

}  // namespace

bool looks_random(std::string_view name) {
  std::size_t letters = 0;
  std::size_t vowels = 0;
  std::size_t changes = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_letter(c) && !is_digit(c))
      return false;  // program-made names are of one piece; "AarSvc_b0b5d" is an instance
    letters += is_letter(c) ? 1U : 0U;
    vowels += std::string_view{"aeiouyAEIOUY"}.find(c) != std::string_view::npos ? 1U : 0U;
    changes += i > 0 && is_digit(c) != is_digit(name[i - 1]) ? 1U : 0U;
  }
  return (letters >= 8 && vowels * 5 < letters) || changes >= 3;
}

std::optional<std::string> encoded_command(std::string_view command_line) {
  bool is_next = false;
  while (!command_line.empty()) {
    const std::size_t end = std::min(command_line.find(' '), command_line.size());
    const std::string_view word = command_line.substr(0, end);
    if (is_next && !word.empty())
      return ascii_of_utf16le(decode_base64(word, kPreviewLimit * 2));
    is_next = is_next || is_encoded_flag(word);
    command_line.remove_prefix(std::min(end + 1, command_line.size()));
  }
  return std::nullopt;
}

bool is_relay_tool_name(std::string_view service_name) {
  return in_ignore_case(service_name, kRelayToolNames);
}

std::vector<model::Reason> service_traits(const ServiceFacts& service) {
  std::vector<model::Reason> traits;
  if (is_relay_tool_name(service.name))
    add(traits, "the name " + std::string{service.name} + " is that of a Kerberos relay tool");
  else if (in_ignore_case(service.name, kRemoteToolNames))
    add(traits, "the name " + std::string{service.name} + " is that of a remote execution tool");
  else if (looks_random(service.name))
    add(traits, "the name looks made up by a program");
  add_parts(traits, service.file_name, kInterpreters);
  if (contains(service.file_name, "powershell") || contains(service.file_name, "pwsh")) {
    if (const auto command = encoded_command(service.file_name))
      add(traits, "the command is encoded; it says: " + *command);
  }
  add_parts(traits, service.file_name, kRedirections);
  if (is_on_other_host(service.file_name))
    add(traits, "the file lies on another host's share");
  add_parts(traits, service.file_name, kWritablePlaces);
  if (lacks_quotes(service.file_name))
    add(traits, "the path has a blank and no quotes");
  if (is_local_system(service.account))
    add(traits, "it runs as LocalSystem");
  const std::uint64_t type = windows::parse_number(service.type).value_or(0);
  if ((type & kDrivers) != 0)
    add(traits, "it is a driver: it runs in the kernel");
  if (is_zero(service.client_process_id) || is_zero(service.parent_process_id))
    add(traits, "no process of the host asked for it: installed remotely or by RPC");
  return traits;
}

std::string start_type_in_words(std::string_view value) {
  return in_words(value, kStartTypes);
}

std::string service_type_in_words(std::string_view value) {
  return in_words(value, kServiceTypes);
}

}  // namespace krbtrail::detect
