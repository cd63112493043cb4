// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/incident_linker.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace krbtrail::detect {
namespace {

using model::Timestamp;

constexpr auto kWindow = std::chrono::hours{48};
constexpr std::size_t kNameLimit = 128;  // of accounts and SIDs
constexpr std::size_t kHostLimit = 255;  // a DNS name
constexpr std::uint32_t kFirstUser = 1'000;
constexpr std::uint32_t kNobody = 65'534;
constexpr std::uint32_t kUnset = 4'294'967'295;

enum class Role : std::uint8_t { owner, actor, logon };

// An account in a story. What is not known is empty.
struct Part {
  Role role;
  std::optional<std::uint32_t> uid;
  std::string name;
  std::string sid;
};

// Which parts make two stories one; the first that holds names the link.
struct Relation {
  Role earlier;
  Role later;
  std::string_view told_earlier;  // about the later one, behind the account
  std::string_view told_later;    // about the earlier one, likewise
};
constexpr std::array kRelations{
    Relation{Role::owner, Role::logon, "whose ticket this is, logs on at",
             "whose ticket was taken before on"},
    Relation{Role::owner, Role::actor, "whose ticket this is, acts on",
             "whose ticket was taken before on"},
    Relation{Role::owner, Role::owner, "whose ticket this is, loses one on",
             "whose ticket was taken before on"},
    Relation{Role::actor, Role::logon, "who acts here, logs on at", "who acted before on"},
    Relation{Role::actor, Role::actor, "who acts here, goes on acting on", "who acted before on"},
    Relation{Role::logon, Role::actor, "who logs on here, acts on", "who logged on before at"},
    Relation{Role::logon, Role::logon, "who logs on here, logs on at", "who logged on before at"},
};

struct Link {
  std::size_t other = 0;  // place of the story
  std::size_t relation = 0;
  bool other_is_later = false;
  bool by_uid = false;
  std::string account;
};

struct Story {
  bool windows = false;
  std::string id;
  std::string host;
  Timestamp first;
  Timestamp last;
  std::vector<Part> parts;
  std::vector<Link> links = {};
  bool has_more_links = false;
};

struct Mention {
  std::size_t story;
  std::size_t part;
};

std::string lower(std::string_view text, std::size_t limit) {
  std::string lowered{text.substr(0, limit)};
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

// True if one is the other, or its first label.
bool is_same_machine(std::string_view one, std::string_view other) {
  if (one.size() > other.size())
    std::swap(one, other);
  return other.starts_with(one) &&
         (one.empty() || other.size() == one.size() || other[one.size()] == '.');
}

bool is_on_every_host(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames{"",
                                                   "-",
                                                   "root",
                                                   "nobody",
                                                   "system",
                                                   "local service",
                                                   "network service",
                                                   "guest",
                                                   "anonymous logon"};
  return std::ranges::find(kNames, name) != kNames.end() || name.ends_with('$');
}

bool is_on_every_host(std::uint32_t uid) {
  return uid < kFirstUser || uid == kNobody || uid == kUnset;
}

// A SID of a domain or a computer; S-1-5-18 and its kin are on every host.
bool is_own_sid(std::string_view sid) {
  return sid.starts_with("s-1-5-21-");
}

// Without EXAMPLE\ in front and @example.test behind, in lower case.
std::string bare_name(std::string_view name) {
  name.remove_prefix(name.rfind('\\') + 1);  // npos + 1 is 0
  return lower(name.substr(0, name.find('@')), kNameLimit);
}

std::string shown_host(const Story& story) {
  return story.host.empty() ? "a host without a name" : story.host;
}

std::string key_of(bool windows, std::string_view id) {
  return (windows ? "w" : "i") + std::string{id};
}

std::string uid_key(std::string_view host, std::uint32_t uid) {
  return std::to_string(uid) + " " + std::string{host};
}

// By what an account is found in another story. A surer one decides where both stories have it: two
// names are not one account because their uids are equal.
enum class Sureness : std::uint8_t { sid, name, uid };

struct Key {
  std::string text;
  Sureness sureness;
};

std::vector<Key> keys_of(const Part& part) {
  std::vector<Key> keys;
  if (is_own_sid(part.sid))
    keys.push_back({.text = "sid " + part.sid, .sureness = Sureness::sid});
  if (!is_on_every_host(part.name))
    keys.push_back({.text = "name " + part.name, .sureness = Sureness::name});
  if (part.uid)
    keys.push_back({.text = "uid " + std::to_string(*part.uid), .sureness = Sureness::uid});
  return keys;
}

bool decides(Sureness sureness, const Part& one, const Part& other) {
  const bool by_sid = is_own_sid(one.sid) && is_own_sid(other.sid);
  const bool by_name = !one.name.empty() && !other.name.empty();
  if (sureness == Sureness::sid)
    return true;
  return sureness == Sureness::name ? !by_sid : !by_sid && !by_name;
}

std::string account_of(const Part& part) {
  return part.name.empty() ? "uid " + std::to_string(part.uid.value_or(0)) : part.name;
}

}  // namespace

class IncidentLinker::Impl {
 public:
  Impl(Limits limits, const activity::Accounts& accounts) : limits_(limits), accounts_(accounts) {}

  void add(const model::Incident& incident);
  void add(const model::Finding& finding);
  void link();
  void annotate(model::Incident& incident) const;
  void annotate(model::Finding& finding) const;

  [[nodiscard]] std::uint64_t links() const { return links_; }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

 private:
  using Mentions = std::unordered_map<std::string, std::vector<Mention>>;

  void keep(Story story);
  void learn(std::string_view host, const model::Account& account);
  void find_names();
  [[nodiscard]] Mentions mentions() const;
  void link_part(Mention earlier, Sureness sureness, std::span<const Mention> others);
  void join(Mention earlier, Mention later, std::size_t relation, bool by_uid);
  void put(std::size_t place, Link link);
  [[nodiscard]] const Story* find(bool windows, const std::string& id) const;
  [[nodiscard]] std::string sentence(const Link& link) const;

  Limits limits_;
  const activity::Accounts& accounts_;
  std::vector<Story> stories_;                           // after link() in order of time
  std::unordered_map<std::string, std::size_t> places_;  // kind and id to the place in stories_
  std::unordered_map<std::string, std::string> names_;   // uid and host to a name
  std::uint64_t links_ = 0;
  std::uint64_t left_out_ = 0;
};

void IncidentLinker::Impl::learn(std::string_view host, const model::Account& account) {
  if (account.name && account.uid && !is_on_every_host(*account.uid) &&
      names_.size() < limits_.stories)
    names_.emplace(uid_key(host, *account.uid), bare_name(*account.name));
}

void IncidentLinker::Impl::keep(Story story) {
  if (story.parts.empty())
    return;
  if (stories_.size() >= limits_.stories)
    ++left_out_;
  else
    stories_.push_back(std::move(story));
}

void IncidentLinker::Impl::add(const model::Incident& incident) {
  Story story{.windows = false,
              .id = incident.id,
              .host = lower(incident.host, kHostLimit),
              .first = incident.first,
              .last = std::max(incident.first, incident.last),
              .parts = {}};
  learn(story.host, incident.actor);
  const auto who = incident.actor.auid ? incident.actor.auid : incident.actor.uid;
  const auto add_part = [&](Role role, const std::optional<std::uint32_t>& uid) {
    if (uid && !is_on_every_host(*uid))
      story.parts.push_back({.role = role, .uid = uid, .name = "", .sid = ""});
  };
  if (incident.owner_uid != who)  // one's own use of a ticket takes it from nobody
    add_part(Role::owner, incident.owner_uid);
  add_part(Role::actor, who);
  keep(std::move(story));
}

void IncidentLinker::Impl::add(const model::Finding& finding) {
  const std::string host = lower(finding.host, kHostLimit);
  learn(host, finding.account);
  if (!finding.windows || !finding.windows->logon)
    return;
  const model::WindowsLogon& logon = *finding.windows->logon;
  Part part{.role = Role::logon,
            .uid = {},
            .name = bare_name(logon.target_user_name.value_or("")),
            .sid = lower(logon.target_user_sid.value_or(""), kNameLimit)};
  if (keys_of(part).empty())
    return;
  const Timestamp time = logon.time.value_or(finding.time);
  keep({.windows = true,
        .id = finding.id,
        .host = host,
        .first = time,
        .last = std::max(time, finding.time),
        .parts = {std::move(part)}});
}

void IncidentLinker::Impl::find_names() {
  for (Story& story : stories_) {
    for (Part& part : story.parts) {
      if (!part.uid)
        continue;
      if (const auto name = names_.find(uid_key(story.host, *part.uid)); name != names_.end())
        part.name = name->second;
      else
        part.name = bare_name(accounts_.name_of(*part.uid).value_or(""));
    }
  }
}

IncidentLinker::Impl::Mentions IncidentLinker::Impl::mentions() const {
  Mentions mentions;
  for (std::size_t story = 0; story < stories_.size(); ++story) {
    for (std::size_t part = 0; part < stories_[story].parts.size(); ++part) {
      for (const Key& key : keys_of(stories_[story].parts[part]))
        mentions[key.text].push_back({.story = story, .part = part});
    }
  }
  return mentions;
}

void IncidentLinker::Impl::link() {
  std::ranges::sort(stories_, {}, [](const Story& story) {
    return std::tuple<Timestamp, bool, std::string_view>{story.first, story.windows, story.id};
  });
  find_names();
  for (std::size_t place = 0; place < stories_.size(); ++place)
    places_.emplace(key_of(stories_[place].windows, stories_[place].id), place);
  const Mentions mentions = this->mentions();
  for (std::size_t story = 0; story < stories_.size(); ++story) {
    for (std::size_t part = 0; part < stories_[story].parts.size(); ++part) {
      for (const Key& key : keys_of(stories_[story].parts[part]))
        link_part({.story = story, .part = part}, key.sureness, mentions.at(key.text));
    }
  }
}

void IncidentLinker::Impl::link_part(Mention earlier, Sureness sureness,
                                     std::span<const Mention> others) {
  const Story& story = stories_[earlier.story];
  const Part& part = story.parts[earlier.part];
  const auto* const behind =
      std::upper_bound(others.data(), others.data() + others.size(), earlier.story,
                       [](std::size_t place, const Mention& other) { return place < other.story; });
  const std::span<const Mention> later =
      others.subspan(static_cast<std::size_t>(behind - others.data()));
  for (const Mention other : later.first(std::min(later.size(), limits_.looked_at))) {
    const Story& second = stories_[other.story];
    if (story.has_more_links || second.first > story.last + kWindow)
      return;
    const Part& match = second.parts[other.part];
    const auto* const relation = std::ranges::find_if(kRelations, [&](const Relation& candidate) {
      return candidate.earlier == part.role && candidate.later == match.role;
    });
    if (relation != kRelations.end() && !is_same_machine(story.host, second.host) &&
        decides(sureness, part, match))
      join(earlier, other, static_cast<std::size_t>(relation - kRelations.begin()),
           sureness == Sureness::uid);
  }
}

void IncidentLinker::Impl::join(Mention earlier, Mention later, std::size_t relation, bool by_uid) {
  std::vector<Link>& known = stories_[earlier.story].links;
  const auto same = std::ranges::find(known, later.story, &Link::other);
  if (same != known.end() && same->relation <= relation)
    return;
  if (same == known.end())
    ++links_;
  // The later story's name, where it has one: a Windows logon always has.
  const Part& named = stories_[later.story].parts[later.part];
  const std::string account =
      account_of(named.name.empty() ? stories_[earlier.story].parts[earlier.part] : named);
  put(earlier.story, {.other = later.story,
                      .relation = relation,
                      .other_is_later = true,
                      .by_uid = by_uid,
                      .account = account});
  put(later.story, {.other = earlier.story,
                    .relation = relation,
                    .other_is_later = false,
                    .by_uid = by_uid,
                    .account = account});
}

// In place of a weaker link to the same story.
void IncidentLinker::Impl::put(std::size_t place, Link link) {
  Story& story = stories_[place];
  const auto same = std::ranges::find(story.links, link.other, &Link::other);
  if (same != story.links.end())
    *same = std::move(link);
  else if (story.links.size() < limits_.links)
    story.links.push_back(std::move(link));
  else
    story.has_more_links = true;
}

const Story* IncidentLinker::Impl::find(bool windows, const std::string& id) const {
  const auto place = places_.find(key_of(windows, id));
  return place == places_.end() ? nullptr : &stories_[place->second];
}

std::string IncidentLinker::Impl::sentence(const Link& link) const {
  const Relation& relation = kRelations[link.relation];
  const Story& other = stories_[link.other];
  return link.account + ", " +
         std::string{link.other_is_later ? relation.told_earlier : relation.told_later} + " " +
         shown_host(other) + ": " + (other.windows ? "finding " : "incident ") + other.id;
}

void IncidentLinker::Impl::annotate(model::Incident& incident) const {
  const Story* const story = find(false, incident.id);
  if (story == nullptr)
    return;
  for (const Link& link : story->links) {
    const Story& other = stories_[link.other];
    incident.timeline.push_back({.time = other.first,
                                 .text = sentence(link),
                                 .event = "",
                                 .confidence = link.by_uid ? "low" : "medium"});
    if (!other.windows && std::ranges::find(incident.linked, other.id) == incident.linked.end())
      incident.linked.push_back(other.id);
  }
  std::ranges::stable_sort(incident.timeline, {}, &model::IncidentStep::time);
  if (story->has_more_links)
    incident.not_visible.emplace_back("more links to other hosts are left out");
}

void IncidentLinker::Impl::annotate(model::Finding& finding) const {
  if (!finding.windows)
    return;
  const Story* const story = find(true, finding.id);
  if (story == nullptr)
    return;
  for (const Link& link : story->links) {
    const Story& other = stories_[link.other];
    finding.windows->related.push_back(
        {.id = other.id, .time = other.first, .text = sentence(link)});
  }
}

IncidentLinker::IncidentLinker(Limits limits, const activity::Accounts& accounts)
    : impl_(std::make_unique<Impl>(limits, accounts)) {}
IncidentLinker::~IncidentLinker() = default;

void IncidentLinker::add(const model::Incident& incident) {
  impl_->add(incident);
}

void IncidentLinker::add(const model::Finding& finding) {
  impl_->add(finding);
}

void IncidentLinker::link() {
  impl_->link();
}

void IncidentLinker::annotate(model::Incident& incident) const {
  impl_->annotate(incident);
}

void IncidentLinker::annotate(model::Finding& finding) const {
  impl_->annotate(finding);
}

std::uint64_t IncidentLinker::links() const {
  return impl_->links();
}

std::uint64_t IncidentLinker::left_out() const {
  return impl_->left_out();
}

}  // namespace krbtrail::detect
