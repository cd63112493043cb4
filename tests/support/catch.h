// SPDX-License-Identifier: Apache-2.0
//
// Catch2, whichever of 2.13 (Debian 12) and 3 (newer distributions) is there.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
