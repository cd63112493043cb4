// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <iterator>
#include <string>
#include <utility>

#include <auparse.h>

namespace krbtrail::audit {
namespace {

constexpr char kEnrichedSeparator = '\x1d';

struct AuparseDeleter {
  void operator()(auparse_state_t* state) const { auparse_destroy(state); }
};
using AuparseHandle = std::unique_ptr<auparse_state_t, AuparseDeleter>;

// Holds the bytes of one decode(). Grows to the largest event and is used again; blocks never move,
// so that views into them stay good.
class TextArena {
 public:
  void clear() {
    next_ = 0;
    room_ = 0;
  }

  // `size` bytes to be written by the caller.
  char* allocate(std::size_t size) {
    if (size > room_)
      find_room(size);
    char* place = free_;
    free_ += size;
    room_ -= size;
    return place;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty())
      return {};
    char* place = allocate(text.size());
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }

 private:
  static constexpr std::size_t kBlock = 65'536;

  void find_room(std::size_t size) {
    while (next_ < blocks_.size() && blocks_[next_].size() < size)
      ++next_;
    if (next_ == blocks_.size())
      blocks_.emplace_back(std::max(size, kBlock));
    free_ = blocks_[next_].data();
    room_ = blocks_[next_].size();
    ++next_;
  }

  std::vector<std::vector<char>> blocks_;
  std::size_t next_ = 0;  // of the blocks that are not in use
  char* free_ = nullptr;
  std::size_t room_ = 0;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

bool is_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         std::ranges::all_of(text, [](char c) { return hex_digit(c) >= 0; });
}

std::string_view decode_hex(std::string_view hex, TextArena& arena) {
  char* bytes = arena.allocate(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size() / 2; ++i)
    bytes[i] = static_cast<char>(hex_digit(hex[2 * i]) * 16 + hex_digit(hex[2 * i + 1]));
  return {bytes, hex.size() / 2};
}

// What stands between the quote at the front and the next one, or the end where it was cut.
std::string_view unquoted(std::string_view raw) {
  return raw.substr(1, raw.find('"', 1) - 1);
}

bool is_argument(std::string_view name) {
  return name.size() >= 2 && name[0] == 'a' && name[1] >= '0' && name[1] <= '9';
}

// False if the field is known not to be an escaped one: it saves asking libauparse for the type of
// each number that could pass for hex. The kernel writes no other escaped fields into these records
// (kernel/auditsc.c).
bool may_be_escaped(RecordType type, std::string_view name) {
  switch (type) {
    case RecordType::syscall:
      return name == "comm" || name == "exe" || name == "key";
    case RecordType::path:
      return name == "name";
    case RecordType::cwd:
      return name == "cwd";
    case RecordType::execve:
      return is_argument(name);
    default:
      return true;
  }
}

bool is_escaped_type(int type) {
  return type == AUPARSE_TYPE_ESCAPED || type == AUPARSE_TYPE_ESCAPED_KEY ||
         type == AUPARSE_TYPE_ESCAPED_FILE || type == AUPARSE_TYPE_PROCTITLE ||
         type == AUPARSE_TYPE_TTY_DATA;
}

bool keeps_words_apart_by_nul(int type) {
  return type == AUPARSE_TYPE_PROCTITLE || type == AUPARSE_TYPE_TTY_DATA;
}

// libauparse's reading of the current field, which is an escaped one and unquoted hex. It ends at a
// NUL, drops a leading one, and puts blanks (or key names) in the place of proctitle's and a tty's
// control bytes: there the bytes are decoded here.
std::string_view decode_escaped(auparse_state_t* auparse, int type, std::string_view raw,
                                TextArena& arena) {
  if (!keeps_words_apart_by_nul(type)) {
    const char* answer = auparse_interpret_field(auparse);
    if (answer != nullptr && std::strlen(answer) == raw.size() / 2)
      return arena.copy({answer, raw.size() / 2});
  }
  return decode_hex(raw, arena);
}

std::string_view decode_value(auparse_state_t* auparse, RecordType record, const Field& field,
                              TextArena& arena) {
  if (field.raw.starts_with('"'))
    return unquoted(field.raw);
  if (!may_be_escaped(record, field.name) || !is_hex(field.raw))
    return field.raw;
  const int type = auparse_get_field_type(auparse);
  return is_escaped_type(type) ? decode_escaped(auparse, type, field.raw, arena) : field.raw;
}

// libauparse cuts fields at blanks, quoted or not. This puts a quoted value that was cut together
// again from the record's body, and names the fields that are mere text inside of it. It searches
// forward only, so that a record full of open quotes costs one pass.
class QuotedText {
 public:
  explicit QuotedText(std::string_view body) : body_(body) {}

  // True if the field, the next one in the record's order, is text inside the value mended last.
  bool holds(std::string_view name, std::string_view raw) {
    if (end_ == 0)
      return false;
    const std::size_t place = find(name, raw);
    if (place < end_)
      return true;
    end_ = 0;
    return false;
  }

  // The whole of a value that begins with a quote and lacks the other.
  std::string_view mend(std::string_view name, std::string_view raw) {
    const std::size_t place = find(name, raw);
    if (place == std::string_view::npos)
      return raw;
    const std::size_t start = place + name.size() + 1;
    const std::size_t quote = body_.find('"', start + 1);
    if (quote == std::string_view::npos)
      return raw;
    end_ = quote + 1;
    return body_.substr(start, end_ - start);
  }

 private:
  // Where "name=raw" stands. A key's value is not spelt as in the body: libauparse writes it anew.
  std::size_t find(std::string_view name, std::string_view raw) {
    needle_.assign(name).append(1, '=').append(name == "key" ? std::string_view{} : raw);
    const std::size_t place = body_.find(needle_, cursor_);
    if (place != std::string_view::npos)
      cursor_ = place + needle_.size();
    return place;
  }

  std::string_view body_;
  std::string needle_;
  std::size_t cursor_ = 0;
  std::size_t end_ = 0;  // of the mended value, behind its quote; 0 once a later field was met
};

bool lacks_closing_quote(std::string_view raw) {
  return raw.starts_with('"') && raw.find('"', 1) == std::string_view::npos;
}

// The names that auditd writes behind the separator (audit-userspace 3.0.9, auditd-event.c), as far
// as a kernel record can start its enriched part with one of them.
constexpr std::array<std::string_view, 5> kFirstEnrichedNames = {
    "ARCH=", "AUID=", "OUID=", "UID=", "SADDR="};

bool is_kernel_record(RecordType type) {
  const auto number = static_cast<unsigned>(type);
  return number >= 1300 && number < 1400;
}

// Where in a word without separator the enriched part starts: behind the value it was glued to
// ("cap_frootid=0OUID="), or at its first letter where the separator became a blank.
std::size_t enriched_start_in_word(std::string_view word) {
  std::size_t from = 0;
  if (const auto open = word.find("=\"");
      open != std::string_view::npos && word.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") > open) {
    const auto close = word.find('"', open + 2);
    if (close == std::string_view::npos)
      return std::string_view::npos;
    from = close;
  }
  std::size_t first = std::string_view::npos;
  for (const std::string_view name : kFirstEnrichedNames)
    first = std::min(first, word.find(name, from));
  return first;
}

// Relays lose the separator or turn it into a blank. Only kernel records are searched: their text
// is escaped, so no file name can pass for an enriched part.
std::size_t lost_separator(std::string_view body, RecordType type) {
  if (!is_kernel_record(type) || (body.find("UID=") == std::string_view::npos &&
                                  body.find("SADDR=") == std::string_view::npos))
    return std::string_view::npos;
  for (std::size_t start = 0; start < body.size();) {
    const std::size_t end = std::min(body.find(' ', start), body.size());
    const std::size_t found = enriched_start_in_word(body.substr(start, end - start));
    if (found != std::string_view::npos)
      return start + found;
    start = end + 1;
  }
  return std::string_view::npos;
}

struct BodyParts {
  std::string_view plain;
  std::string_view enriched;
};

BodyParts split_enriched(const Record& record) {
  const std::string_view body = record.body_text();
  const std::size_t separator = body.find(kEnrichedSeparator);
  if (separator != std::string_view::npos)
    return {body.substr(0, separator), body.substr(separator + 1)};
  const std::size_t start = lost_separator(body, record.type);
  if (start != std::string_view::npos)
    return {body.substr(0, start), body.substr(start)};
  return {body, {}};
}

// The length of the value at the front of `rest`. A socket address has blanks and is the last.
std::size_t enriched_length(std::string_view name, std::string_view rest) {
  if (rest.starts_with('"')) {
    const std::size_t close = rest.find('"', 1);
    return close == std::string_view::npos ? rest.size() : close + 1;
  }
  return name == "SADDR" ? rest.size() : std::min(rest.find(' '), rest.size());
}

// A name that auditd had to escape is hex; system call and architecture never are.
std::string_view enriched_bytes(std::string_view name, std::string_view raw, TextArena& arena) {
  if (raw.starts_with('"'))
    return unquoted(raw);
  return name.ends_with("ID") && is_hex(raw) ? decode_hex(raw, arena) : raw;
}

// For how many fields more there is room.
struct FieldRoom {
  std::size_t left = kMostFields;
  std::uint64_t refused = 0;

  // Whether there is room for one, which then is taken.
  bool take() {
    if (left == 0) {
      ++refused;
      return false;
    }
    --left;
    return true;
  }
};

void read_enriched(std::string_view text, std::vector<Field>& fields, FieldRoom& room,
                   TextArena& arena) {
  fields.clear();
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos)
      return;
    const std::string_view name = text.substr(0, equals);
    text.remove_prefix(equals + 1);
    const std::string_view raw = text.substr(0, enriched_length(name, text));
    text.remove_prefix(raw.size());
    if (room.take())
      fields.push_back({.name = name, .raw = raw, .value = enriched_bytes(name, raw, arena)});
  }
}

// The record as libauparse gets it: an own head, the body, a line end. The stamp is the same for
// all because nothing here asks for it. A hole of NUL bytes would end the line, so it becomes
// blanks.
void write_buffer(RecordType type, std::string_view body, std::string& buffer) {
  std::array<char, 8> number{};
  const char* end =
      std::to_chars(number.data(), number.data() + number.size(), static_cast<unsigned>(type)).ptr;
  buffer.assign("type=");
  buffer.append(static_cast<const char*>(number.data()), end);
  buffer.append(" msg=audit(1.000:1): ");
  const std::size_t start = buffer.size();
  buffer.append(body);
  for (std::size_t hole = buffer.find('\0', start); hole != std::string::npos;
       hole = buffer.find('\0', hole))
    buffer[hole] = ' ';
  buffer.push_back('\n');
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &Field::name);
  return found == fields.end() ? nullptr : &*found;
}

// All of `digits`, or nothing.
template <class Number>
std::optional<Number> read_number(std::optional<std::string_view> digits, int base) {
  if (!digits)
    return std::nullopt;
  const char* end = digits->data() + digits->size();
  Number number = 0;
  const auto [stop, error] = std::from_chars(digits->data(), end, number, base);
  return error == std::errc{} && stop == end ? std::optional{number} : std::nullopt;
}

}  // namespace

const Field* DecodedRecord::field(std::string_view name) const {
  return find_field(fields, name);
}

std::optional<std::string_view> DecodedRecord::value(std::string_view name) const {
  const Field* found = find_field(fields, name);
  return found == nullptr ? std::nullopt : std::optional{found->value};
}

std::optional<std::string_view> DecodedRecord::enriched_value(std::string_view name) const {
  const Field* found = find_field(enriched, name);
  return found == nullptr ? std::nullopt : std::optional{found->value};
}

std::optional<std::int64_t> DecodedRecord::number(std::string_view name) const {
  return read_number<std::int64_t>(value(name), 10);
}

std::optional<std::uint64_t> DecodedRecord::hex(std::string_view name) const {
  return read_number<std::uint64_t>(value(name), 16);
}

const DecodedRecord* DecodedEvent::first(RecordType type) const {
  const auto found = std::ranges::find(records, type, &DecodedRecord::type);
  return found == records.end() ? nullptr : &*found;
}

struct Decoder::State {
  explicit State(model::Coverage& run_coverage) : coverage(run_coverage) {}

  void decode(const Record& record, DecodedRecord& decoded);
  [[nodiscard]] bool load(RecordType type, std::string_view body);
  void read_fields(std::string_view body, DecodedRecord& decoded);
  void add_field(QuotedText& quoted, DecodedRecord& decoded);
  [[nodiscard]] FieldRoom& room_for(RecordType type) {
    return type == RecordType::execve ? argument_room : field_room;
  }
  void count_refused();
  void fail();

  model::Coverage& coverage;
  bool counts_failures = true;
  AuparseHandle auparse;
  std::string buffer;
  TextArena arena;
  FieldRoom argument_room;  // of the EXECVE records
  FieldRoom field_room;     // of all others, so that no command line costs them theirs
  DecodedEvent event;
};

void Decoder::State::decode(const Record& record, DecodedRecord& decoded) {
  decoded.type = record.type;
  decoded.origin = record.origin;
  decoded.has_node = record.has_node;
  decoded.text = record.text;
  decoded.fields.clear();
  const BodyParts parts = split_enriched(record);
  read_enriched(parts.enriched, decoded.enriched, room_for(record.type), arena);
  if (parts.plain.find_first_not_of(' ') == std::string_view::npos)
    return;  // "type=USER msg=audit(1.000:1): " has nothing that could be refused
  if (load(record.type, parts.plain))
    read_fields(parts.plain, decoded);
  else
    fail();
}

// Makes the record libauparse's current one.
bool Decoder::State::load(RecordType type, std::string_view body) {
  if (!auparse) {
    auparse.reset(auparse_init(AUSOURCE_BUFFER, ""));
    if (!auparse)
      return false;
    auparse_set_escape_mode(auparse.get(), AUPARSE_ESC_RAW);
  }
  write_buffer(type, body, buffer);
  return auparse_new_buffer(auparse.get(), buffer.data(), buffer.size()) == 0 &&
         auparse_first_record(auparse.get()) > 0 && auparse_get_num_fields(auparse.get()) > 0 &&
         auparse_first_field(auparse.get()) > 0;
}

// The current field is the "type" of our head.
void Decoder::State::read_fields(std::string_view body, DecodedRecord& decoded) {
  QuotedText quoted{body};
  while (auparse_next_field(auparse.get()) > 0)
    add_field(quoted, decoded);
}

void Decoder::State::add_field(QuotedText& quoted, DecodedRecord& decoded) {
  const char* name_bytes = auparse_get_field_name(auparse.get());
  const char* raw_bytes = auparse_get_field_str(auparse.get());
  if (name_bytes == nullptr || raw_bytes == nullptr)
    return;
  const std::string_view name{name_bytes};
  const std::string_view raw{raw_bytes};
  if (quoted.holds(name, raw) || !room_for(decoded.type).take())
    return;
  Field field{.name = arena.copy(name), .raw = arena.copy(raw), .value = {}};
  if (lacks_closing_quote(field.raw))
    field.raw = arena.copy(quoted.mend(field.name, field.raw));
  field.value = decode_value(auparse.get(), decoded.type, field, arena);
  decoded.fields.push_back(field);
}

// A handle that has seen an error is not used again.
void Decoder::State::fail() {
  auparse.reset();
  coverage.decode_failures += counts_failures ? 1 : 0;
}

void Decoder::State::count_refused() {
  const std::uint64_t refused = argument_room.refused + field_room.refused;
  if (refused > 0 && counts_failures)
    coverage.evictions["event_fields"] += refused;
}

Decoder::Decoder(model::Coverage& coverage) : state_(std::make_unique<State>(coverage)) {}
Decoder::~Decoder() = default;

const DecodedEvent& Decoder::decode(const Event& event) {
  state_->arena.clear();
  state_->counts_failures = event.relevant;
  state_->argument_room = {};
  state_->field_room = {};
  state_->event.key = event.key;
  state_->event.raw = &event;
  state_->event.records.resize(event.records.size());
  for (std::size_t i = 0; i < event.records.size(); ++i)
    state_->decode(event.records[i], state_->event.records[i]);
  state_->count_refused();
  return state_->event;
}

}  // namespace krbtrail::audit
