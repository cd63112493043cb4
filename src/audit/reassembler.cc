// SPDX-License-Identifier: Apache-2.0
#include "audit/reassembler.h"

#include <algorithm>
#include <cstring>
#include <string_view>
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
  return mix(stamp + mix(id));
}

// 0 marks an empty place among the released.
std::uint32_t mark_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32U) | 1U;
}

// "a1[0]=2F7470 a1[1]=6B7262": an argument in pieces, between which a literal can lie. A quoted
// argument may look so too; it costs a decoding.
bool has_argument_pieces(const Record& record) {
  return record.type == RecordType::execve &&
         record.body_text().find("]=") != std::string_view::npos;
}

// Behind it stands what auditd added, so that an enriched copy is a copy.
constexpr char kEnrichment = '\x1d';

// Whether bodies differ at their start, as those of PATH records do by their item. Eight bytes at
// once, because every record of an event is held against those before it.
bool differ_at_once(std::string_view a, std::string_view b) {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
  if (a.size() < sizeof left || b.size() < sizeof right)
    return false;
  std::memcpy(&left, a.data(), sizeof left);
  std::memcpy(&right, b.data(), sizeof right);
  return left != right && a.substr(0, sizeof left).find(kEnrichment) == std::string_view::npos;
}

bool have_same_body(const Record& left, const Record& right) {
  const std::string_view a = left.body_text();
  const std::string_view b = right.body_text();
  if (differ_at_once(a, b))
    return false;
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  const auto ends = [&](std::string_view text) {
    return common == text.size() || text[common] == kEnrichment;
  };
  return (ends(a) && ends(b)) || a.substr(0, common).find(kEnrichment) != std::string_view::npos;
}

// What is read again of a record when its event leaves: of an exec who runs what, of other calls
// the files. The call itself was read as it came in.
bool is_read_late(RecordType type, bool is_exec) {
  return is_exec ? type != RecordType::proctitle : type == RecordType::path;
}

std::uint64_t hash_of(const Record& record) {
  const std::string_view body = record.body_text();
  return mix(std::hash<std::string_view>{}(body.substr(0, body.find(kEnrichment))) +
             static_cast<unsigned>(record.type));
}

}  // namespace

Reassembler::Reassembler(ReassemblyLimits limits, BlockPool& pool, model::Coverage& coverage,
                         Next next)
    : limits_(limits), pool_(pool), coverage_(coverage), next_(std::move(next)) {
  released_.assign(kReleasedSlots, 0);
}

bool Reassembler::push(const EventKey& key, const Record& record, Block* block, std::uint64_t bytes,
                       bool hit) {
  ++line_;
  ++coverage_.records;
  Host& host = host_of(key);
  host.newest_second = std::max(host.newest_second, key.seconds);
  const EventQueue::Place place = EventQueue::place_of(key);
  const bool is_newest = host.newest < place;
  current_ = is_newest ? kNone : host.open.find(place);
  const bool is_new = current_ == kNone;
  if (is_new) {
    if (!is_newest && has_left(key)) {
      reject_late(record, bytes);
      return false;
    }
    host.newest = std::max(host.newest, place);
    release_what_is_due(host);
    current_ = open(host, key);
  }
  append(events_[current_], record, block, bytes, hit);
  if (record.type == RecordType::eoe && limits_.live)
    end_current();
  else
    release_beyond_memory();
  return is_new;
}

void Reassembler::end_current() {
  const Slot slot = current_;
  Host& host = host_of(events_[slot].key);
  host.open.erase(EventQueue::place_of(events_[slot].key));
  release(slot);
}

void Reassembler::tick(std::chrono::steady_clock::time_point now) {
  now_ = now;
  if (!limits_.live)
    return;
  for (Host& host : hosts_) {
    while (!host.open.empty() && events_[host.open.front()].last_heard + limits_.live->idle <= now)
      release_first(host);
  }
}

// In the order of all hosts, so that what is told of the end of a log is told in order.
void Reassembler::flush() {
  while (!active_.empty()) {
    const auto first = std::ranges::min(active_, {}, [this](model::HostId id) {
      return std::pair{hosts_[static_cast<std::size_t>(id)].open.front_place(), id};
    });
    release_first(hosts_[static_cast<std::size_t>(first)]);
  }
}

// A deque does not move its hosts.
Reassembler::Host& Reassembler::find_host(model::HostId id) {
  const auto index = static_cast<std::size_t>(id);
  while (hosts_.size() <= index)
    hosts_.emplace_back();
  last_host_id_ = id;
  last_host_ = &hosts_[index];
  return *last_host_;
}

bool Reassembler::has_left(const EventKey& key) const {
  const std::uint64_t hash = hash_of(key);
  return released_[hash % kReleasedSlots] == mark_of(hash);
}

void Reassembler::reject_late(const Record& record, std::uint64_t bytes) {
  if (record.type == RecordType::eoe) {
    ++coverage_.not_needed.lines;
    coverage_.not_needed.bytes += bytes;
  } else {
    coverage_.reject(model::Rejection::late, 1, bytes);
  }
}

void Reassembler::append(OpenEvent& event, const Record& record, Block* block, std::uint64_t bytes,
                         bool hit) {
  event.last_line = line_;
  event.last_heard = now_;
  if (record.type == RecordType::eoe) {
    ++event.lines;
    event.bytes += bytes;
    return;
  }
  if (is_repeated(event, record)) {
    coverage_.reject(model::Rejection::duplicate, 1, bytes);
    return;
  }
  if (event.records.size() >= limits_.event_records ||
      event.body_bytes + record.text.size() > limits_.event_bytes) {
    coverage_.reject(model::Rejection::over_limit, 1, bytes);
    return;
  }
  if (record.type == RecordType::syscall && event.syscall == kNone) {
    event.syscall = static_cast<std::uint32_t>(event.records.size());
    event.call = glance(record);
  }
  if (event.block != block) {
    if (event.block != nullptr)
      event.blocks.push_back(event.block);
    pool_.hold_for_event(block);
    event.block = block;
  }
  add(event, record, bytes, hit || has_argument_pieces(record));
}

bool Reassembler::is_repeated(OpenEvent& event, const Record& record) {
  const auto is_copy = [&](const Record& known) {
    return known.type == record.type && have_same_body(known, record);
  };
  if (event.records.size() < kManyRecords)
    return (event.types & bit_of(record.type)) != 0 &&
           std::ranges::any_of(event.records.all(), is_copy);
  const auto learn = [&](const Record& known, std::size_t index) {
    return event.by_body->try_emplace(hash_of(known), static_cast<std::uint32_t>(index));
  };
  if (!event.by_body) {
    event.by_body = std::make_unique<OpenEvent::ByBody>();
    for (std::size_t i = 0; i < event.records.size(); ++i)
      learn(event.records[i], i);
  }
  const auto [found, is_new] = learn(record, event.records.size());
  return !is_new && found->second < event.records.size() && is_copy(event.records[found->second]);
}

Reassembler::Slot Reassembler::open(Host& host, const EventKey& key) {
  if (free_.empty()) {
    free_.push_back(static_cast<Slot>(events_.size()));
    events_.emplace_back();
  }
  const Slot slot = free_.back();
  free_.pop_back();
  events_[slot].key = key;
  ++open_;
  host.open.insert(EventQueue::place_of(key), slot);
  if (!host.is_active) {
    host.is_active = true;
    active_.push_back(key.host);
  }
  return slot;
}

void Reassembler::close(Slot slot) {
  OpenEvent& event = events_[slot];
  const std::uint64_t hash = hash_of(event.key);
  released_[hash % kReleasedSlots] = mark_of(hash);
  if (event.block != nullptr)
    pool_.let_go_of_event(event.block);
  for (Block* block : event.blocks)
    pool_.let_go_of_event(block);
  held_records_ -= event.records.size();
  event.block = nullptr;
  event.blocks = {};  // memory is for whichever events need it
  event.by_body.reset();
  event.records.clear();
  event.lines = 0;
  event.bytes = 0;
  event.body_bytes = 0;
  event.types = 0;
  event.parts = {};
  event.syscall = kNone;
  event.call.reset();
  event.hit = false;
  free_.push_back(slot);
  --open_;
  if (current_ == slot)
    current_ = kNone;
}

void Reassembler::release_what_is_due(Host& host) {
  while (!host.open.empty()) {
    const OpenEvent& event = events_[host.open.front()];
    if (event.last_line + limits_.lines > line_ ||
        event.key.seconds + limits_.window.count() >= host.newest_second)
      break;
    release_first(host);
  }
  release_what_fell_silent();
  while (open_ >= limits_.open_events)
    displace_one();
}

// One other host is looked at for each event that begins.
void Reassembler::release_what_fell_silent() {
  if (active_.size() < 2)
    return;
  turn_ = (turn_ + 1) % active_.size();
  Host& host = hosts_[static_cast<std::size_t>(active_[turn_])];
  while (!host.open.empty() && events_[host.open.front()].last_line + limits_.silent_lines <= line_)
    release_first(host);
}

void Reassembler::displace_one() {
  turn_ = (turn_ + 1) % active_.size();
  ++coverage_.events_displaced;
  release_first(hosts_[static_cast<std::size_t>(active_[turn_])]);
}

// An event that has waited for 10,000 lines has left the near caches. What is read of it comes in
// while others are done: first the event, then, of a system call, its text.
void Reassembler::fetch_next(const Host& host) const {
  constexpr std::size_t kLine = 64;
  const auto fetch = [](const void* from, std::size_t bytes) {
    for (std::size_t at = 0; at < bytes; at += kLine)
      __builtin_prefetch(static_cast<const char*>(from) + at);
  };
  if (const Slot slot = host.open.peek(4); slot != kNone)
    fetch(&events_[slot], sizeof(OpenEvent));
  if (const Slot slot = host.open.peek(2); slot != kNone && events_[slot].parts.has_head) {
    const OpenEvent& event = events_[slot];
    for (const Record& record : event.records.all()) {
      if (is_read_late(record.type, event.parts.execves != 0))
        fetch(record.text.data(), record.text.size());
    }
  }
}

// Of an event that has been fetched.
const SyscallGlance* Reassembler::call_ahead(const Host& host) const {
  const Slot slot = host.open.peek(2);
  return slot != kNone && events_[slot].call ? &*events_[slot].call : nullptr;
}

void Reassembler::release_first(Host& host) {
  fetch_next(host);
  const Slot slot = host.open.front();
  host.open.pop_front();
  release(slot);
}

// An event that no longer stands in its host's queue.
void Reassembler::release(Slot slot) {
  const OpenEvent& event = events_[slot];
  Host& host = host_of(event.key);
  ++coverage_.events;
  if (!event.records.empty()) {
    Event whole{.key = event.key,
                .records = event.records.all(),
                .parts = event.parts,
                .syscall = event.syscall == kNone ? nullptr : &event.records[event.syscall],
                .call = event.call,
                .ahead = call_ahead(host),
                .lines = event.lines,
                .bytes = event.bytes,
                // A literal can straddle the cut between two EXECVE records.
                .relevant = event.hit || event.parts.execves > 1};
    next_(whole, EventBlocks{.last = event.block, .others = event.blocks});
  } else {
    coverage_.not_needed.lines += event.lines;
    coverage_.not_needed.bytes += event.bytes;
  }
  const model::HostId id = event.key.host;
  close(slot);
  if (host.open.empty()) {
    host.is_active = false;
    std::erase(active_, id);
  }
}

}  // namespace krbtrail::audit
