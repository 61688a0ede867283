#include "run.hpp"

#include <gtest/gtest.h>
#include <windows.h>

#include <algorithm>
#include <stdexcept>

namespace quip::test {

namespace {

using Path = std::filesystem::path;

/// A file that a child process writes or reads, as its standard stream.
class Stream {
 public:
  Stream(const Path& file, DWORD access, DWORD creation) {
    SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    handle_ = ::CreateFileW(file.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited,
                            creation, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle_ == INVALID_HANDLE_VALUE) throw std::runtime_error("cannot open " + file.string());
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { ::CloseHandle(handle_); }
  [[nodiscard]] HANDLE handle() const { return handle_; }

 private:
  HANDLE handle_;
};

Path scratch(const char* name) {
  return Path(testing::TempDir()) /
         ("quip_program_" + std::to_string(::GetCurrentProcessId()) + "_" + name);
}

/// In quotes, as the C library of the child takes them off.
std::string quoted(const std::string& word) {
  std::string text = "\"";
  std::size_t backslashes = 0;
  for (const char c : word) {
    // backslashes are doubled in front of a quote alone
    if (c == '"') text.append(backslashes + 1, '\\');
    backslashes = c == '\\' ? backslashes + 1 : 0;
    text += c;
  }
  return text.append(backslashes, '\\') + '"';
}

/// What a stream got, with the ends of lines as they were written.
std::string taken(const Path& file) {
  std::string text = read(file);
  std::filesystem::remove(file);
  std::erase(text, '\r');
  return text;
}

}  // namespace

Outcome run(const std::string& program, const std::vector<std::string>& arguments,
            const Path& folder) {
  std::string line = quoted(program);
  for (const std::string& argument : arguments) line += " " + quoted(argument);
  std::wstring command = Path(line).native();  // of UTF-8

  const Path out = scratch("out");
  const Path err = scratch("err");
  PROCESS_INFORMATION child{};
  {
    const Stream in("NUL", GENERIC_READ, OPEN_EXISTING);
    const Stream out_stream(out, GENERIC_WRITE, CREATE_ALWAYS);
    const Stream err_stream(err, GENERIC_WRITE, CREATE_ALWAYS);
    STARTUPINFOW start{};
    start.cb = sizeof(start);
    start.dwFlags = STARTF_USESTDHANDLES;
    start.hStdInput = in.handle();
    start.hStdOutput = out_stream.handle();
    start.hStdError = err_stream.handle();
    if (!::CreateProcessW(nullptr, command.data(), nullptr, nullptr, TRUE, 0, nullptr,
                          folder.c_str(), &start, &child)) {
      throw std::runtime_error("cannot run " + program);
    }
  }
  ::WaitForSingleObject(child.hProcess, INFINITE);
  DWORD code = 0;
  ::GetExitCodeProcess(child.hProcess, &code);
  ::CloseHandle(child.hThread);
  ::CloseHandle(child.hProcess);
  return {.exit_code = static_cast<int>(code), .out = taken(out), .err = taken(err)};
}

}  // namespace quip::test
