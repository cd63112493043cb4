// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ticket_names.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>

#include "krbtrail/detect/kusto_text.h"
#include "support/catch.h"

namespace krbtrail::detect {
namespace {

// "user_ccache 1000 alice elsewhere": the kind, and what else is known.
std::string words(const TicketName& name) {
  std::string text{to_string(name.kind)};
  if (name.uid)
    text += " " + std::to_string(*name.uid);
  if (!name.account.empty())
    text.append(" ").append(name.account);
  return text + (name.other_namespace ? " elsewhere" : "");
}

std::string named(std::string_view path) {
  return words(ticket_name(path, Settings{}));
}

using Row = std::pair<std::string, std::string>;

TEST_CASE("the names that systems give to tickets and keys are known", "[detect][ticket_names]") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      // libkrb5's default and pam_winbind's
      {"/tmp/krb5cc_1000", "user_ccache 1000"},
      {"/tmp/krb5cc_0", "user_ccache 0"},
      {"/tmp/krb5cc_4294967294", "user_ccache 4294967294"},
      {"/tmp/krb5cc_1000.zhl3fx", "user_ccache 1000"},      // libkrb5 writes it, then renames it
      {"/tmp/krb5cc_1000_v0qpu8ZZE7", "user_ccache 1000"},  // sshd
      {"/tmp/krb5cc_1000_AbC123", "user_ccache 1000"},      // libpam-krb5, SSSD, k5start
      {"/tmp/krb5cc_1003_k5", "user_ccache 1003"},
      {"/tmp/krb5cc_pam_Ab3dEf", "user_ccache"},  // libpam-krb5 before it knows the user
      {"/tmp/krb5cc_p1234", "user_ccache"},       // a process's
      {"/tmp/krb5cc_lWGDsm", "user_ccache"},      // k5start's temporary one
      {"/tmp/krb5cc_alice", "user_ccache alice"},
      {"/tmp/krb5cc_john.doe", "user_ccache john.doe"},
      {"/tmp/krb5cc_alice.N5v13o", "user_ccache alice"},
      {"/home/ci/krb5cc_job", "user_ccache job"},    // a name, for all one can tell
      {"/tmp/krb5cc_1000.txt", "user_ccache 1000"},  // a uid says enough
      {"/tmp/a/b/krb5cc_1000", "user_ccache 1000"},
      {"/var/cache/krb5cc", "user_ccache"},
      {"/run/user/1000/krb5cc", "user_ccache 1000"},
      {"/run/user/1000/krb5cc.VAvcmk", "user_ccache 1000"},
      {"/var/run/user/1000/krb5cc_x", "user_ccache 1000 x"},
      {"/run/user/1000/krb5cctkt", "user_ccache 1000"},
      {"/tmp/krb5ccmachine_EXAMPLE.TEST", "machine_ccache EXAMPLE.TEST"},  // rpc.gssd
      {"/tmp/krb5scc_1000", "user_ccache 1000"},                           // Heimdal's SCC
      {"/tmp/krb5scc_1000-journal", "user_ccache 1000"},                   // SQLite's beside it
      {"/tmp/airflow_krb5_ccache", "user_ccache"},
      {"/tmp/airflow_krb5_ccache.OEN4Xr", "user_ccache"},
      {"/home/alice/krb5.ccache", "user_ccache"},
      {"/home/alice/hadoop.ccache.lxlLsk", "user_ccache"},
      {"/home/mallory/eve.ccache", "user_ccache"},
      {"/tmp/ALICE.CCACHE", "user_ccache"},
      {"/tmp/__krb_1000.ccache", "user_ccache 1000"},                    // tickey
      {"/var/tmp/loot.5733/_tmp_krb5cc_1002.5733", "user_ccache 1002"},  // linikatz
      {"/home/alice/.krb5/cc", "user_ccache"},
      {"/var/tmp/t.kirbi", "kirbi"},
      // DIR collections
      {"/home/alice/.krb5cc/tkt", "collection_member"},
      {"/home/alice/.krb5cc/tktAb3dEf", "collection_member"},
      {"/home/alice/.krb5cc/primary", "collection_member"},
      {"/run/user/1000/krb5cc/tkt", "collection_member 1000"},
      {"/run/user/1000/krb5cc/primary.Ab3dEf", "collection_member 1000"},
      {"/tmp/krb5cc_1000_dir/tkt", "collection_member 1000"},  // Heimdal
      {"/tmp/krb5cc_1000_dir/cc_1", "collection_member 1000"},
      {"/tmp/krb5cc_1000/tkt", "collection_member 1000"},
      // keys
      {"/etc/krb5.keytab", "keytab"},
      {"/etc/krb5.keytab.new", "keytab"},
      {"/var/lib/app/app.keytab", "keytab"},
      {"/etc/krb5/user/1000/client.keytab", "keytab 1000"},
      {"/var/lib/sss/keytabs/EXAMPLE.TEST.keytab", "keytab"},
      // stores
      {"/var/lib/sss/secrets/secrets.ldb", "store"},
      {"/var/lib/sss/secrets/.secrets.mkey", "store"},
      {"/var/lib/samba/private/secrets.ldb", "store"},
      {"/var/lib/sss/db/ccache_EXAMPLE.TEST", "store EXAMPLE.TEST"},
      {"/var/lib/sss/db/fast_ccache_EXAMPLE.TEST", "store EXAMPLE.TEST"},
      {"/var/lib/gssproxy/clients/krb5cc_48",
       "store 48"},  // its owner is root, its tickets are not
      {"/var/lib/gssproxy/clients/48.keytab", "store"},
  }));
  CAPTURE(path);
  CHECK(named(path) == expected);
}

TEST_CASE("a name that only looks like a ticket's is none", "[detect][ticket_names]") {
  const auto [path, reason] = GENERATE(table<std::string, std::string>({
      {"/tmp/krb5ccache", "the word goes on"},
      {"/tmp/krb5cc1000", "the underscore is missing"},
      {"/tmp/xkrb5cc_1000", "something stands in front"},
      {"/tmp/krb5cc_readme.txt", "a document about tickets"},
      {"/srv/www/krb5cc_howto.html", "likewise"},
      {"/tmp/krb5cc_", "nothing follows"},
      {"/tmp/krb5cc_*", "a pattern, not a path"},
      {"/tmp/krb5ccmachine_", "no realm"},
      {"/tmp/krb5scc_x", "no uid"},
      {"/tmp/krb5.conf.orig", "configuration"},
      {"/etc/krb5.conf", "configuration"},
      {"/home/alice/.ccache/stats", "the compiler's cache"},
      {"/home/alice/.ccache/a.ccache", "likewise"},
      {"/home/alice/.cache/ccache/6/5/d3adb33f.ccache_nope", "likewise"},
      {"/home/alice/.cache/ccache/x.ccache", "likewise"},
      {"/home/alice/.ccache", "its folder"},
      {"/usr/bin/ccache", "the compiler's cache itself"},
      {"/tmp/sccache", "another one"},
      {"/tmp/x.ccache2", "another extension"},
      {"/tmp/x.keytab.md", "a document about keys"},
      {"/srv/keytabs/list", "no key's name"},
      {"/root/tkt", "tkt is a ticket in a collection's folder only"},
      {"/home/alice/primary", "likewise"},
      {"/home/alice/.krb5cc/notes", "no file of a collection"},
      {"/home/alice/.krb5cc", "the folder of a collection"},
      {"/home/alice/cc", "cc is a ticket in .krb5 only"},
      {"/srv/db/ccache_EXAMPLE.TEST", "not SSSD's folder"},
      {"/var/lib/sss/db/cache_EXAMPLE.TEST.ldb", "SSSD's cache of accounts"},
      {"/var/lib/sss/db/ccache_", "no realm"},
      {"/run/user/1000/bus", "no ticket"},
      {"/run/user/alice/krb5ccx", "no uid's folder"},
      {"/", "no name"},
      {"", "no path"},
  }));
  CAPTURE(path, reason);
  CHECK(named(path) == "none");
}

TEST_CASE("what lacks its folder is judged by what there is of it", "[detect][ticket_names]") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      {"krb5cc_1000", "user_ccache 1000"},
      {"tmp/krb5cc_1000", "user_ccache 1000"},
      {"x.keytab", "keytab"},
      {"secrets.ldb", "store"},
      {"ccache_EXAMPLE.TEST", "store EXAMPLE.TEST"},
      {".krb5cc/tkt", "collection_member"},
      {"ccache_stats", "none"},  // no realm is spelt so
      {"tkt", "none"},
      {"primary", "none"},
      {"cc", "none"},
      {"stats", "none"},
  }));
  CAPTURE(path);
  CHECK(named(path) == expected);
}

TEST_CASE("a path into another file system is judged by what it is called there",
          "[detect][ticket_names]") {
  const auto [path, expected] = GENERATE(table<std::string, std::string>({
      {"/proc/77/root/tmp/krb5cc_1000", "user_ccache 1000 elsewhere"},
      {"/proc/77/task/78/root/run/user/1000/krb5cc", "user_ccache 1000 elsewhere"},
      {"/proc/77/cwd/krb5cc_1000", "user_ccache 1000 elsewhere"},
      {"/proc/self/root/tmp/krb5cc_1000", "user_ccache 1000"},  // the caller's own
      {"/proc/1/root/proc/2/root/tmp/krb5cc_1000", "user_ccache 1000 elsewhere"},
      {"/var/lib/docker/overlay2/ab12/merged/tmp/krb5cc_1000", "user_ccache 1000 elsewhere"},
      {"/var/lib/docker/overlay2/ab12/diff/etc/krb5.keytab", "keytab elsewhere"},
      {"/var/lib/containers/storage/overlay/ab12/merged/run/user/1000/krb5cc",
       "user_ccache 1000 elsewhere"},
      {"/run/containerd/io.containerd.runtime.v2.task/k8s.io/ab12/rootfs/tmp/krb5cc_1000",
       "user_ccache 1000 elsewhere"},
      {"/tmp/systemd-private-0a1b2c-app.service-Ab3dEf/tmp/krb5cc_1003",
       "user_ccache 1003 elsewhere"},
      {"/tmp/snap-private-tmp/snap.firefox/tmp/krb5cc_1000", "user_ccache 1000 elsewhere"},
      {"/proc/77/fd/3", "none"},  // an open file: its inode tells
      {"/proc/77/root/etc/passwd", "none"},
      {"/proc/77/rootx/krb5.conf", "none"},
      {"/proc/keys", "none"},
  }));
  CAPTURE(path);
  CHECK(named(path) == expected);
}

TEST_CASE("the inner part of a path begins at the other root", "[detect][ticket_names]") {
  CHECK(namespace_path("/proc/77/root/tmp/x").inner == "/tmp/x");
  CHECK(namespace_path("/proc/77/root/tmp/x").is_other);
  CHECK(namespace_path("/proc/77/cwd/x").inner == "x");
  CHECK(namespace_path("/proc/self/root/tmp/x").inner == "/tmp/x");
  CHECK_FALSE(namespace_path("/proc/self/root/tmp/x").is_other);
  CHECK(namespace_path("/proc/77/root").inner == "/proc/77/root");
  CHECK(namespace_path("/tmp/x").inner == "/tmp/x");
  CHECK_FALSE(namespace_path("/tmp/x").is_other);
  CHECK(namespace_path("/var/lib/docker/overlay2/ab/merged/a").inner == "/a");
}

TEST_CASE("a site's own places hold tickets", "[detect][ticket_names]") {
  Settings settings;
  for (const char* place : {"FILE:/var/cache/tickets/%{uid}", "DIR:/srv/collections/%{uid}",
                            "/srv/kerberos/mytickets_%{uid}"})
    settings.ccache_templates.push_back(CcacheTemplate::parse(place).value());
  const auto named = [&](std::string_view path) { return words(ticket_name(path, settings)); };
  CHECK(named("/var/cache/tickets/1000") == "user_ccache");
  CHECK(named("/proc/77/root/var/cache/tickets/1000") == "user_ccache elsewhere");
  CHECK(named("/srv/collections/1000/tkt") == "collection_member");
  CHECK(named("mytickets_1000") == "user_ccache");  // in a folder nobody recorded
  CHECK(named("/srv/other/mytickets_1000") == "none");
  CHECK(named("/tmp/krb5cc_1000") == "user_ccache 1000");  // beside the rules' own places
}

TEST_CASE("an object is judged by its path, and has none without", "[detect][ticket_names]") {
  activity::FileObject object;
  CHECK_FALSE(ticket_name(object, Settings{}));
  object.path = "krb5cc_1000";
  object.confidence = activity::PathConfidence::unresolved;
  CHECK(ticket_name(object, Settings{}).uid == 1000);
}

TEST_CASE("KCM's socket is known in any folder", "[detect][ticket_names]") {
  CHECK(is_kcm_socket("/run/.heim_org.h5l.kcm-socket"));
  CHECK(is_kcm_socket("/var/run/.heim_org.h5l.kcm-socket"));
  CHECK(is_kcm_socket("/proc/77/root/run/.heim_org.h5l.kcm-socket"));
  CHECK_FALSE(is_kcm_socket("/run/kcm-socket"));
  CHECK_FALSE(is_kcm_socket(""));
}

bool has_literal(std::string_view name) {
  return std::ranges::any_of(ticket_literals(),
                             [&](std::string_view literal) { return contains(name, literal); });
}

// Whether one of a path's names has a literal whole.
bool a_name_has_literal(std::string_view path) {
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (has_literal(path.substr(0, slash)))
      return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

TEST_CASE("no literal contains another one", "[detect][ticket_names]") {
  for (const std::string_view one : ticket_literals()) {
    CHECK(one.size() >= 4);
    for (const std::string_view other : ticket_literals())
      CHECK((one.data() == other.data() || !contains(one, other)));
  }
}

TEST_CASE("every path that is known has a literal within one of its names",
          "[detect][ticket_names]") {
  CHECK(has_literal(".heim_org.h5l.kcm-socket"));
  constexpr auto kFragments = std::to_array<std::string_view>({"/",
                                                               "/tmp/",
                                                               "/run/user/1000/",
                                                               "krb5cc",
                                                               "krb5cc_",
                                                               "1000",
                                                               "_dir",
                                                               "/tkt",
                                                               "primary",
                                                               "machine_",
                                                               "krb5scc_",
                                                               "airflow_krb5_ccache",
                                                               ".ccache",
                                                               ".CCACHE",
                                                               ".kirbi",
                                                               ".keytab",
                                                               ".krb5",
                                                               "/cc",
                                                               "/sss/db",
                                                               "/ccache_",
                                                               "fast_ccache_",
                                                               "EXAMPLE",
                                                               "secrets",
                                                               ".ldb",
                                                               ".mkey",
                                                               "/gssproxy/",
                                                               "clients",
                                                               "/proc/7/root",
                                                               "__krb_",
                                                               "_tmp_",
                                                               "x",
                                                               ".Ab3dEf",
                                                               ".txt",
                                                               "/overlay2/a/merged/"});
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  int known = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string path;
    for (std::size_t parts = 1 + random() % 5; parts > 0; --parts)
      path += kFragments[random() % kFragments.size()];
    if (!ticket_name(path, Settings{}))
      continue;
    ++known;
    CAPTURE(path);
    REQUIRE(a_name_has_literal(path));
  }
  CHECK(known > 10'000);
}

}  // namespace
}  // namespace krbtrail::detect
