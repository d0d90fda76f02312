// What every test of GoogleTest includes, compiled once for each program: half of what a small test costs is these
// lines. A test still includes what it uses. Not a .h: as the main file of a compilation it has no #pragma once.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>
