// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/windows_spool.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <variant>

namespace krbtrail::detect {
namespace {

using model::Result;
using model::Status;
using windows::Answer;
using windows::Field;
using windows::FieldText;
using windows::Missing;
using windows::Reading;
using windows::Unreadable;
using windows::WindowsEvent;

constexpr std::size_t kWaiting = std::size_t{256} << 10U;
constexpr std::size_t kWindow = std::size_t{256} << 10U;
// A report shows no more of one field; the longest that Windows writes, a command line, has 32 KiB.
constexpr std::size_t kTextKept = std::size_t{32} << 10U;

class Writer {
 public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}

  template <class T>
  requires(std::is_trivially_copyable_v<T>) void put(const T& value) {
    const std::size_t size = bytes_.size();
    bytes_.resize(size + sizeof value);
    std::memcpy(bytes_.data() + size, &value, sizeof value);
  }

  void put_text(std::string_view text) {
    text = text.substr(0, kTextKept);
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }

  void put_value(const std::string& text) { put_text(text); }
  template <class T>
  void put_value(const T& value) {
    put(value);
  }

  template <class T>
  void put_reading(const Reading<T>& reading) {
    if (const T* value = windows::value_of(reading)) {
      put(Answer::value);
      put_value(*value);
    } else if (const auto* unread = std::get_if<Unreadable>(&reading)) {
      put(Answer::unreadable);
      put_text(unread->text);
      put_text(unread->why);
    } else {
      put(Answer::missing);
    }
  }

 private:
  std::string& bytes_;
};

// Reads what Writer wrote, in this process: what it reads is well-formed.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  requires(std::is_trivially_copyable_v<T>) void get(T& value) {
    assert(bytes_.size() >= sizeof value);
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }

  template <class T>
  T get() {
    T value{};
    get(value);
    return value;
  }

  // Of the bytes it reads from.
  std::string_view get_text() {
    const auto size = get<std::uint32_t>();
    assert(bytes_.size() >= size);
    const std::string_view text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return text;
  }

  void get_value(std::string& text) { text = get_text(); }
  template <class T>
  void get_value(T& value) {
    get(value);
  }

  template <class T>
  void get_reading(Reading<T>& reading) {
    switch (get<Answer>()) {
      case Answer::value:
        get_value(reading.template emplace<T>());
        return;
      case Answer::missing:
        reading = Missing{};
        return;
      case Answer::unreadable: {
        auto& unread = reading.template emplace<Unreadable>();
        unread.text = get_text();
        unread.why = get_text();
        return;
      }
    }
  }

 private:
  std::string_view bytes_;
};

// What no question asks for, left out to keep the spool small.
constexpr std::array kLeftOut = {Field::key_length,
                                 Field::transmitted_services,
                                 Field::lm_package_name,
                                 Field::impersonation_level,
                                 Field::restricted_admin_mode,
                                 Field::target_outbound_user_name,
                                 Field::target_outbound_domain_name,
                                 Field::virtual_account,
                                 Field::mandatory_label,
                                 Field::token_elevation_type};

bool is_kept(Field field) {
  return std::ranges::find(kLeftOut, field) == kLeftOut.end();
}

void put_fields(Writer& writer, const WindowsEvent& event, bool all) {
  const auto put_each = [&](auto put) {
    for (std::size_t i = 0; i < event.field_count(); ++i) {
      const FieldText field = event.field_at(i);
      if (all || is_kept(field.field))
        put(field);
    }
  };
  std::uint8_t count = 0;
  put_each([&](const FieldText&) { ++count; });
  writer.put(count);
  put_each([&](const FieldText& field) {
    writer.put(field.field);
    writer.put(field.answer);
    if (field.answer != Answer::missing)
      writer.put_text(field.text);
    if (field.answer == Answer::unreadable)
      writer.put_text(field.why);
  });
}

void get_field(Reader& reader, WindowsEvent& event) {
  const auto field = reader.get<Field>();
  switch (reader.get<Answer>()) {
    case Answer::value:
      return event.set(field, reader.get_text());
    case Answer::missing:
      return event.set(field, Missing{});
    case Answer::unreadable: {
      const std::string_view text = reader.get_text();
      return event.set(field, Unreadable{std::string{text}, std::string{reader.get_text()}});
    }
  }
}

template <class Archive, class Event, class Do>
void each_member(Archive& archive, Event& event, Do one) {
  one(archive, event.event_id);
  one(archive, event.provider);
  one(archive, event.channel);
  one(archive, event.version);
  one(archive, event.record_id);
  one(archive, event.time);
  one(archive, event.computer);
  one(archive, event.os_type);
  one(archive, event.outcome);
  one(archive, event.shape);
  one(archive, event.origin);
  one(archive, event.position);
  one(archive, event.recovered);
  one(archive, event.from_message);
  one(archive, event.localised);
  one(archive, event.repaired);
  one(archive, event.sids_as_names);
}

struct Put {
  template <class T>
  void operator()(Writer& writer, const T& value) const {
    writer.put(value);
  }
  template <class T>
  void operator()(Writer& writer, const Reading<T>& reading) const {
    writer.put_reading(reading);
  }
};

struct Get {
  template <class T>
  void operator()(Reader& reader, T& value) const {
    reader.get(value);
  }
  template <class T>
  void operator()(Reader& reader, Reading<T>& reading) const {
    reader.get_reading(reading);
  }
};

std::string write(const WindowsEvent& event, bool all_fields) {
  std::string bytes;
  Writer writer{bytes};
  each_member(writer, event, Put{});
  writer.put(event.header_record_id.has_value());
  writer.put(event.header_record_id.value_or(0));
  writer.put(event.collector.has_value());
  writer.put_text(event.collector.value_or(std::string{}));
  put_fields(writer, event, all_fields);
  return bytes;
}

WindowsEvent parse(std::string_view bytes) {
  Reader reader{bytes};
  WindowsEvent event;
  each_member(reader, event, Get{});
  const bool has_header_id = reader.get<bool>();
  const auto header_id = reader.get<std::uint64_t>();
  if (has_header_id)
    event.header_record_id = header_id;
  const bool has_collector = reader.get<bool>();
  const std::string_view collector = reader.get_text();
  if (has_collector)
    event.collector = collector;
  for (auto count = reader.get<std::uint8_t>(); count > 0; --count)
    get_field(reader, event);
  return event;
}

// Its bytes, to be read into.
std::span<char> bytes_of(std::uint32_t& number) {
  return {reinterpret_cast<char*>(&number), sizeof number};
}

}  // namespace

Result<std::uint64_t> WindowsSpool::append(const WindowsEvent& event) {
  const std::string bytes = write(event, options_.all_fields);
  std::string framed;
  Writer{framed}.put(static_cast<std::uint32_t>(bytes.size()));
  framed += bytes;
  const std::uint64_t reference = size();
  if (file_ == nullptr && memory_.size() + framed.size() <= options_.memory_limit) {
    memory_ += framed;
    return reference;
  }
  if (Status spilled = spill(framed); !spilled)
    return spilled.error();
  return reference;
}

Status WindowsSpool::spill(std::string_view bytes) {
  if (file_ == nullptr) {
    Result<std::unique_ptr<SpoolFile>> file = options_.make_file();
    if (!file)
      return file.error();
    file_ = std::move(file.value());
  }
  waiting_ += bytes;
  spilled_ += bytes.size();
  return waiting_.size() < kWaiting ? Status{} : flush();
}

Status WindowsSpool::flush() {
  if (waiting_.empty())
    return {};
  Status written = file_->append(waiting_);
  waiting_.clear();
  return written;
}

// An event lies in memory or in the file as a whole.
Status WindowsSpool::copy(std::uint64_t offset, std::span<char> bytes) {
  if (offset >= memory_.size())
    return file_->read(offset - memory_.size(), bytes);
  std::memcpy(bytes.data(), memory_.data() + offset, bytes.size());
  return {};
}

// The same from a window of the file, which moves forward as it must.
Status WindowsSpool::copy_in_order(std::uint64_t offset, std::span<char> bytes) {
  if (offset < memory_.size())
    return copy(offset, bytes);
  const bool is_in_window =
      offset >= window_offset_ && offset + bytes.size() <= window_offset_ + window_.size();
  if (!is_in_window) {
    const std::uint64_t wanted = std::max<std::uint64_t>(kWindow, bytes.size());
    window_.resize(std::min(wanted, size() - offset));
    window_offset_ = offset;
    if (Status read = copy(offset, window_); !read) {
      window_.clear();
      return read;
    }
  }
  std::memcpy(bytes.data(), window_.data() + (offset - window_offset_), bytes.size());
  return {};
}

Result<WindowsEvent> WindowsSpool::read(std::uint64_t reference) {
  if (Status flushed = flush(); !flushed)
    return flushed.error();
  std::uint32_t length = 0;
  if (Status read = copy(reference, bytes_of(length)); !read)
    return read.error();
  std::string bytes(length, '\0');
  if (Status read = copy(reference + sizeof length, bytes); !read)
    return read.error();
  return parse(bytes);
}

Status WindowsSpool::for_each(const std::function<void(std::uint64_t, WindowsEvent&&)>& use) {
  if (Status flushed = flush(); !flushed)
    return flushed;
  std::string bytes;
  for (std::uint64_t reference = 0; reference < size();) {
    std::uint32_t length = 0;
    if (Status read = copy_in_order(reference, bytes_of(length)); !read)
      return read;
    bytes.resize(length);
    if (Status read = copy_in_order(reference + sizeof length, bytes); !read)
      return read;
    use(reference, parse(bytes));
    reference += sizeof length + length;
  }
  return {};
}

}  // namespace krbtrail::detect
