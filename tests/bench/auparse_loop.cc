// SPDX-License-Identifier: Apache-2.0
//
// What libauparse costs at least: every record of a log, one per buffer, every field's name and raw
// value, in the guarded pattern of krbtrail's decoder and with nothing behind it. scripts/bench
// runs it beside `krbtrail scan --no-prefilter`. It is a program of its own, as a peer should be,
// and the one place beside the audit room that knows auparse.h.
//
//   auparse_loop FILE      prints: RECORDS records, FIELDS fields, BYTES bytes of values, N refused
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <auparse.h>

namespace {

constexpr std::size_t kBlock = std::size_t{256} << 10U;

struct CloseFile {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
struct DestroyParser {
  void operator()(auparse_state_t* parser) const { auparse_destroy(parser); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;
using Parser = std::unique_ptr<auparse_state_t, DestroyParser>;

struct Tally {
  std::uint64_t records = 0;
  std::uint64_t fields = 0;
  std::uint64_t value_bytes = 0;
  std::uint64_t refused = 0;
};

// libauparse 3.0.9 leaks on some bad heads, so only what looks like a record is handed over.
bool has_head(std::string_view line) {
  return (line.starts_with("type=") || line.starts_with("node=")) &&
         line.find(" msg=audit(") != std::string_view::npos;
}

void count_fields(auparse_state_t* parser, Tally& tally) {
  if (auparse_get_num_fields(parser) == 0 || auparse_first_field(parser) != 1)
    return;
  do {
    const char* name = auparse_get_field_name(parser);
    const char* value = auparse_get_field_str(parser);
    if (name == nullptr || value == nullptr)
      continue;
    ++tally.fields;
    tally.value_bytes += std::strlen(value);
  } while (auparse_next_field(parser) == 1);
}

// `line` includes its line end.
void count_record(auparse_state_t* parser, std::string_view line, Tally& tally) {
  if (!has_head(line) || auparse_new_buffer(parser, line.data(), line.size()) != 0 ||
      auparse_first_record(parser) != 1) {
    ++tally.refused;
    return;
  }
  ++tally.records;
  count_fields(parser, tally);
}

Tally count_lines(std::FILE* file, auparse_state_t* parser) {
  Tally tally;
  std::string pending;
  auto block = std::make_unique<std::array<char, kBlock>>();
  while (const std::size_t got = std::fread(block->data(), 1, block->size(), file)) {
    pending.append(block->data(), got);
    std::size_t from = 0;
    for (std::size_t end = pending.find('\n'); end != std::string::npos;
         end = pending.find('\n', from)) {
      count_record(parser, std::string_view{pending}.substr(from, end + 1 - from), tally);
      from = end + 1;
    }
    pending.erase(0, from);
  }
  return tally;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    static_cast<void>(std::fputs("Usage: auparse_loop FILE\n", stderr));
    return 2;
  }
  const File file{std::fopen(argv[1], "rb")};
  const Parser parser{auparse_init(AUSOURCE_BUFFER, "\n")};
  if (!file || !parser) {
    static_cast<void>(std::fprintf(stderr, "auparse_loop: error: %s: cannot open\n", argv[1]));
    return 2;
  }
  auparse_set_escape_mode(parser.get(), AUPARSE_ESC_RAW);
  const Tally tally = count_lines(file.get(), parser.get());
  static_cast<void>(std::printf("%llu records, %llu fields, %llu bytes of values, %llu refused\n",
                                static_cast<unsigned long long>(tally.records),
                                static_cast<unsigned long long>(tally.fields),
                                static_cast<unsigned long long>(tally.value_bytes),
                                static_cast<unsigned long long>(tally.refused)));
  return std::ferror(file.get()) != 0 ? 2 : 0;
}
