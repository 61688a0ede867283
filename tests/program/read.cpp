#include "run.hpp"

#include <fstream>
#include <sstream>
#include <utility>

namespace quip::test {

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  return std::move(text).str();
}

}  // namespace quip::test
