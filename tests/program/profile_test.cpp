// quip --cpu-profile=FILE
#include "run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace quip::test {

namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ProgramProfile : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder_); }
  /// Runs the case `profile` and returns what the file has then.
  std::string profile(const std::string& name) {
    const fs::path file = folder_ / name;
    const Outcome outcome =
        run(QUIP_PROGRAM, {"--cpu-profile=" + file.string(), "main.mjs", "an argument"},
            fs::path(QUIP_PROGRAM_CASES) / "profile");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "main.mjs,an argument\n");
    EXPECT_THAT(outcome.err, IsEmpty());
    return read(file);
  }
  static fs::path make_folder() {
    fs::path folder = fs::path(testing::TempDir()) / ("quip_profile_" + std::to_string(::getpid()));
    fs::create_directories(folder);
    return folder;
  }
  const fs::path folder_ = make_folder();
};

TEST_F(ProgramProfile, IsJsonForDeveloperTools) {
  const std::string json = profile("out.cpuprofile");
  EXPECT_THAT(json, StartsWith("{\"nodes\":["));
  EXPECT_THAT(json, AllOf(HasSubstr("\"functionName\":\"busy\""), HasSubstr("main.mjs\""),
                          HasSubstr("\"functionName\":\"inTimer\""), HasSubstr("\"startTime\":"),
                          HasSubstr("\"timeDeltas\":[0,")));
  EXPECT_THAT(json, EndsWith("]}\n"));
}

TEST_F(ProgramProfile, IsAFlameGraphIfTheNameSaysSo) {
  const std::string svg = profile("out.svg");
  EXPECT_THAT(svg, StartsWith("<svg "));
  EXPECT_THAT(svg, HasSubstr("<title>busy ("));
  EXPECT_THAT(svg, EndsWith("</svg>\n"));
}

TEST_F(ProgramProfile, IsWrittenWhenAScriptFails) {
  const fs::path file = folder_ / "failed.cpuprofile";
  const Outcome outcome = run(QUIP_PROGRAM, {"--cpu-profile=" + file.string(), "main.mjs"},
                              fs::path(QUIP_PROGRAM_CASES) / "error_thrown");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(read(file), StartsWith("{\"nodes\":["));
}

TEST_F(ProgramProfile, ThatCannotBeWrittenIsAnError) {
  const Outcome outcome = run(QUIP_PROGRAM, {"--cpu-profile=no/such/folder/x", "main.mjs"},
                              fs::path(QUIP_PROGRAM_CASES) / "arguments");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write no/such/folder/x"));
}

TEST_F(ProgramProfile, WithoutAFileIsWrongUsage) {
  for (const char* option : {"--cpu-profile", "--cpu-profile="}) {
    const Outcome outcome = run(QUIP_PROGRAM, {option, "main.mjs"}, QUIP_PROGRAM_CASES);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("--cpu-profile=FILE"));
  }
  const Outcome outcome = run(QUIP_PROGRAM, {"--cpu-profiles=x", "main.mjs"}, QUIP_PROGRAM_CASES);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("unknown option --cpu-profiles=x"));
}

}  // namespace

}  // namespace quip::test
