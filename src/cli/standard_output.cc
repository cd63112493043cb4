// SPDX-License-Identifier: Apache-2.0
#include "cli/standard_output.h"

#include <memory>

#include <unistd.h>

#include "krbtrail/report/delivery.h"

namespace krbtrail::cli {

model::Status write_standard_output(std::string_view text) {
  const std::unique_ptr<report::Delivery> output =
      report::deliver_to_descriptor(STDOUT_FILENO, "standard output");
  if (const model::Status written = output->write(text); !written)
    return written;
  return output->finish();
}

}  // namespace krbtrail::cli
