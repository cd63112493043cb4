// SPDX-License-Identifier: Apache-2.0
//
// The options of a command as a table, and what a command line made of them.
//
//   constexpr std::string_view kFormats[] = {"text", "json"};
//   constexpr Option kOptions[] = {
//       {.name = "format", .value = "FORMAT", .help = "text or json", .fallback = "text",
//        .words = kFormats}};
//   Result<Arguments> arguments = parse_arguments(kOptions, {"--format=json", "a.log"});
//   arguments->value("format");    // "json"
//   arguments->operands();         // {"a.log"}
//
// GNU's conventions: options and operands in any order, "--" ends the options, "-" is an operand,
// "--name=value" and "--name value" are the same, an unambiguous beginning stands for the whole
// name. One departure: an option that is not repeatable may stand once only, because of two
// contradicting ones one would be dropped in silence.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::cli {

struct Option {
  std::string_view name;           // "min-severity", without the dashes
  char letter = 0;                 // 'o' for -o; 0 for none
  std::string_view value = {};     // "LEVEL": what the help calls its value; empty: a switch
  std::string_view help = {};      // at most one line beside the name
  std::string_view fallback = {};  // the value where it is not given; empty: none
  std::span<const std::string_view> words = {};  // the values there are; empty: any
  bool repeatable = false;
  std::string_view group = {};  // the heading it stands under in the help
};

// What was given, checked against the options. Asking for a name that is no option is our mistake.
class Arguments {
 public:
  Arguments(std::span<const Option> options, std::map<std::string, std::vector<std::string>> given,
            std::vector<std::string> operands);

  [[nodiscard]] bool has(std::string_view name) const;
  // The value given, else the fallback, else none. Views into this object or the options.
  [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> values(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }

 private:
  std::span<const Option> options_;
  std::map<std::string, std::vector<std::string>> given_;
  std::vector<std::string> operands_;
};

// `options` must outlive the answer. An Error says what is wrong and, where there is one, offers
// the nearest spelling.
[[nodiscard]] model::Result<Arguments> parse_arguments(std::span<const Option> options,
                                                       const std::vector<std::string>& arguments);

// "unknown WHAT 'given'" with the nearest of `words`, or else all of them, as the hint.
[[nodiscard]] model::Error unknown_word(std::string_view what, std::string_view given,
                                        std::span<const std::string_view> words);

// The same error, said of an option: "--since: …".
[[nodiscard]] model::Error about_option(std::string_view name, const model::Error& error);

}  // namespace krbtrail::cli
