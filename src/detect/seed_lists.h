// SPDX-License-Identifier: Apache-2.0
//
// The lists, names and patterns of the query "Detect Ccache Files", in its order and its spelling.
//
// Nothing is added, corrected or left out here, mistakes included: getServiceTicket.py exists
// nowhere and stays. What we know beyond the query stands in files of our own and under other rule
// ids.
#pragma once

#include <array>
#include <string_view>

namespace krbtrail::detect::seed {

// let LegitKerbProcesses = dynamic([…]);
inline constexpr std::array<std::string_view, 15> kLegitKerbProcesses = {
    "kinit", "klist", "kdestroy", "kgetcred", "sssd",    "krb5kdc",   "kadmind", "sshd",
    "login", "su",    "sudo",     "gdm",      "lightdm", "pamtester", "pamtest"};

// let ImpacketKerbTools = dynamic([…]);
inline constexpr std::array<std::string_view, 8> kImpacketKerbTools = {
    "getST.py", "getTGT.py",           "ticketer.py", "getNTHash.py",
    "rbcd.py",  "getServiceTicket.py", "getPac.py",   "getUserSPNs.py"};

// let ExfilCommands = dynamic([…]);
inline constexpr std::array<std::string_view, 13> kExfilCommands = {
    "cp", "mv", "cat", "base64", "xxd", "tar", "scp", "rsync", "nc", "ncat", "curl", "wget", "dd"};

// Branch 1: FolderPath startswith "/tmp/" and FileName matches regex @"^krb5cc_[0-9]+$"
inline constexpr std::string_view kTicketFolder = "/tmp/";
inline constexpr std::string_view kTicketName = "^krb5cc_[0-9]+$";

// Branch 1: or FileName =~ "krb5.ccache". Branch 3: or ProcessCommandLine has "krb5.ccache"
inline constexpr std::string_view kDefaultCcache = "krb5.ccache";

// Branch 1: or (FolderPath contains "/krb5" and FileName endswith ".ccache")
inline constexpr std::string_view kKerberosFolder = "/krb5";
inline constexpr std::string_view kCcacheSuffix = ".ccache";

// Branch 2: or (FileName in~ ("python", "python3", "python2") …
inline constexpr std::array<std::string_view, 3> kPythonNames = {"python", "python3", "python2"};

// Branch 2: … and ProcessCommandLine has_any ("CCache", "ccache", "krb5cc", "KRB5CCNAME",
// ".ccache"))
inline constexpr std::array<std::string_view, 5> kCcacheWords = {"CCache", "ccache", "krb5cc",
                                                                 "KRB5CCNAME", ".ccache"};

// Branch 3: where ProcessCommandLine matches regex @"krb5cc_[0-9]+"
inline constexpr std::string_view kTicketInCommandLine = "krb5cc_[0-9]+";

// What every text that either pattern matches contains. Ours, but it says nothing that they do not.
inline constexpr std::array<std::string_view, 1> kTicketPatternLiteral = {"krb5cc_"};

}  // namespace krbtrail::detect::seed
