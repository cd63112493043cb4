// SPDX-License-Identifier: Apache-2.0
//
// The words on standard error. Every one of them leaves the program here, with control characters
// escaped: a file name in evidence must not be able to drive a terminal.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "krbtrail/model/coverage.h"
#include "krbtrail/model/error.h"

namespace krbtrail::cli {

// "krbtrail: error: MESSAGE" and, where there is one, "krbtrail: hint: HINT".
void print_error(const model::Error& error);

// Each of them, and of very many the first twenty and how many there are.
void print_errors(const std::vector<model::Error>& errors);

// "krbtrail: warning: MESSAGE": the run goes on.
void print_warning(std::string_view message);

// Each of them up to the twentieth: the report has all.
void print_warnings(std::span<const std::string> messages);

// The inputs that have a problem, as errors; likewise.
void print_problems(const std::vector<model::InputCoverage>& inputs);

}  // namespace krbtrail::cli
