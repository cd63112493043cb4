// SPDX-License-Identifier: Apache-2.0
//
// Writes the scenario of shapes.h in every shape, one file each, and a list of what the rule can
// say of it:
//
//   write_windows_shapes DIR    DIR/json/nxlog.json …, DIR/verdicts.tsv: FILE<TAB>VERDICT,
//                               and DIR/service_in_slack.evtx
//
// testdata/windows/shapes is what it writes; a test holds the two against each other.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "windows/shapes.h"

namespace {

namespace fs = std::filesystem;
using namespace krbtrail::windows;

std::string_view folder_of(Reader reader) {
  if (reader == read_evtx)
    return "evtx";
  if (reader == read_xml)
    return "xml";
  if (reader == read_json)
    return "json";
  return reader == read_csv ? "csv" : "text";
}

// "Splunk JSON, XML inside" is splunk_json_xml_inside.json.
std::string file_name_of(const Shaped& shaped) {
  std::string name;
  for (const char c : shaped.writer) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    if (is_upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      name += is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    else if (!name.empty() && name.back() != '_')
      name += '_';
  }
  const std::string_view folder = folder_of(shaped.reader);
  return name + "." + std::string{folder == "text" ? "txt" : folder};
}

void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file{path, std::ios::binary};
  file.exceptions(std::ios::badbit | std::ios::failbit);
  file << bytes;
  file.close();
}

void write_all(const fs::path& folder) {
  std::string verdicts;
  for (const Shaped& shaped : all_shapes()) {
    const fs::path name = fs::path{folder_of(shaped.reader)} / file_name_of(shaped);
    write(folder / name, shaped.bytes);
    verdicts += name.string() + "\t" + shaped.verdict + "\n";
  }
  write(folder / "verdicts.tsv", verdicts);
  write(folder / "service_in_slack.evtx", evtx_with_service_in_slack());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_windows_shapes DIR\n", stderr);
    return 2;
  }
  try {
    write_all(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_windows_shapes: %s\n", error.what());
    return 1;
  }
  return 0;
}
