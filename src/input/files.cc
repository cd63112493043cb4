// SPDX-License-Identifier: Apache-2.0
#include "krbtrail/input/files.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "auditd_conf.h"
#include "descriptor_source.h"
#include "directory.h"
#include "krbtrail/input/file_source.h"
#include "krbtrail/input/pipe_source.h"
#include "sniff.h"

namespace krbtrail::input {

struct Stream {
  std::unique_ptr<ByteSource> content;  // empty once it has been handed out
};

namespace {

constexpr std::size_t kMostNames = 100'000;
constexpr std::size_t kMostLogs = 100'000;
constexpr std::size_t kMostMessages = 1'000;
constexpr int kDeepest = 64;
constexpr std::string_view kStandardInput = "-";
constexpr const char* kImageLogs = "var/log/audit";
constexpr const char* kAuditdConf = "etc/audit/auditd.conf";
constexpr std::size_t kAuditdConfLimit = std::size_t{1} << 20U;

constexpr const char* kInterpreted =
    "is text of ausearch -i, which cannot be read safely: ask for the audit.log itself or for the "
    "output of ausearch --raw";

// What makes two spellings one file: device and inode.
using Identity = std::pair<dev_t, ino_t>;

Identity identity_of(const struct stat& facts) {
  return {facts.st_dev, facts.st_ino};
}

// A path as a list of names; that of an absolute path starts with "/".
using Names = std::vector<std::string>;

Names names_of(const std::filesystem::path& path) {
  Names names;
  for (const std::filesystem::path& name : path.lexically_normal()) {
    if (!name.empty() && name != ".")
      names.push_back(name.string());
  }
  return names;
}

void keep_common_start(Names& common, const Names& other) {
  const auto differ = std::ranges::mismatch(common, other).in1;
  common.erase(differ, common.end());
}

std::string join(const std::string& directory, const std::string& name) {
  if (directory.empty() || directory.ends_with('/'))
    return directory + name;
  return directory + "/" + name;
}

// What `names` has beyond the first `skipped`: "web1/audit".
std::string joined_after(const Names& names, std::size_t skipped) {
  std::string text;
  for (std::size_t i = skipped; i < names.size(); ++i)
    text = join(text, names[i]);
  return text;
}

bool is_older(const LogFile& left, const LogFile& right) {
  const auto rank = [](const LogFile& file) {
    return std::pair{!file.first_stamp.has_value(), file.first_stamp.value_or(model::Timestamp{})};
  };
  if (rank(left) != rank(right))
    return rank(left) < rank(right);
  return left.name < right.name;
}

// The kind that a file is read as, given what was seen and what --kind says. `named`: not in a
// walk.
EvidenceKind chosen_kind(EvidenceKind seen, KindChoice choice, bool named) {
  if (seen == EvidenceKind::empty || choice == KindChoice::automatic)
    return seen;
  if (choice == KindChoice::audit) {
    if (seen == EvidenceKind::audit || seen == EvidenceKind::interpreted)
      return seen;
    return named ? EvidenceKind::audit : EvidenceKind::unknown;
  }
  if (is_windows(seen))
    return seen;
  return named ? EvidenceKind::windows_text : EvidenceKind::unknown;
}

class Gatherer {
 public:
  explicit Gatherer(const GatherOptions& options) : options_(options) {}

  Evidence gather(const std::vector<std::string>& paths) {
    find_common_directory(paths);
    if (options_.root)
      add_image(*options_.root);
    for (const std::string& path : paths) {
      if (path == kStandardInput)
        add_standard_input();
      else
        add_path(path);
    }
    finish();
    return std::move(evidence_);
  }

 private:
  // A directory on its way through a walk.
  struct Place {
    std::string path;  // to open what is in it
    std::string name;  // as messages show it; empty for the common directory
    std::string host;
    int depth = 0;
    std::string prefix = {};  // of the names that count, all being files; empty: all names count
  };
  // A file that has been opened, before it is known what it is.
  struct Candidate {
    LogFile file = {};
    Identity directory = {};
    std::string host = {};
    bool named = false;
  };
  // What decides which set a file belongs to: its directory, or the name of a stream, which is a
  // set of its own.
  using SetKey = std::pair<Identity, std::string>;

  void find_common_directory(const std::vector<std::string>& paths) {
    bool first = true;
    for (const std::string& path : paths) {
      struct stat facts {};
      if (path == kStandardInput || ::stat(path.c_str(), &facts) != 0 ||
          !(S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode)))
        continue;
      const std::filesystem::path named{path};
      const Names directory = names_of(S_ISDIR(facts.st_mode) ? named : named.parent_path());
      if (std::exchange(first, false))
        common_ = directory;
      else
        keep_common_start(common_, directory);
    }
  }

  [[nodiscard]] std::string beyond_common(const std::filesystem::path& directory) const {
    return joined_after(names_of(directory), common_.size());
  }

  void add_image(const std::string& directory) {
    model::Result<MountedImage> opened = MountedImage::open(directory);
    if (!opened) {
      add_unread(directory, problem_text(opened.error(), directory));
      return;
    }
    image_ = std::make_shared<const MountedImage>(std::move(*opened));
    evidence_.image = image_;
    const std::filesystem::path log_file = configured_log_file();
    const std::string folder = log_file.parent_path().string();
    const bool elsewhere = folder != kImageLogs;
    const bool found =
        elsewhere &&
        walk_image(
            {.path = folder, .name = folder, .host = {}, .prefix = log_file.filename().string()}) ==
            0;
    // What auditd wrote before it was told otherwise.
    const int why = walk_image({.path = kImageLogs, .name = kImageLogs, .host = {}});
    if (!found && why != 0)
      add_unread(image_->display_name(folder), "cannot open: " + system_reason(why));
    image_.reset();
  }

  [[nodiscard]] std::string configured_log_file() {
    if (image_->open_inside(kAuditdConf).error_number == ENOENT)
      return std::string{kDefaultLogFile};
    const model::Result<std::string> text = image_->read_text(kAuditdConf, kAuditdConfLimit);
    if (text)
      return log_file_of(text.value());
    add_note(text.error().message);
    return std::string{kDefaultLogFile};
  }

  // Why the folder cannot be opened, as errno has it; 0 if it was walked.
  int walk_image(const Place& place) {
    MountedImage::Opened logs = image_->open_inside(place.path.empty() ? "." : place.path);
    if (logs.file.is_open())
      walk(std::move(logs.file), place);
    return logs.error_number;
  }

  void add_standard_input() {
    struct stat facts {};
    const bool is_file = ::fstat(options_.standard_input, &facts) == 0 && S_ISREG(facts.st_mode);
    const std::string name{kStandardInput};
    if (std::exchange(standard_input_read_, true) ||
        (is_file && !is_first_sight(identity_of(facts), name))) {
      if (!is_file)
        add_note(name + ": is named more than once, read once");
      return;
    }
    add_stream(open_pipe(options_.standard_input, name), {});
  }

  void add_path(const std::string& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
      add_unread(path, "cannot open: " + system_reason(errno));
    } else if (S_ISDIR(facts.st_mode)) {
      add_directory(path);
    } else if (const char* reason = why_not_read(facts.st_mode)) {
      add_unread(path, std::string("cannot open: ") + reason);
    } else if (is_first_sight(identity_of(facts), path)) {
      add_named_file(path, facts);
    }
  }

  void add_directory(const std::string& path) {
    FileDescriptor directory{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::string name = beyond_common(path);
    if (!directory.is_open())
      add_unread(path, "cannot open: " + system_reason(errno));
    else
      walk(std::move(directory), {.path = path, .name = name, .host = name});
  }

  void add_named_file(const std::string& path, const struct stat& facts) {
    model::Result<std::unique_ptr<ByteSource>> opened = open_file(path, path);
    if (!opened) {
      add_unread(path, problem_text(opened.error(), path));
      return;
    }
    if (S_ISFIFO(facts.st_mode)) {
      add_stream(std::move(*opened), path);
      return;
    }
    const std::filesystem::path parent = std::filesystem::path{path}.parent_path();
    struct stat directory {};
    // Fails only if the file has just been moved away; then it is a set of its own.
    static_cast<void>(::stat(parent.empty() ? "." : parent.c_str(), &directory));
    Candidate candidate{.file = {.name = path, .path = path},
                        .directory = identity_of(directory),
                        .host = beyond_common(parent),
                        .named = true};
    candidate.file.size = static_cast<std::uint64_t>(facts.st_size);
    judge(std::move(candidate), sniff(std::move(*opened)));
  }

  void add_stream(std::unique_ptr<ByteSource> source, const std::string& path) {
    const std::string name{source->name()};
    Sniffed sniffed = sniff(std::move(source));
    Candidate candidate{.file = {.name = name, .path = path}, .host = name, .named = true};
    candidate.file.stream = std::make_shared<Stream>();
    candidate.file.stream->content = std::move(sniffed.content);
    judge(std::move(candidate), sniffed);
  }

  void walk(FileDescriptor directory, const Place& place) {
    struct stat facts {};
    if (::fstat(directory.get(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
      add_unread(shown(place), "cannot open: " + system_reason(ENOTDIR));
      return;
    }
    // Also what ends a loop of bind mounts.
    if (!walked_.insert(identity_of(facts)).second) {
      add_note(shown(place) + ": is a directory that has been read already");
      return;
    }
    FileDescriptor listed{::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!listed.is_open()) {
      add_unread(shown(place), "cannot open: " + system_reason(errno));
      return;
    }
    const DirectoryListing listing = list_directory(std::move(listed), kMostNames - names_held_);
    report_cut(listing, place);
    names_held_ += listing.names.size();
    for (const std::string& name : listing.names)
      add_entry(directory.get(), identity_of(facts), name, place);
    names_held_ -= listing.names.size();
  }

  void report_cut(const DirectoryListing& listing, const Place& place) {
    if (listing.cut)
      add_unread(shown(place), "holds too many names: those beyond the first " +
                                   std::to_string(listing.names.size()) + " were not read");
    if (listing.error_number != 0)
      add_unread(shown(place), "cannot be listed: " + system_reason(listing.error_number));
  }

  void add_entry(int directory, Identity directory_identity, const std::string& name,
                 const Place& place) {
    if (!name.starts_with(place.prefix))
      return;
    const Place entry{.path = join(place.path, name),
                      .name = join(place.name, name),
                      .host = join(place.host, name),
                      .depth = place.depth + 1};
    struct stat facts {};
    if (::fstatat(directory, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      add_unread(entry.name, "cannot open: " + system_reason(errno));
    } else if (S_ISDIR(facts.st_mode)) {
      if (place.prefix.empty())
        enter(directory, name, entry);
    } else if (S_ISLNK(facts.st_mode)) {
      if (evidence_.links_passed++ == 0)
        first_link_ = entry.name;
    } else if (!S_ISREG(facts.st_mode)) {
      ++evidence_.special_files;
    } else {
      add_walked_file(directory, name, entry, facts,
                      {.directory = directory_identity, .host = place.host});
    }
  }

  void enter(int above, const std::string& name, const Place& place) {
    if (place.depth > kDeepest) {
      add_unread(place.name,
                 "lies deeper than " + std::to_string(kDeepest) + " directories: not read");
      return;
    }
    FileDescriptor directory{
        ::openat(above, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (directory.is_open())
      walk(std::move(directory), place);
    else
      add_unread(place.name, "cannot open: " + system_reason(errno));
  }

  void add_walked_file(int directory, const std::string& name, const Place& entry,
                       const struct stat& facts, Candidate candidate) {
    // Only a second name of something that was kept is worth a word.
    if (const auto known = names_by_identity_.find(identity_of(facts));
        known != names_by_identity_.end()) {
      add_note(entry.name + ": is the same file as " + known->second + ", read once");
      return;
    }
    // O_NONBLOCK: should the file have become a FIFO meanwhile, this must not wait for its writer.
    FileDescriptor opened{::openat(directory, name.c_str(),
                                   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!opened.is_open()) {
      add_unread(entry.name, "cannot open: " + system_reason(errno));
      return;
    }
    model::Result<std::unique_ptr<ByteSource>> source = read_opened(std::move(opened), entry.name);
    if (!source) {
      add_unread(entry.name, problem_text(source.error(), entry.name));
      return;
    }
    candidate.file.name = entry.name;
    candidate.file.path = entry.path;
    candidate.file.image = image_;
    candidate.file.size = static_cast<std::uint64_t>(facts.st_size);
    if (judge(std::move(candidate), sniff(std::move(*source))))
      names_by_identity_.emplace(identity_of(facts), entry.name);
  }

  // True for what is kept or at least named to the user, false for what a walk passes over.
  bool judge(Candidate candidate, const Sniffed& sniffed) {
    LogFile& file = candidate.file;
    file.compression = sniffed.compression;
    file.first_stamp = sniffed.seen.first_stamp;
    file.kind = chosen_kind(sniffed.seen.kind, options_.kind, candidate.named);
    file.kind_forced = file.kind != sniffed.seen.kind;
    if (sniffed.failure) {
      add_unread(file.name, problem_text(*sniffed.failure, file.name), file.kind);
      return true;
    }
    switch (file.kind) {
      case EvidenceKind::empty:
        ++evidence_.empty_files;
        add_note(file.name + ": is empty");
        return true;
      case EvidenceKind::unknown:
        // What a crash left at the head of a log hides what it is.
        if (candidate.named || sniffed.seen.hidden_by_nul)
          add_unread(file.name, std::string(sniffed.seen.unknown_as), file.kind);
        else
          ++evidence_.foreign_files;
        return candidate.named;
      case EvidenceKind::interpreted:
        add_unread(file.name, kInterpreted, file.kind);
        return true;
      case EvidenceKind::audit:
      case EvidenceKind::evtx:
      case EvidenceKind::windows_xml:
      case EvidenceKind::windows_json:
      case EvidenceKind::windows_csv:
      case EvidenceKind::windows_text:
        keep(std::move(candidate));
        return true;
    }
    return true;
  }

  void keep(Candidate candidate) {
    if (++logs_ > kMostLogs) {
      add_unread(
          candidate.file.name,
          "is beyond the first " + std::to_string(kMostLogs) + " files of evidence: not read",
          candidate.file.kind);
    } else if (is_windows(candidate.file.kind)) {
      evidence_.windows.push_back(std::move(candidate.file));
    } else {
      set_of(candidate).files.push_back(std::move(candidate.file));
    }
  }

  LogSet& set_of(const Candidate& candidate) {
    SetKey key;
    if (options_.host_name.empty())
      key = {candidate.directory, candidate.file.stream ? candidate.file.name : std::string{}};
    const auto [place, is_new] = set_places_.try_emplace(std::move(key), evidence_.sets.size());
    if (is_new)
      evidence_.sets.push_back(
          {.host = options_.host_name.empty() ? candidate.host : options_.host_name, .files = {}});
    return evidence_.sets[place->second];
  }

  // False, with a note, for another spelling of a file that is known.
  bool is_first_sight(Identity identity, const std::string& name) {
    const auto [known, is_new] = names_by_identity_.try_emplace(identity, name);
    if (!is_new)
      add_note(name + ": is the same file as " + known->second + ", read once");
    return is_new;
  }

  static std::string shown(const Place& place) {
    return place.name.empty() ? place.path : place.name;
  }

  void add_note(std::string note) {
    if (evidence_.notes.size() < kMostMessages)
      evidence_.notes.push_back(std::move(note));
    else
      ++notes_left_out_;
  }

  void add_unread(std::string name, std::string problem,
                  EvidenceKind kind = EvidenceKind::unknown) {
    if (evidence_.unread.size() == kMostMessages) {
      ++unread_left_out_;
      return;
    }
    model::InputCoverage input;
    input.name = std::move(name);
    input.kind = to_string(kind);
    input.problem = std::move(problem);
    input.unread = true;
    evidence_.unread.push_back(std::move(input));
  }

  void finish() {
    for (LogSet& set : evidence_.sets)
      std::ranges::sort(set.files, is_older);
    // One stream alone has nothing to be told apart from.
    if (evidence_.sets.size() == 1 && evidence_.sets.front().files.front().stream &&
        options_.host_name.empty())
      evidence_.sets.front().host.clear();
    add_summary_notes();
  }

  void add_summary_notes() {
    const auto count = [this](std::uint64_t number, const std::string& one,
                              const std::string& many) {
      if (number > 0)
        evidence_.notes.push_back(number == 1 ? "1 " + one : std::to_string(number) + " " + many);
    };
    count(notes_left_out_, "more note", "more notes");
    count(evidence_.foreign_files, "file that is no evidence was passed over",
          "files that are no evidence were passed over");
    count(evidence_.special_files, "device, FIFO or socket was not opened",
          "devices, FIFOs or sockets were not opened");
    count(evidence_.links_passed, "symbolic link was not followed: " + first_link_,
          "symbolic links were not followed, the first: " + first_link_);
    if (unread_left_out_ > 0) {
      evidence_.unread.back().name = "(others)";
      evidence_.unread.back().kind = to_string(EvidenceKind::unknown);
      evidence_.unread.back().problem =
          std::to_string(unread_left_out_ + 1) + " more inputs could not be read";
    }
  }

  const GatherOptions& options_;
  Evidence evidence_;
  Names common_;
  std::shared_ptr<const MountedImage> image_;  // while it is walked
  std::map<Identity, std::string> names_by_identity_;
  std::set<Identity> walked_;
  std::map<SetKey, std::size_t> set_places_;
  std::string first_link_;
  std::size_t names_held_ = 0;
  std::size_t logs_ = 0;
  std::uint64_t notes_left_out_ = 0;
  std::uint64_t unread_left_out_ = 0;
  bool standard_input_read_ = false;
};

model::Result<std::unique_ptr<ByteSource>> open_once(const LogFile& file) {
  if (file.stream->content == nullptr)
    return model::Error{.message = file.name + ": a stream can be read only once", .hint = {}};
  return std::move(file.stream->content);
}

}  // namespace

Evidence gather(const std::vector<std::string>& paths, const GatherOptions& options) {
  return Gatherer{options}.gather(paths);
}

model::Result<std::unique_ptr<ByteSource>> open(const LogFile& file) {
  if (file.stream)
    return open_once(file);
  model::Result<std::unique_ptr<ByteSource>> opened =
      file.image ? file.image->open_file(file.path, file.name)
                 : open_regular_file(file.path, file.name);
  if (!opened)
    return opened.error();
  Sniffed sniffed = sniff(std::move(*opened));
  if (sniffed.failure)
    return *sniffed.failure;
  const bool same_kind = file.kind_forced || sniffed.seen.kind == file.kind;
  if (sniffed.compression != file.compression || !same_kind)
    return model::Error{.message = file.name + ": has changed since it was first looked at",
                        .hint = "if it is a live log, it may have been rotated: run again"};
  return std::move(sniffed.content);
}

std::string problem_text(const model::Error& error, std::string_view name) {
  std::string_view text = error.message;
  if (text.starts_with(name) && text.substr(name.size()).starts_with(": "))
    text.remove_prefix(name.size() + 2);
  return std::string{text};
}

}  // namespace krbtrail::input
