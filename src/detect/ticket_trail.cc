// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/detect/ticket_trail.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <utility>

#include "detect/process_names.h"

namespace krbtrail::detect {
namespace {

using activity::FileAction;
using activity::FileEvent;
using activity::FileObject;
using activity::PathConfidence;
using std::chrono::seconds;

constexpr std::size_t kMostPaths = 4;
constexpr std::size_t kMostTickets = 4;
constexpr std::size_t kMostSteps = 16;
constexpr std::size_t kMostPipelines = 64;
constexpr std::size_t kLongestPath = 4'096;  // PATH_MAX
constexpr unsigned kSureHops = 2;            // each one beyond takes a step of confidence off

constexpr seconds kTaintOfKnown{600};   // of a process whose birth is on record
constexpr seconds kTaintOfUnknown{60};  // of any other
constexpr seconds kFamilyWindow{2};     // within which a child or neighbour speaks

// What they cost beside their strings, about: nodes and map entries, a ticket, a step.
constexpr std::size_t kObjectCost = 256;
constexpr std::size_t kProcessCost = 192;
constexpr std::size_t kDescentCost = 192;
constexpr std::size_t kStepCost = 192;

// Several may share a ticket or a step: it is counted for each, which errs on the safe side.
std::size_t cost_of(const Descent& descent) {
  std::size_t bytes = kDescentCost + descent.ticket->path.size();
  for (const Step* step = descent.step.get(); step != nullptr; step = step->before.get())
    bytes += kStepCost + step->path.size() + step->process.size();
  return bytes;
}

// A record's path may be longer than any that the kernel takes.
std::string cut(std::string_view path) {
  return std::string{path.substr(0, kLongestPath)};
}

Confidence less_sure(Confidence confidence) {
  return confidence == Confidence::high ? Confidence::medium : Confidence::low;
}

bool is_full(PathConfidence confidence) {
  return confidence == PathConfidence::absolute || confidence == PathConfidence::joined ||
         confidence == PathConfidence::known_inode;
}

bool opens_or_makes(FileAction action) {
  return action == FileAction::read || action == FileAction::created ||
         action == FileAction::modified;
}

// Where nobody hides a ticket: what is written there is no copy.
bool is_followed_place(std::string_view path) {
  constexpr std::array<std::string_view, 3> kNoFiles = {"/dev/", "/proc/", "/sys/"};
  constexpr std::string_view kMemory = "/dev/shm/";
  if (path.starts_with(kMemory))
    return true;
  return std::ranges::none_of(kNoFiles,
                              [&](std::string_view folder) { return path.starts_with(folder); });
}

// A shell's history and a program's log hold what was typed and said, not tickets.
bool is_log_or_history(std::string_view base_name) {
  return base_name.ends_with("_history") || base_name.ends_with(".log") ||
         base_name.ends_with(".viminfo") || base_name.ends_with(".lesshst");
}

bool may_hold_a_copy(const FileObject& object) {
  return object.is_regular() && !object.path.empty() && object.path.size() <= kLongestPath &&
         is_followed_place(object.path) && !is_log_or_history(object.base_name());
}

StepSource source_of(const FileEvent& event) {
  if (event.source == nullptr || event.source->records.empty())
    return {};
  const audit::DecodedRecord& first = event.source->records.front();
  return {.origin = first.origin, .has_node = first.has_node};
}

std::shared_ptr<const Step> step_after(const std::shared_ptr<const Step>& before, Step step) {
  step.before = before;
  step.length = before == nullptr ? 1 : before->length + 1;
  if (step.length > kMostSteps) {  // the way's beginning is told, its latest step, and no more
    step.before = before->before;
    step.length = before->length;
  }
  return std::make_shared<const Step>(std::move(step));
}

bool holds_ticket(const std::vector<Taint>& taints, const Ticket& ticket) {
  return std::ranges::any_of(
      taints, [&](const Taint& taint) { return taint.descent.ticket->number == ticket.number; });
}

// A later reading of the same ticket takes the place of the earlier one.
void add_taint(std::vector<Taint>& taints, Taint taint) {
  const auto known = std::ranges::find_if(taints, [&](const Taint& held) {
    return held.descent.ticket->number == taint.descent.ticket->number;
  });
  if (known != taints.end())
    *known = std::move(taint);
  else if (taints.size() < kMostTickets)
    taints.push_back(std::move(taint));
}

// Of a process whose birth is not on record the pid may be another's by then.
seconds lifetime_of_taint(const activity::Process& process) {
  const bool is_born_on_record = process.source == activity::ProcessSource::exec ||
                                 process.source == activity::ProcessSource::fork;
  return is_born_on_record ? kTaintOfKnown : kTaintOfUnknown;
}

void keep_since(std::vector<Taint>& taints, model::Timestamp earliest) {
  std::erase_if(taints, [&](const Taint& taint) { return taint.time < earliest; });
}

}  // namespace

std::string_view to_string(Confidence confidence) {
  switch (confidence) {
    case Confidence::low:
      return "low";
    case Confidence::medium:
      return "medium";
    case Confidence::high:
      return "high";
  }
  return "";
}

std::size_t TicketTrail::Hash::operator()(const FileKey& key) const {
  const std::uint64_t mixed =
      ((key.inode + static_cast<std::uint64_t>(key.host)) ^ seed) * 0x9E3779B97F4A7C15U;
  return static_cast<std::size_t>((mixed >> 32U) ^ std::hash<std::string>{}(key.device));
}

std::size_t TicketTrail::Hash::operator()(const PathKey& key) const {
  return std::hash<std::string>{}(key.path) ^ static_cast<std::size_t>(key.host);
}

std::size_t TicketTrail::Hash::operator()(const PidKey& key) const {
  const std::uint64_t both = (static_cast<std::uint64_t>(key.host) << 32U) | key.pid;
  return static_cast<std::size_t>(((both ^ seed) * 0x9E3779B97F4A7C15U) >> 32U);
}

std::size_t TicketTrail::Object::cost() const {
  std::size_t bytes = kObjectCost;
  for (const Descent& descent : descents)
    bytes += cost_of(descent);
  for (const std::string& path : paths)
    bytes += 2 * path.size();  // once here, once as a key
  return bytes;
}

std::size_t TicketTrail::Process::cost() const {
  std::size_t bytes = kProcessCost;
  for (const Taint& taint : taints)
    bytes += cost_of(taint.descent);
  return bytes;
}

TicketTrail::TicketTrail(Limits limits, const Settings& settings, activity::Watch& watch,
                         activity::RecentOpens& opens, const activity::ProcessTable& table,
                         model::Coverage& coverage)
    : limits_(limits),
      settings_(settings),
      watch_(watch),
      opens_(opens),
      table_(table),
      coverage_(coverage),
      seed_(std::bit_cast<std::uintptr_t>(this)),
      by_key_(16, Hash{seed_}),
      by_path_(16, Hash{seed_}),
      by_pid_(16, Hash{seed_}) {}

TicketTrail::~TicketTrail() = default;

Sighting TicketTrail::look(const FileEvent& event) {
  end_reused_inode(event);
  Sighting seen;
  seen.name = ticket_name(event.object, settings_);
  const bool is_symlink = event.action == FileAction::symlinked;
  if (!seen.name && event.previous) {
    seen.name = ticket_name(*event.previous, settings_);
    seen.by_old_name = bool{seen.name};
  }
  Object* object = find(event, is_symlink && event.previous ? *event.previous : event.object);
  if (object == nullptr && seen.name && event.success && !is_symlink && event.object.is_regular() &&
      event.action != FileAction::deleted) {
    object = start_ticket(event, seen.name);
    seen.first = true;
  }
  if (object != nullptr)
    seen.object = object->descents;
  if (const activity::Process& process = event.lineage.process; process.pid) {
    seen.taints = taints_of(event.key, process);
    if (opens_or_makes(event.action))
      seen.walk = opens_.walk(event.key.host, *process.pid);
    const bool new_to_it = event.action == FileAction::read && !seen.object.empty() &&
                           !holds_ticket(seen.taints, *seen.object.front().ticket);
    if (new_to_it)
      seen.earlier_outputs = opens_.writes(event.key.host, *process.pid);
  }
  std::erase_if(seen.earlier_outputs, [&](const activity::PastWrite& write) {
    const bool is_itself =
        write.object.inode == event.object.inode && write.object.device == event.object.device;
    return is_itself || !may_hold_a_copy(write.object) || !write.object.inode;
  });
  const bool writes = event.action == FileAction::created || event.action == FileAction::modified;
  seen.output = writes && !seen.taints.empty() && may_hold_a_copy(event.object) &&
                std::ranges::any_of(seen.taints, [&](const Taint& taint) {
                  return std::ranges::none_of(seen.object, [&](const Descent& descent) {
                    return descent.ticket->number == taint.descent.ticket->number;
                  });
                });
  return seen;
}

std::vector<Taint> TicketTrail::taints_of(const audit::EventKey& key,
                                          const activity::Process& process) {
  if (!process.pid)
    return {};
  drop_stale(key.time());
  const PidKey pid{.host = key.host, .pid = *process.pid};
  const std::uint64_t incarnation = table_.incarnation(key.host, *process.pid);
  if (Process* known = find_process(pid); known != nullptr && known->incarnation == incarnation) {
    keep_since(known->taints, key.time() - lifetime_of_taint(process));
    recount(*known);
    return known->taints;
  }
  std::vector<Taint> taints = inherited(key, process);
  if (!taints.empty()) {
    Process& heir = watch_process(pid, incarnation, key.time() + kTaintOfKnown);
    ++changes_;
    heir.taints = taints;
    recount(heir);
    keep_process_bounds();
  }
  return taints;
}

// Of the parent, or of a neighbour in its pipeline.
std::vector<Taint> TicketTrail::inherited(const audit::EventKey& key,
                                          const activity::Process& process) {
  std::vector<Taint> taints;
  if (!process.ppid)
    return taints;
  const PidKey parent{.host = key.host, .pid = *process.ppid};
  const model::Timestamp earliest = key.time() - kFamilyWindow;
  if (const Process* known = find_process(parent);
      known != nullptr && known->incarnation == table_.incarnation(key.host, parent.pid)) {
    for (Taint taint : known->taints) {
      const bool born_before = table_.incarnation(key.host, *process.pid) <= taint.moment;
      if (born_before || taint.time < earliest || taint.descent.confidence == Confidence::low)
        continue;
      taint.source = TaintSource::parent;
      taint.descent.confidence = less_sure(taint.descent.confidence);
      add_taint(taints, std::move(taint));
    }
  }
  if (!taints.empty())
    return taints;
  for (const Pipeline& pipeline : pipelines_) {
    if (pipeline.parent != parent || pipeline.reader == process.pid ||
        pipeline.session != process.identity.ses)
      continue;
    for (Taint taint : pipeline.taints) {
      if (taint.time < earliest)
        continue;
      taint.source = TaintSource::neighbour;
      taint.descent.confidence = Confidence::low;
      add_taint(taints, std::move(taint));
    }
  }
  return taints;
}

void TicketTrail::learn(const FileEvent& event, const Sighting& seen, const Reading& reading) {
  if (!event.success)
    return;
  switch (event.action) {
    case FileAction::read:
      learn_read(event, seen, reading);
      break;
    case FileAction::created:
    case FileAction::modified:
      if (seen.output)
        learn_output(event, seen);
      break;
    case FileAction::renamed:
    case FileAction::linked:
    case FileAction::symlinked:
      learn_name(event, reading);
      break;
    case FileAction::deleted:
      learn_removal(event);
      break;
    case FileAction::attributes:
      learn_owner(event, reading);
      break;
    case FileAction::attempted:
      break;
  }
}

void TicketTrail::learn_read(const FileEvent& event, const Sighting& seen, const Reading& reading) {
  const activity::Process& process = event.lineage.process;
  if (seen.object.empty() || reading.exempt || !process.pid)
    return;
  ++changes_;
  const PidKey pid{.host = event.key.host, .pid = *process.pid};
  const std::uint64_t incarnation = table_.incarnation(pid.host, pid.pid);
  Process& reader = watch_process(pid, incarnation, event.key.time() + kTaintOfKnown);
  for (const Descent& descent : seen.object) {
    Taint taint{.descent = descent,
                .time = event.key.time(),
                .moment = table_.incarnations(),
                .source = TaintSource::read,
                .own_use = reading.own_use,
                .sweep = reading.sweep};
    taint.descent.step = step_after(descent.step, {.before = nullptr,
                                                   .hop = descent.hop,
                                                   .key = event.key,
                                                   .source = source_of(event),
                                                   .action = std::string{to_string(event.action)},
                                                   .path = cut(event.object.path),
                                                   .process = std::string{image_name(process)},
                                                   .pid = process.pid,
                                                   .confidence = descent.confidence});
    for (const activity::PastWrite& write : seen.earlier_outputs) {
      const std::optional<FileKey> key =
          FileKey{.host = pid.host, .inode = *write.object.inode, .device = write.object.device};
      if (by_key_.contains(*key))
        continue;
      // Both are of one host, so the write's record spells the host as the read's does.
      const StepSource source{.origin = write.origin, .has_node = source_of(event).has_node};
      follow(*key, write.object.path,
             {copied(taint, write.key, source, "modified", write.object.path, process)});
    }
    add_taint(reader.taints, std::move(taint));
  }
  recount(reader);
  keep_process_bounds();
  if (!process.ppid || *process.ppid <= 1)
    return;
  const PidKey parent{.host = pid.host, .pid = *process.ppid};
  const std::vector<Taint> taints = reader.taints;
  watch_process(parent, table_.incarnation(parent.host, parent.pid),
                event.key.time() + kFamilyWindow);
  if (pipelines_.size() == kMostPipelines)
    pipelines_.erase(pipelines_.begin());
  pipelines_.push_back(
      {.parent = parent, .reader = pid.pid, .session = process.identity.ses, .taints = taints});
}

Descent TicketTrail::copied(const Taint& taint, const audit::EventKey& key,
                            const StepSource& source, std::string_view action,
                            std::string_view path, const activity::Process& process) {
  Descent copy = taint.descent;
  ++copy.hop;
  copy.sweep = std::max(taint.sweep, taint.descent.sweep);
  if (copy.hop > kSureHops)
    copy.confidence = less_sure(copy.confidence);
  copy.step = step_after(taint.descent.step, {.before = nullptr,
                                              .hop = copy.hop,
                                              .key = key,
                                              .source = source,
                                              .action = std::string{action},
                                              .path = cut(path),
                                              .process = std::string{image_name(process)},
                                              .pid = process.pid,
                                              .confidence = copy.confidence});
  return copy;
}

void TicketTrail::learn_output(const FileEvent& event, const Sighting& seen) {
  const std::optional<FileKey> key = key_of(event, event.object);
  if (!key)
    return;
  std::vector<Descent> descents;
  for (const Taint& taint : seen.taints) {
    if (descents.size() < kMostTickets)
      descents.push_back(copied(taint, event.key, source_of(event), to_string(event.action),
                                event.object.path, event.lineage.process));
  }
  for (const Descent& known : seen.object) {
    const bool told = std::ranges::any_of(descents, [&](const Descent& descent) {
      return descent.ticket->number == known.ticket->number;
    });
    if (!told && known.hop > 0 && descents.size() < kMostTickets)
      descents.push_back(known);
  }
  follow(*key, event.object.path, std::move(descents));
}

void TicketTrail::learn_name(const FileEvent& event, const Reading& reading) {
  const bool is_symlink = event.action == FileAction::symlinked;
  if (event.replaced) {
    if (const auto gone = key_of(event, *event.replaced)) {
      if (const auto found = by_key_.find(*gone); found != by_key_.end())
        drop(found->second);
    }
  }
  Object* object = find(event, is_symlink && event.previous ? *event.previous : event.object);
  if (object == nullptr)
    return;
  if (event.action == FileAction::renamed && event.previous)
    remove_path(objects_.begin(), event.previous->path);
  add_path(*object, event.object.path);
  for (Descent& descent : object->descents) {
    if (descent.hop == 0 && reading.exempt && event.action == FileAction::renamed) {
      Ticket ticket = *descent.ticket;
      ticket.path = cut(event.object.path);
      descent.ticket = std::make_shared<const Ticket>(std::move(ticket));
    } else {
      descent.step =
          step_after(descent.step, {.before = nullptr,
                                    .hop = descent.hop,
                                    .key = event.key,
                                    .source = source_of(event),
                                    .action = std::string{to_string(event.action)},
                                    .path = cut(event.object.path),
                                    .process = std::string{image_name(event.lineage.process)},
                                    .pid = event.lineage.process.pid,
                                    .confidence = descent.confidence});
    }
  }
  recount(*object);
  keep_bounds();
}

void TicketTrail::learn_removal(const FileEvent& event) {
  const auto key = key_of(event, event.object);
  if (!key)
    return;
  const auto found = by_key_.find(*key);
  if (found == by_key_.end())
    return;
  const Objects::iterator object = found->second;
  remove_path(object, event.object.path);
  if (object->paths.empty())
    drop(object);
}

// A keeper makes a ticket as root and hands it to its user: the user is the owner.
void TicketTrail::learn_owner(const FileEvent& event, const Reading& reading) {
  if (!event.new_owner || !reading.exempt)
    return;
  Object* object = find(event, event.object);
  if (object == nullptr)
    return;
  for (Descent& descent : object->descents) {
    if (descent.hop != 0)
      continue;
    Ticket ticket = *descent.ticket;
    ++changes_;
    ticket.owner = event.new_owner;
    descent.ticket = std::make_shared<const Ticket>(std::move(ticket));
  }
}

std::optional<TicketTrail::FileKey> TicketTrail::key_of(const FileEvent& event,
                                                        const FileObject& object) {
  if (!object.inode || object.device.empty())
    return std::nullopt;
  return FileKey{.host = event.key.host, .inode = *object.inode, .device = object.device};
}

// By inode; by path only where the record has no inode.
TicketTrail::Object* TicketTrail::find(const FileEvent& event, const FileObject& object) {
  if (const auto key = key_of(event, object)) {
    const auto found = by_key_.find(*key);
    return found == by_key_.end() ? nullptr : touch(found->second);
  }
  if (!is_full(object.confidence) || by_path_.empty())
    return nullptr;
  const auto found = by_path_.find({.host = event.key.host, .path = object.path});
  return found == by_path_.end() ? nullptr : touch(found->second);
}

TicketTrail::Object* TicketTrail::touch(Objects::iterator object) {
  objects_.splice(objects_.begin(), objects_, object);
  return &*object;
}

TicketTrail::Object* TicketTrail::follow(FileKey key, std::string_view path,
                                         std::vector<Descent> descents) {
  if (const auto known = by_key_.find(key); known != by_key_.end())
    drop(known->second);
  watch_.follow_file(key.host, key.device, key.inode);
  objects_.push_front({.key = key, .descents = std::move(descents), .paths = {}});
  by_key_.emplace(std::move(key), objects_.begin());
  recount(objects_.front());
  add_path(objects_.front(), std::string{path});
  keep_bounds();
  return &objects_.front();
}

// `object` is the one used last.
void TicketTrail::add_path(Object& object, const std::string& path) {
  if (path.empty() || path.size() > kLongestPath || object.paths.size() == kMostPaths ||
      std::ranges::find(object.paths, path) != object.paths.end())
    return;
  object.paths.push_back(path);
  watch_.follow_name(object.key.host, path);
  recount(object);
  by_path_[{.host = object.key.host, .path = path}] = by_key_.at(object.key);
  keep_bounds();
}

void TicketTrail::remove_path(Objects::iterator object, std::string_view path) {
  const auto known = std::ranges::find(object->paths, path);
  if (known == object->paths.end())
    return;
  const auto named = by_path_.find({.host = object->key.host, .path = *known});
  if (named != by_path_.end() && named->second == object)
    by_path_.erase(named);
  watch_.forget_name(object->key.host, *known);
  object->paths.erase(known);
  recount(*object);
}

void TicketTrail::drop(Objects::iterator object) {
  ++changes_;
  while (!object->paths.empty())
    remove_path(object, std::string{object->paths.back()});
  object_bytes_ -= object->counted;
  watch_.forget_file(object->key.host, object->key.device, object->key.inode);
  by_key_.erase(object->key);
  objects_.erase(object);
}

// Whatever changes an object counts it anew.
void TicketTrail::recount(Object& object) {
  ++changes_;
  object_bytes_ -= object.counted;
  object.counted = object.cost();
  object_bytes_ += object.counted;
}

void TicketTrail::recount(Process& process) {
  process_bytes_ -= process.counted;
  process.counted = process.cost();
  process_bytes_ += process.counted;
}

void TicketTrail::keep_bounds() {
  while (objects_.size() > 1 &&
         (objects_.size() > limits_.objects || object_bytes_ > limits_.object_bytes)) {
    drop(std::prev(objects_.end()));
    ++coverage_.evictions["followed_files"];
  }
}

// A file that is created has an inode number that is nobody's any more, and so has a new name that
// is no new name of a followed file.
void TicketTrail::end_reused_inode(const FileEvent& event) {
  if (!event.success || event.action != FileAction::created)
    return;
  if (const auto key = key_of(event, event.object)) {
    if (const auto known = by_key_.find(*key); known != by_key_.end())
      drop(known->second);
  }
}

// What is renamed or linked bears the name that says so before or after the event.
TicketTrail::Object* TicketTrail::start_ticket(const FileEvent& event, const TicketName& name) {
  const auto key = key_of(event, event.object);
  if (!key)
    return nullptr;
  const bool by_old_name = event.previous && !ticket_name(event.object, settings_);
  const FileObject& named = by_old_name ? *event.previous : event.object;
  Ticket ticket;
  ticket.number = ++tickets_;
  ticket.kind = name.kind;
  ticket.path = cut(named.path);
  ticket.owner = event.object.owner_uid;
  const Confidence confidence =
      is_full(named.confidence) && ticket.owner ? Confidence::high : Confidence::medium;
  Descent itself{.ticket = std::make_shared<const Ticket>(std::move(ticket)),
                 .hop = 0,
                 .confidence = confidence,
                 .step = nullptr};
  return follow(*key, named.path, {std::move(itself)});
}

TicketTrail::Process* TicketTrail::find_process(const PidKey& key) {
  const auto found = by_pid_.find(key);
  if (found == by_pid_.end())
    return nullptr;
  processes_.splice(processes_.begin(), processes_, found->second);
  return &*found->second;
}

TicketTrail::Process& TicketTrail::watch_process(const PidKey& key, std::uint64_t incarnation,
                                                 model::Timestamp until) {
  Process* process = find_process(key);
  if (process == nullptr) {
    process = &processes_.emplace_front();
    process->key = key;
    by_pid_.emplace(key, processes_.begin());
  }
  if (process->incarnation != incarnation) {
    process->incarnation = incarnation;
    process->until = until;
    process->taints.clear();
  }
  recount(*process);
  process->until = std::max(process->until, until);
  watch_.follow_process(key.host, key.pid, until);
  keep_process_bounds();
  return *process;
}

void TicketTrail::keep_process_bounds() {
  while (processes_.size() > 1 &&
         (processes_.size() > limits_.processes || process_bytes_ > limits_.process_bytes)) {
    drop_process(std::prev(processes_.end()));
    ++coverage_.evictions["tainted_processes"];
  }
}

void TicketTrail::drop_process(Processes::iterator process) {
  process_bytes_ -= process->counted;
  watch_.forget_process(process->key.host, process->key.pid);
  by_pid_.erase(process->key);
  processes_.erase(process);
}

// What nothing can be inherited from any more, and processes whose taint is over: the ones used
// longest ago, a few an event, so that no event pays for many.
void TicketTrail::drop_stale(model::Timestamp now) {
  std::erase_if(pipelines_, [&](const Pipeline& pipeline) {
    return std::ranges::all_of(
        pipeline.taints, [&](const Taint& taint) { return taint.time + kFamilyWindow < now; });
  });
  for (int i = 0; i < 2 && !processes_.empty(); ++i) {
    const auto oldest = std::prev(processes_.end());
    if (oldest->until >= now)
      return;
    drop_process(oldest);
  }
}

}  // namespace krbtrail::detect
