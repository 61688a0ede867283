// A folder of files that a test makes, and its end removes.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#if !defined(_WIN32)
#include <sys/stat.h>
#endif

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quip::test {

class Tree {
 public:
  Tree() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        ("quip_" + std::to_string(::getpid()) + "_" + test->test_suite_name() + "_" + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    folder_ = std::filesystem::canonical(folder_);
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// The full path of a name in the tree.
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (folder_ / name).generic_string();
  }
  /// Writes a file, and the folders that it is in.
  void write(const std::string& name, std::string_view text = "") const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void write(std::initializer_list<const char*> names) const {
    for (const char* name : names) write(name);
  }
  /// A symbolic link to that target: a path in the tree, or an absolute or relative one as it is.
  void link(const std::string& name, const std::filesystem::path& target) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::filesystem::create_symlink(target, folder_ / name);
  }
  /// A named pipe.
  void pipe([[maybe_unused]] const std::string& name) const {
#if defined(_WIN32)
    throw std::runtime_error("Windows has no pipes in folders");
#else
    EXPECT_EQ(::mkfifo((folder_ / name).c_str(), 0600), 0);
#endif
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace quip::test
