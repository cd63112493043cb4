// SPDX-License-Identifier: Apache-2.0
#include "activity/socket_address.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <arpa/inet.h>

namespace krbtrail::activity {
namespace {

constexpr std::size_t kMostBytes = 128;
constexpr std::size_t kFamilyBytes = 2;

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

// Empty if it is no hexadecimal.
std::string bytes_of(std::string_view hex) {
  hex = hex.substr(0, 2 * kMostBytes);
  std::string bytes;
  if (hex.size() % 2 != 0)
    return bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_digit(hex[i]);
    const int low = hex_digit(hex[i + 1]);
    if (high < 0 || low < 0)
      return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

unsigned byte_at(std::string_view bytes, std::size_t index) {
  return static_cast<unsigned char>(bytes[index]);
}

// 0 (AF_UNSPEC) if the bytes are not those of a family.
unsigned family_of(std::string_view bytes) {
  if (bytes.size() < kFamilyBytes)
    return 0;
  const unsigned first = byte_at(bytes, 0);
  const unsigned second = byte_at(bytes, 1);
  return first == 0 || second == 0 ? first | second : 0;
}

// `offset` is the address's, behind the port (and in inet6 the flow label).
std::optional<NetworkContact> read_internet(std::string_view bytes, AddressFamily family,
                                            std::size_t offset) {
  const bool is_inet = family == AddressFamily::inet;
  if (bytes.size() < offset + (is_inet ? sizeof(in_addr) : sizeof(in6_addr)))
    return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (inet_ntop(is_inet ? AF_INET : AF_INET6, bytes.data() + offset, text.data(), text.size()) ==
      nullptr)
    return std::nullopt;
  const unsigned port = byte_at(bytes, 2) << 8U | byte_at(bytes, 3);
  return NetworkContact{.family = family,
                        .address = text.data(),
                        .port = static_cast<std::uint16_t>(port),
                        .socket_path = {}};
}

// A name in the file system ends at its NUL. An abstract one begins with a NUL and is as long as
// the caller said; those who say sizeof(sockaddr_un) leave NULs behind it.
std::string local_name(std::string_view name) {
  const std::size_t last = name.find_last_not_of('\0');
  if (last == std::string_view::npos)
    return {};
  if (name.front() != '\0')
    return std::string{name.substr(0, name.find('\0'))};
  return "@" + std::string{name.substr(1, last)};
}

}  // namespace

std::optional<NetworkContact> read_socket_address(std::string_view hex) {
  const std::string bytes = bytes_of(hex);
  switch (family_of(bytes)) {
    case AF_INET:
      return read_internet(bytes, AddressFamily::inet, 4);
    case AF_INET6:
      return read_internet(bytes, AddressFamily::inet6, 8);
    case AF_UNIX:
      return NetworkContact{
          .family = AddressFamily::local,
          .address = {},
          .port = std::nullopt,
          .socket_path = local_name(std::string_view{bytes}.substr(kFamilyBytes))};
    default:
      return std::nullopt;
  }
}

}  // namespace krbtrail::activity
