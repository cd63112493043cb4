// SPDX-License-Identifier: Apache-2.0
#include "activity/socket_address.h"

#include <cstdint>
#include <random>
#include <string>

#include "support/catch.h"

namespace krbtrail::activity {
namespace {

// "family address port" or "family path"; "-" for no address.
std::string words(std::string_view hex) {
  const auto contact = read_socket_address(hex);
  if (!contact)
    return "-";
  std::string text{to_string(contact->family)};
  if (contact->family == AddressFamily::local)
    return text + " " + contact->socket_path;
  return text + " " + contact->address + " " + std::to_string(contact->port.value());
}

TEST_CASE("a socket address is read from its hexadecimal bytes", "[activity][socket_address]") {
  const auto [hex, expected] = GENERATE(table<std::string, std::string>({
      {"02001F907F0000010000000000000000", "inet 127.0.0.1 8080"},
      {"02000035c0000207", "inet 192.0.2.7 53"},      // lower case, without padding
      {"000201BBC6336407", "inet 198.51.100.7 443"},  // from a big-endian host
      {"0A00005000000000000000000000000000000000000000010000"
       "0000",
       "inet6 ::1 80"},
      {"0A0001BB0000000020010DB8000000000000000000000007", "inet6 2001:db8::7 443"},
      {"0A0001BB0000000000000000000000000000FFFFC0000207", "inet6 ::ffff:192.0.2.7 443"},
      {"01002F72756E2F2E6865696D5F6F72672E68356C2E6B636D2D736F636B657400",
       "unix /run/.heim_org.h5l.kcm-socket"},
      {"01002F746D702F612F622F", "unix /tmp/a/b/"},     // no NUL behind it
      {"01002F746D702F6100626364", "unix /tmp/a"},      // what stands behind the NUL is no name
      {"01000061646275732D78000000", "unix @adbus-x"},  // abstract, passed as sizeof(sockaddr_un)
      {"0100006100620000", std::string{"unix @a\0b", 9}},  // a NUL inside an abstract name is one
      {"0100", "unix "},                                   // unnamed
      {"0100000000", "unix "},
  }));
  CAPTURE(hex);
  CHECK(words(hex) == expected);
}

TEST_CASE("what is no internet or local address gives none", "[activity][socket_address]") {
  const auto [hex, reason] = GENERATE(table<std::string, std::string>({
      {"", "empty"},
      {"02", "one byte of the family"},
      {"0200", "the family alone"},
      {"02001F907F0000", "the address lacks a byte"},
      {"02001F907F00000", "an odd digit: the record was cut"},
      {"0A0001BB0000000020010DB80000000000000000000000", "inet6 lacks a byte"},
      {"0000", "AF_UNSPEC ends a connection"},
      {"100000000000000000000000", "netlink"},
      {"28000000160000000300000000000000", "vsock"},
      {"02021F907F000001", "no family has such a number"},
      {"0200zz907F000001", "no hexadecimal"},
      {"{ saddr_fam=inet laddr=127.0.0.1 }", "text"},
  }));
  CAPTURE(reason);
  CHECK(words(hex) == "-");
}

TEST_CASE("no more of an address is read than the kernel takes", "[activity][socket_address]") {
  std::string hex = "0100";
  for (int i = 0; i < 100'000; ++i)
    hex += "41";
  CHECK(read_socket_address(hex).value().socket_path == std::string(126, 'A'));
}

TEST_CASE("no bytes of an address break its reading", "[activity][socket_address]") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  constexpr std::string_view kBytes = "00010Aa2fFgG\x80 \"";
  for (int round = 0; round < 20'000; ++round) {
    std::string hex;
    for (std::size_t length = random() % 80; length > 0; --length)
      hex += kBytes[random() % kBytes.size()];
    const auto contact = read_socket_address(hex);
    REQUIRE((!contact || (contact->family == AddressFamily::local) == !contact->port));
  }
}

}  // namespace
}  // namespace krbtrail::activity
