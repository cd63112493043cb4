// SPDX-License-Identifier: Apache-2.0
//
// libauparse 3.0.9 loses a few bytes for some records that no kernel writes; that is not ours to
// find.

// Asked by LeakSanitizer (sanitizer/lsan_interface.h).
extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  return "leak:libauparse.so\n";
}
