// SPDX-License-Identifier: Apache-2.0
#include "cli/kerberos_configuration.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <sys/stat.h>

namespace krbtrail::cli {

namespace {

using model::Result;

constexpr int kDeepestInclude = 10;
constexpr std::string_view kBlanks = " \t\r";

// Files and folders in which KRB5CCNAME is set for services, jobs and sessions.
constexpr std::array<std::string_view, 2> kEnvironmentFiles = {"etc/environment", "etc/crontab"};
constexpr std::array<std::string_view, 5> kEnvironmentFolders = {
    "etc/default", "etc/sysconfig", "etc/profile.d", "etc/cron.d", "etc/systemd/system"};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_comment(std::string_view line) {
  return line.empty() || line.front() == '#' || line.front() == ';';
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

// Calls `use` with each line, without blanks around it, and its number.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    use(trimmed(line), number);
  }
}

// "KEY = VALUE"; unset for any other line.
std::optional<std::pair<std::string_view, std::string_view>> assignment(std::string_view line) {
  const auto equals = line.find('=');
  if (is_comment(line) || equals == std::string_view::npos)
    return std::nullopt;
  return std::pair{trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1))};
}

// includedir's files (krb5.conf(5)): letters, digits, dashes and underscores only, or NAME.conf.
bool is_included_name(std::string_view name) {
  if (name.starts_with('.'))
    return false;
  const auto is_plain = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
  };
  return name.ends_with(".conf") || std::ranges::all_of(name, is_plain);
}

class Reader {
 public:
  explicit Reader(const input::MountedImage& image) : image_(image) {}

  KerberosConfiguration read() {
    read_profile("etc/krb5.conf", 0);
    read_sssd("etc/sssd/sssd.conf");
    for (const std::string& name : names_in("etc/sssd/conf.d")) {
      if (name.ends_with(".conf") && !name.starts_with('.'))
        read_sssd("etc/sssd/conf.d/" + name);
    }
    read_pam("etc/pam.conf");
    for (const std::string& name : names_in("etc/pam.d"))
      read_pam("etc/pam.d/" + name);
    read_environments();
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string place(const std::string& path, std::size_t line) const {
    return image_.display_name(path) + ":" + std::to_string(line);
  }

  void add(std::string_view text, const std::string& source) {
    const Result<detect::CcacheTemplate> parsed = detect::CcacheTemplate::parse(text);
    const auto is_known = [&](const TicketPlace& known) { return known.place.text() == text; };
    if (!parsed)
      note(source + ": " + parsed.error().message);
    else if (std::ranges::any_of(found_.places, is_known))
      return;
    else if (found_.places.size() < kPlacesKept)
      found_.places.push_back({.place = parsed.value(), .source = source});
    else
      note(source + ": is not used: " + std::to_string(kPlacesKept) + " places are known already");
  }

  void note(std::string text) {
    if (found_.notes.size() < kNotesKept)
      found_.notes.push_back(std::move(text));
  }

  // The text of the file; unset if there is none, which is normal, or if it cannot be read, which
  // is a note.
  std::optional<std::string> text_of(const std::string& path) {
    const int why = image_.open_inside(path).error_number;
    if (why == ENOENT || why == ENOTDIR)
      return std::nullopt;
    if (files_ == kFilesRead || bytes_ >= kBytesRead) {
      if (!std::exchange(full_, true))
        note(image_.display_name(path) + ": is not read, nor is what comes behind it: " +
             std::to_string(files_) + " files of configuration were read");
      return std::nullopt;
    }
    ++files_;
    Result<std::string> text = image_.read_text(path, kFileLimit);
    if (!text) {
      note(text.error().message);
      return std::nullopt;
    }
    bytes_ += text.value().size();
    return std::move(text.value());
  }

  std::vector<std::string> names_in(const std::string& path) {
    const int why = image_.open_inside(path).error_number;
    if (why == ENOENT || why == ENOTDIR)
      return {};
    Result<std::vector<std::string>> names = image_.list(path);
    if (names)
      return std::move(names.value());
    note(names.error().message);
    return {};
  }

  bool is_folder(const std::string& path) { return image_.list(path).has_value(); }

  // False for a file that was read before, under whatever name: `includedir /etc` leads back to
  // krb5.conf itself, and what a file says it says once.
  bool is_new_profile(const std::string& path) {
    const input::MountedImage::Opened profile = image_.open_inside(path);
    struct stat facts {};
    if (!profile.file.is_open() || ::fstat(profile.file.get(), &facts) != 0)
      return true;
    return profiles_.emplace(facts.st_dev, facts.st_ino).second;
  }

  // krb5.conf(5). An included file begins outside of any section.
  void read_profile(const std::string& path, int depth) {
    if (depth == kDeepestInclude) {
      note(image_.display_name(path) + ": is not read: included more than " +
           std::to_string(kDeepestInclude) + " deep");
      return;
    }
    if (!is_new_profile(path))
      return;
    const std::optional<std::string> text = text_of(path);
    if (!text)
      return;
    std::string section;
    for_each_line(*text, [&](std::string_view line, std::size_t number) {
      if (line.starts_with("include ") || line.starts_with("include\t")) {
        read_profile(std::string{trimmed(line.substr(8))}, depth + 1);
      } else if (line.starts_with("includedir ") || line.starts_with("includedir\t")) {
        read_included(std::string{trimmed(line.substr(11))}, depth + 1);
      } else if (line.starts_with('[')) {
        section = line.substr(1, line.find(']') - 1);
      } else if (const auto set = assignment(line)) {
        read_relation(section, set->first, unquoted(set->second), place(path, number));
      }
    });
  }

  void read_included(const std::string& folder, int depth) {
    const std::string_view slash = folder.ends_with('/') ? "" : "/";
    for (const std::string& name : names_in(folder)) {
      if (is_included_name(name))
        read_profile(folder + std::string{slash} + name, depth);
    }
  }

  void read_relation(std::string_view section, std::string_view key, std::string_view value,
                     const std::string& source) {
    if (section == "libdefaults" && (key == "default_ccache_name" || key == "default_cc_name"))
      add(value, source);
    else if (section == "appdefaults")
      read_pam_setting(key, value, source);
  }

  // pam_krb5(5): %u is the uid there; ccache_dir alone has a name of the module's own in it.
  void read_pam_setting(std::string_view key, std::string_view value, const std::string& source) {
    if (key == "ccache" || key == "ccname_template")
      add(replaced(std::string{value}, "%u", "%{uid}"), source);
    else if (key == "ccache_dir")
      add(std::string{value} + "/krb5cc_%{uid}_XXXXXX", source);
  }

  // sssd-krb5(5): %d is krb5_ccachedir, which is /tmp where it is not set.
  void read_sssd(const std::string& path) {
    const std::optional<std::string> text = text_of(path);
    if (!text)
      return;
    struct Domain {
      std::string folder = "/tmp";
      std::string folder_source;
      std::string name;
      std::string name_source;
    };
    std::map<std::string, Domain> domains;
    std::string section;
    for_each_line(*text, [&](std::string_view line, std::size_t number) {
      if (line.starts_with('[')) {
        section = line.substr(0, line.find(']'));
        return;
      }
      const auto set = assignment(line);
      if (!set)
        return;
      Domain& domain = domains[section];
      if (set->first == "krb5_ccachedir") {
        domain.folder = set->second;
        domain.folder_source = place(path, number);
      } else if (set->first == "krb5_ccname_template") {
        domain.name = set->second;
        domain.name_source = place(path, number);
      }
    });
    for (const auto& [name, domain] : domains) {
      if (!domain.name.empty())
        add(replaced(domain.name, "%d", domain.folder), domain.name_source);
      else if (!domain.folder_source.empty())
        add("FILE:" + domain.folder + "/krb5cc_%U_XXXXXX", domain.folder_source);
    }
  }

  // "auth optional pam_krb5.so ccache=/tmp/krb5cc_%u minimum_uid=1000"
  void read_pam(const std::string& path) {
    const std::optional<std::string> text = text_of(path);
    if (!text)
      return;
    for_each_line(*text, [&](std::string_view line, std::size_t number) {
      if (is_comment(line) || line.find("pam_krb5.so") == std::string_view::npos)
        return;
      while (!line.empty()) {
        std::string_view word = line.substr(0, line.find_first_of(kBlanks));
        line = trimmed(line.substr(word.size()));
        if (word.starts_with('[') && word.ends_with(']'))
          word = word.substr(1, word.size() - 2);
        if (const auto set = assignment(word))
          read_pam_setting(set->first, set->second, place(path, number));
      }
    });
  }

  void read_environments() {
    for (const std::string_view path : kEnvironmentFiles)
      read_environment(std::string{path});
    for (const std::string_view folder : kEnvironmentFolders) {
      for (const std::string& name : names_in(std::string{folder})) {
        const std::string path = std::string{folder} + "/" + name;
        if (!is_folder(path)) {
          read_environment(path);
          continue;
        }
        if (!name.ends_with(".d"))  // UNIT.service.d/*.conf
          continue;
        for (const std::string& part : names_in(path)) {
          if (part.ends_with(".conf"))
            read_environment(path + "/" + part);
        }
      }
    }
  }

  // KRB5CCNAME=VALUE, whatever stands around it: export, Environment="…", a job's command.
  void read_environment(const std::string& path) {
    constexpr std::string_view kName = "KRB5CCNAME=";
    const std::optional<std::string> text = text_of(path);
    if (!text)
      return;
    for_each_line(*text, [&](std::string_view line, std::size_t number) {
      const auto at = line.find(kName);
      if (is_comment(line) || at == std::string_view::npos)
        return;
      std::string_view value = line.substr(at + kName.size());
      if (value.starts_with('"') || value.starts_with('\''))
        value = value.substr(1, value.find(value.front(), 1) - 1);
      else
        value = value.substr(0, value.find_first_of(" \t;\"'"));
      std::string place_text{value};
      for (const std::string_view uid : {"$(id -u)", "${UID}", "$UID"})
        place_text = replaced(std::move(place_text), uid, "%{uid}");
      if (place_text.find_first_of("$`") != std::string::npos)
        note(place(path, number) + ": what the shell makes of this KRB5CCNAME is not known");
      else
        add(place_text, place(path, number));
    });
  }

  const input::MountedImage& image_;
  KerberosConfiguration found_;
  std::set<std::pair<dev_t, ino_t>> profiles_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace

KerberosConfiguration read_kerberos_configuration(const input::MountedImage& image) {
  return Reader{image}.read();
}

}  // namespace krbtrail::cli
