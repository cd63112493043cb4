// SPDX-License-Identifier: Apache-2.0
#include "activity/call_acts.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "activity/process_facts.h"
#include "activity/socket_address.h"
#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {
namespace {

using audit::DecodedEvent;
using audit::DecodedRecord;
using audit::RecordType;
using audit::Syscall;

constexpr std::int64_t kInProgress = -115;  // EINPROGRESS

// An argument as the call takes it: the register's upper half means nothing to these calls.
std::optional<std::uint32_t> argument(const DecodedRecord& record, std::string_view name) {
  const auto value = record.hex(name);
  return value ? std::optional{static_cast<std::uint32_t>(*value)} : std::nullopt;
}

std::optional<std::int32_t> key_argument(const DecodedRecord& record, std::string_view name) {
  const auto value = argument(record, name);
  return value ? std::optional{static_cast<std::int32_t>(*value)} : std::nullopt;
}

// linux/net.h: a SOCKADDR record comes with a bind as well.
bool sends_by_socketcall(const DecodedRecord& record) {
  constexpr std::uint32_t kConnect = 3;
  constexpr std::uint32_t kSendto = 11;
  constexpr std::uint32_t kSendmsg = 16;
  constexpr std::uint32_t kSendmmsg = 20;
  switch (argument(record, "a0").value_or(0)) {
    case kConnect:
    case kSendto:
    case kSendmsg:
    case kSendmmsg:
      return true;
    default:
      return false;
  }
}

// linux/io_uring.h, enum io_uring_op.
bool sends_in_ring(const DecodedRecord& record) {
  constexpr std::int64_t kSendmsg = 9;
  constexpr std::int64_t kConnect = 16;
  if (record.type != RecordType::uringop)
    return false;
  const std::int64_t operation = record.number("uring_op").value_or(-1);
  return operation == kSendmsg || operation == kConnect;
}

// The record of the call that a SOCKADDR record belongs to; null if it is none that sends.
const DecodedRecord* sender_of(const DecodedEvent& event, const DecodedRecord* call,
                               Syscall syscall) {
  if (call != nullptr && audit::may_contact_network(syscall)) {
    const bool sends = syscall != Syscall::socketcall || sends_by_socketcall(*call);
    return sends ? call : nullptr;
  }
  const auto found = std::ranges::find_if(event.records, sends_in_ring);
  return found == event.records.end() ? nullptr : &*found;
}

std::optional<CallAct> read_contact(const DecodedEvent& event, const DecodedRecord* call,
                                    Syscall syscall) {
  const DecodedRecord* address = event.first(RecordType::sockaddr);
  if (address == nullptr)
    return std::nullopt;
  const DecodedRecord* sender = sender_of(event, call, syscall);
  if (sender == nullptr)
    return std::nullopt;
  auto contact = read_socket_address(address->value("saddr").value_or(std::string_view{}));
  if (!contact)
    return std::nullopt;
  const bool success = succeeded(*sender) || sender->number("exit") == kInProgress;
  return CallAct{.success = success, .act = std::move(*contact)};
}

// linux/keyctl.h.
KeyringOperation operation_of(std::uint32_t number) {
  switch (number) {
    case 6:
      return KeyringOperation::describe;
    case 8:
      return KeyringOperation::link;
    case 10:
      return KeyringOperation::search;
    case 11:
      return KeyringOperation::read;
    case 22:
      return KeyringOperation::get_persistent;
    default:
      return KeyringOperation::other;
  }
}

std::optional<std::int32_t> found_keyring(const DecodedRecord& call) {
  const auto serial = call.number("exit");
  return succeeded(call) && serial ? std::optional{static_cast<std::int32_t>(*serial)}
                                   : std::nullopt;
}

std::optional<CallAct> read_keyring(const DecodedRecord& call) {
  constexpr std::uint32_t kOwn = 0xFFFFFFFF;
  const auto number = argument(call, "a0");
  if (!number)
    return std::nullopt;
  KeyringAccess access;
  access.operation = operation_of(*number);
  access.number = *number;
  if (access.operation == KeyringOperation::get_persistent) {
    access.target_uid = argument(call, "a1");
    if (access.target_uid == kOwn)
      access.target_uid.reset();
    access.key = found_keyring(call);
  } else if (access.operation != KeyringOperation::other) {
    access.key = key_argument(call, "a1");
  }
  return CallAct{.success = succeeded(call), .act = access};
}

CallAct memory_act(const DecodedEvent& event, const DecodedRecord& call, MemoryAccessKind kind,
                   std::string_view pid_argument) {
  MemoryAccess access;
  access.kind = kind;
  if (const DecodedRecord* target = event.first(RecordType::obj_pid); target != nullptr) {
    access.target_recorded = true;
    access.pid = id_of(*target, "opid");
    access.uid = id_of(*target, "ouid");
    access.auid = id_of(*target, "oauid");
    access.comm = text_of(*target, "ocomm");
  } else {
    access.pid = argument(call, pid_argument);
  }
  return {.success = succeeded(call), .act = std::move(access)};
}

// linux/ptrace.h.
std::optional<CallAct> read_ptrace(const DecodedEvent& event, const DecodedRecord& call) {
  constexpr std::uint32_t kAttach = 0x10;
  constexpr std::uint32_t kSeize = 0x4206;
  const std::uint32_t request = argument(call, "a0").value_or(0);
  if (request != kAttach && request != kSeize)
    return std::nullopt;
  const auto kind = request == kAttach ? MemoryAccessKind::attach : MemoryAccessKind::seize;
  return memory_act(event, call, kind, "a1");
}

}  // namespace

std::optional<CallAct> read_call(const DecodedEvent& event) {
  const DecodedRecord* call = event.first(RecordType::syscall);
  const Syscall syscall = call == nullptr ? Syscall::other : syscall_of(*call);
  switch (syscall) {
    case Syscall::keyctl:
      return read_keyring(*call);
    case Syscall::ptrace:
      return read_ptrace(event, *call);
    case Syscall::process_vm_readv:
      return memory_act(event, *call, MemoryAccessKind::read_memory, "a0");
    default:
      return read_contact(event, call, syscall);
  }
}

}  // namespace krbtrail::activity
