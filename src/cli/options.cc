// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include <boost/program_options.hpp>

#include "cli/nearest_word.h"

namespace krbtrail::cli {

namespace {

namespace po = boost::program_options;

po::options_description describe(std::span<const Option> options) {
  po::options_description description;
  for (const Option& option : options) {
    std::string name{option.name};
    if (option.letter != 0)
      name += std::string{","} + option.letter;
    if (option.value.empty())
      description.add_options()(name.c_str(), "");
    else
      description.add_options()(name.c_str(), po::value<std::string>(), "");
  }
  return description;
}

std::string without_dashes(std::string_view token) {
  const auto start = std::min(token.find_first_not_of('-'), token.size());
  return std::string{token.substr(start, token.find('=') - start)};
}

std::string list(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words)
    text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

model::Error unknown_option(std::span<const Option> options, std::string_view token) {
  std::vector<std::string_view> names;
  for (const Option& option : options)
    names.push_back(option.name);
  const std::string name = without_dashes(token);
  const auto nearest = nearest_word(name, names);
  return {.message = "unknown option '" + std::string{token.substr(0, token.find('='))} + "'",
          .hint = nearest ? "did you mean --" + std::string{*nearest} + "?"
                          : "--help lists the options"};
}

model::Error ambiguous_option(const po::ambiguous_option& error) {
  std::string choices;
  for (const std::string& alternative : error.alternatives())
    choices += (choices.empty() ? "--" : ", --") + without_dashes(alternative);
  return {.message = "'" + error.get_option_name() + "' may mean several options",
          .hint = "one of " + choices};
}

model::Error wrong_syntax(const po::invalid_command_line_syntax& error) {
  const std::string name = "--" + without_dashes(error.get_option_name());
  if (error.kind() == po::invalid_syntax::extra_parameter)
    return {.message = name + " takes no value", .hint = ""};
  return {.message = name + " needs a value", .hint = ""};
}

const Option* find(std::span<const Option> options, std::string_view name) {
  const auto found = std::ranges::find(options, name, &Option::name);
  return found == options.end() ? nullptr : &*found;
}

model::Result<po::parsed_options> parse(std::span<const Option> options,
                                        const std::vector<std::string>& arguments) {
  const po::options_description description = describe(options);
  try {
    po::parsed_options parsed = po::command_line_parser(arguments).options(description).run();
    parsed.description = nullptr;  // it points to what ends with this function
    return parsed;
  } catch (const po::unknown_option& error) {
    return unknown_option(options, error.get_option_name());
  } catch (const po::ambiguous_option& error) {
    return ambiguous_option(error);
  } catch (const po::invalid_command_line_syntax& error) {
    return wrong_syntax(error);
  } catch (const po::error& error) {
    return model::Error{.message = error.what(), .hint = ""};
  }
}

model::Status check(const Option& option, const std::vector<std::string>& values) {
  if (values.size() > 1 && !option.repeatable)
    return model::Error{.message = "--" + std::string{option.name} + " is given twice", .hint = ""};
  for (const std::string& value : values)
    if (!option.words.empty() && std::ranges::find(option.words, value) == option.words.end())
      return unknown_word("value of --" + std::string{option.name}, value, option.words);
  return {};
}

}  // namespace

Arguments::Arguments(std::span<const Option> options,
                     std::map<std::string, std::vector<std::string>> given,
                     std::vector<std::string> operands)
    : options_(options), given_(std::move(given)), operands_(std::move(operands)) {}

bool Arguments::has(std::string_view name) const {
  assert(find(options_, name) != nullptr);
  return given_.contains(std::string{name});
}

std::optional<std::string_view> Arguments::value(std::string_view name) const {
  const Option* option = find(options_, name);
  assert(option != nullptr);
  if (const auto given = given_.find(std::string{name}); given != given_.end())
    return given->second.front();
  if (option->fallback.empty())
    return std::nullopt;
  return option->fallback;
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  assert(find(options_, name) != nullptr);
  const auto given = given_.find(std::string{name});
  return given == given_.end() ? std::vector<std::string>{} : given->second;
}

model::Result<Arguments> parse_arguments(std::span<const Option> options,
                                         const std::vector<std::string>& arguments) {
  const model::Result<po::parsed_options> parsed = parse(options, arguments);
  if (!parsed)
    return parsed.error();
  std::map<std::string, std::vector<std::string>> given;
  std::vector<std::string> operands;
  for (const po::option& item : parsed.value().options) {
    const bool operand = item.position_key >= 0;
    std::vector<std::string>& place = operand ? operands : given[item.string_key];
    if (item.value.empty())
      place.emplace_back();
    place.insert(place.end(), item.value.begin(), item.value.end());
  }
  for (const auto& [name, values] : given) {
    const Option* option = find(options, name);
    assert(option != nullptr);
    if (const model::Status status = check(*option, values); !status)
      return status.error();
  }
  return Arguments{options, std::move(given), std::move(operands)};
}

model::Error unknown_word(std::string_view what, std::string_view given,
                          std::span<const std::string_view> words) {
  const auto nearest = nearest_word(given, words);
  return {
      .message = "unknown " + std::string{what} + " '" + std::string{given} + "'",
      .hint = nearest ? "did you mean " + std::string{*nearest} + "?" : "one of " + list(words)};
}

model::Error about_option(std::string_view name, const model::Error& error) {
  return {.message = "--" + std::string{name} + ": " + error.message, .hint = error.hint};
}

}  // namespace krbtrail::cli
