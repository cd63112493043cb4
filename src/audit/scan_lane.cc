// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/scan_lane.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "audit/block_pool.h"
#include "audit/event_relay.h"
#include "audit/log_reader.h"
#include "audit/reassembler.h"
#include "audit/short_text.h"
#include "krbtrail/audit/record.h"

namespace krbtrail::audit {
namespace {

constexpr std::size_t kOpenInputs = 16;
constexpr std::size_t kHosts = 4'096;
constexpr std::string_view kOtherHosts = "(hosts beyond the limit)";
constexpr std::int64_t kClockSlack = 5;  // seconds that stamps may lie behind: the window's length
constexpr std::uint32_t kLongestHead = 1'024;  // of which a node name can be 255 bytes
constexpr std::size_t kLongestNode = 255;      // HOST_NAME_MAX and more

constexpr auto kForever = model::Timestamp::max();

ReassemblyLimits limits_for(const ScanOptions& options) {
  ReassemblyLimits limits;
  if (options.live)
    limits.live.emplace();
  return limits;
}

}  // namespace

class ScanLane::Impl {
 public:
  Impl(ScanOptions options, const LiteralScanner& scanner, model::HostNames& hosts,
       model::Coverage& coverage, Next next)
      : options_(options),
        spare_threads_(options.spare_threads == 0 ? 0 : options.spare_threads - 1),
        scanner_(scanner),
        told_{.hosts = hosts,
              .coverage = coverage,
              .on_block = std::move(options.on_block),
              .next = std::move(next)},
        hosts_(options.spare_threads == 0 ? hosts : own_hosts_),
        coverage_(options.spare_threads == 0 ? coverage : own_coverage_),
        pool_(std::max<std::size_t>(options_.block_bytes, 1) + kLongestLine),
        reassembler_(limits_for(options_), pool_, coverage_,
                     [this](Event& event, const EventBlocks& blocks) { hand_on(event, blocks); }) {
    options_.on_block = [this] { return goes_on(); };
  }

  void scan(std::span<LogInput> inputs);
  void tick(std::chrono::steady_clock::time_point now) { reassembler_.tick(now); }

  [[nodiscard]] std::span<const LaneNotices> notices() const { return notices_; }

 private:
  // A record that has been read but lies beyond the time that its input may go to for now.
  struct Pending {
    Line line;
    RecordHead head;
  };
  struct Stream {
    Stream(LogInput& input, const ScanOptions& options, BlockPool& pool,
           const LiteralScanner& scanner, SpareThreads& spare, model::Coverage& coverage)
        : reader(input, options, pool, scanner, spare, coverage) {}

    LogReader reader;
    std::optional<Pending> pending;

    [[nodiscard]] model::Timestamp time() const { return stamp(pending->head); }
  };
  // How the record before began, so that the next of the same event is known without parsing.
  struct SameStamp {
    std::string prefix;            // "node=…", with the blank
    std::array<char, 64> stamp{};  // " msg=audit(SEC.MS:SERIAL):", which stands behind the type
    std::size_t length = 0;        // of the stamp; 0 if the next record has to be parsed
  };

  [[nodiscard]] static model::Timestamp stamp(const RecordHead& head) {
    return EventKey{.seconds = head.seconds, .milliseconds = head.milliseconds}.time();
  }

  // What belongs to the caller, and is touched on its thread only.
  struct Told {
    model::HostNames& hosts;
    model::Coverage& coverage;
    std::function<bool()> on_block;
    Next next;
  };

  void read_all(std::span<LogInput> inputs);
  void read_all_apart(std::span<LogInput> inputs, EventRelay& relay);
  void judge_all(EventRelay& relay);
  [[nodiscard]] bool scan_on_two_threads(std::span<LogInput> inputs);
  void tell_hosts();
  void hand_on(Event& event, const EventBlocks& blocks);
  void judge(Event& event);
  [[nodiscard]] bool goes_on();
  [[nodiscard]] std::vector<std::string> new_hosts();

  void start(LogInput& input);
  [[nodiscard]] model::Timestamp start_due_inputs(std::span<LogInput*> waiting, std::size_t& next);
  void run(Stream& stream, model::Timestamp limit);
  void finish(Stream& stream);
  [[nodiscard]] bool take_same_stamp(const Line& line);
  [[nodiscard]] bool take(Stream& stream, const Line& line, model::Timestamp limit);
  void take_record(const Stream& stream, const Line& line, const RecordHead& head);
  void take_other(const Stream& stream, const Line& line, const HeadResult& result);
  void remember_stamp(const Line& line, const RecordHead& head);
  [[nodiscard]] model::HostId host_of(const Stream& stream, const RecordHead& head);
  [[nodiscard]] LaneNotices& notices_of(model::HostId host);
  void watch_clock(const EventKey& key);

  ScanOptions options_;
  SpareThreads spare_threads_;
  const LiteralScanner& scanner_;
  Told told_;
  std::vector<PathGlance> paths_;  // of the event that is judged
  EventRelay* relay_ = nullptr;    // where another thread judges what this one joins

  // The caller's, or the lane's own where it has a thread of its own.
  model::HostNames own_hosts_;
  model::Coverage own_coverage_;
  model::HostNames& hosts_;
  model::Coverage& coverage_;
  std::size_t known_hosts_ = 0;  // of its own: known to the caller

  BlockPool pool_;
  Reassembler reassembler_;

  std::vector<std::unique_ptr<Stream>> streams_;
  SameStamp same_;
  std::string last_node_;
  model::HostId last_host_{};
  std::vector<LaneNotices> notices_;         // by host id
  std::vector<std::int64_t> newest_second_;  // by host id
};

ScanLane::ScanLane(ScanOptions options, const LiteralScanner& scanner, model::HostNames& hosts,
                   model::Coverage& coverage, Next next)
    : impl_(std::make_unique<Impl>(std::move(options), scanner, hosts, coverage, std::move(next))) {
}
ScanLane::~ScanLane() = default;

void ScanLane::scan(std::span<LogInput> inputs) {
  impl_->scan(inputs);
}
void ScanLane::tick(std::chrono::steady_clock::time_point now) {
  impl_->tick(now);
}
std::span<const LaneNotices> ScanLane::notices() const {
  return impl_->notices();
}

void ScanLane::Impl::scan(std::span<LogInput> inputs) {
  if (&hosts_ == &told_.hosts) {
    read_all(inputs);
    return;
  }
  for (; known_hosts_ < told_.hosts.size(); ++known_hosts_)
    hosts_.intern(told_.hosts.name(static_cast<model::HostId>(known_hosts_)));
  const bool may_wait = std::ranges::any_of(inputs, &LogInput::may_wait);
  if (may_wait || !scan_on_two_threads(inputs)) {
    read_all(inputs);
    tell_hosts();
  }
  told_.coverage.add(std::exchange(own_coverage_, {}));
}

// False if the machine has no thread to give.
bool ScanLane::Impl::scan_on_two_threads(std::span<LogInput> inputs) {
  EventRelay relay{pool_};
  std::thread lane;
  relay_ = &relay;
  try {
    lane = std::thread{[&] { read_all_apart(inputs, relay); }};
  } catch (const std::system_error&) {
    relay_ = nullptr;
    return false;
  }
  try {
    judge_all(relay);
  } catch (...) {
    relay.stop();
    lane.join();
    throw;
  }
  lane.join();
  relay_ = nullptr;
  return true;
}

// The thread of the lane.
void ScanLane::Impl::read_all_apart(std::span<LogInput> inputs, EventRelay& relay) {
  try {
    read_all(inputs);
    static_cast<void>(goes_on());
    relay.end();
  } catch (...) {
    relay.end(std::current_exception());
  }
}

// The caller's thread.
void ScanLane::Impl::judge_all(EventRelay& relay) {
  while (EventBatch* batch = relay.take()) {
    told_.coverage.bytes_read += batch->bytes_read;
    for (const std::string& host : batch->hosts)
      told_.hosts.intern(host);
    for (Event& event : batch->events)
      judge(event);
    if (told_.on_block && !told_.on_block()) {
      relay.stop();
      return;
    }
  }
}

void ScanLane::Impl::hand_on(Event& event, const EventBlocks& blocks) {
  if (relay_ != nullptr) {
    relay_->push(event, blocks);
    if (relay_->is_full())
      static_cast<void>(goes_on());
    return;
  }
  if (known_hosts_ < hosts_.size())
    tell_hosts();
  judge(event);
}

void ScanLane::Impl::judge(Event& event) {
  paths_.clear();
  if (event.parts.paths != 0 && event.parts.execves == 0) {
    for (const Record& record : event.records) {
      if (const auto path = glance_at_path(record))
        paths_.push_back(*path);
    }
  }
  event.paths = paths_;
  told_.next(event);
}

void ScanLane::Impl::tell_hosts() {
  const std::vector<std::string> names = new_hosts();
  if (&hosts_ == &told_.hosts)
    return;
  for (const std::string& name : names)
    told_.hosts.intern(name);
}

// Asked after each block.
bool ScanLane::Impl::goes_on() {
  if (relay_ != nullptr)
    return relay_->pass_on(std::exchange(coverage_.bytes_read, 0), new_hosts());
  if (&coverage_ != &told_.coverage)
    told_.coverage.bytes_read += std::exchange(coverage_.bytes_read, 0);
  return !told_.on_block || told_.on_block();
}

// Named by the lane, not yet by the caller.
std::vector<std::string> ScanLane::Impl::new_hosts() {
  std::vector<std::string> names;
  for (; known_hosts_ < hosts_.size(); ++known_hosts_)
    names.emplace_back(hosts_.name(static_cast<model::HostId>(known_hosts_)));
  return names;
}

void ScanLane::Impl::read_all(std::span<LogInput> inputs) {
  std::vector<LogInput*> waiting;
  for (LogInput& input : inputs)
    waiting.push_back(&input);
  std::ranges::stable_sort(
      waiting, {}, [](const LogInput* input) { return input->first_stamp.value_or(kForever); });
  std::size_t next = 0;
  while (true) {
    const model::Timestamp next_start = start_due_inputs(waiting, next);
    if (streams_.empty())
      break;
    std::ranges::stable_sort(streams_, {}, [](const auto& stream) { return stream->time(); });
    const model::Timestamp limit =
        streams_.size() > 1 ? std::min(streams_[1]->time(), next_start) : next_start;
    run(*streams_.front(), std::max(limit, streams_.front()->time()));
    if (!streams_.front()->pending)
      finish(*streams_.front());
  }
  reassembler_.flush();
}

// Opens inputs up to the time of the earliest pending record, and says when the next one is due.
model::Timestamp ScanLane::Impl::start_due_inputs(std::span<LogInput*> waiting, std::size_t& next) {
  while (next < waiting.size() && streams_.size() < kOpenInputs) {
    const model::Timestamp due = waiting[next]->first_stamp.value_or(kForever);
    const auto is_later = [due](const auto& stream) { return stream->time() > due; };
    if (!std::ranges::all_of(streams_, is_later))
      return due;
    start(*waiting[next++]);
  }
  return kForever;
}

void ScanLane::Impl::start(LogInput& input) {
  streams_.push_back(
      std::make_unique<Stream>(input, options_, pool_, scanner_, spare_threads_, coverage_));
  run(*streams_.back(), model::Timestamp::min());
  if (!streams_.back()->pending)
    finish(*streams_.back());
}

void ScanLane::Impl::finish(Stream& stream) {
  if (stream.reader.ended_in_a_line())
    ++notices_of(stream.reader.input().default_host).cut_last_lines;
  std::erase_if(streams_, [&](const auto& other) { return other.get() == &stream; });
}

// Inlined into run(): once for nearly every line.
inline bool ScanLane::Impl::take_same_stamp(const Line& line) {
  if (same_.length == 0 || (!same_.prefix.empty() && !line.text.starts_with(same_.prefix)))
    return false;
  constexpr std::string_view kType = "type=";
  const std::string_view text = line.text.substr(same_.prefix.size());
  if (text.size() < kType.size() + same_.length ||
      !same_few_bytes<kType.size()>(text.data(), kType.data()))
    return false;
  FrequentType type = frequent_type_of(text.substr(kType.size()));
  std::size_t blank = kType.size() + type.length;
  if (type.length == 0) {
    blank = text.find(' ', kType.size());
    if (blank == kType.size() || blank > kLongestHead)  // or missing
      return false;
    type.type = parse_record_type(text.substr(kType.size(), blank - kType.size()));
  }
  std::size_t body = blank + same_.length;
  if (body > text.size() || body >= kLongestHead ||
      !same_bytes(text.data() + blank, same_.stamp.data(), same_.length))
    return false;
  while (body < text.size() && text[body] == ' ') {
    if (++body == kLongestHead)
      return false;  // longer than any real one: parse_head() says what it is
  }
  const Record record{.type = type.type,
                      .body = static_cast<std::uint16_t>(body),
                      .has_node = !same_.prefix.empty(),
                      .text = text,
                      .origin = line.origin};
  return reassembler_.push_same(record, line.block, line.bytes, line.hit);
}

// Takes lines until one with a later stamp than `limit`, which is left pending, or to the end.
void ScanLane::Impl::run(Stream& stream, model::Timestamp limit) {
  same_.length = 0;
  if (stream.pending) {
    const Pending pending = *std::exchange(stream.pending, std::nullopt);
    take_record(stream, pending.line, pending.head);
  }
  while (const Line* line = stream.reader.next()) {
    if (!take_same_stamp(*line) && !take(stream, *line, limit))
      return;
  }
}

// False if the line was left pending.
bool ScanLane::Impl::take(Stream& stream, const Line& line, model::Timestamp limit) {
  const HeadResult result = parse_head(line.text);
  if (result.problem != HeadProblem::none || result.head.node.size() > kLongestNode ||
      result.head.body_begin - result.head.text_begin > kLongestHead) {
    take_other(stream, line, result);
  } else if (stamp(result.head) > limit) {
    stream.pending = Pending{.line = line, .head = result.head};
    return false;
  } else {
    take_record(stream, line, result.head);
  }
  return true;
}

void ScanLane::Impl::take_record(const Stream& stream, const Line& line, const RecordHead& head) {
  const EventKey key{.host = host_of(stream, head),
                     .seconds = head.seconds,
                     .milliseconds = head.milliseconds,
                     .serial = head.serial};
  const Record record{.type = head.type,
                      .body = static_cast<std::uint16_t>(head.body_begin - head.text_begin),
                      .has_node = head.has_node,
                      .text = line.text.substr(head.text_begin),
                      .origin = line.origin};
  if (reassembler_.push(key, record, line.block, line.bytes, line.hit))
    watch_clock(key);
  remember_stamp(line, head);
}

void ScanLane::Impl::take_other(const Stream& stream, const Line& line, const HeadResult& result) {
  reassembler_.count_line();
  const auto why = [&] {
    switch (result.problem) {
      case HeadProblem::blank:
        return model::Rejection::blank;
      case HeadProblem::interpreted:
        return model::Rejection::interpreted;
      case HeadProblem::lost_notice:
        ++notices_of(host_of(stream, result.head)).lost_notices;
        return model::Rejection::blank;
      case HeadProblem::none:  // a head longer than any real one
      case HeadProblem::malformed:
        break;
    }
    return model::Rejection::malformed;
  }();
  coverage_.reject(why, 1, line.bytes);
}

// Only the plain form is remembered: behind a syslog prefix the next line's prefix may differ.
void ScanLane::Impl::remember_stamp(const Line& line, const RecordHead& head) {
  constexpr std::string_view kStampOpens = " msg=audit(";
  constexpr std::string_view kStampEnds = "):";
  const std::size_t begin = head.stamp_begin - kStampOpens.size();
  const std::size_t length = head.stamp_end + kStampEnds.size() - begin;
  same_.length = 0;
  if ((head.text_begin != 0 && !line.text.starts_with("node=")) ||
      head.stamp_begin <= head.text_begin + kStampOpens.size() ||
      !same_few_bytes<kStampOpens.size()>(line.text.data() + begin, kStampOpens.data()) ||
      !line.text.substr(head.stamp_end).starts_with(kStampEnds) || length > same_.stamp.size())
    return;
  if (const std::string_view prefix = line.text.substr(0, head.text_begin); prefix != same_.prefix)
    same_.prefix.assign(prefix);
  if (line.text.size() - begin >= same_.stamp.size())
    std::memcpy(same_.stamp.data(), line.text.data() + begin, same_.stamp.size());
  else
    line.text.copy(same_.stamp.data(), length, begin);
  same_.length = length;
}

model::HostId ScanLane::Impl::host_of(const Stream& stream, const RecordHead& head) {
  if (head.node.empty())
    return stream.reader.input().default_host;
  if (last_node_ == head.node)
    return last_host_;
  last_node_.assign(head.node);
  if (const std::optional<model::HostId> known = hosts_.find(head.node)) {
    last_host_ = *known;
  } else if (hosts_.size() < kHosts) {
    last_host_ = hosts_.intern(head.node);
  } else {
    ++coverage_.evictions["hosts"];
    last_host_ = hosts_.intern(kOtherHosts);
  }
  return last_host_;
}

LaneNotices& ScanLane::Impl::notices_of(model::HostId host) {
  const auto index = static_cast<std::size_t>(host);
  if (notices_.size() <= index)
    notices_.resize(index + 1);
  return notices_[index];
}

void ScanLane::Impl::watch_clock(const EventKey& key) {
  const auto index = static_cast<std::size_t>(key.host);
  if (newest_second_.size() <= index)
    newest_second_.resize(index + 1, std::numeric_limits<std::int64_t>::min());
  std::int64_t& newest = newest_second_[index];
  if (newest > std::numeric_limits<std::int64_t>::min() && key.seconds + kClockSlack < newest)
    ++notices_of(key.host).clock_jumps_back;
  newest = std::max(newest, key.seconds);
}

}  // namespace krbtrail::audit
