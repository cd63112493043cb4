// SPDX-License-Identifier: Apache-2.0
#include "audit_shape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace krbtrail::input {
namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes a line apart from its start; a step that does not fit takes nothing and says false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // 9 stands for a digit, _ for a digit or a blank, A for a letter; all else for itself.
  bool take_shape(std::string_view shape) {
    if (rest_.size() < shape.size())
      return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (!fits(shape[i], rest_[i]))
        return false;
    }
    rest_.remove_prefix(shape.size());
    return true;
  }

  // A run without blanks and the one blank behind it.
  std::string_view take_word() {
    const std::size_t end = rest_.find(' ');
    if (end == std::string_view::npos || end == 0)
      return {};
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return word;
  }

  void skip(std::string_view any_of) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(any_of), rest_.size()));
  }

  std::optional<std::uint64_t> take_number(std::uint64_t limit) {
    std::uint64_t number = 0;
    const char* const begin = rest_.data();
    const auto [end, verdict] = std::from_chars(begin, begin + rest_.size(), number);
    if (verdict != std::errc{} || number > limit)
      return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - begin));
    return number;
  }

 private:
  static bool fits(char shape, char c) {
    switch (shape) {
      case '9':
        return is_digit(c);
      case '_':
        return is_digit(c) || c == ' ';
      case 'A':
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      default:
        return shape == c;
    }
  }

  std::string_view rest_;
};

// "Jan  1 00:00:00 " (RFC 3164, journalctl -o short), with fractions in -o short-precise.
bool take_traditional_stamp(Scanner& in) {
  if (!in.take_shape("AAA _9 99:99:99"))
    return false;
  if (in.take("."))
    in.skip("0123456789");
  return in.take(" ");
}

// "2024-01-01T00:00:00[.123456][Z|+00:00|+0000] " (RFC 5424, rsyslog, journalctl -o short-iso).
bool take_iso_stamp(Scanner& in) {
  if (!in.take_shape("9999-99-99T99:99:99"))
    return false;
  in.skip("0123456789.,+-:Z");
  return in.take(" ");
}

// "<13>" or, of RFC 5424, "<13>1 "; most files have neither.
bool take_priority(Scanner& in) {
  Scanner tried = in;
  if (!tried.take("<") || !tried.take_number(191) || !tried.take(">"))
    return false;
  const bool has_version = tried.take("1 ");
  in = tried;
  return has_version;
}

// What stands behind a syslog line's stamp, up to the message: "HOST TAG[PID]: ", or the five words
// of RFC 5424 with its structured data.
bool take_origin(Scanner& in, bool rfc5424) {
  if (in.take_word().empty())
    return false;
  if (!rfc5424) {
    const std::string_view tag = in.take_word();
    return tag.size() > 1 && tag.back() == ':';
  }
  if (in.take_word().empty() || in.take_word().empty() || in.take_word().empty())
    return false;
  if (in.take("- "))
    return true;
  const std::size_t end = in.rest().find("] ");
  return in.rest().starts_with('[') && end != std::string_view::npos &&
         in.take(in.rest().substr(0, end + 2));
}

// "[  123.456789] " of the kernel's ring buffer.
void take_uptime(Scanner& in) {
  Scanner tried = in;
  if (!tried.take("["))
    return;
  tried.skip(" ");
  if (!tried.take_number(std::numeric_limits<std::uint64_t>::max()) || !tried.take("."))
    return;
  tried.skip("0123456789");
  if (tried.take("] "))
    in = tried;
}

// True if the line starts as a line of syslog, the journal or the kernel's ring buffer does.
bool take_log_prefix(Scanner& in) {
  Scanner tried = in;
  const bool rfc5424 = take_priority(tried);
  const bool stamped =
      rfc5424 ? take_iso_stamp(tried) : take_traditional_stamp(tried) || take_iso_stamp(tried);
  if (stamped) {
    if (!take_origin(tried, rfc5424))
      return false;
    tried.take("\xEF\xBB\xBF");  // RFC 5424 marks UTF-8 this way
    tried.skip(" ");
  }
  take_uptime(tried);
  tried.take("audit: ");
  const bool taken = tried.rest().size() != in.rest().size();
  in = tried;
  return taken;
}

bool is_type(std::string_view word) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_[]";
  return !word.empty() && word.find_first_not_of(kLetters) == std::string_view::npos;
}

// "SEC.MS:SERIAL)"
std::optional<model::Timestamp> take_stamp(Scanner& in) {
  const auto seconds = in.take_number(static_cast<std::uint64_t>(model::kLastSecond));
  if (!seconds || !in.take("."))
    return std::nullopt;
  const auto milliseconds = in.take_number(999);
  if (!milliseconds || !in.take(":"))
    return std::nullopt;
  if (!in.take_number(std::numeric_limits<std::uint32_t>::max()) || !in.take(")"))
    return std::nullopt;
  return model::Timestamp{std::chrono::seconds{*seconds} +
                          std::chrono::milliseconds{*milliseconds}};
}

// "11/14/2023 22:13:20.100:10)", the date in whatever form the locale of the ausearch had.
bool is_calendar_stamp(std::string_view text) {
  constexpr std::size_t kLongestDate = 64;
  const std::size_t end = text.substr(0, kLongestDate).find(')');
  if (end == std::string_view::npos)
    return false;
  const std::string_view stamp = text.substr(0, end);
  const std::size_t clock = stamp.find(' ') == std::string_view::npos ? 0 : stamp.rfind(' ') + 1;
  Scanner in{stamp.substr(clock)};
  return clock > 0 && in.take_shape("99:99:99.999:") &&
         in.take_number(std::numeric_limits<std::uint32_t>::max()) && in.rest().empty();
}

struct LineReading {
  AuditShape shape = AuditShape::none;
  std::optional<model::Timestamp> stamp = std::nullopt;
  bool has_log_prefix = false;
};

LineReading read_line(std::string_view line) {
  Scanner in{line};
  LineReading reading{.has_log_prefix = take_log_prefix(in)};
  if (in.take("node=") && in.take_word().empty())
    return reading;
  if (!in.take("type=") || !is_type(in.take_word()))
    return reading;
  in.take("msg=");
  if (!in.take("audit("))
    return reading;
  if (is_calendar_stamp(in.rest())) {
    reading.shape = AuditShape::interpreted;
  } else {
    reading.stamp = take_stamp(in);
    if (reading.stamp)
      reading.shape = AuditShape::records;
  }
  return reading;
}

bool is_separator(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos || line == "----" ||
         line.starts_with("time->");
}

// The next line without its end, taken from `text`. Nothing if it is cut and `whole` is false.
std::optional<std::string_view> take_line(std::string_view& text, bool whole) {
  const std::size_t end = text.find('\n');
  if (text.empty() || (end == std::string_view::npos && !whole))
    return std::nullopt;
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

// A hole that a crash left holds NUL bytes up to where writing went on.
std::string_view without_hole(std::string_view line) {
  const std::size_t text = line.find_first_not_of('\0');
  return text == std::string_view::npos ? std::string_view{} : line.substr(text);
}

// Counts what the lines are, and says which shape wins.
class Tally {
 public:
  void add(const LineReading& line) {
    ++lines_;
    if (line.shape == AuditShape::none) {
      others_before_ += first_.shape == AuditShape::none && !line.has_log_prefix ? 1 : 0;
      return;
    }
    ++heads_;
    if (first_.shape == AuditShape::none)
      first_ = line;
  }

  [[nodiscard]] AuditReading verdict() const {
    constexpr std::size_t kCutLines = 1;
    if (heads_ > 0 && (others_before_ <= kCutLines || heads_ * 2 >= lines_))
      return {.shape = first_.shape, .first_stamp = first_.stamp};
    return {};
  }

 private:
  LineReading first_;
  std::size_t lines_ = 0;
  std::size_t heads_ = 0;
  std::size_t others_before_ = 0;
};

}  // namespace

AuditReading read_audit_shape(std::string_view text, bool whole) {
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  Tally tally;
  while (const auto line = take_line(text, whole)) {
    const std::string_view content = without_hole(*line);
    if (!is_separator(content))
      tally.add(read_line(content));
  }
  return tally.verdict();
}

}  // namespace krbtrail::input
