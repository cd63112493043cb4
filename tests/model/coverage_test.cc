// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/model/coverage.h"

#include <set>
#include <string_view>

#include "support/catch.h"

namespace {

using krbtrail::model::Coverage;
using krbtrail::model::describe;
using krbtrail::model::InputCoverage;
using krbtrail::model::Rejection;
using krbtrail::model::to_string;

using krbtrail::model::kRejections;

TEST_CASE("a run that read nothing adds up and is complete", "[model][coverage]") {
  const Coverage coverage;
  CHECK(coverage.adds_up());
  CHECK_FALSE(coverage.incomplete());
}

TEST_CASE("every byte is used, not needed or rejected exactly once", "[model][coverage]") {
  Coverage coverage;
  coverage.bytes_read = 100;
  coverage.used.bytes = 60;
  coverage.not_needed.bytes = 30;
  CHECK_FALSE(coverage.adds_up());  // ten are missing
  coverage.reject(Rejection::blank, 1, 4);
  coverage.reject(Rejection::duplicate, 1, 6);
  CHECK(coverage.adds_up());
  coverage.reject(Rejection::nul, 0, 1);
  CHECK_FALSE(coverage.adds_up());  // one was counted twice
}

TEST_CASE("rejections of one kind are summed, and kept apart from the others",
          "[model][coverage]") {
  Coverage coverage;
  coverage.reject(Rejection::late, 1, 10);
  coverage.reject(Rejection::late, 2, 30);
  CHECK(coverage.rejections(Rejection::late).lines == 3);
  CHECK(coverage.rejections(Rejection::late).bytes == 40);
  CHECK(coverage.rejections(Rejection::malformed).lines == 0);
  CHECK(coverage.rejections(Rejection::malformed).bytes == 0);
}

TEST_CASE("a rejection makes a run incomplete only if it could have been evaluated",
          "[model][coverage]") {
  const auto [why, incomplete] = GENERATE(table<Rejection, bool>({
      {Rejection::blank, false},      // nothing to evaluate
      {Rejection::nul, false},        // a hole holds no record
      {Rejection::duplicate, false},  // its event has the record already
      {Rejection::malformed, true},
      {Rejection::too_long, true},
      {Rejection::interpreted, true},
      {Rejection::late, true},
      {Rejection::over_limit, true},
      {Rejection::unreadable, true},
      {Rejection::dropped, true},
  }));
  Coverage coverage;
  coverage.reject(why, 1, 1);
  CAPTURE(to_string(why));
  CHECK(coverage.incomplete() == incomplete);
}

TEST_CASE("a record that could not be decoded or an input that was not read is a gap",
          "[model][coverage]") {
  Coverage undecoded;
  undecoded.decode_failures = 1;
  CHECK(undecoded.incomplete());

  Coverage unread;
  unread.inputs.resize(2);
  CHECK_FALSE(unread.incomplete());
  unread.inputs[1].unread = true;
  CHECK(unread.incomplete());
}

TEST_CASE("every rejection has a key and a phrase of its own", "[model][coverage]") {
  std::set<std::string_view> keys;
  std::set<std::string_view> phrases;
  for (std::size_t i = 0; i < kRejections; ++i) {
    const auto why = static_cast<Rejection>(i);
    CHECK_FALSE(to_string(why).empty());
    CHECK_FALSE(describe(why).empty());
    keys.insert(to_string(why));
    phrases.insert(describe(why));
  }
  CHECK(keys.size() == 10);
  CHECK(phrases.size() == 10);
}

}  // namespace
