// SPDX-License-Identifier: Apache-2.0
//
// A place where tickets lie, in the spelling of whoever puts them there: KRB5CCNAME and krb5.conf's
// default_ccache_name, sssd.conf's krb5_ccname_template, pam_krb5's ccache.
//
//   const auto place = CcacheTemplate::parse("FILE:/run/user/%{uid}/krb5cc");
//   place->matches("/run/user/1000/krb5cc");        // true
//   place->literal();                               // "krb5cc": in every record that can match
//   place->fixed_folder();                          // "/run/user": what auditd can watch
//
// TYPE:REST, where TYPE is FILE (also if it is left out), DIR, KEYRING, KCM or MEMORY. Variables
// are
// %{uid} and its like (MIT krb5, "parameter expansion"), %u %U %p %P %r %d %H (sssd-krb5(5),
// pam_krb5(5)) and six or more X at the end (mkstemp(3)); each stands for at least one byte other
// than '/'. %h, %d and %{TEMP} in front stand for any folder. %% is a per cent sign. DIR: means
// every file below it; FILE:: and DIR:: (one file of a directory) are files.
//
// Refused: a relative path; a variable that nobody knows; a place that would make every file a
// ticket, because none of its names has three fixed bytes in a row or because all of a shared
// folder
// (/tmp, /home, …) fits it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/error.h"

namespace krbtrail::detect {

enum class CcacheType : std::uint8_t { file, dir, keyring, kcm, memory };
[[nodiscard]] std::string_view to_string(CcacheType type);  // "FILE"

class CcacheTemplate {
 public:
  // Errors say what is wrong with the text, without naming it: "'tickets' is not an absolute path".
  [[nodiscard]] static model::Result<CcacheTemplate> parse(std::string_view text);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] CcacheType type() const { return type_; }
  [[nodiscard]] bool is_on_disk() const {
    return type_ == CcacheType::file || type_ == CcacheType::dir;
  }

  // What follows is for templates that are on disk; others match nothing and have no literal.

  // Whether a ticket of this template can be at that absolute, normalised path.
  [[nodiscard]] bool matches(std::string_view path) const;
  // Whether it can have that name, the folder being unknown. False for templates whose last name
  // has fewer than four fixed bytes in a row, such as DIR:/run/tickets: half of the system would
  // fit.
  [[nodiscard]] bool may_be_named(std::string_view base_name) const;
  // Stands in the recorded name or in CWD of every event whose path matches: part of a single name,
  // so that a path that is put together of both has it whole. At least three bytes.
  [[nodiscard]] std::string_view literal() const { return literal_; }
  // The folder in which, at any depth, every match lies: the path up to the first name with a
  // variable, without a slash at its end. Empty if the template begins with a variable.
  [[nodiscard]] std::string_view fixed_folder() const { return fixed_folder_; }
  // The one path that an account's ticket has; unset if anything but a uid is variable.
  [[nodiscard]] std::optional<std::string> path_of(std::uint32_t uid) const;

 private:
  CcacheTemplate() = default;
  [[nodiscard]] model::Status parse_path(std::string_view path);
  [[nodiscard]] model::Status check_breadth() const;
  void find_literals();

  std::string text_;
  CcacheType type_ = CcacheType::file;
  bool rooted_ = true;              // false: any folder may stand in front of the names
  std::vector<std::string> names_;  // of the path; kVariable stands for a variable
  std::string literal_;
  std::string name_literal_;  // the longest of the last name, if the template is a file
  std::string fixed_folder_;
  std::string per_uid_;  // the path with kVariable for a uid; empty if it has other variables
};

}  // namespace krbtrail::detect
