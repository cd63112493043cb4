// SPDX-License-Identifier: Apache-2.0
#include "sniff.h"

#include <string>
#include <utility>

#include "replay_source.h"

namespace krbtrail::input {
namespace {

// Gives the error once more, where a source would otherwise be asked again after it has failed.
class FailedSource final : public ByteSource {
 public:
  FailedSource(std::unique_ptr<ByteSource> source, model::Error error)
      : source_(std::move(source)), error_(std::move(error)) {}

  [[nodiscard]] model::Result<std::size_t> read(std::span<char> /*buffer*/) override {
    return error_;
  }
  [[nodiscard]] std::string_view name() const override { return source_->name(); }

 private:
  std::unique_ptr<ByteSource> source_;
  model::Error error_;
};

struct Head {
  std::string bytes;
  bool whole = false;  // the source has ended
  std::optional<model::Error> failure = std::nullopt;
};

Head read_head(ByteSource& source) {
  Head head{.bytes = std::string(kHeadSize, '\0')};
  std::size_t size = 0;
  while (size < kHeadSize) {
    const model::Result<std::size_t> got = source.read(std::span{head.bytes}.subspan(size));
    if (!got) {
      head.failure = got.error();
      break;
    }
    if (*got == 0) {
      head.whole = true;
      break;
    }
    size += *got;
  }
  head.bytes.resize(size);
  return head;
}

// The source as it was before `head` was read from it.
std::unique_ptr<ByteSource> put_back(const Head& head, std::unique_ptr<ByteSource> rest) {
  if (head.failure)
    rest = std::make_unique<FailedSource>(std::move(rest), *head.failure);
  return std::make_unique<ReplaySource>(head.bytes, std::move(rest));
}

}  // namespace

Sniffed sniff(std::unique_ptr<ByteSource> file) {
  Sniffed sniffed;
  Head head = read_head(*file);
  sniffed.compression = compression_of(head.bytes);
  sniffed.content = put_back(head, std::move(file));
  if (sniffed.compression != Compression::none) {
    sniffed.content = decompress(std::move(sniffed.content), sniffed.compression);
    head = read_head(*sniffed.content);
    sniffed.content = put_back(head, std::move(sniffed.content));
  }
  sniffed.seen = recognise(head.bytes, head.whole);
  const bool recognised =
      sniffed.seen.kind != EvidenceKind::empty && sniffed.seen.kind != EvidenceKind::unknown;
  if (!recognised)
    sniffed.failure = head.failure;
  return sniffed;
}

}  // namespace krbtrail::input
