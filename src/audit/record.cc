// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/audit/record.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "audit/digits.h"
#include "krbtrail/model/timestamp.h"

namespace krbtrail::audit {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a line from its start; every step either takes what it names or leaves the place as it was.
class HeadReader {
 public:
  explicit HeadReader(std::string_view line) : line_(line) {}

  [[nodiscard]] std::size_t place() const { return at_; }
  void go_to(std::size_t place) { at_ = place; }
  [[nodiscard]] std::string_view rest() const { return line_.substr(at_); }
  [[nodiscard]] std::string_view between(std::size_t begin, std::size_t end) const {
    return line_.substr(begin, end - begin);
  }

  // A literal, so that its length is known where it is compared.
  template <std::size_t size>
  // NOLINTNEXTLINE(modernize-avoid-c-arrays)
  bool take(const char (&word)[size]) {
    constexpr std::size_t kLength = size - 1;
    if (line_.size() - at_ < kLength || std::memcmp(line_.data() + at_, word, kLength) != 0)
      return false;
    at_ += kLength;
    return true;
  }

  // A run of bytes up to `end`, which is taken too; empty if `end` is missing or comes at once.
  std::string_view take_until(char end) {
    const std::size_t stop = line_.find(end, at_);
    if (stop == std::string_view::npos)
      return {};
    const std::string_view word = line_.substr(at_, stop - at_);
    at_ = stop + 1;
    return word;
  }

  // At most `limit`; false without a digit or beyond the limit.
  bool take_number(std::uint64_t limit, std::uint64_t& number) {
    constexpr std::size_t kMostDigits = std::numeric_limits<std::uint64_t>::digits10;
    const std::size_t begin = at_;
    const std::size_t end = begin + std::min(line_.size() - begin, kMostDigits);
    number = 0;
    while (at_ + kEight <= end) {
      const Digits digits = leading_digits(line_.data() + at_);
      number = number * kPowersOfTen[digits.count] + digits.value;
      at_ += digits.count;
      if (digits.count < kEight)
        return at_ != begin && number <= limit;
    }
    for (; at_ != end && is_digit(line_[at_]); ++at_)
      number = number * 10 + static_cast<std::uint64_t>(line_[at_] - '0');
    return at_ != begin && number <= limit && (at_ == line_.size() || !is_digit(line_[at_]));
  }

  void skip_blanks() {
    while (at_ < line_.size() && line_[at_] == ' ')
      ++at_;
  }

 private:
  static constexpr std::size_t kEight = 8;

  std::string_view line_;
  std::size_t at_ = 0;
};

// "type=NAME [msg=]audit(SEC.MS:SERIAL):". On failure `calendar` tells `ausearch -i` from the rest.
bool read_type_and_stamp(HeadReader& in, RecordHead& head, bool& calendar) {
  head.text_begin = static_cast<std::uint32_t>(in.place());
  if (!in.take("type="))
    return false;
  const FrequentType frequent = frequent_type_of(in.rest());
  std::string_view type;
  if (frequent.length != 0)
    in.go_to(in.place() + frequent.length + 1);
  else if (type = in.take_until(' '); type.empty())
    return false;
  if (!in.take("msg=audit(") && !in.take("audit("))
    return false;
  head.stamp_begin = static_cast<std::uint32_t>(in.place());
  std::uint64_t seconds = 0;
  std::uint64_t milliseconds = 0;
  std::uint64_t serial = 0;
  if (!in.take_number(static_cast<std::uint64_t>(model::kLastSecond), seconds))
    return false;
  if (!in.take(".")) {
    calendar = in.take("/");
    return false;
  }
  if (!in.take_number(999, milliseconds) || !in.take(":") ||
      !in.take_number(std::numeric_limits<std::uint32_t>::max(), serial))
    return false;
  head.stamp_end = static_cast<std::uint32_t>(in.place());
  if (!in.take(")"))
    return false;
  in.take(":");  // one 2.6 kernel forgot it: "audit(1490239800.477:34) config changed"
  in.skip_blanks();
  head.body_begin = static_cast<std::uint32_t>(in.place());
  head.type = frequent.length != 0 ? frequent.type : parse_record_type(type);
  head.seconds = static_cast<std::int64_t>(seconds);
  head.milliseconds = static_cast<std::uint16_t>(milliseconds);
  head.serial = static_cast<std::uint32_t>(serial);
  return true;
}

// "Jan  1 00:00:00 " of RFC 3164.
bool take_rfc3164_stamp(HeadReader& in) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::string_view rest = in.rest();
  if (rest.size() < 16)
    return false;
  const std::size_t month = kMonths.find(rest.substr(0, 3));
  if (month == std::string_view::npos || month % 3 != 0)
    return false;
  constexpr std::string_view kShape = "___ _9 99:99:99 ";
  for (std::size_t i = 3; i < kShape.size(); ++i) {
    const bool fits = kShape[i] == '9'   ? is_digit(rest[i])
                      : kShape[i] == '_' ? rest[i] == ' ' || is_digit(rest[i])
                                         : rest[i] == kShape[i];
    if (!fits)
      return false;
  }
  in.go_to(in.place() + kShape.size());
  return true;
}

// "2024-01-01T00:00:00[.123456][Z|+00:00|+0000] "; RFC 5424 puts "<PRI>1 " before it.
bool take_iso_stamp(HeadReader& in) {
  const std::size_t begin = in.place();
  std::uint64_t priority = 0;
  if (in.take("<") && !(in.take_number(191, priority) && in.take(">1 "))) {
    in.go_to(begin);
    return false;
  }
  const std::string_view rest = in.rest();
  constexpr std::string_view kShape = "9999-99-99T99:99:99";
  bool fits = rest.size() > kShape.size();
  for (std::size_t i = 0; fits && i < kShape.size(); ++i)
    fits = kShape[i] == '9' ? is_digit(rest[i]) : rest[i] == kShape[i];
  const std::size_t end = fits ? rest.find(' ') : std::string_view::npos;
  if (end == std::string_view::npos ||
      rest.substr(kShape.size(), end - kShape.size()).find_first_not_of("0123456789.,+-:Z") !=
          std::string_view::npos) {
    in.go_to(begin);
    return false;
  }
  in.go_to(in.place() + end + 1);
  return true;
}

// Who writes audit records to syslog. Any other program's text is not a record, whatever it looks
// like; `logger -t audispd` can still pose as one, which only the host's own audit.log can
// disprove.
bool is_audit_tag(std::string_view tag) {
  tag = tag.substr(0, tag.find_first_of("[:"));
  constexpr std::array<std::string_view, 6> kTags = {"audispd", "audisp-syslog", "kernel",
                                                     "audit",   "auditd",        "audisp-remote"};
  return std::ranges::find(kTags, tag) != kTags.end();
}

// "HOST TAG[PID]: " of syslog, or "HOST APP PROCID MSGID - " of RFC 5424; the host is the answer.
std::string_view take_host_and_tag(HeadReader& in, bool rfc5424) {
  const std::string_view host = in.take_until(' ');
  const std::string_view tag = in.take_until(' ');
  if (host.empty() || !is_audit_tag(tag))
    return {};
  if (rfc5424) {
    for (int field = 0; field < 2; ++field) {
      if (in.take_until(' ').empty())
        return {};
    }
    return in.take("- ") ? host : std::string_view{};
  }
  return tag.back() == ':' ? host : std::string_view{};
}

// What precedes the record in a syslog file or journal export; the host is the answer.
std::string_view take_syslog_prefix(HeadReader& in) {
  const bool rfc5424 = in.rest().starts_with('<');
  if (!take_rfc3164_stamp(in) && !take_iso_stamp(in))
    return {};
  const std::string_view host = take_host_and_tag(in, rfc5424);
  if (!host.empty()) {
    if (in.take("["))  // the kernel's uptime: "[   12.345678] audit: type=…"
      in.take_until(']');
    in.skip_blanks();
    in.take("audit: ");
  }
  return host;
}

bool is_blank(std::string_view line) {
  return line == "----" || line.starts_with("time->") ||
         line.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
}

}  // namespace

HeadResult parse_head(std::string_view line) {
  HeadResult result;
  RecordHead& head = result.head;
  bool calendar = false;
  HeadReader in{line};
  std::string_view host;
  if (!line.starts_with("type=") && !line.starts_with("node=")) {
    if (is_blank(line)) {
      result.problem = HeadProblem::blank;
      return result;
    }
    host = take_syslog_prefix(in);
    if (host.empty()) {  // a kernel line as dmesg prints it has no host
      in.go_to(0);
      if (in.take("["))
        in.take_until(']');
      in.skip_blanks();
      if (!in.take("audit: "))
        in.go_to(0);
    }
    if (in.rest().starts_with("audit_lost=")) {
      head.node = host;
      result.problem = HeadProblem::lost_notice;
      return result;
    }
  }
  if (in.take("node=")) {
    head.node = in.take_until(' ');
    if (head.node.empty()) {
      result.problem = HeadProblem::malformed;
      return result;
    }
    head.has_node = true;
  } else {
    head.node = host;
  }
  if (!read_type_and_stamp(in, head, calendar))
    result.problem = calendar ? HeadProblem::interpreted : HeadProblem::malformed;
  return result;
}

}  // namespace krbtrail::audit
