// SPDX-License-Identifier: Apache-2.0
#include "activity/file_acts.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "activity/process_facts.h"
#include "krbtrail/activity/file_path.h"
#include "krbtrail/audit/syscall_name.h"

namespace krbtrail::activity {
namespace {

using audit::DecodedEvent;
using audit::DecodedRecord;
using audit::RecordType;
using audit::Syscall;

// fcntl.h on x86 and arm64. The access mode is 0 for reading only; 3 is a mode too, of device
// files.
constexpr std::uint64_t kAccessMode = 03;
constexpr std::uint64_t kTruncate = 01000;
constexpr std::uint64_t kPathOnly = 010000000;

constexpr std::uint32_t kFileType = 0170000;
constexpr std::uint32_t kDirectory = 0040000;

constexpr std::uint32_t kWorkingFolder = 0xFFFFFF9C;  // AT_FDCWD as an int

constexpr std::size_t kMostItems = 4'096;  // as many records as an event can have

enum class NameType : std::uint8_t { absent, parent, normal, create, remove, unknown };

struct Item {
  const DecodedRecord* record = nullptr;
  NameType type = NameType::absent;
};

enum class CallKind : std::uint8_t {
  none,
  open,
  truncate,
  make_node,
  rename,
  link,
  symlink,
  unlink,
  attributes,
};

// What was called, whoever says so: the SYSCALL or the URINGOP record.
struct Call {
  Syscall syscall = Syscall::other;
  bool success = false;
  bool in_ring = false;                      // io_uring: neither flags nor descriptors are recorded
  bool removes = false;                      // beside an open, the ring took a name away
  const DecodedRecord* arguments = nullptr;  // the SYSCALL record, for a0–a3; null in a ring
};

NameType name_type_of(const DecodedRecord& path) {
  auto word = path.value("nametype");
  if (!word)
    word = path.value("objtype");
  if (!word)
    return NameType::absent;
  if (*word == "PARENT")
    return NameType::parent;
  if (*word == "NORMAL")
    return NameType::normal;
  if (*word == "CREATE")
    return NameType::create;
  return *word == "DELETE" ? NameType::remove : NameType::unknown;
}

// linux/io_uring.h, enum io_uring_op.
Syscall syscall_of_ring(std::int64_t operation) {
  switch (operation) {
    case 18:
      return Syscall::openat;
    case 28:
      return Syscall::openat2;
    case 35:
      return Syscall::renameat;
    case 36:
      return Syscall::unlinkat;
    case 38:
      return Syscall::symlinkat;
    case 39:
      return Syscall::linkat;
    default:
      return Syscall::other;
  }
}

// What goes before in an event of several operations: one that succeeded, and among those an open.
int weight_of(const Call& call) {
  const bool opens = call.syscall == Syscall::openat || call.syscall == Syscall::openat2;
  return (call.success ? 2 : 0) + (opens ? 1 : 0);
}

// One io_uring_enter can do many operations, and its PATH records do not say whose they are.
std::optional<Call> ring_call_of(const DecodedEvent& event) {
  std::optional<Call> weightiest;
  bool removes = false;
  for (const DecodedRecord& record : event.records) {
    if (record.type != RecordType::uringop)
      continue;
    const Syscall syscall = syscall_of_ring(record.number("uring_op").value_or(-1));
    if (syscall == Syscall::other)
      continue;
    const Call call{.syscall = syscall, .success = succeeded(record), .in_ring = true};
    removes =
        removes || (call.success && (syscall == Syscall::unlinkat || syscall == Syscall::renameat));
    if (!weightiest || weight_of(*weightiest) < weight_of(call))
      weightiest = call;
  }
  if (weightiest)
    weightiest->removes = removes;
  return weightiest;
}

CallKind kind_of(Syscall syscall);

Call call_of(const DecodedEvent& event) {
  const DecodedRecord* record = event.first(RecordType::syscall);
  Call call;
  if (record != nullptr)
    call = {.syscall = syscall_of(*record), .success = succeeded(*record)};
  // A ring works within any call that does nothing to files itself; a URINGOP beside one that does
  // is none of the kernel's.
  if (kind_of(call.syscall) == CallKind::none) {
    if (const auto ring = ring_call_of(event))
      return *ring;
  }
  if (record == nullptr)
    return {};
  // The ring's own rule list is rarely used; the PATH records of its opens come with the call then.
  if (call.syscall == Syscall::io_uring_enter)
    return {.syscall = Syscall::openat, .success = call.success, .in_ring = true};
  call.arguments = record;
  return call;
}

CallKind kind_of(Syscall syscall) {
  switch (syscall) {
    case Syscall::open:
    case Syscall::openat:
    case Syscall::openat2:
    case Syscall::creat:
    case Syscall::open_by_handle_at:
      return CallKind::open;
    case Syscall::truncate:
      return CallKind::truncate;
    case Syscall::mknod:
    case Syscall::mknodat:
      return CallKind::make_node;
    case Syscall::rename:
    case Syscall::renameat:
    case Syscall::renameat2:
      return CallKind::rename;
    case Syscall::link:
    case Syscall::linkat:
      return CallKind::link;
    case Syscall::symlink:
    case Syscall::symlinkat:
      return CallKind::symlink;
    case Syscall::unlink:
    case Syscall::unlinkat:
      return CallKind::unlink;
    case Syscall::chmod:
    case Syscall::fchmod:
    case Syscall::fchmodat:
    case Syscall::fchmodat2:
    case Syscall::chown:
    case Syscall::fchown:
    case Syscall::lchown:
    case Syscall::fchownat:
    case Syscall::setxattr:
    case Syscall::lsetxattr:
    case Syscall::fsetxattr:
    case Syscall::setxattrat:
    case Syscall::removexattr:
    case Syscall::lremovexattr:
    case Syscall::fremovexattr:
    case Syscall::removexattrat:
    case Syscall::utime:
    case Syscall::utimes:
    case Syscall::futimesat:
    case Syscall::utimensat:
      return CallKind::attributes;
    case Syscall::other:
    case Syscall::execve:
    case Syscall::execveat:
    case Syscall::fork:
    case Syscall::vfork:
    case Syscall::clone:
    case Syscall::clone3:
    case Syscall::rmdir:
    case Syscall::mkdir:
    case Syscall::mkdirat:
    case Syscall::stat:
    case Syscall::lstat:
    case Syscall::fstat:
    case Syscall::newfstatat:
    case Syscall::statx:
    case Syscall::access:
    case Syscall::faccessat:
    case Syscall::faccessat2:
    case Syscall::readlink:
    case Syscall::readlinkat:
    case Syscall::getxattr:
    case Syscall::lgetxattr:
    case Syscall::fgetxattr:
    case Syscall::getxattrat:
    case Syscall::listxattr:
    case Syscall::llistxattr:
    case Syscall::flistxattr:
    case Syscall::listxattrat:
    case Syscall::ptrace:
    case Syscall::process_vm_readv:
    case Syscall::process_vm_writev:
    case Syscall::keyctl:
    case Syscall::add_key:
    case Syscall::request_key:
    case Syscall::connect:
    case Syscall::sendto:
    case Syscall::sendmsg:
    case Syscall::sendmmsg:
    case Syscall::socketcall:
    case Syscall::memfd_create:
    case Syscall::io_uring_setup:
    case Syscall::io_uring_enter:
    case Syscall::io_uring_register:
      return CallKind::none;
  }
  return CallKind::none;
}

// i386's first chown, fchown and lchown take ids of 16 bits (arch/x86/entry/syscalls/
// syscall_32.tbl).
bool takes_short_ids(const DecodedRecord& record) {
  const std::int64_t number = record.number("syscall").value_or(-1);
  return record.hex("arch") == audit::kArchI386 && (number == 16 || number == 95 || number == 182);
}

// The argument that names the new owner, or the new mode; empty if the call sets none.
std::string_view owner_argument(Syscall syscall) {
  switch (syscall) {
    case Syscall::chown:
    case Syscall::fchown:
    case Syscall::lchown:
      return "a1";
    case Syscall::fchownat:
      return "a2";
    default:
      return {};
  }
}

std::string_view mode_argument(Syscall syscall) {
  switch (syscall) {
    case Syscall::chmod:
    case Syscall::fchmod:
      return "a1";
    case Syscall::fchmodat:
    case Syscall::fchmodat2:
      return "a2";
    default:
      return {};
  }
}

// -1 leaves the owner as it is.
std::optional<std::uint32_t> new_owner_of(const Call& call) {
  const std::string_view argument = owner_argument(call.syscall);
  const auto value = argument.empty() ? std::nullopt : call.arguments->hex(argument);
  if (!value)
    return std::nullopt;
  const std::uint32_t unchanged = takes_short_ids(*call.arguments) ? 0xFFFF : 0xFFFFFFFF;
  const auto owner = static_cast<std::uint32_t>(*value & unchanged);
  return owner == unchanged ? std::nullopt : std::optional{owner};
}

std::optional<std::uint32_t> new_mode_of(const Call& call) {
  constexpr std::uint64_t kPermissions = 07777;
  const std::string_view argument = mode_argument(call.syscall);
  const auto value = argument.empty() ? std::nullopt : call.arguments->hex(argument);
  return value ? std::optional{static_cast<std::uint32_t>(*value & kPermissions)} : std::nullopt;
}

// Which of two names of a call: a rename's and a link's calls take a folder for each.
enum class Role : std::uint8_t { old_name, new_name };

// Where the call keeps the descriptor that a relative name starts from: an argument's name, empty
// if it is always the working folder, "?" if it is recorded nowhere.
std::string_view folder_argument(Syscall syscall, Role role) {
  switch (syscall) {
    case Syscall::openat:
    case Syscall::openat2:
    case Syscall::unlinkat:
    case Syscall::mkdirat:
    case Syscall::mknodat:
    case Syscall::fchmodat:
    case Syscall::fchmodat2:
    case Syscall::fchownat:
    case Syscall::futimesat:
    case Syscall::utimensat:
    case Syscall::newfstatat:
    case Syscall::statx:
    case Syscall::faccessat:
    case Syscall::faccessat2:
    case Syscall::readlinkat:
    case Syscall::setxattrat:
    case Syscall::getxattrat:
    case Syscall::listxattrat:
    case Syscall::removexattrat:
      return "a0";
    case Syscall::renameat:
    case Syscall::renameat2:
    case Syscall::linkat:
      return role == Role::new_name ? "a2" : "a0";
    case Syscall::symlinkat:
      return "a1";
    case Syscall::open_by_handle_at:
    case Syscall::other:
      return "?";
    default:  // all others take their names from the working folder
      return {};
  }
}

Folder folder_of(const Call& call, Role role) {
  const std::string_view argument = folder_argument(call.syscall, role);
  if (call.in_ring || argument == "?")
    return Folder::descriptor;
  if (argument.empty())
    return Folder::working;
  const auto descriptor = call.arguments->hex(argument);
  const bool working = descriptor && static_cast<std::uint32_t>(*descriptor) == kWorkingFolder;
  return working ? Folder::working : Folder::descriptor;
}

std::optional<std::uint64_t> read_number(std::optional<std::string_view> text, int base) {
  if (!text)
    return std::nullopt;
  std::uint64_t number = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number, base);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

bool is_directory(const Item& item) {
  const auto mode = mode_of(*item.record);
  return mode && (*mode & kFileType) == kDirectory;
}

std::string_view base_name_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

// Items by the file they speak of, the first one of each; those without an inode are left out.
class ItemsByFile {
 public:
  explicit ItemsByFile(const std::vector<const Item*>& items) {
    for (const Item* item : items)
      if (const auto file = file_of(*item))
        items_.emplace(*file, item);
  }

  // nullptr if there is none.
  [[nodiscard]] const Item* same_file(const Item& item) const {
    const auto file = file_of(item);
    const auto found = file ? items_.find(*file) : items_.end();
    return found == items_.end() ? nullptr : found->second;
  }

 private:
  using File = std::pair<std::string_view, std::optional<std::string_view>>;  // inode, device

  [[nodiscard]] static std::optional<File> file_of(const Item& item) {
    const auto inode = item.record->value("inode");
    return inode ? std::optional{File{*inode, item.record->value("dev")}} : std::nullopt;
  }

  std::map<File, const Item*> items_;
};

// Kernels up to 2.6.25 write no nametype: the part that an item plays follows from its place.
void deduce_types(CallKind kind, std::vector<Item>& items) {
  std::vector<Item*> files;
  for (Item& item : items)
    if (item.type == NameType::absent && !is_directory(item))
      files.push_back(&item);
  if (files.empty())
    return;
  for (Item* file : files)
    file->type = kind == CallKind::unlink ? NameType::remove : NameType::normal;
  const bool makes_a_name = kind == CallKind::rename || kind == CallKind::link ||
                            kind == CallKind::symlink || kind == CallKind::make_node;
  if (kind == CallKind::rename)
    files.front()->type = NameType::remove;
  if (makes_a_name)
    files.back()->type = NameType::create;
}

// The PATH records in their order, each item number once.
std::vector<Item> items_of(const DecodedEvent& event, CallKind kind) {
  std::vector<Item> items;
  std::bitset<kMostItems> seen;
  for (const DecodedRecord& record : event.records) {
    if (record.type != RecordType::path)
      continue;
    const auto number = read_number(record.value("item"), 10);
    if (!number || *number >= kMostItems || seen[*number])
      continue;
    seen.set(*number);
    items.push_back({.record = &record, .type = name_type_of(record)});
  }
  deduce_types(kind, items);
  return items;
}

// Reads one event.
class Reading {
 public:
  Reading(const DecodedEvent& event, const FileNames& names)
      : event_(event),
        names_(names),
        call_(call_of(event)),
        kind_(kind_of(call_.syscall)),
        items_(items_of(event, kind_)) {
    if (const auto* cwd = event.first(RecordType::cwd); cwd != nullptr)
      cwd_ = text_of(*cwd, "cwd");
  }

  std::vector<FileAct> acts() {
    if (kind_ == CallKind::none || is_path_only_open())
      return {};
    if (!call_.success)
      read_attempts();
    else
      read_acts();
    if (kind_ == CallKind::attributes)
      add_what_is_set();
    return std::move(acts_);
  }

  std::vector<FileObject> named_objects() {
    std::vector<FileObject> objects;
    if (!call_.success)
      return objects;
    for (const NameType type : {NameType::normal, NameType::create})
      for (const Item& item : items_)
        if (item.type == type && names_.wants(base_name_of(text_of(*item.record, "name"))))
          objects.push_back(object_of(item));
    return objects;
  }

 private:
  void read_acts() {
    switch (kind_) {
      case CallKind::open:
        read_open();
        break;
      case CallKind::truncate:
        add_each(NameType::normal, FileAction::modified);
        break;
      case CallKind::make_node:
        add_each(NameType::create, FileAction::created);
        break;
      case CallKind::rename:
        read_rename();
        break;
      case CallKind::link:
        read_link(FileAction::linked, NameType::normal);
        break;
      case CallKind::symlink:
        read_link(FileAction::symlinked, NameType::unknown);
        break;
      case CallKind::unlink:
        read_unlink();
        break;
      case CallKind::attributes:
        add_each(NameType::normal, FileAction::attributes);
        break;
      case CallKind::none:
        break;
    }
  }

  // An UNKNOWN item of a failed call is a name that does not exist; a symlink's is its target.
  void read_attempts() {
    for (const Item& item : items_) {
      const bool is_target = kind_ == CallKind::symlink && item.type == NameType::unknown;
      if (item.type != NameType::parent && !is_target && !is_directory(item))
        add(FileAction::attempted, item);
    }
  }

  void read_open() {
    const auto flags = open_flags();
    for (const Item& item : items_) {
      if (is_directory(item))
        continue;
      if (item.type == NameType::create)
        add(FileAction::created, item);
      else if (item.type == NameType::normal)
        read_opened(item, flags);
      else if (item.type == NameType::remove && call_.removes)
        add(FileAction::deleted, item);
    }
  }

  void read_opened(const Item& item, std::optional<std::uint64_t> flags) {
    const bool writes =
        call_.syscall == Syscall::creat || (flags && (*flags & (kAccessMode | kTruncate)) != 0);
    add(writes ? FileAction::modified : FileAction::read, item);
    acts_.back().flags_known = flags.has_value() || call_.syscall == Syscall::creat;
  }

  void read_unlink() {
    for (const Item& item : items_)
      if (item.type == NameType::remove && !is_directory(item))
        add(FileAction::deleted, item);
  }

  // PARENT, PARENT, DELETE (old), CREATE (new, the same inode), with a DELETE of the file that had
  // the new name where there was one. An exchange has a second CREATE: the old name's.
  void read_rename() {
    const std::vector<const Item*> olds = items_with(NameType::remove);
    const std::vector<const Item*> news = items_with(NameType::create);
    const ItemsByFile olds_by_file{olds};
    for (const Item* created : news) {
      add(FileAction::renamed, *created);
      const Item* old = olds_by_file.same_file(*created);
      if (old == nullptr && !created->record->value("inode") && !olds.empty())
        old = olds.front();
      if (old != nullptr)
        acts_.back().previous = object_of(*old);
      if (const Item* gone = news.size() == 1 ? replaced_by(old, olds) : nullptr)
        acts_.back().replaced = object_of(*gone);
    }
    if (news.empty() && !olds.empty()) {
      acts_.emplace_back().action = FileAction::renamed;
      acts_.back().previous = object_of(*olds.front());
    }
  }

  static const Item* replaced_by(const Item* renamed, const std::vector<const Item*>& olds) {
    for (const Item* old : olds)
      if (renamed != nullptr && old != renamed)
        return old;
    return nullptr;
  }

  void read_link(FileAction action, NameType old_type) {
    const std::vector<const Item*> olds = items_with(old_type);
    for (const Item* created : items_with(NameType::create)) {
      add(action, *created);
      if (olds.empty())
        continue;
      acts_.back().previous =
          action == FileAction::symlinked ? target_of(*olds.front()) : object_of(*olds.front());
    }
  }

  // A symbolic link's target is text: relative to the link's folder, if it is relative.
  [[nodiscard]] static FileObject target_of(const Item& item) {
    ResolvedPath target =
        resolve(text_of(*item.record, "name"), {.cwd = {}, .folder = Folder::descriptor});
    FileObject object;
    object.path = std::move(target.path);
    object.confidence = target.confidence;
    return object;
  }

  [[nodiscard]] bool is_path_only_open() const {
    const auto flags = kind_ == CallKind::open ? open_flags() : std::nullopt;
    return flags && (*flags & kPathOnly) != 0;
  }

  [[nodiscard]] std::optional<std::uint64_t> open_flags() const {
    if (call_.syscall == Syscall::openat2) {
      const DecodedRecord* how = event_.first(RecordType::openat2);
      return how == nullptr ? std::nullopt : read_number(how->value("oflag"), 8);
    }
    if (call_.arguments == nullptr)
      return std::nullopt;
    switch (call_.syscall) {
      case Syscall::open:
        return call_.arguments->hex("a1");
      case Syscall::openat:
      case Syscall::open_by_handle_at:
        return call_.arguments->hex("a2");
      default:
        return std::nullopt;
    }
  }

  void add_what_is_set() {
    for (FileAct& act : acts_) {
      act.new_owner = new_owner_of(call_);
      act.new_mode = new_mode_of(call_);
    }
  }

  void add_each(NameType type, FileAction action) {
    for (const Item& item : items_)
      if (item.type == type)
        add(action, item);
  }

  void add(FileAction action, const Item& item) {
    acts_.emplace_back().action = action;
    acts_.back().object = object_of(item);
  }

  [[nodiscard]] std::vector<const Item*> items_with(NameType type) const {
    std::vector<const Item*> found;
    for (const Item& item : items_)
      if (item.type == type)
        found.push_back(&item);
    return found;
  }

  // A rename's second DELETE is of the file that had the new name, an exchange's second CREATE of
  // the old name.
  [[nodiscard]] Role role_of(const Item& item) const {
    const auto first = std::ranges::find(items_, item.type, &Item::type);
    const bool is_second = kind_ == CallKind::rename && &*first != &item;
    return (item.type == NameType::create) != is_second ? Role::new_name : Role::old_name;
  }

  [[nodiscard]] FileObject object_of(const Item& item) const {
    const DecodedRecord& record = *item.record;
    const std::string_view name = text_of(record, "name");
    ResolvedPath resolved = resolve(name, {.cwd = cwd_, .folder = folder_of(call_, role_of(item))});
    FileObject object;
    object.path = std::move(resolved.path);
    object.confidence = resolved.confidence;
    object.device = record.value("dev").value_or(std::string_view{});
    object.inode = read_number(record.value("inode"), 10);
    object.mode = mode_of(record);
    object.owner_uid = id_of(record, "ouid");
    if (object.confidence == PathConfidence::unresolved)
      ask_names(object);
    return object;
  }

  void ask_names(FileObject& object) const {
    if (!object.inode)
      return;
    const std::string_view known = names_.known(event_.key.host, object.device, *object.inode);
    if (known.empty() || base_name_of(known) != object.base_name())
      return;
    object.path = known;
    object.confidence = PathConfidence::known_inode;
  }

  const DecodedEvent& event_;
  const FileNames& names_;
  Call call_;
  CallKind kind_;
  std::vector<Item> items_;
  std::string_view cwd_;
  std::vector<FileAct> acts_;
};

}  // namespace

FileReading read_files(const DecodedEvent& event, const FileNames& names) {
  Reading reading{event, names};
  return {.acts = reading.acts(), .named = reading.named_objects()};
}

bool is_exec(const DecodedEvent& event) {
  const DecodedRecord* record = event.first(RecordType::syscall);
  if (record == nullptr)
    return event.first(RecordType::execve) != nullptr;
  if (!succeeded(*record))
    return false;
  const Syscall syscall = syscall_of(*record);
  if (syscall == Syscall::execve || syscall == Syscall::execveat)
    return true;
  return syscall == Syscall::other && event.first(RecordType::execve) != nullptr;
}

}  // namespace krbtrail::activity
