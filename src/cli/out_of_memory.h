// SPDX-License-Identifier: Apache-2.0
//
// What happens when memory runs out: the process says so and ends with ExitStatus::output_lost,
// from whichever thread asked for more. An output file that is not whole has no name yet
// (report/delivery.h) and goes with the process.
//
// Nothing is unwound: that would run through functions that must not throw, through C libraries
// that call us back, and would ask for memory itself.
#pragma once

namespace krbtrail::cli {

// Before anything that may need memory. It stands for every operator new of the process, those of
// the libraries and those that promise a null pointer included.
void end_when_memory_runs_out();

}  // namespace krbtrail::cli
