// The quip program as its users see it: files in, text and exit code out.
//
// A case is a folder of cases/ with the module main.mjs and
//   arguments.txt  the arguments behind main.mjs, one a line (default: none)
//   expected.txt   standard output, to the letter (default: nothing)
//   errors.txt     lines of standard error, in this order; others may stand between them (default:
//                  nothing at all is written there). {dir} is the case's folder, {any} any text.
//   exit.txt       the exit code (default: 0)
//   same_in_node   if it exists, compare_with_node.sh holds expected.txt against Node's output
#include "run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

/// Whether the line is the pattern, in which {any} stands for any text.
bool matches(std::string_view line, std::string_view pattern) {
  constexpr std::string_view any = "{any}";
  std::size_t cut = pattern.find(any);
  if (cut == pattern.npos) return line == pattern;
  if (!line.starts_with(pattern.substr(0, cut))) return false;
  line.remove_prefix(cut);
  for (;;) {
    pattern.remove_prefix(cut + any.size());
    cut = pattern.find(any);
    if (cut == pattern.npos) return line.ends_with(pattern);
    const std::size_t found = line.find(pattern.substr(0, cut));
    if (found == line.npos) return false;
    line.remove_prefix(found + cut);
  }
}

void expect_lines(const std::string& text, const std::vector<std::string>& patterns) {
  const std::vector<std::string> actual = lines(text);
  auto at = actual.begin();
  for (const std::string& pattern : patterns) {
    at = std::find_if(at, actual.end(),
                      [&](const std::string& line) { return matches(line, pattern); });
    ASSERT_NE(at, actual.end()) << "no line (any more) for: " << pattern << "\nin:\n" << text;
    ++at;
  }
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(QUIP_PROGRAM_CASES)) {
    if (fs::exists(entry.path() / "main.mjs")) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class ProgramCase : public testing::TestWithParam<std::string> {};

TEST_P(ProgramCase, DoesWhatIsExpected) {
  const fs::path folder = fs::canonical(fs::path(QUIP_PROGRAM_CASES) / GetParam());
  std::vector<std::string> arguments{"main.mjs"};
  for (const std::string& argument : lines(read(folder / "arguments.txt"))) {
    arguments.push_back(argument);
  }
  const Outcome outcome = run(QUIP_PROGRAM, arguments, folder);

  EXPECT_EQ(outcome.out, read(folder / "expected.txt"));
  std::string errors = read(folder / "errors.txt");
  replace_all(errors, "{dir}", folder.generic_string());
  if (errors.empty()) {
    EXPECT_THAT(outcome.err, IsEmpty());
  } else {
    expect_lines(outcome.err, lines(errors));
  }
  const std::string code = read(folder / "exit.txt");
  EXPECT_EQ(outcome.exit_code, code.empty() ? 0 : std::stoi(code)) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Cases, ProgramCase, testing::ValuesIn(case_names()),
                         [](const auto& test) { return test.param; });

// ---- the command line ---------------------------------------------------------------------------

Outcome quip(const std::vector<std::string>& arguments) {
  return run(QUIP_PROGRAM, arguments, QUIP_PROGRAM_CASES);
}

TEST(ProgramUsage, HelpAndVersionGoToStandardOutput) {
  for (const char* option : {"--help", "-h"}) {
    const Outcome outcome = quip({option});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, StartsWith("usage: quip"));
    EXPECT_THAT(outcome.out, HasSubstr("scriptArgs"));
    EXPECT_THAT(outcome.err, IsEmpty());
  }
  for (const char* option : {"--version", "-v"}) {
    const Outcome outcome = quip({option});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_THAT(outcome.out, StartsWith("quip "));
    EXPECT_THAT(outcome.out, HasSubstr("quickjs"));
  }
}

TEST(ProgramUsage, WrongUsageIsExitCode2) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--"}, {"--no-such-option"}, {"-x", "main.mjs"}}) {
    const Outcome outcome = quip(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_THAT(outcome.err, HasSubstr("usage: quip"));
  }
  EXPECT_THAT(quip({"--no-such-option"}).err, HasSubstr("--no-such-option"));
}

TEST(ProgramUsage, AnUnreadableFileIsExitCode1) {
  const Outcome missing = quip({"no-such-file.mjs"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("cannot read no-such-file.mjs: No such file"));
  const Outcome folder = quip({"."});
  EXPECT_EQ(folder.exit_code, 1);
  EXPECT_THAT(folder.err, HasSubstr("Is a directory"));
}

TEST(ProgramUsage, ArgumentsBehindTheFileBelongToTheScript) {
  const Outcome outcome = quip({"--", "arguments/main.mjs", "--help", "-x"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "[ 'arguments/main.mjs', '--help', '-x' ]\n");
}

TEST(ProgramUsage, StandardOutputAndErrorKeepTheirOrder) {
  const fs::path folder = fs::path(QUIP_PROGRAM_CASES) / "console_streams";
  const Outcome outcome =
      run("/bin/sh", {"-c", "exec " QUIP_EMULATOR " '" QUIP_PROGRAM "' main.mjs 2>&1"}, folder);
  EXPECT_THAT(outcome.out, StartsWith("log\nerror\ninfo\nwarn\ndebug\n"));
}

}  // namespace

}  // namespace quip::test
