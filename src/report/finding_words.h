// SPDX-License-Identifier: Apache-2.0
//
// The parts of a finding in plain words, as every report for people says them. What is returned
// holds bytes of the evidence and is not escaped.
#pragma once

#include <string>
#include <string_view>

#include "krbtrail/model/finding.h"

namespace krbtrail::report {

// "alice (uid 1000)", "uid 1000", "unknown user"
[[nodiscard]] std::string name_and_uid(const model::Account& account);
// With what differs of the other ids, the login and the session.
[[nodiscard]] std::string account_in_words(const model::Account& account);

// "cp", "an unknown process"
[[nodiscard]] std::string process_name(const model::ProcessFacts& process);
// "cp (pid 4242)"
[[nodiscard]] std::string process_and_pid(const model::ProcessFacts& process);
// How it came to be known: "its start was not seen". Empty if nothing says so.
[[nodiscard]] std::string_view source_in_words(const model::ProcessFacts& process);

// The word of activity::FileAction as a verb: "attributes" is none of its own.
[[nodiscard]] std::string_view verb_of(std::string_view action);
// "cp read /tmp/krb5cc_1001", "curl connected to 192.0.2.7 port 443"
[[nodiscard]] std::string act_in_words(const model::Finding& finding);
[[nodiscard]] std::string address_in_words(const model::NetworkContact& contact);
// "owner uid 1001, inode 1234, device fd:01"; empty if nothing is known.
[[nodiscard]] std::string details_in_words(const model::FileFacts& file);

// What is less than certain is said before anybody relies on it. Empty if nothing is graded.
[[nodiscard]] std::string certainty_in_words(const model::Finding& finding);
// "audit.log, line 17, node web01, event 1700000000.123:42"
[[nodiscard]] std::string place_in_words(const model::Evidence& evidence);
// "cp is a data mover (+15)"
[[nodiscard]] std::string reason_in_words(const model::Reason& reason);

}  // namespace krbtrail::report
