// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/path_glance.h"

#include <charconv>
#include <cstddef>

#include "audit/ordered_reader.h"
#include "krbtrail/audit/event.h"

namespace krbtrail::audit {
namespace {

using Part = PathGlance::Part;

template <class Number>
std::optional<Number> read_number(std::string_view text, int base) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

Part part_of(std::string_view nametype) {
  if (nametype == "NORMAL")
    return Part::normal;
  if (nametype == "PARENT")
    return Part::parent;
  if (nametype == "CREATE")
    return Part::create;
  return nametype == "DELETE" ? Part::remove : Part::other;
}

// Takes "name=value" fields off the front.
class Fields {
 public:
  explicit Fields(std::string_view text) : rest_(text) {}

  // False at the end. A quoted value ends behind its quote, any other one at a blank.
  bool next(std::string_view& name, std::string_view& value) {
    while (!rest_.empty() && rest_.front() == ' ')
      rest_.remove_prefix(1);
    const std::size_t equals = rest_.find('=');
    if (equals == std::string_view::npos || rest_.front() == '\x1d')
      return false;
    name = rest_.substr(0, equals);
    if (const std::size_t blank = name.rfind(' '); blank != std::string_view::npos)
      name.remove_prefix(blank + 1);
    rest_.remove_prefix(equals + 1);
    std::size_t end = 0;
    if (rest_.starts_with('"')) {
      const std::size_t quote = rest_.find('"', 1);
      end = quote == std::string_view::npos ? rest_.size() : quote + 1;
    } else {
      end = rest_.find_first_of(" \x1d");
    }
    value = rest_.substr(0, end);
    rest_.remove_prefix(value.size());
    return true;
  }

 private:
  std::string_view rest_;
};

// Takes one field if it is the first of its name: libauparse's rule, which a forged second one must
// not change.
class Reading {
 public:
  [[nodiscard]] bool complete() const { return taken_ == kAll; }

  void take(std::string_view name, std::string_view value) {
    if (name == "name" && first(0))
      glance.name = value;
    else if (name == "inode" && first(1))
      glance.inode = read_number<std::uint64_t>(value, 10);
    else if (name == "dev" && first(2))
      glance.device = value;
    else if (name == "mode" && first(3))
      glance.mode = read_number<std::uint32_t>(value, 8).value_or(0);
    else if ((name == "nametype" || name == "objtype") && first(4))
      glance.part = part_of(value);
  }

  PathGlance glance;

 private:
  static constexpr unsigned kAll = 0x1F;

  bool first(unsigned bit) {
    const bool fresh = (taken_ & (1U << bit)) == 0;
    taken_ |= 1U << bit;
    return fresh;
  }

  unsigned taken_ = 0;
};

// "item=0 name="/tmp/x" inode=7 dev=fd:01 mode=…": false where anything else stands.
bool read_in_order(std::string_view text, PathGlance& to) {
  OrderedReader in{text};
  std::uint32_t item = 0;
  std::uint64_t inode = 0;
  if (!in.take("item=") || !in.take_number<10>(item) || !in.take(" name=") ||
      !in.take_value(to.name) || !in.take(" inode=") || !in.take_number<10>(inode) ||
      !in.take(" dev=") || !in.take_value(to.device) || !in.take(" mode=") ||
      !in.take_number<8>(to.mode) || !in.skip_to<1>(" nametype="))
    return false;  // of ouid, ogid, rdev and a security label no value can hold a blank
  std::string_view part;
  in.take_word(part);
  to.inode = inode;
  to.part = part_of(part.substr(0, part.find('\x1d')));
  return true;
}

}  // namespace

std::optional<PathGlance> glance_at_path(const Record& record) {
  if (record.type != RecordType::path)
    return std::nullopt;
  if (PathGlance glance; read_in_order(record.body_text(), glance))
    return glance;
  Reading reading;
  Fields fields{record.body_text()};
  std::string_view name;
  std::string_view value;
  while (!reading.complete() && fields.next(name, value))
    reading.take(name, value);
  return reading.glance;
}

}  // namespace krbtrail::audit
