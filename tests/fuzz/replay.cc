// SPDX-License-Identifier: Apache-2.0
//
// Runs a fuzz target over files and folders without a fuzzer: the corpora as ordinary tests, and a
// crash in a debugger.
//
//   fuzz_windows_json FILE|FOLDER…
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& named) {
  if (!fs::is_directory(named))
    return {named};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator{named}) {
    if (entry.is_regular_file())
      files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

void run(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  file.exceptions(std::ios::badbit);
  // A vector of exactly that size: reading past its end is seen by the address sanitizer.
  const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
  std::printf("%s\n", path.c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  try {
    for (int i = 1; i < argc; ++i) {
      for (const fs::path& path : files_of(argv[i])) {
        run(path);
        ++count;
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "replay: %s\n", error.what());
    return 1;
  }
  std::printf("%zu inputs\n", count);
  return count == 0 ? 1 : 0;
}
