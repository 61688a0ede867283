// A profile as a picture.
#include "../value/utf8.hpp"
#include <quip/diagnostics/cpu_profile.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace quip {

namespace {

constexpr double picture_width = 1200;
constexpr double margin = 10;
constexpr double row_height = 18;
constexpr double header_height = 40;
constexpr double footer_height = 24;
constexpr double letter_width = 7.2;  // of the font below
constexpr double least_width = 0.2;   // what is narrower is left out

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : detail::mended_utf8(text, false)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        // XML has no way to write most of these
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

/// With one decimal, whatever the locale is.
std::string decimal(double value) {
  std::array<char, 64> text{};
  const auto [end, problem] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 1);
  return problem == std::errc() ? std::string(text.data(), end) : "0";
}

double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// The first characters of the text, as many as there is room for.
std::string clipped(const std::string& text, double width) {
  const auto most = static_cast<std::size_t>(std::max(0.0, (width - 6) / letter_width));
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_start = (static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U;
    if (is_start && ++characters > most) return most < 3 ? "" : text.substr(0, i);
  }
  return text;
}

/// A warm colour, the same for the same function.
std::string colour_of(const CpuProfile::Node& node) {
  if (node.function.starts_with('(') && node.file.empty()) return "#c8c8c8";
  std::uint32_t hash = 2166136261U;
  for (const char c : node.function + '\0' + node.file) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  }
  return "hsl(" + std::to_string(hash % 50) + ",80%," + std::to_string(60 + (hash >> 8U) % 15) +
         "%)";
}

std::string place_of(const CpuProfile::Node& node) {
  if (node.file.empty()) return "";
  return " (" + node.file + (node.line > 0 ? ':' + std::to_string(node.line) : "") + ')';
}

class Picture {
 public:
  explicit Picture(const CpuProfile& profile) : profile_(profile) {
    if (profile.nodes.empty()) return;
    whole_ = profile.nodes.front().total;
    scale_ = whole_.count() > 0 ? (picture_width - 2 * margin) / milliseconds(whole_) : 0;
    lay_out();
  }

  std::string draw(std::string_view title) {
    height_ = header_height + footer_height + static_cast<double>(rows_) * row_height;
    std::string svg =
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + decimal(picture_width) + ' ' +
        decimal(height_) + "\" width=\"" + decimal(picture_width) + "\" height=\"" +
        decimal(height_) +
        "\" font-family=\"monospace\" font-size=\"12\">\n"
        "<style>g:hover rect{stroke:#000;stroke-width:1.5}text{pointer-events:none}</style>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#fdfdf6\"/>\n"
        "<text x=\"" +
        decimal(margin) + R"(" y="24" font-size="16">)" + escaped(title) + "</text>\n";
    for (const Bar& bar : bars_) svg += drawn(bar);
    svg += "<text x=\"" + decimal(margin) + "\" y=\"" + decimal(height_ - 8) + "\">" +
           decimal(milliseconds(whole_)) + " ms, " + std::to_string(profile_.samples.size()) +
           " samples</text>\n</svg>\n";
    return svg;
  }

 private:
  struct Bar {
    std::size_t node;
    std::size_t row;
    std::chrono::nanoseconds begin;
  };

  /// Without recursion: scripts recurse deeply. Each call is over its caller, from its left end.
  void lay_out() {
    bars_.push_back({0, 0, std::chrono::nanoseconds(0)});
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      const Bar bar = bars_[i];
      rows_ = std::max(rows_, bar.row + 1);
      std::chrono::nanoseconds begin = bar.begin;
      for (const std::size_t child : profile_.nodes[bar.node].children) {
        const std::chrono::nanoseconds total = profile_.nodes[child].total;
        if (milliseconds(total) * scale_ >= least_width)
          bars_.push_back({child, bar.row + 1, begin});
        begin += total;
      }
    }
  }

  [[nodiscard]] std::string drawn(const Bar& bar) const {
    const CpuProfile::Node& node = profile_.nodes[bar.node];
    const double width = milliseconds(node.total) * scale_;
    const double x = margin + milliseconds(bar.begin) * scale_;
    const double y = height_ - footer_height - static_cast<double>(bar.row + 1) * row_height;
    const double part =
        whole_.count() > 0 ? 100 * milliseconds(node.total) / milliseconds(whole_) : 0;
    std::string svg = "<g><title>" + escaped(node.function + place_of(node)) + ": " +
                      decimal(milliseconds(node.total)) + " ms, " + decimal(part) + " % (itself " +
                      decimal(milliseconds(node.self)) + " ms)</title><rect x=\"" + decimal(x) +
                      "\" y=\"" + decimal(y) + "\" width=\"" + decimal(width) + "\" height=\"" +
                      decimal(row_height - 1) + R"(" rx="2" fill=")" + colour_of(node) + "\"/>";
    if (const std::string label = clipped(detail::mended_utf8(node.function, false), width);
        !label.empty()) {
      svg += "<text x=\"" + decimal(x + 3) + "\" y=\"" + decimal(y + 13) + "\">" + escaped(label) +
             "</text>";
    }
    return svg + "</g>\n";
  }

  const CpuProfile& profile_;
  std::chrono::nanoseconds whole_{0};
  double scale_ = 0;
  double height_ = 0;
  std::size_t rows_ = 0;
  std::vector<Bar> bars_;
};

}  // namespace

std::string CpuProfile::to_flame_graph(std::string_view title) const {
  return Picture(*this).draw(title);
}

}  // namespace quip
