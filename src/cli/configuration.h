// SPDX-License-Identifier: Apache-2.0
//
// What a site has set, and what stands where it has set nothing: krbtrail.conf(5).
//
//   Mistakes mistakes;
//   Configuration configuration = load_configuration(path, mistakes);
//   if (!mistakes.empty()) …                                         // print_errors()
//   add_ticket_places(configuration, read_kerberos_configuration(image));
//   for (const SettingInForce& setting : configuration.in_force) …   // `krbtrail rules`
//
// Everything in it knows where it came from. A file with mistakes must not be used: the caller
// looks at `mistakes` first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/ini_file.h"
#include "cli/kerberos_configuration.h"
#include "krbtrail/detect/settings.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// A place for the findings of `live`, KIND:TARGET.
struct OutputTarget {
  enum class Kind : std::uint8_t { ndjson, syslog, unix_socket, exec };
  Kind kind = Kind::ndjson;
  std::string target;  // a file, a facility, a socket, a program; a path is absolute

  bool operator==(const OutputTarget&) const = default;
};

// "ndjson:/var/log/krbtrail/findings.ndjson"
[[nodiscard]] model::Result<OutputTarget> read_output_target(std::string_view value);

// The number of "authpriv" and its like, as syslog(3) has it; -1 if there is none of that name.
[[nodiscard]] int facility_number(std::string_view name);

// An absolute path; whether the file is there does not matter.
[[nodiscard]] model::Status check_file_of_live(std::string_view path);

// What `live` is told beside its outputs.
struct LiveSettings {
  int fold = 60;           // seconds; 0: repeats are not folded
  int limit = 600;         // findings of one severity a minute; 0: no bound
  int heartbeat = 60;      // seconds
  std::string user;        // who it becomes after its start; empty: krbtrail, if there is one
  std::string state;       // the file that keeps what it learned; empty: none
  std::string exceptions;  // the file of exceptions; empty: none
};

// One setting as `krbtrail rules` prints it. `source` is "built in" or FILE:LINE.
struct SettingInForce {
  std::string name;  // "severity.critical"
  std::string value;
  std::string source;
};

struct Configuration {
  detect::Settings settings;
  std::vector<OutputTarget> outputs;
  LiveSettings live;
  std::vector<SettingInForce> in_force;  // in the order of krbtrail.conf(5)
};

[[nodiscard]] Configuration read_configuration(const IniFile& file, Mistakes& mistakes);

// The file at `path`, or what is in force without one if `path` is empty.
[[nodiscard]] Configuration load_configuration(const std::string& path, Mistakes& mistakes);

// Adds the places of a host's Kerberos configuration to those of the site.
void add_ticket_places(Configuration& configuration, const KerberosConfiguration& host);

}  // namespace krbtrail::cli
