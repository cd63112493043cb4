// SPDX-License-Identifier: Apache-2.0
//
// The one gate through which bytes of the evidence become output. What stands in a path, an
// argument or a host name was chosen by an attacker: nothing of it reaches a terminal, a line of
// JSON or a spreadsheet as a command.
//
// Three things are never written raw, whatever the sink:
//   - bytes that are not UTF-8 (surrogates, overlong forms and code points past U+10FFFF included);
//   - control characters: C0, DEL, C1, the line and paragraph separators;
//   - format characters, which reorder, hide or join what stands beside them: bidirectional marks,
//     embeddings, overrides and isolates, zero-width characters, tags, the byte order mark.
//
// All functions take any bytes, run in linear time and give valid UTF-8. Not for our own markup:
// colours and separators are added after escaping.
#pragma once

#include <string>
#include <string_view>

namespace krbtrail::report {

// Appends what stands between the quotes of a JSON string. A byte that is not UTF-8 becomes the
// four characters \xNN and a backslash two, before JSON's own escaping, so that `a\` + FF is
// written "a\\\\\\xff" and a reader gets the bytes back. Control and format characters become
// \uNNNN.
void append_json(std::string& out, std::string_view bytes);

// The bytes that append_json() was given, of a string that a JSON parser has read: \\ is a
// backslash and \xNN a byte. What is neither stays as it is.
[[nodiscard]] std::string bytes_of_json(std::string_view text);

// The same for other programs' formats: what escape_terminal() shows, between the quotes of a JSON
// string. A path of Windows is the path that those programs have; the bytes of a text that had to
// be escaped can still be had back.
void append_json_text(std::string& out, std::string_view bytes);

// For a terminal. Bytes that must not be written raw become \xNN, one by one. Where that happens,
// or where the text holds a backslash before an x, each backslash is doubled; text without either
// is shown as it is, so that a Windows path stays readable and yet no text can pose as an escape.
[[nodiscard]] std::string escape_terminal(std::string_view bytes);

// Appends text for HTML, in content and between the quotes of an attribute, of what has passed
// escape_terminal(): & < > " ' become character references, and so do the backtick and the equals
// sign, which end or begin an attribute in some readers. Not for scripts, styles or addresses.
void append_html(std::string& out, std::string_view escaped);

// Appends one cell of a CSV file (RFC 4180), quoted where it must be. Bytes that must not be
// written raw become \xNN, a backslash two: a cell is always one line. A cell that a spreadsheet
// would take for a formula (= + - @ and their full-width forms) gets an apostrophe in front.
void append_csv_cell(std::string& out, std::string_view bytes);

}  // namespace krbtrail::report
