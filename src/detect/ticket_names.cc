// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ticket_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

#include "detect/letters.h"
#include "krbtrail/detect/kusto_text.h"

namespace krbtrail::detect {
namespace {

// sssd-kcm and heimdal-kcm: default_ccache_name = KCM:, whose socket libkrb5 and libkrb5-heimdal
// build in.
constexpr std::string_view kKcmSocket = ".heim_org.h5l.kcm-socket";

// Extensions that no system gives to a ticket, but people to what they write about one. Ours.
constexpr std::array<std::string_view, 24> kDocumentExtensions = {
    "txt", "md", "rst", "log", "conf", "cfg", "ini", "html", "htm", "pdf",  "doc", "odt",
    "py",  "sh", "c",   "h",   "go",   "js",  "j2",  "json", "xml", "yaml", "yml", "service"};

// Folders that hold a compiler cache's files (ccache 4, "cache_dir").
constexpr std::array<std::string_view, 2> kCompilerCaches = {"ccache", ".ccache"};

// Files that are a store wherever they lie.
constexpr std::array<std::string_view, 2> kStoreFiles = {
    "secrets.ldb",    // SSSD's KCM and secrets (sssd-secrets(5)), Samba's machine account
    ".secrets.mkey",  // the key that SSSD's are encrypted with
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}

// Takes `prefix` from the front of `text` if it is there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

// The number at the front of `text`, taken from it.
std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return number;
}

// All of `text`.
std::optional<std::uint32_t> number_of(std::string_view text) {
  const auto number = take_number(text);
  return text.empty() ? number : std::nullopt;
}

// The names of a path, from the last one to the first.
class NamesBackwards {
 public:
  explicit NamesBackwards(std::string_view path) : rest_(path) {}

  // Empty at the path's beginning.
  std::string_view next() {
    while (rest_.ends_with('/'))
      rest_.remove_suffix(1);
    const std::size_t slash = rest_.rfind('/');
    const std::string_view name = rest_.substr(slash + 1);  // npos + 1 is 0
    rest_.remove_suffix(name.size());
    return name;
  }

 private:
  std::string_view rest_;
};

// The base name and the three folders that it lies in: all that a name's meaning depends on.
struct Place {
  std::string_view name, folder, grandfolder, great_grandfolder;
  bool is_absolute = false;
};

Place place_of(std::string_view path) {
  NamesBackwards names{path};
  Place place;
  place.is_absolute = path.starts_with('/');
  place.name = names.next();
  place.folder = names.next();
  place.grandfolder = names.next();
  place.great_grandfolder = names.next();
  return place;
}

bool is_pattern(std::string_view name) {
  return name.find_first_of("*?[$%") != std::string_view::npos;
}

bool is_document(std::string_view extension) {
  return in_ignore_case(extension, kDocumentExtensions);
}

// "x.keytab" of "x.keytab.tyM3pL", which is written before it takes the other's place, and of
// "x.keytab.new"; the name itself if it has no such tail.
std::string_view without_tail(std::string_view name) {
  constexpr std::size_t kLongest = 8;
  const std::size_t point = name.rfind('.');
  if (point == std::string_view::npos)
    return name;
  const std::string_view tail = name.substr(point + 1);
  const bool is_tail = !tail.empty() && tail.size() <= kLongest &&
                       std::ranges::all_of(tail, is_alphanumeric) && !is_document(tail);
  return is_tail ? name.substr(0, point) : name;
}

bool is_named(std::string_view name, std::string_view wanted) {
  return name == wanted || without_tail(name) == wanted;
}

bool has_extension(std::string_view name, std::string_view extension) {
  return ends_with(name, extension) || ends_with(without_tail(name), extension);
}

// "krb5cc_readme.txt".
bool names_document(std::string_view name) {
  const std::size_t point = name.rfind('.');
  return point != std::string_view::npos && is_document(name.substr(point + 1));
}

// What looks like an account's name: krb5cc_alice, not krb5cc_p1234 (Kerberos of a process),
// krb5cc_pam_Ab3 or krb5cc_lWGDsm (mkstemp(3)). The tail of a file that is being written is off.
std::string_view account_in(std::string_view rest) {
  constexpr std::size_t kTail = 7;
  if (rest.size() > kTail && rest[rest.size() - kTail] == '.')
    rest.remove_suffix(kTail);
  std::string_view process = rest;
  const bool is_process = take(process, "p") && number_of(process);
  const bool is_account = !rest.empty() && (is_lower(rest.front()) || rest.front() == '_') &&
                          !is_process && !rest.starts_with("pam_") &&
                          std::ranges::all_of(rest, [](char c) {
                            return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-';
                          });
  return is_account ? rest : std::string_view{};
}

// A uid at the front of what follows krb5cc_ and its kin: alone, or with something behind it that
// does not continue a word.
std::optional<std::uint32_t> uid_in(std::string_view rest) {
  const auto uid = take_number(rest);
  return rest.empty() || !is_alphanumeric(rest.front()) ? uid : std::nullopt;
}

// krb5cc_UID, krb5cc_UID_RANDOM, krb5cc_NAME, krb5cc_pPID …: `rest` is what follows "krb5cc_".
TicketName user_ccache_of(std::string_view rest) {
  if (rest.empty() || is_pattern(rest))
    return {};
  if (const auto uid = uid_in(rest))
    return {.kind = TicketKind::user_ccache, .uid = uid};
  if (names_document(rest))
    return {};
  return {.kind = TicketKind::user_ccache, .account = account_in(rest)};
}

// CCACHE names by their front: MIT's and sshd's krb5cc_, rpc.gssd's krb5ccmachine_, Heimdal's SCC
// krb5scc_, linikatz's copies _tmp_krb5cc_.
TicketName by_prefix(std::string_view name) {
  std::string_view rest = name;
  if (take(rest, "krb5cc_") || take(rest, "_tmp_krb5cc_"))
    return user_ccache_of(rest);
  if (take(rest, "krb5ccmachine_") && !rest.empty() && !is_pattern(rest))
    return {.kind = TicketKind::machine_ccache, .account = rest};
  if (const auto uid = take(rest, "krb5scc_") ? uid_in(rest) : std::nullopt)
    return {.kind = TicketKind::user_ccache, .uid = uid};
  return {};
}

// Apache Airflow's [kerberos] ccache is the second.
bool is_whole_ccache_name(std::string_view name) {
  return is_named(name, "krb5cc") || is_named(name, "airflow_krb5_ccache");
}

// "__krb_1000.ccache" is what tickey dumps.
std::optional<std::uint32_t> injected_uid(std::string_view name) {
  std::string_view rest = name;
  return take(rest, "__krb_") ? uid_in(rest) : std::nullopt;
}

TicketName by_extension(const Place& place) {
  if (is_pattern(place.name))
    return {};
  if (has_extension(place.name, ".keytab"))
    return {.kind = TicketKind::keytab};
  if (has_extension(place.name, ".kirbi"))
    return {.kind = TicketKind::kirbi};
  const bool is_compilers =
      std::ranges::find(kCompilerCaches, place.folder) != kCompilerCaches.end();
  if (has_extension(place.name, ".ccache") && !place.name.starts_with(".ccache") && !is_compilers)
    return {.kind = TicketKind::user_ccache, .uid = injected_uid(place.name)};
  return {};
}

bool is_realm(std::string_view text) {
  return std::ranges::any_of(text, is_upper) && std::ranges::all_of(text, [](char c) {
           return is_upper(c) || is_digit(c) || c == '.' || c == '-';
         });
}

// /var/lib/sss/db/ccache_REALM and fast_ccache_REALM; without a folder the realm has to look like
// one.
TicketName sssd_ccache_of(const Place& place) {
  std::string_view realm = place.name;
  if (!take(realm, "ccache_") && !take(realm, "fast_ccache_"))
    return {};
  const bool in_its_folder = place.folder == "db" && place.grandfolder == "sss";
  const bool without_folder = place.folder.empty() && !place.is_absolute && is_realm(realm);
  if (realm.empty() || is_pattern(realm) || (!in_its_folder && !without_folder))
    return {};
  return {.kind = TicketKind::store, .account = realm};
}

TicketName by_store(const Place& place) {
  if (std::ranges::find(kStoreFiles, place.name) != kStoreFiles.end())
    return {.kind = TicketKind::store};
  return sssd_ccache_of(place);
}

// DIR collections (MIT: tkt, tktXXXXXX and primary, which says which of them is the default).
bool is_collection_file(std::string_view name) {
  return name.starts_with("tkt") || name == "primary" || name.starts_with("primary.");
}

// krb5cc and .krb5cc; krb5cc_UID, krb5cc_NAME; Heimdal's krb5cc_UID_dir, where every file is one.
TicketName collection_member_of(const Place& place) {
  std::string_view rest = place.folder;
  const bool plain = rest == "krb5cc" || rest == ".krb5cc";
  if (!plain && !take(rest, "krb5cc_"))
    return {};
  const bool heimdals = !plain && rest.ends_with("_dir");
  if (place.name.empty() || (!heimdals && !is_collection_file(place.name)))
    return {};
  if (plain)
    return {.kind = TicketKind::collection_member};
  const auto uid = uid_in(rest);
  return {.kind = TicketKind::collection_member,
          .uid = uid,
          .account = uid ? std::string_view{} : account_in(rest)};
}

// /run/user/UID/krb5cc* (systemd's folder of a user) and ~/.krb5/cc.
TicketName by_folder(const Place& place) {
  if (const TicketName member = collection_member_of(place))
    return member;
  const bool in_run_user = place.grandfolder == "user" && place.great_grandfolder == "run" &&
                           number_of(place.folder).has_value();
  const bool is_ccache = (in_run_user && place.name.starts_with("krb5cc")) ||
                         (place.folder == ".krb5" && is_named(place.name, "cc"));
  return is_ccache && !is_pattern(place.name) ? TicketName{.kind = TicketKind::user_ccache}
                                              : TicketName{};
}

// The site's own places.
TicketName by_template(std::string_view path, const Place& place, const Settings& settings) {
  for (const CcacheTemplate& at : settings.ccache_templates) {
    if (place.is_absolute ? at.matches(path) : at.may_be_named(place.name))
      return {.kind = at.type() == CcacheType::dir ? TicketKind::collection_member
                                                   : TicketKind::user_ccache};
  }
  return {};
}

// "1000" of /run/user/1000/… and /etc/krb5/user/1000/client.keytab (libkrb5's default).
std::optional<std::uint32_t> uid_of_folders(std::string_view path) {
  constexpr std::string_view kUser = "/user/";
  const std::size_t user = path.find(kUser);
  if (user == std::string_view::npos)
    return std::nullopt;
  path.remove_prefix(user + kUser.size());
  const auto uid = take_number(path);
  return path.starts_with('/') ? uid : std::nullopt;
}

// gssproxy(8) keeps its clients' tickets in files of its own, whose uid is not their owner's.
bool is_gssproxys(const Place& place) {
  return place.grandfolder == "gssproxy" || place.folder == "gssproxy";
}

TicketName by_name(const Place& place) {
  if (const TicketName found = by_prefix(place.name))
    return found;
  if (is_whole_ccache_name(place.name))
    return {.kind = TicketKind::user_ccache};
  if (const TicketName found = by_extension(place))
    return found;
  return by_store(place);
}

TicketName name_in(std::string_view path, const Settings& settings) {
  const Place place = place_of(path);
  TicketName found = by_name(place);
  if (!found)
    found = by_folder(place);
  if (!found)
    found = by_template(path, place, settings);
  if (!found)
    return found;
  if (is_gssproxys(place))
    found.kind = TicketKind::store;
  if (!found.uid)
    found.uid = uid_of_folders(path);
  return found;
}

// Folders below which another root lies, and the name of its top: Docker's and Podman's layers,
// containerd's, LXC's.
struct Layer {
  std::string_view folder, top;
};
constexpr std::array<Layer, 7> kLayers = {{
    {"/overlay2/", "/merged/"},
    {"/overlay2/", "/diff/"},
    {"/overlay/", "/merged/"},
    {"/overlay/", "/diff/"},
    {"/snapshots/", "/fs/"},
    {"/io.containerd.runtime.v2.task/", "/rootfs/"},
    {"/lxc/", "/rootfs/"},
}};

// PrivateTmp= of systemd.exec(5) and snap-confine's: the service's /tmp lies in these.
constexpr std::array<std::string_view, 2> kPrivateFolders = {"/systemd-private-",
                                                             "/snap-private-tmp/"};

// The first name of a path whose leading slash is off, taken from it with the slash behind it.
std::string_view take_name(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view name = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return name;
}

// /proc/PID/root/…, /proc/PID/cwd/… and the same of a thread. "self" is no other process.
NamespacePath below_process(std::string_view path) {
  std::string_view rest = path;
  if (!take(rest, "/proc/"))
    return {.inner = path};
  const std::string_view process = take_name(rest);
  const bool is_self = process == "self" || process == "thread-self";
  if (!is_self && !number_of(process))
    return {.inner = path};
  if (rest.starts_with("task/")) {
    take_name(rest);
    take_name(rest);
  }
  if (take(rest, "cwd/"))
    return {.inner = rest, .is_other = !is_self};
  if (take(rest, "root") && rest.starts_with('/'))
    return {.inner = rest, .is_other = !is_self};
  return {.inner = path};
}

NamespacePath below_layer(std::string_view path) {
  for (const Layer& layer : kLayers) {
    const std::size_t folder = path.find(layer.folder);
    if (folder == std::string_view::npos)
      continue;
    const std::size_t top = path.find(layer.top, folder + layer.folder.size());
    if (top != std::string_view::npos)
      return {.inner = path.substr(top + layer.top.size() - 1), .is_other = true};
  }
  return {.inner = path};
}

NamespacePath below_private_folder(std::string_view path) {
  for (const std::string_view folder : kPrivateFolders) {
    const std::size_t start = path.find(folder);
    if (start == std::string_view::npos)
      continue;
    const std::size_t tmp = path.find("/tmp/", start + folder.size());
    if (tmp != std::string_view::npos)
      return {.inner = path.substr(tmp), .is_other = true};
  }
  return {.inner = path};
}

}  // namespace

std::string_view to_string(TicketKind kind) {
  switch (kind) {
    case TicketKind::none:
      return "none";
    case TicketKind::user_ccache:
      return "user_ccache";
    case TicketKind::machine_ccache:
      return "machine_ccache";
    case TicketKind::keytab:
      return "keytab";
    case TicketKind::store:
      return "store";
    case TicketKind::collection_member:
      return "collection_member";
    case TicketKind::kirbi:
      return "kirbi";
  }
  return "none";
}

NamespacePath namespace_path(std::string_view path) {
  constexpr int kMostNested = 4;  // a container's layer seen through a process in another one
  NamespacePath found{.inner = path};
  for (int depth = 0; depth < kMostNested; ++depth) {
    const std::size_t before = found.inner.size();
    for (auto* below : {below_process, below_layer, below_private_folder}) {
      const NamespacePath step = below(found.inner);
      found = {.inner = step.inner, .is_other = found.is_other || step.is_other};
    }
    if (found.inner.size() == before)
      break;
  }
  return found;
}

// Most paths are told from tickets by that.
bool may_name_ticket(std::string_view path) {
  static const std::vector<Letters> literals = [] {
    std::vector<Letters> all;
    for (const std::string_view literal : ticket_literals())
      all.push_back(letters_of(literal));
    return all;
  }();
  const Letters letters = letters_of(path);
  return std::ranges::any_of(literals,
                             [&](Letters literal) { return may_lie_in(literal, letters); });
}

TicketName ticket_name(std::string_view path, const Settings& settings) {
  if (settings.ccache_templates.empty() && !may_name_ticket(path))
    return {};
  const NamespacePath place = namespace_path(path);
  TicketName found = name_in(place.inner, settings);
  found.other_namespace = found && place.is_other;
  return found;
}

TicketName ticket_name(const activity::FileObject& object, const Settings& settings) {
  return ticket_name(object.path, settings);
}

bool is_kcm_socket(std::string_view path) {
  return path.substr(path.rfind('/') + 1) == kKcmSocket;
}

std::span<const std::string_view> ticket_literals() {
  static constexpr std::array<std::string_view, 9> kLiterals = {
      "krb5cc", "krb5scc",     ".krb5",        "ccache",    ".keytab",
      ".kirbi", "secrets.ldb", "secrets.mkey", "kcm-socket"};
  return kLiterals;
}

}  // namespace krbtrail::detect
