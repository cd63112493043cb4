// SPDX-License-Identifier: Apache-2.0
//
// `krbtrail audit-rules`: the auditctl rules that give the telemetry, for this host or an image.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/configuration.h"
#include "cli/kerberos_configuration.h"
#include "cli/messages.h"
#include "cli/sandbox.h"
#include "cli/standard_output.h"
#include "krbtrail/detect/audit_rules.h"
#include "krbtrail/input/mounted_image.h"

namespace krbtrail::cli {

namespace {

constexpr std::size_t kPasswdLimit = std::size_t{16} << 20U;
constexpr std::uint32_t kFirstPerson = 1000;  // UID_MIN of login.defs(5), unless it says otherwise
constexpr std::uint32_t kNobody = 65534;
constexpr std::size_t kElfMachineAt = 18;  // e_machine, elf(5)
constexpr unsigned char kElfAarch64 = 183;

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    use(line, number);
  }
}

std::string text_of(const input::MountedImage& image, const std::string& path, std::size_t limit) {
  model::Result<std::string> text = image.read_text(path, limit);
  return text ? std::move(text.value()) : std::string{};
}

std::uint32_t first_person(const input::MountedImage& image) {
  std::uint32_t first = kFirstPerson;
  for_each_line(
      text_of(image, "etc/login.defs", kFileLimit), [&](std::string_view line, std::size_t) {
        if (!line.starts_with("UID_MIN"))
          return;
        line.remove_prefix(std::min(line.size(), line.find_first_of("0123456789")));
        if (const auto value = number(line.substr(0, line.find_first_not_of("0123456789"))))
          first = *value;
      });
  return first;
}

// Of people, each once, in the order of passwd(5).
std::vector<std::uint32_t> uids_of(const input::MountedImage& image) {
  const std::uint32_t first = first_person(image);
  std::vector<std::uint32_t> uids;
  for_each_line(
      text_of(image, "etc/passwd", kPasswdLimit), [&](std::string_view line, std::size_t) {
        for (int field = 0; field < 2; ++field)
          line.remove_prefix(std::min(line.size(), std::min(line.find(':'), line.size()) + 1));
        const auto uid = number(line.substr(0, line.find(':')));
        if (uid && *uid >= first && *uid < kNobody)
          uids.push_back(*uid);
      });
  std::ranges::sort(uids);
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

// That the host's shell was built for.
detect::Machine machine_of(const input::MountedImage& image) {
  const model::Result<std::unique_ptr<input::ByteSource>> shell =
      image.open_file("bin/sh", "bin/sh");
  std::array<char, 64> head{};
  if (!shell || !shell.value()->read(head))
    return detect::Machine::x86_64;
  const auto machine = static_cast<unsigned char>(head[kElfMachineAt]);
  return machine == kElfAarch64 ? detect::Machine::aarch64 : detect::Machine::x86_64;
}

// Where the host's own rules switch off all of ours.
std::vector<std::string> warnings_about(const input::MountedImage& image) {
  std::vector<std::string> files{"etc/audit/audit.rules"};
  if (const model::Result<std::vector<std::string>> names = image.list("etc/audit/rules.d")) {
    for (const std::string& name : names.value())
      files.push_back("etc/audit/rules.d/" + name);
  }
  std::vector<std::string> warnings;
  for (const std::string& file : files) {
    for_each_line(text_of(image, file, kFileLimit), [&](std::string_view line, std::size_t number) {
      const bool never = line.find("task,never") != std::string_view::npos ||
                         line.find("never,task") != std::string_view::npos;
      if (never && !line.starts_with('#'))
        warnings.push_back(image.display_name(file) + ":" + std::to_string(number) +
                           " switches auditing of calls off: it has to go first");
    });
  }
  return warnings;
}

detect::AuditRulesRequest request_for(const input::MountedImage& image,
                                      const Configuration& configuration, int tier) {
  detect::AuditRulesRequest request{
      .tier = tier,
      .machine = machine_of(image),
      .uids = uids_of(image),
      .exists =
          [&image](const std::string& path) { return image.open_inside(path).file.is_open(); },
      .warnings = warnings_about(image)};
  // The settings of both kinds stand in one order.
  std::size_t next = 0;
  for (const SettingInForce& setting : configuration.in_force) {
    if (setting.name == "ccache.template")
      request.places.push_back(
          {.source = setting.source, .place = configuration.settings.ccache_templates[next++]});
  }
  return request;
}

model::Result<ExitStatus> run(const Arguments& arguments) {
  Mistakes mistakes;
  Configuration configuration =
      load_configuration(std::string{arguments.value("config").value_or("")}, mistakes);
  if (!mistakes.empty()) {
    print_errors(mistakes);
    return ExitStatus::usage;
  }
  const std::string root{*arguments.value("root")};
  static_cast<void>(enter_sandbox({.readable = {root}}));
  const model::Result<input::MountedImage> image = input::MountedImage::open(root);
  if (!image)
    return image.error();
  const KerberosConfiguration host = read_kerberos_configuration(image.value());
  add_ticket_places(configuration, host);
  for (const std::string& note : host.notes)
    print_warning(note);
  const int tier = arguments.value("tier")->front() - '0';
  const std::string text = detect::audit_rules(request_for(image.value(), configuration, tier));
  if (const model::Status written = write_standard_output(text); !written) {
    print_error(written.error());
    return ExitStatus::output_lost;
  }
  return ExitStatus::clean;
}

constexpr std::array<std::string_view, 3> kTiers{"1", "2", "3"};
constexpr std::array<Option, 3> kOptions{{
    {.name = "tier",
     .value = "TIER",
     .help = "1 little, 2 own tickets and copies, 3 all",
     .fallback = "1",
     .words = kTiers,
     .group = "Options"},
    {.name = "root",
     .value = "DIR",
     .help = "a mounted image, in place of this host",
     .fallback = "/",
     .group = "Options"},
    {.name = "config",
     .value = "FILE",
     .help = "the site's settings, krbtrail.conf(5)",
     .group = "Options"},
}};
constexpr std::array<Example, 3> kExamples{{
    {"krbtrail audit-rules | tee krbtrail.rules", "for /etc/audit/rules.d"},
    {"krbtrail audit-rules --tier 2", "one's own tickets and copies, too"},
    {"krbtrail audit-rules | grep -v '^#'", "the rules alone"},
}};

}  // namespace

const Command& audit_rules_command() {
  static const Command command{
      .name = "audit-rules",
      .summary = "print the audit rules that make thefts visible",
      .operands = "",
      .about =
          "Prints auditctl rules for the places where this host, or a mounted image, keeps\n"
          "its tickets (krb5.conf, sssd.conf, pam_krb5), with what they cost and what stays\n"
          "invisible. Nothing is loaded. A tier includes those below it.\n",
      .options = kOptions,
      .examples = kExamples,
      .run = run};
  return command;
}

}  // namespace krbtrail::cli
