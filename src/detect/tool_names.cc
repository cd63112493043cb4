// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/tool_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string>

#include "detect/letters.h"
#include "detect/process_names.h"
#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

using activity::Process;

// A name that is looked for in every word of every process.
struct Tool {
  // NOLINTNEXTLINE(google-explicit-constructor): so that a list of them is a list of names
  constexpr Tool(const char* text) : name(text), letters(letters_of(name)) {}

  std::string_view name;
  Letters letters;
};

// Made for tickets. Names that longer ones contain as a term (getST of impacket-getST and of
// getST.py) stand for them.
constexpr auto kTicketSpecific = std::to_array<Tool>({
    // fortra/impacket, examples/
    "getST",
    "getTGT",
    "ticketer",
    "ticketConverter",
    "describeTicket",
    "getPac",
    "goldenPac",
    "raiseChild",
    "GetUserSPNs",
    "GetNPUsers",
    "keylistattack",
    "rbcd",
    "findDelegation",
    // the seed's list; it exists nowhere
    "getServiceTicket",
    // dirkjanm/PKINITtools
    "gettgtpkinit",
    "gets4uticket",
    "getnthash",
    // skelsec/minikerberos, setup.py: before the prefix, and all that have it
    "minikerberos",
    "ccacheedit",
    "ccache2kirbi",
    "kirbi2ccache",
    "ccacheroast",
    "getTGS",
    "getS4U2self",
    "getS4U2proxy",
    "getNTPKInit",
    "kerberoast",
    "asreproast",
    // dirkjanm/krbrelayx
    "krbrelayx",
    "addspn",
    // TarlogicSecurity/tickey, CiscoCXSecurity/linikatz
    "tickey",
    "linikatz",
    "linikatzV2",
    // out of keytabs, out of SSSD's store, by guessing
    "keytabextract",
    "SSSDKCMExtractor",
    "kerbrute",
    // under mono or wine
    "Rubeus",
    "kekeo",
});

// Attack Windows networks. (certipy is also the name of a harmless TLS library.)
constexpr auto kGeneric = std::to_array<Tool>({
    // fortra/impacket, examples/; a plain smbclient is Samba's own
    "secretsdump",
    "wmiexec",
    "psexec",
    "smbexec",
    "atexec",
    "dcomexec",
    "smbclient.py",
    "impacket-smbclient",
    // NetExec and its ancestor
    "nxc",
    "netexec",
    "crackmapexec",
    "cme",
    "certipy",
    "bloodyAD",
    "evil-winrm",
    "ldeep",
    "lsassy",
    "pypykatz",
    "msfconsole",
});

// What stands before a generic name without changing what it is.
constexpr std::array<std::string_view, 3> kPackagePrefixes = {"impacket-", "impacket.examples.",
                                                              "minikerberos.examples."};

// Extensions of what can be run.
constexpr std::array<std::string_view, 9> kProgramExtensions = {"py",  "pyc", "pyz", "sh", "rb",
                                                                "exe", "elf", "bin", "pl"};

// The options by which the tools above take a ticket that is there (impacket's -k and -no-pass;
// NetExec's --use-kcache; --kerberos of both).
constexpr std::array<std::string_view, 5> kTicketOptions = {"-k", "--kerberos", "--use-kcache",
                                                            "-no-pass", "--no-pass"};

// Programs that do something to a tool's file or name other than running it.
constexpr auto kHandlers = std::to_array<std::string_view>({
    "grep",  "egrep",   "fgrep",     "zgrep",      "rg",       "ag",       "ack",  "find",
    "fd",    "fdfind",  "locate",    "plocate",    "ls",       "dir",      "stat", "file",
    "which", "whereis", "basename",  "dirname",    "realpath", "readlink", "cat",  "less",
    "more",  "head",    "tail",      "wc",         "diff",     "sort",     "sed",  "awk",
    "gawk",  "mawk",    "vi",        "vim",        "nvim",     "nano",     "ed",   "emacs",
    "man",   "info",    "apropos",   "echo",       "printf",   "cp",       "mv",   "rm",
    "ln",    "touch",   "chmod",     "chown",      "mkdir",    "install",  "tar",  "zip",
    "unzip", "gzip",    "sha256sum", "sha1sum",    "md5sum",   "git",      "wget", "curl",
    "scp",   "rsync",   "systemctl", "journalctl", "logger",
});

// Likewise, and some of them are scripts: their interpreter's first words name them.
constexpr auto kPackageManagers = std::to_array<std::string_view>({
    "dpkg",
    "dpkg-query",
    "apt",
    "apt-get",
    "apt-cache",
    "rpm",
    "dnf",
    "yum",
    "zypper",
    "pip",
    "pip3",
    "pipx",
    "gem",
});

// By the beginning of their names, for the versions behind them. Their words are their scripts':
// no other word makes what follows mere text.
constexpr auto kInterpreters = std::to_array<std::string_view>(
    {"python", "pypy", "ruby", "perl", "node", "java", "mono", "wine"});

// E09. What looks for files and words.
constexpr auto kSearchers = std::to_array<std::string_view>({
    "find", "fd",   "fdfind", "locate", "plocate", "mlocate", "ls", "dir", "vdir", "stat",
    "tree", "grep", "egrep",  "fgrep",  "zgrep",   "rg",      "ag", "ack", "lsof",
});

struct SearchWord {
  std::string_view text;
  DiscoveryTarget target;
};
constexpr auto kSearchWords = std::to_array<SearchWord>({
    {"KRB5CCNAME", DiscoveryTarget::variable},
    {"krb5cc", DiscoveryTarget::tickets},
    {".ccache", DiscoveryTarget::tickets},
    {".kirbi", DiscoveryTarget::tickets},
    {"keytab", DiscoveryTarget::keytabs},
});

// E13. A tool that does nothing but dump needs no option. The beginnings of the words by which the
// others attach, with the pid in the same word or the next one: gdb(1), gdbserver(1), lldb(1),
// strace(1). gcore(1) tells its gdb by -ex "attach PID".
struct Dumper {
  std::string_view name;
  std::span<const std::string_view> attaches_by;
};
constexpr auto kGdbAttaches = std::to_array<std::string_view>({"-p", "--pid", "attach "});
constexpr auto kGdbserverAttaches = std::to_array<std::string_view>({"--attach"});
constexpr auto kLldbAttaches = std::to_array<std::string_view>({"-p", "--attach-pid"});
constexpr auto kStraceAttaches = std::to_array<std::string_view>({"-p", "--attach"});
constexpr auto kDumpers = std::to_array<Dumper>({
    {"gcore", {}},
    {"procdump", {}},
    {"gdb", kGdbAttaches},
    {"gdbserver", kGdbserverAttaches},
    {"lldb", kLldbAttaches},
    {"strace", kStraceAttaches},
});

// Bytes that are looked for one by one: find_first_of() would search all of them for each.
class ByteSet {
 public:
  constexpr explicit ByteSet(std::string_view bytes) {
    for (const char byte : bytes)
      has_[static_cast<unsigned char>(byte)] = true;
  }

  [[nodiscard]] constexpr bool has(char byte) const {
    return has_[static_cast<unsigned char>(byte)];
  }
  // How many bytes in front of the text are in the set, or are not.
  [[nodiscard]] std::size_t length_of_these(std::string_view text) const {
    std::size_t length = 0;
    while (length < text.size() && has(text[length]))
      ++length;
    return length;
  }
  [[nodiscard]] std::size_t length_of_others(std::string_view text) const {
    std::size_t length = 0;
    while (length < text.size() && !has(text[length]))
      ++length;
    return length;
  }

 private:
  std::array<bool, 256> has_{};
};

constexpr ByteSet kWordEnds{" \t\r\n;|&()<>`\"'{}"};
constexpr ByteSet kPartEnds{" \t\r\n;|&()<>`\"'{}=@:,"};
constexpr ByteSet kCommandEnds{";|&\n`("};

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Calls use(word, begins_command) for each word of a text, and stops when it says false.
template <class Use>
bool each_word(std::string_view text, const ByteSet& ends, Use use) {
  bool begins_command = false;
  while (!text.empty()) {
    const std::size_t start = ends.length_of_these(text);
    if (start == text.size())
      return true;
    begins_command =
        begins_command || kCommandEnds.length_of_others(text.substr(0, start)) != start;
    text.remove_prefix(start);
    const std::string_view word = text.substr(0, ends.length_of_others(text));
    text.remove_prefix(word.size());
    if (!use(word, begins_command))
      return false;
    begins_command = false;
  }
  return true;
}

// The same for all words of a process, its arguments' or its command line's.
template <class Use>
void each_word(const Process& process, Use use) {
  if (process.argv.empty()) {
    each_word(process.command_line, kWordEnds, use);
    return;
  }
  for (const std::string& argument : process.argv) {
    if (!each_word(argument, kWordEnds, use))
      return;
  }
}

std::string_view extension_of(std::string_view base) {
  const std::size_t point = base.rfind('.');
  return point == std::string_view::npos ? std::string_view{} : base.substr(point + 1);
}

// No extension, a program's, or one that is the tool's name itself (impacket.examples.getST).
bool is_program_name(std::string_view base, std::string_view tool) {
  const std::string_view extension = extension_of(base);
  return extension.empty() || in_ignore_case(extension, kProgramExtensions) ||
         equals_ignore_case(extension, tool);
}

bool names_specific(std::string_view base, std::string_view tool) {
  return has(base, tool) && is_program_name(base, tool);
}

bool names_generic(std::string_view base, std::string_view tool) {
  if (!starts_with(base, tool)) {
    for (const std::string_view prefix : kPackagePrefixes) {
      if (starts_with(base, prefix) && starts_with(base.substr(prefix.size()), tool)) {
        base.remove_prefix(prefix.size());
        break;
      }
    }
  }
  const bool is_begun = starts_with(base, tool) &&
                        (base.size() == tool.size() || !is_alphanumeric(base[tool.size()]));
  return is_begun && is_program_name(base, tool);
}

ToolName tool_in(std::string_view word, const Settings& settings) {
  const std::string_view base = base_name(word);
  const Letters letters = letters_of(base);
  for (const Tool& tool : kTicketSpecific) {
    if (may_lie_in(tool.letters, letters) && names_specific(base, tool.name))
      return {.kind = ToolKind::ticket_specific, .name = tool.name, .word = word};
  }
  for (const Tool& tool : kGeneric) {
    if (may_lie_in(tool.letters, letters) && names_generic(base, tool.name))
      return {.kind = ToolKind::generic, .name = tool.name, .word = word};
  }
  for (const std::string_view tool : settings.tool_names) {
    if (!tool.empty() && has(word, tool))
      return {.kind = ToolKind::site, .name = tool, .word = word};
  }
  return {};
}

// What is looked for before what was found already.
bool tells_more(const ToolName& tool, const ToolName& than) {
  if (!than)
    return true;
  return tool.runs != than.runs ? tool.runs : tool.kind < than.kind;
}

void keep_better(const ToolName& tool, ToolName& best) {
  if (tool && tells_more(tool, best))
    best = tool;
}

bool is_interpreter(std::string_view name) {
  return std::ranges::any_of(kInterpreters,
                             [&](std::string_view known) { return starts_with(name, known); });
}

// Whether the word is the name of a program that only handles the words behind it.
bool is_handler(std::string_view word, bool is_script) {
  const std::string_view name = base_name(word);
  const std::string_view alias = alias_of(name);
  const std::string_view known = alias.empty() ? name : alias;
  return in_ignore_case(known, kPackageManagers) ||
         (!is_script && in_ignore_case(known, kHandlers));
}

// Of most processes none does, and what else their words are need not be known.
bool a_word_names_tool(const Process& process, const Settings& settings) {
  bool found = false;
  each_word(process, [&](std::string_view word, bool /*begins_command*/) {
    found = bool{tool_in(word, settings)};
    return !found;
  });
  return found;
}

void find_in_words(const Process& process, const Settings& settings, ToolName& best) {
  const bool is_script = is_interpreter(image_name(process));
  bool is_handled = is_handler(image_name(process), is_script);
  bool uses_ticket = false;
  each_word(process, [&](std::string_view word, bool begins_command) {
    is_handled = (is_handled && !begins_command) || is_handler(word, is_script);
    uses_ticket = uses_ticket || std::ranges::find(kTicketOptions, word) != kTicketOptions.end();
    ToolName tool = tool_in(word, settings);
    tool.runs = !is_handled;
    keep_better(tool, best);
    return true;
  });
  best.uses_ticket = best && best.runs && uses_ticket;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

bool is_proc_file(std::string_view word, std::string_view name) {
  return word.find("/proc/") != std::string_view::npos && word.ends_with(name);
}

std::optional<Discovery> proc_file_in(std::string_view word) {
  if (is_proc_file(word, "/environ"))
    return Discovery{.target = DiscoveryTarget::environments, .word = word};
  if (is_proc_file(word, "/proc/keys"))
    return Discovery{.target = DiscoveryTarget::keys, .word = word};
  return std::nullopt;
}

std::optional<Discovery> search_word_in(std::string_view word) {
  const auto* const found = std::ranges::find_if(
      kSearchWords, [&](const SearchWord& wanted) { return contains(word, wanted.text); });
  if (found == kSearchWords.end())
    return std::nullopt;
  return Discovery{.target = found->target, .word = word};
}

// The dumper that the process is or, as a script's interpreter, was started for.
const Dumper* dumper_of(const Process& process) {
  const auto named = [](std::string_view name) {
    const auto* const found = std::ranges::find(kDumpers, name, &Dumper::name);
    return found == kDumpers.end() ? nullptr : &*found;
  };
  const ProcessNames names{process};
  for (const Candidate& candidate : names.candidates()) {
    if (const Dumper* dumper = named(candidate.name))
      return dumper;
  }
  return process.argv.size() < 2 ? nullptr : named(base_name(process.argv[1]));
}

// What follows the option in its word: nothing, or the pid (-p7, --pid=7, attach 7).
bool is_attach_word(std::string_view word, std::string_view option) {
  if (!word.starts_with(option))
    return false;
  word.remove_prefix(option.size());
  if (word.starts_with('='))
    word.remove_prefix(1);
  return word.empty() || number_of(word);
}

bool attaches(const Process& process, const Dumper& dumper) {
  if (dumper.attaches_by.empty())
    return true;
  const bool by_option = std::ranges::any_of(process.argv, [&](std::string_view argument) {
    return std::ranges::any_of(dumper.attaches_by, [&](std::string_view option) {
      return is_attach_word(argument, option);
    });
  });
  const bool takes_bare_pid = dumper.name == "gdb" && process.argv.size() > 2;  // gdb PROGRAM PID
  return by_option || (takes_bare_pid && number_of(process.argv.back()));
}

// The last word that is a number, or an option's or a command's number at its end.
std::optional<std::uint32_t> last_pid(const Process& process) {
  for (std::size_t i = process.argv.size(); i > 0; --i) {
    const std::string_view text = process.argv[i - 1];
    const std::size_t digits = text.find_last_not_of("0123456789") + 1;  // npos + 1 is 0
    const std::string_view front = text.substr(0, digits);
    const bool is_pid =
        front.empty() || front == "-p" || front.ends_with('=') || front == "attach ";
    if (const auto pid = is_pid ? number_of(text.substr(digits)) : std::nullopt)
      return pid;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(ToolKind kind) {
  switch (kind) {
    case ToolKind::none:
      return "none";
    case ToolKind::ticket_specific:
      return "ticket_specific";
    case ToolKind::generic:
      return "generic";
    case ToolKind::site:
      return "site";
  }
  return "none";
}

std::string_view to_string(DiscoveryTarget target) {
  switch (target) {
    case DiscoveryTarget::tickets:
      return "tickets";
    case DiscoveryTarget::keytabs:
      return "keytabs";
    case DiscoveryTarget::variable:
      return "variable";
    case DiscoveryTarget::environments:
      return "environments";
    case DiscoveryTarget::keys:
      return "keys";
  }
  return "keys";
}

ToolName tool_name(const Process& process, const Settings& settings) {
  ToolName best = tool_in(image_name(process), settings);
  keep_better(tool_in(process.comm, settings), best);
  if (best || a_word_names_tool(process, settings))
    find_in_words(process, settings, best);
  return best;
}

std::optional<Discovery> discovery_of(const Process& process) {
  const bool searches = ProcessNames{process}.find(kSearchers) != nullptr;
  std::optional<Discovery> found;
  bool is_program = true;
  each_word(process, [&](std::string_view word, bool /*begins_command*/) {
    if (!is_program)
      found = searches ? search_word_in(word) : std::nullopt;
    if (!found && !is_program)
      found = proc_file_in(word);
    is_program = false;
    return !found;
  });
  return found;
}

std::optional<ProcessDump> process_dump_of(const Process& process) {
  const Dumper* dumper = dumper_of(process);
  if (dumper == nullptr || !attaches(process, *dumper))
    return std::nullopt;
  return ProcessDump{.tool = dumper->name, .pid = last_pid(process)};
}

std::optional<TicketArgument> ticket_argument(const Process& process, const Settings& settings) {
  std::optional<TicketArgument> found;
  const auto look_at = [&](std::string_view part, bool /*begins_command*/) {
    if (const TicketName ticket = ticket_name(part, settings))
      found = {.ticket = ticket, .path = part};
    return !found;
  };
  if (process.argv.empty())
    each_word(process.command_line, kPartEnds, look_at);
  for (std::size_t i = 1; i < process.argv.size() && !found; ++i)
    each_word(process.argv[i], kPartEnds, look_at);
  return found;
}

std::vector<std::string_view> tool_literals() {
  std::vector<std::string_view> all{"/environ", "/proc/keys"};
  for (const Tool& tool : kTicketSpecific)
    all.push_back(tool.name);
  for (const Tool& tool : kGeneric)
    all.push_back(tool.name);
  for (const SearchWord& word : kSearchWords)
    all.push_back(word.text);
  for (const Dumper& dumper : kDumpers)
    all.push_back(dumper.name);
  return all;
}

}  // namespace krbtrail::detect
