// A profile as the JSON of Chrome's developer tools.
#include "../value/utf8.hpp"
#include <quip/diagnostics/cpu_profile.hpp>

#include <cstdint>
#include <unordered_map>

namespace quip {

namespace {

using Microseconds = std::chrono::microseconds;

void append_string(std::string& json, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  json += '"';
  for (const char c : detail::mended_utf8(text, false)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      json += "\\u00";
      json += digits[byte >> 4U];
      json += digits[byte & 15U];
    } else {
      json += c;
    }
  }
  json += '"';
}

template <class Range, class Append>
void append_list(std::string& json, const char* name, const Range& range, const Append& append) {
  json += ",\"";
  json += name;
  json += "\":[";
  bool is_first = true;
  for (const auto& each : range) {
    if (!is_first) json += ',';
    is_first = false;
    append(each);
  }
  json += ']';
}

/// Lines and columns are counted from 0 there; -1 is none.
std::string from_zero(int number) { return std::to_string(number > 0 ? number - 1 : -1); }

/// Ids are counted from 1.
std::string id_of(std::size_t place) { return std::to_string(place + 1); }

}  // namespace

std::string CpuProfile::to_cpuprofile() const {
  std::string json = "{\"nodes\":[";
  std::unordered_map<std::string, std::size_t> scripts;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    const std::size_t script =
        node.file.empty() ? 0 : scripts.emplace(node.file, scripts.size() + 1).first->second;
    if (i > 0) json += ',';
    json += "\n{\"id\":" + id_of(i) + R"(,"callFrame":{"functionName":)";
    append_string(json, node.function);
    json += R"(,"scriptId":")" + std::to_string(script) + R"(","url":)";
    append_string(json, node.file);
    json += ",\"lineNumber\":" + from_zero(node.line) +
            ",\"columnNumber\":" + from_zero(node.column) +
            "},\"hitCount\":" + std::to_string(node.hits);
    if (!node.children.empty()) {
      append_list(json, "children", node.children,
                  [&](std::size_t place) { json += id_of(place); });
    }
    json += '}';
  }
  // A reader takes each sample for what ran from its time to that of the next one. So each is at
  // the beginning of what it stands for, and one more of the program tells where the last one ends.
  const auto rounded = [](std::chrono::nanoseconds time) {
    return std::chrono::duration_cast<Microseconds>(time).count();
  };
  const std::int64_t begin = rounded(start);
  const std::int64_t end = begin + rounded(duration);
  json += "\n],\"startTime\":" + std::to_string(begin) + ",\"endTime\":" + std::to_string(end);
  append_list(json, "samples", samples, [&](const Sample& sample) { json += id_of(sample.node); });
  constexpr std::size_t program = 1;
  json.pop_back();
  if (!samples.empty()) json += ',';
  json += id_of(program) + ']';
  std::chrono::nanoseconds behind{0};
  std::string deltas = ",\"timeDeltas\":[0";
  for (const Sample& sample : samples) {
    const std::int64_t before = rounded(behind);
    behind += sample.duration;
    deltas += ',' + std::to_string(rounded(behind) - before);
  }
  return json + deltas + "]}\n";
}

}  // namespace quip
