// SPDX-License-Identifier: Apache-2.0
//
// Strings that an attacker can put into a path, an argument or a host name to break what prints
// them. Each says what it attacks. Every sink is tried with all of them.
#pragma once

#include <array>
#include <string_view>

namespace krbtrail::test {

struct NastyString {
  std::string_view attacks;
  std::string_view bytes;
};

using namespace std::string_view_literals;

inline constexpr std::array kNastyStrings = {
    NastyString{"nothing: the empty string", ""sv},
    NastyString{"line ends", "a\nb\rc\r\nd"sv},
    NastyString{"C strings: a NUL byte", "a\0b"sv},
    NastyString{"terminal: clears the screen", "\x1b[2J\x1b[H"sv},
    NastyString{"terminal: sets the window title", "\x1b]0;owned\a"sv},
    NastyString{"terminal: writes the clipboard (OSC 52)", "\x1b]52;c;cm0gLXJmIC8=\x1b\\"sv},
    NastyString{"terminal: device control string", "\x1bPq#0;2;0;0;0\x1b\\"sv},
    NastyString{"terminal: backspaces over what stands before", "evil\b\b\b\bgood"sv},
    NastyString{"terminal: C1 control sequence introducer as UTF-8",
                "\xc2\x9b"
                "31m"sv},
    NastyString{"terminal: C1 control sequence introducer as a bare byte",
                "\x9b"
                "31m"sv},
    NastyString{"terminal: DEL and tab and vertical tab", "\x7f\t\v\f"sv},
    NastyString{"terminal: shift out, shift in", "\x0e\x0f"sv},
    NastyString{"eyes: right-to-left override", "cc_\xe2\x80\xaegpj.exe"sv},
    NastyString{"eyes: bidirectional isolates", "\xe2\x81\xa6x\xe2\x81\xa9"sv},
    NastyString{"eyes: zero width space and joiner",
                "krb\xe2\x80\x8b"
                "5cc\xe2\x80\x8d_0"sv},
    NastyString{"eyes: Hangul filler that looks like a blank", "a\xe3\x85\xa4z"sv},
    NastyString{"eyes: tag characters", "a\xf3\xa0\x81\xa1"sv},
    NastyString{"JSON lines: line separator", "a\xe2\x80\xa8z\xe2\x80\xa9"sv},
    NastyString{"text readers: byte order mark", "\xef\xbb\xbfkrb5cc_0"sv},
    NastyString{"UTF-8: a lone continuation byte", "\x80"sv},
    NastyString{"UTF-8: bytes that never occur", "\xfe\xff\xc0\xc1\xf5"sv},
    NastyString{"UTF-8: overlong slash", "..\xc0\xaf..\xe0\x80\xaf"sv},
    NastyString{"UTF-8: overlong NUL", "\xc0\x80"sv},
    NastyString{"UTF-8: a surrogate", "\xed\xa0\x80"sv},
    NastyString{"UTF-8: past U+10FFFF", "\xf4\x90\x80\x80"sv},
    NastyString{"UTF-8: cut at the end", "krb5cc_\xe2\x82"sv},
    NastyString{"UTF-8: cut before a letter", "\xf0\x9f\x98z"sv},
    NastyString{"UTF-8: a noncharacter", "\xef\xbf\xbf"sv},
    NastyString{"nothing: letters, an accent, an emoji",
                "J\xc3\xb6rg \xf0\x9f\x98\x80 \xe4\xb8\xad"sv},
    NastyString{"JSON: quotes and braces", R"("},"type":"summary",{")"sv},
    NastyString{"our escapes: text that looks like one", R"(\x1b[2J)"sv},
    NastyString{"our escapes: a backslash before a bad byte", "\\\xff"sv},
    NastyString{"our escapes: a path of Windows", R"(C:\Windows\Temp\x.exe)"sv},
    NastyString{"our escapes: backslashes only", R"(\\\)"sv},
    NastyString{"CSV: quotes, separators, a new row", "a,\"b\"\r\nc;d"sv},
    NastyString{"spreadsheets: a formula", "=cmd|'/C calc'!A0"sv},
    NastyString{"spreadsheets: plus", "+1+1"sv},
    NastyString{"spreadsheets: minus", "-2+3"sv},
    NastyString{"spreadsheets: at", "@SUM(1+1)"sv},
    NastyString{"spreadsheets: blanks before a formula", "  =1+1"sv},
    NastyString{"spreadsheets: a tab before a formula", "\t=1+1"sv},
    NastyString{"spreadsheets: a full-width equals sign",
                "\xef\xbc\x9d"
                "1+1"sv},
    NastyString{"HTML: a script", "<script>alert(1)</script>"sv},
    NastyString{"HTML: an attribute", "' onmouseover='alert(1)"sv},
    NastyString{"shells: a command", "$(reboot);`id`&&rm -rf /"sv},
    NastyString{"format strings", "%s%n%08x{}{0}"sv},
    NastyString{"audit: a forged record", "\ntype=SYSCALL msg=audit(1.000:1): uid=0"sv},
};

}  // namespace krbtrail::test
