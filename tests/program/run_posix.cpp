#include "run.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace quip::test {

namespace {

/// A name for a file of this process.
std::filesystem::path scratch(const char* name) {
  return std::filesystem::path(testing::TempDir()) /
         ("quip_program_" + std::to_string(::getpid()) + "_" + name);
}

}  // namespace

Outcome run(const std::string& program, const std::vector<std::string>& arguments,
            const std::filesystem::path& folder) {
  std::vector<std::string> words;
  if (program == QUIP_PROGRAM) {
    std::istringstream emulator(QUIP_EMULATOR);
    for (std::string word; emulator >> word;) words.push_back(word);
  }
  words.push_back(program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const std::filesystem::path out = scratch("out");
  const std::filesystem::path err = scratch("err");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  constexpr mode_t mode = 0600;
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), flags, mode);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), flags, mode);
  pid_t child = 0;
  const int failure = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error("cannot run " + program);

  int status = 0;
  waitpid(child, &status, 0);
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  outcome.out = read(out);
  outcome.err = read(err);
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return outcome;
}

}  // namespace quip::test
