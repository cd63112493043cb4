// SPDX-License-Identifier: Apache-2.0
//
// Where a host's own configuration says that its tickets lie.
//
//   const KerberosConfiguration host = read_kerberos_configuration(image);
//   for (const TicketPlace& place : host.places)
//     place.place, place.source;     // FILE:/run/user/%{uid}/krb5cc, "/mnt/etc/krb5.conf:12"
//
// Read are, inside the image only, as MountedImage does it:
//   etc/krb5.conf, its `include` and `includedir`   [libdefaults] default_ccache_name (MIT),
//                                                   default_cc_name (Heimdal); [appdefaults]
//                                                   ccache, ccache_dir, ccname_template (pam_krb5)
//   etc/sssd/sssd.conf, etc/sssd/conf.d/*.conf      krb5_ccname_template, krb5_ccachedir
//   etc/pam.d/*, etc/pam.conf                       ccache=, ccache_dir= of pam_krb5.so
//   etc/environment, default, sysconfig, profile.d, crontab, cron.d, systemd/system
//                                                   KRB5CCNAME=
// Every value counts, also one that another overrides: it was or will be in force for somebody.
// Of a live host, open "/" as the image. A file that is not there is nothing; what cannot be read
// or is no place of a ticket is a note. Bounded: kFilesRead files of kFileLimit bytes, kBytesRead
// in all, kPlacesKept places and kNotesKept notes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "krbtrail/detect/ccache_template.h"
#include "krbtrail/input/mounted_image.h"

namespace krbtrail::cli {

inline constexpr std::size_t kFilesRead = 4000;
inline constexpr std::size_t kFileLimit = std::size_t{1} << 20U;
inline constexpr std::size_t kBytesRead = std::size_t{32} << 20U;
inline constexpr std::size_t kPlacesKept = 200;
inline constexpr std::size_t kNotesKept = 100;

struct TicketPlace {
  detect::CcacheTemplate place;
  std::string source;  // "FILE:LINE"
};

struct KerberosConfiguration {
  std::vector<TicketPlace> places;  // each text once, in the order of the files above
  std::vector<std::string> notes;
};

[[nodiscard]] KerberosConfiguration read_kerberos_configuration(const input::MountedImage& image);

}  // namespace krbtrail::cli
