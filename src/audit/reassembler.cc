// SPDX-License-Identifier: Apache-2.0
#include "audit/reassembler.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <tuple>
#include <utility>

namespace krbtrail::audit {
namespace {

constexpr std::size_t kReleasedSlots = 65'536;
constexpr std::size_t kManyRecords = 16;  // beyond it bodies are compared by hash first

constexpr std::uint64_t mix(std::uint64_t value) {  // the finaliser of SplitMix64
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111eb;
  return value ^ (value >> 31U);
}

std::uint64_t hash_of(const EventKey& key) {
  const std::uint64_t stamp = static_cast<std::uint64_t>(key.seconds) * 1000 + key.milliseconds;
  const std::uint64_t id =
      (static_cast<std::uint64_t>(key.host) << 32U) | static_cast<std::uint64_t>(key.serial);
  const std::uint64_t hash = mix(stamp + mix(id));
  return hash == 0 ? 1 : hash;  // 0 marks an empty place among the released
}

auto order(const EventKey& key) {
  return std::tuple{key.seconds, key.milliseconds, key.serial, key.host};
}

// "a1[0]=2F7470 a1[1]=6B7262": an argument in pieces, between which a literal can lie. A quoted
// argument may look so too; it costs a decoding.
bool has_argument_pieces(const Record& record) {
  return record.type == RecordType::execve &&
         record.body_text().find("]=") != std::string_view::npos;
}

// Behind it stands what auditd added, so that an enriched copy is a copy.
constexpr char kEnrichment = '\x1d';

bool have_same_body(const Record& left, const Record& right) {
  const std::string_view a = left.body_text();
  const std::string_view b = right.body_text();
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  const auto ends = [&](std::string_view text) {
    return common == text.size() || text[common] == kEnrichment;
  };
  return (ends(a) && ends(b)) || a.substr(0, common).find(kEnrichment) != std::string_view::npos;
}

std::uint64_t hash_of(const Record& record) {
  const std::string_view body = record.body_text();
  return mix(std::hash<std::string_view>{}(body.substr(0, body.find(kEnrichment))) +
             static_cast<unsigned>(record.type));
}

}  // namespace

Reassembler::Reassembler(ReassemblyLimits limits, BlockPool& pool, model::Coverage& coverage,
                         Next next)
    : limits_(limits),
      pool_(pool),
      coverage_(coverage),
      next_(std::move(next)),
      seed_(mix(std::bit_cast<std::uintptr_t>(this))) {
  std::size_t size = 64;
  while (size < limits_.open_events * 2)
    size *= 2;
  table_.assign(size, Place{});
  released_.assign(kReleasedSlots, 0);
}

bool Reassembler::push(const EventKey& key, const Record& record, Block* block, std::uint64_t bytes,
                       bool hit) {
  ++line_;
  ++coverage_.records;
  newest_second_ = std::max(newest_second_, key.seconds);
  const std::uint64_t hash = hash_of(key);
  current_ = find(key, hash);
  const bool is_new = current_ == kNone;
  if (is_new) {
    if (released_[hash % kReleasedSlots] == hash) {
      if (record.type == RecordType::eoe) {
        ++coverage_.not_needed.lines;
        coverage_.not_needed.bytes += bytes;
      } else {
        coverage_.reject(model::Rejection::late, 1, bytes);
      }
      return false;
    }
    release_what_is_due();
    current_ = open(key, hash);
  }
  append(events_[current_], record, block, bytes, hit);
  release_beyond_memory();
  return is_new;
}

bool Reassembler::push_same(const Record& record, Block* block, std::uint64_t bytes, bool hit) {
  if (current_ == kNone)
    return false;
  ++line_;
  ++coverage_.records;
  append(events_[current_], record, block, bytes, hit);
  release_beyond_memory();
  return true;
}

void Reassembler::flush() {
  while (open_ != 0)
    release_first();
}

void Reassembler::append(OpenEvent& event, const Record& record, Block* block, std::uint64_t bytes,
                         bool hit) {
  event.last_line = line_;
  if (record.type != RecordType::eoe) {
    if (is_repeated(event, record)) {
      coverage_.reject(model::Rejection::duplicate, 1, bytes);
      return;
    }
    if (event.records.size() >= limits_.event_records ||
        event.body_bytes + record.text.size() > limits_.event_bytes) {
      coverage_.reject(model::Rejection::over_limit, 1, bytes);
      return;
    }
    event.body_bytes += record.text.size();
    if (record.type == RecordType::syscall && event.syscall == kNone) {
      event.syscall = static_cast<std::uint32_t>(event.records.size());
      event.call = glance(record);
    }
    event.records.push_back(record);
    ++held_records_;
    if (event.blocks.empty() || event.blocks.back() != block) {
      BlockPool::hold(block);
      event.blocks.push_back(block);
    }
    event.execves += record.type == RecordType::execve ? 1 : 0;
    event.hit = event.hit || hit || has_argument_pieces(record);
  }
  ++event.lines;
  event.bytes += bytes;
}

bool Reassembler::is_repeated(OpenEvent& event, const Record& record) {
  const auto is_copy = [&](const Record& known) {
    return known.type == record.type && have_same_body(known, record);
  };
  if (event.records.size() < kManyRecords)
    return std::ranges::any_of(event.records, is_copy);
  const auto learn = [&](const Record& known, std::size_t index) {
    return event.by_body.try_emplace(hash_of(known), static_cast<std::uint32_t>(index));
  };
  if (event.by_body.empty()) {
    for (std::size_t i = 0; i < event.records.size(); ++i)
      learn(event.records[i], i);
  }
  const auto [found, is_new] = learn(record, event.records.size());
  return !is_new && found->second < event.records.size() && is_copy(event.records[found->second]);
}

std::uint32_t Reassembler::seeded(std::uint64_t hash) const {
  return static_cast<std::uint32_t>(((hash ^ seed_) * 0x9e3779b97f4a7c15) >> 32U);
}

Reassembler::Slot Reassembler::find(const EventKey& key, std::uint64_t hash) const {
  const std::size_t mask = table_.size() - 1;
  const std::uint32_t wanted = seeded(hash);
  for (std::size_t at = wanted & mask; table_[at].slot != kNone; at = (at + 1) & mask) {
    if (table_[at].hash == wanted && events_[table_[at].slot].key == key)
      return table_[at].slot;
  }
  return kNone;
}

Reassembler::Slot Reassembler::open(const EventKey& key, std::uint64_t hash) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(events_.size()));
    events_.emplace_back();
  }
  const Slot slot = free_.back();
  free_.pop_back();
  OpenEvent& event = events_[slot];
  event.key = key;
  event.hash = hash;
  ++open_;
  index(slot);
  if (queue_.empty() || comes_after(slot, queue_.back())) {
    queue_.push_back(slot);
  } else {
    stragglers_.push_back(slot);
    std::ranges::push_heap(stragglers_,
                           [this](Slot left, Slot right) { return comes_after(left, right); });
  }
  return slot;
}

void Reassembler::close(Slot slot) {
  OpenEvent& event = events_[slot];
  released_[event.hash % kReleasedSlots] = event.hash;
  unindex(slot);
  for (Block* block : event.blocks)
    pool_.let_go(block);
  held_records_ -= event.records.size();
  if (event.records.size() > kManyRecords) {  // memory is for whichever events need it
    event.records = {};
    event.blocks = {};
    event.by_body = {};
  }
  event.blocks.clear();
  event.records.clear();
  event.lines = 0;
  event.bytes = 0;
  event.body_bytes = 0;
  event.execves = 0;
  event.syscall = kNone;
  event.call.reset();
  event.hit = false;
  free_.push_back(slot);
  --open_;
  if (current_ == slot)
    current_ = kNone;
}

bool Reassembler::comes_after(Slot left, Slot right) const {
  return order(events_[right].key) < order(events_[left].key);
}

Reassembler::Slot Reassembler::first_in_order() const {
  if (stragglers_.empty())
    return queue_.front();
  if (queue_.empty() || comes_after(queue_.front(), stragglers_.front()))
    return stragglers_.front();
  return queue_.front();
}

void Reassembler::pop_first() {
  if (!queue_.empty() && first_in_order() == queue_.front()) {
    queue_.pop_front();
    return;
  }
  std::ranges::pop_heap(stragglers_,
                        [this](Slot left, Slot right) { return comes_after(left, right); });
  stragglers_.pop_back();
}

void Reassembler::release_what_is_due() {
  while (open_ != 0) {
    const OpenEvent& event = events_[first_in_order()];
    const bool due = event.last_line + limits_.lines <= line_ &&
                     event.key.seconds + limits_.window.count() < newest_second_;
    const bool displaced = open_ >= limits_.open_events;
    if (!due && !displaced)
      return;
    coverage_.events_displaced += due ? 0 : 1;
    release_first();
  }
}

// Records that join events which are open already take memory too.
void Reassembler::release_beyond_memory() {
  while (open_ != 0 && held_bytes() > limits_.held_bytes) {
    ++coverage_.events_displaced;
    release_first();
  }
}

void Reassembler::release_first() {
  const Slot slot = first_in_order();
  pop_first();
  const OpenEvent& event = events_[slot];
  ++coverage_.events;
  if (!event.records.empty()) {
    next_(Event{.key = event.key,
                .records = event.records,
                .syscall = event.syscall == kNone ? nullptr : &event.records[event.syscall],
                .call = event.call,
                .lines = event.lines,
                .bytes = event.bytes,
                // A literal can straddle the cut between two EXECVE records.
                .relevant = event.hit || event.execves > 1});
  } else {
    coverage_.not_needed.lines += event.lines;
    coverage_.not_needed.bytes += event.bytes;
  }
  close(slot);
}

void Reassembler::index(Slot slot) {
  const std::size_t mask = table_.size() - 1;
  const std::uint32_t hash = seeded(events_[slot].hash);
  std::size_t at = hash & mask;
  while (table_[at].slot != kNone)
    at = (at + 1) & mask;
  table_[at] = {.slot = slot, .hash = hash};
}

// Linear probing without tombstones: what follows in the run is moved into the gap if it may be.
void Reassembler::unindex(Slot slot) {
  const std::size_t mask = table_.size() - 1;
  std::size_t gap = seeded(events_[slot].hash) & mask;
  while (table_[gap].slot != slot)
    gap = (gap + 1) & mask;
  for (std::size_t at = (gap + 1) & mask; table_[at].slot != kNone; at = (at + 1) & mask) {
    const std::size_t wanted = table_[at].hash & mask;
    if (((at - wanted) & mask) >= ((at - gap) & mask)) {
      table_[gap] = table_[at];
      gap = at;
    }
  }
  table_[gap] = {};
}

}  // namespace krbtrail::audit
