// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ccache_template.h"

#include <string>

#include "support/catch.h"

namespace krbtrail::detect {
namespace {

CcacheTemplate place(const std::string& text) {
  CAPTURE(text);
  auto parsed = CcacheTemplate::parse(text);
  REQUIRE(parsed.has_value());
  return parsed.value();
}

TEST_CASE("a template matches the paths that its tickets can have", "[detect][ccache_template]") {
  const auto [text, path, expected] = GENERATE(table<std::string, std::string, bool>({
      {"FILE:/tmp/krb5cc_%{uid}", "/tmp/krb5cc_1000", true},
      {"/tmp/krb5cc_%{uid}", "/tmp/krb5cc_1000", true},          // FILE: goes without saying
      {"FILE:/tmp/krb5cc_%{uid}", "/tmp/krb5cc_", false},        // a variable is never empty
      {"FILE:/tmp/krb5cc_%{uid}", "/tmp/krb5cc_1000/x", false},  // nor does it hold a slash
      {"FILE:/tmp/krb5cc_%{uid}", "/tmp/a/krb5cc_1000", false},  // and the folder is the folder
      {"FILE:/tmp/krb5cc_%U_XXXXXX", "/tmp/krb5cc_1000_aB3dE6", true},  // sssd-krb5(5)
      {"FILE:/tmp/krb5cc_%U_XXXXXX", "/tmp/krb5cc_1000", false},
      {"FILE:/run/user/%{uid}/krb5cc", "/run/user/1000/krb5cc", true},
      {"FILE:/run/user/%{uid}/krb5cc", "/run/user/krb5cc", false},
      {"FILE:/run/user/%{uid}/krb5cc", "/run/user/1000/krb5cc.old", false},
      {"DIR:/run/user/%{uid}/krb5cc", "/run/user/1000/krb5cc/tkt", true},
      {"DIR:/run/user/%{uid}/krb5cc", "/run/user/1000/krb5cc/a/b", true},
      {"DIR:/run/user/%{uid}/krb5cc", "/run/user/1000/krb5cc", false},  // the folder is no ticket
      {"DIR::/var/ccache/tkt_%{uid}", "/var/ccache/tkt_1", true},       // one file of a directory
      {"FILE:%h/.krb5/ticket", "/home/alice/.krb5/ticket", true},
      {"FILE:%h/.krb5/ticket", "/srv/home/alice/.krb5/ticket", true},  // homes lie anywhere
      {"FILE:%h/.krb5/ticket", "/.krb5/ticket", false},
      {"DIR:%h/.tickets", "/home/alice/.tickets/tkt", true},
      {"DIR:%h/.tickets", "/home/alice/.tickets", false},
      {"FILE:/t/a%%b_%{uid}_%{username}_c.ccache", "/t/a%b_1_x_y_c.ccache", true},
      {"FILE:/t/a%%b_%{uid}_%{username}_c.ccache", "/t/a%b_1_c.ccache", false},
      {"FILE://var/./ccache//%{uid}", "/var/ccache/7", true},  // as the path is normalised, too
      {"KEYRING:persistent:%{uid}", "/persistent/1000", false},
      {"KCM:", "/KCM", false},
  }));
  CAPTURE(text, path);
  CHECK(place(text).matches(path) == expected);
}

TEST_CASE("a name alone fits only where much of it is fixed", "[detect][ccache_template]") {
  const auto [text, name, expected] = GENERATE(table<std::string, std::string, bool>({
      {"FILE:/var/cache/ticket_%{uid}", "ticket_5", true},
      {"FILE:/var/cache/ticket_%{uid}", "tickets", false},
      {"FILE:/var/cache/tickets/%{uid}", "5", false},        // every file would
      {"FILE:/var/cache/tickets/tk_%{uid}", "tk_5", false},  // three letters are too few
      {"DIR:/var/cache/tickets", "tickets", false},
  }));
  CAPTURE(text, name);
  CHECK(place(text).may_be_named(name) == expected);
}

TEST_CASE("the literal of a template lies in a single name", "[detect][ccache_template]") {
  const auto [text, literal, folder] = GENERATE(table<std::string, std::string, std::string>({
      {"FILE:/tmp/krb5cc_%{uid}", "krb5cc_", "/tmp"},
      {"FILE:/run/user/%{uid}/krb5cc", "krb5cc", "/run/user"},
      {"DIR:/run/user/%{uid}/krb5cc", "krb5cc", "/run/user"},
      {"FILE:/var/cache/tickets/%{uid}", "tickets", "/var/cache/tickets"},
      {"FILE:/var/cache/tickets/tk_%{uid}", "tickets", "/var/cache/tickets"},
      {"FILE:/var/kerberos/cache_%{uid}", "cache_", "/var/kerberos"},  // the last name's is best
      {"DIR:/srv/tickets", "tickets", "/srv/tickets"},
      {"FILE:%h/.krb5/ticket", "ticket", ""},
      {"KCM:", "", ""},
  }));
  CAPTURE(text);
  CHECK(place(text).literal() == literal);
  CHECK(place(text).fixed_folder() == folder);
}

TEST_CASE("the path of one account is known where only a uid is open",
          "[detect][ccache_template]") {
  CHECK(place("FILE:/tmp/krb5cc_%{uid}").path_of(1000) == "/tmp/krb5cc_1000");
  CHECK(place("FILE:/run/user/%{uid}/krb5cc_%U").path_of(7) == "/run/user/7/krb5cc_7");
  CHECK(place("FILE:/tmp/krb5cc_%{uid}_XXXXXX").path_of(1000) == std::nullopt);
  CHECK(place("FILE:/tmp/krb5cc_%{username}").path_of(1000) == std::nullopt);
  CHECK(place("FILE:%h/.krb5cc").path_of(1000) == std::nullopt);
  CHECK(place("DIR:/run/user/%{uid}/krb5cc").path_of(1000) == std::nullopt);
  CHECK(place("KEYRING:persistent:%{uid}").path_of(1000) == std::nullopt);
}

TEST_CASE("a type in front says what a template is", "[detect][ccache_template]") {
  CHECK(place("FILE:/tmp/krb5cc_%{uid}").type() == CcacheType::file);
  CHECK(place("DIR:/run/user/%{uid}/krb5cc").type() == CcacheType::dir);
  CHECK(place("KEYRING:persistent:%{uid}").type() == CcacheType::keyring);
  CHECK(place("KCM:").type() == CcacheType::kcm);
  CHECK(place("MEMORY:x").type() == CcacheType::memory);
  CHECK_FALSE(place("KCM:").is_on_disk());
  CHECK(to_string(CcacheType::keyring) == "KEYRING");
}

TEST_CASE("a template that would say nothing or everything is refused",
          "[detect][ccache_template]") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "a place for tickets is empty"},
      {std::string(4097, 'a'), "a place for tickets is longer than a path can be"},
      {std::string("FILE:/tmp/krb5cc\0x", 18), "a place for tickets holds a NUL byte"},
      {"FIEL:/tmp/krb5cc_%{uid}", "unknown type of ticket cache 'FIEL'"},
      {"file:/tmp/krb5cc_%{uid}", "unknown type of ticket cache 'file'"},  // as libkrb5 has it
      {"API:", "unknown type of ticket cache 'API'"},                      // macOS
      {"FILE:tickets/%{uid}", "'tickets/%{uid}' is not an absolute path"},
      {"FILE:", "'' is not an absolute path"},
      {"FILE:/tmp/../krb5cc_%{uid}", "'/tmp/../krb5cc_%{uid}' has a '..' in it"},
      {"FILE:/tmp/krb5cc_%q", "unknown variable '%q'"},
      {"FILE:/tmp/krb5cc_%{home}", "unknown variable '%{home}'"},
      {"FILE:/tmp/krb5cc_%{uid", "'%{' without a '}'"},
      {"FILE:/t/a_%{uid}", "no name in 'FILE:/t/a_%{uid}' has three fixed letters in a row"},
      {"FILE:/", "no name in 'FILE:/' has three fixed letters in a row"},
      {"FILE:/tmp/%{uid}",
       "'FILE:/tmp/%{uid}' would make a ticket of every file in a folder of everybody"},
      {"DIR:/home/%{username}",
       "'DIR:/home/%{username}' would make a ticket of every file in a folder of everybody"},
      {"DIR:/tmp", "'DIR:/tmp' would make a ticket of every file in a folder of everybody"},
  }));
  CAPTURE(text);
  const auto parsed = CcacheTemplate::parse(text);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().message == message);
}

TEST_CASE("a hostile path costs no more than its length times the name's",
          "[detect][ccache_template]") {
  const CcacheTemplate many = place("FILE:/tmp/aaa%uaaa%uaaa%uaaa%uaaa%uaaab");
  CHECK_FALSE(many.matches("/tmp/" + std::string(100'000, 'a')));
  CHECK(many.matches("/tmp/" + std::string(100'000, 'a') + "b"));
}

}  // namespace
}  // namespace krbtrail::detect
