// SPDX-License-Identifier: Apache-2.0
//
// What a host does all day, as audit events: programs started (42 %), files opened (46 %),
// connections made, sessions and services begun and ended. One open in twenty-five is of
// /etc/krb5.conf, as on a host in a realm. None of it is what a branch of the seed looks for.
#pragma once

#include "bench/event_text.h"
#include "bench/host.h"
#include "bench/random.h"

namespace krbtrail::bench {

// Writes one event's records. `event` has been started with the event's stamp.
void write_background_event(EventText& event, Host& host, Random& random);

// One record that is an event of its own and of a type that has no name: a BPF program's unload.
void write_stray_event(EventText& event, Random& random);

}  // namespace krbtrail::bench
