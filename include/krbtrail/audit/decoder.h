// SPDX-License-Identifier: Apache-2.0
//
// libauparse, one record at a time: the only decoder whose values reach a finding.
//
//   Decoder decoder{coverage};
//   const DecodedEvent& event = decoder.decode(raw);      // valid until the next decode()
//   if (const auto* syscall = event.first(RecordType::syscall))
//     syscall->value("pid");
//
// The pattern is libauparse 3.0.9's safe subset: AUSOURCE_BUFFER, one record per buffer,
// AUPARSE_ESC_RAW, field count, name and value checked before type or interpretation is asked.
// libauparse gets the record's body behind a head of ours, because it leaks and misreads when a
// head is odd, and never the enriched part: that is read here, so no name can come from another
// record, and ids are never interpreted, so none can come from this machine. Decoders share
// nothing; all of them must be used in one thread, because libauparse is not re-entrant.
//
// Bounded: kMostFields fields of an event's EXECVE records, and as many of all its others. Those
// beyond are left out, and counted in Coverage::evictions["event_fields"].
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "krbtrail/audit/event.h"
#include "krbtrail/model/coverage.h"

namespace krbtrail::audit {

// One field; the bytes are the decoder's. `raw` is the value as libauparse cut it out, quotes
// included
// ("\"cp\"", "612062"); trailing punctuation ("op=x,") is off. A key= of several keys is one field
// a key; a field without a value is not there. `value` is the bytes it stands for: quotes off,
// unquoted hex decoded where the field is an escaped one (comm, exe, name, cwd, aN of EXECVE,
// proctitle, key, …); equal to `raw` for all other fields. NUL bytes stay in it (proctitle's
// words), though libauparse would cut or replace them.
struct Field {
  std::string_view name;
  std::string_view raw;
  std::string_view value;
};

struct DecodedRecord {
  RecordType type = RecordType::unknown;
  model::Origin origin;
  bool has_node = false;        // as in audit::Record
  std::string_view text;        // the raw record, likewise
  std::vector<Field> fields;    // in the record's order, duplicates included
  std::vector<Field> enriched;  // behind 0x1D: "AUID" -> "alice", "SYSCALL" -> "openat"

  // The first field of that name; nullptr if there is none.
  [[nodiscard]] const Field* field(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> enriched_value(std::string_view name) const;
  // Decimal; "4294967295" and "-1" are numbers like others here. Unset if absent or not a number.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
  // Hexadecimal without 0x, as a0–a3 and arch are written.
  [[nodiscard]] std::optional<std::uint64_t> hex(std::string_view name) const;
};

struct DecodedEvent {
  EventKey key;
  const Event* raw = nullptr;  // what was decoded
  std::vector<DecodedRecord> records;

  [[nodiscard]] const DecodedRecord* first(RecordType type) const;
};

// More than a kernel writes into 4,096 records of some 30 fields (kernel/auditsc.c). Arguments can
// be more where they are shorter than 7 bytes: an exec may have a quarter of the stack's limit for
// them, usually 2 MiB, of which each takes its bytes, a NUL and a pointer (execve(2)).
inline constexpr std::size_t kMostFields = 131'072;

class Decoder {
 public:
  // `coverage` must outlive this object.
  explicit Decoder(model::Coverage& coverage);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  Decoder(Decoder&&) = delete;
  Decoder& operator=(Decoder&&) = delete;

  // The answer is valid until the next call; its `text` views as long as the event's bytes.
  // A record that libauparse refuses has no fields. Of a relevant event it is counted in
  // Coverage::decode_failures; of any other it is decoded only without the prefilter, which must
  // not change what is reported.
  [[nodiscard]] const DecodedEvent& decode(const Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace krbtrail::audit
