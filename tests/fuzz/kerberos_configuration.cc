// SPDX-License-Identifier: Apache-2.0
//
// The configuration of a seized host: the first byte tells which of its files the others are.
#include "cli/kerberos_configuration.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/require.h"
#include "krbtrail/input/mounted_image.h"
#include "support/temporary_tree.h"

namespace krbtrail::fuzz {
namespace {

constexpr std::array<std::string_view, 6> kFiles = {"etc/krb5.conf",  "etc/sssd/sssd.conf",
                                                    "etc/pam.d/sshd", "etc/environment",
                                                    "etc/crontab",    "etc/profile.d/krb.sh"};

// One tree for all runs; a run leaves it as it was.
const test::TemporaryTree& tree() {
  static const test::TemporaryTree made;
  return made;
}

}  // namespace
}  // namespace krbtrail::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace krbtrail;
  if (size == 0)
    return 0;
  const std::string_view name = fuzz::kFiles.at(data[0] % fuzz::kFiles.size());
  const std::string path =
      fuzz::tree().file(name, {reinterpret_cast<const char*>(data) + 1, size - 1});
  const auto image = input::MountedImage::open(fuzz::tree().path());
  fuzz::require(image.has_value(), "the image opens");
  const cli::KerberosConfiguration host = cli::read_kerberos_configuration(image.value());
  std::filesystem::remove(path);
  fuzz::require(host.places.size() <= cli::kPlacesKept, "places are bounded");
  fuzz::require(host.notes.size() <= cli::kNotesKept, "notes are bounded");
  for (const cli::TicketPlace& place : host.places)
    fuzz::require(place.source.find(path) != std::string::npos, "a place knows its file");
  return 0;
}
