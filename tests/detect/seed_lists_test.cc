// SPDX-License-Identifier: Apache-2.0
#include "detect/seed_lists.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.h"

namespace {

namespace seed = krbtrail::detect::seed;

// The lines of the query that hold its lists, as published.
constexpr std::string_view kLegit =
    R"(let LegitKerbProcesses = dynamic(["kinit", "klist", "kdestroy", "kgetcred", "sssd", "krb5kdc", "kadmind", "sshd", "login", "su", "sudo", "gdm", "lightdm", "pamtester", "pamtest"]);)";
constexpr std::string_view kImpacket =
    R"(let ImpacketKerbTools = dynamic(["getST.py", "getTGT.py", "ticketer.py", "getNTHash.py", "rbcd.py", "getServiceTicket.py", "getPac.py", "getUserSPNs.py"]);)";
constexpr std::string_view kExfil =
    R"(let ExfilCommands = dynamic(["cp", "mv", "cat", "base64", "xxd", "tar", "scp", "rsync", "nc", "ncat", "curl", "wget", "dd"]);)";
constexpr std::string_view kFileClauses =
    R"(| where (FolderPath startswith "/tmp/" and FileName matches regex @"^krb5cc_[0-9]+$")
or FileName =~ "krb5.ccache"
or (FolderPath contains "/krb5" and FileName endswith ".ccache"))";
constexpr std::string_view kPython =
    R"(or (FileName in~ ("python", "python3", "python2")
and ProcessCommandLine has_any ("CCache", "ccache", "krb5cc", "KRB5CCNAME", ".ccache")))";
constexpr std::string_view kCopy = R"(| where ProcessCommandLine matches regex @"krb5cc_[0-9]+"
or ProcessCommandLine has "krb5.ccache")";

std::vector<std::string> quoted(std::string_view text) {
  std::vector<std::string> strings;
  for (std::size_t open = text.find('"'); open != std::string_view::npos;
       open = text.find('"', open)) {
    const std::size_t close = text.find('"', open + 1);
    strings.emplace_back(text.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  return strings;
}

std::vector<std::string> strings(std::span<const std::string_view> list) {
  return {list.begin(), list.end()};
}

TEST_CASE("the seed's lists have its entries, its order and its spelling", "[detect][seed_lists]") {
  CHECK(strings(seed::kLegitKerbProcesses) == quoted(kLegit));
  CHECK(strings(seed::kImpacketKerbTools) == quoted(kImpacket));
  CHECK(strings(seed::kExfilCommands) == quoted(kExfil));
}

TEST_CASE("the names and patterns within the seed's clauses are its own", "[detect][seed_lists]") {
  using Strings = std::vector<std::string>;
  CHECK(quoted(kFileClauses) ==
        Strings{std::string{seed::kTicketFolder}, std::string{seed::kTicketName},
                std::string{seed::kDefaultCcache}, std::string{seed::kKerberosFolder},
                std::string{seed::kCcacheSuffix}});
  Strings python = strings(seed::kPythonNames);
  const Strings words = strings(seed::kCcacheWords);
  python.insert(python.end(), words.begin(), words.end());
  CHECK(quoted(kPython) == python);
  CHECK(quoted(kCopy) ==
        Strings{std::string{seed::kTicketInCommandLine}, std::string{seed::kDefaultCcache}});
}

}  // namespace
