// Runs a program and collects what it writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quip::test {

/// What a program that ended has left.
struct Outcome {
  int exit_code = -1;  ///< -1 when it did not exit by itself
  std::string out;     ///< standard output
  std::string err;     ///< standard error
};

/// Runs the program with the folder as its working directory and waits for its end.
Outcome run(const std::string& program, const std::vector<std::string>& arguments,
            const std::filesystem::path& folder);

/// The text of a file; empty when there is none.
std::string read(const std::filesystem::path& file);

}  // namespace quip::test
