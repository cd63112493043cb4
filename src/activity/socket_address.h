// SPDX-License-Identifier: Apache-2.0
//
// The socket address of a SOCKADDR record: the bytes of a sockaddr in hexadecimal, which libauparse
// hands out as they are.
//
//   read_socket_address("02001F907F0000010000000000000000")   inet 127.0.0.1, port 8080
//   read_socket_address("01002F72756E2F6B636D00")             local /run/kcm
//
// The family is in the byte order of the log's host, which the bytes themselves tell, because every
// family's number fits in one of them; port and address are in the network's order
// (bits/sockaddr.h, netinet/in.h, sys/un.h).
#pragma once

#include <optional>
#include <string_view>

#include "krbtrail/activity/activity.h"

namespace krbtrail::activity {

// Unset for other families, for an address that is cut short and for what is no hexadecimal. Reads
// no more than the 128 bytes that the kernel takes (sockaddr_storage).
[[nodiscard]] std::optional<NetworkContact> read_socket_address(std::string_view hex);

}  // namespace krbtrail::activity
