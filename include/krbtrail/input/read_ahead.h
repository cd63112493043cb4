// SPDX-License-Identifier: Apache-2.0
//
// Lets another source read, and above all decompress, on a thread of its own, so that two cores
// share the work on a compressed log.
//
//   source = read_ahead(decompress(std::move(file), Compression::gzip));
//
// The bytes are the same and come in the same order, though in pieces of other sizes; an Error
// comes after all bytes that were read before it. Costs four buffers of 256 KiB and one copy of
// each byte.
//
// Where no thread can be had the source itself is the answer: slower, but nothing is lost.
// Destroying the result early ends the thread as soon as the read() that is under way returns; so
// it is not for a pipe whose writer may stay silent. The result itself is for one thread.
#pragma once

#include <memory>

#include "krbtrail/input/byte_source.h"

namespace krbtrail::input {

[[nodiscard]] std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source);

}  // namespace krbtrail::input
