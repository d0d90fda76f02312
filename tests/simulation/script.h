// Scenarios in text, for operators to read: what is done to a pair, and what must come of it.
//
//     # A comment. First the settings, then what happens.
//     set mclt 1h
//     start both
//     client 1 leases an address from primary: 1h
//     pass 30m
//     client 1 renews at primary: 3d
//     expect primary NORMAL
//     expect databases equal
//     expect trace
//       primary > BNDUPD ACTIVE *                  a line that ends so may go on
//       ...                                         any number of lines
//     end
//
// README.md lists all commands.
#pragma once

#include <string>
#include <vector>

namespace tandem6::simulation {

/// Runs a script; returns what went wrong, a line each with the line number, empty for nothing. On
/// failure the trace so far is part of it.
[[nodiscard]] std::vector<std::string> run_script(const std::string& text);

}  // namespace tandem6::simulation
