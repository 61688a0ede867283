#include "console.hpp"

#include "format.hpp"
#include "inspect.hpp"
#include "text.hpp"

#include <array>
#include <utility>
#include <vector>

namespace quip::program {

namespace {

/// A label as console.count and console.time take it.
std::string label_of(const Rest<Value>& arguments) {
  if (arguments.size() == 0 || arguments.values.front().is_undefined()) return "default";
  const Value& label = arguments.values.front();
  // an object's toString is a script's code
  return label.is_object() ? "[object]" : label.try_to_display_string().value_or("default");
}

std::vector<Value> without_first(const Rest<Value>& arguments) {
  if (arguments.size() == 0) return {};
  return {arguments.begin() + 1, arguments.end()};
}

bool is_falsy(const Value& value) {
  switch (value.type()) {
    case Type::undefined:
    case Type::null:
      return true;
    case Type::boolean:
      return !value.as<bool>();
    case Type::integer:
    case Type::number: {
      const auto number = value.as<double>();
      return number == 0 || number != number;
    }
    case Type::bigint:
      return value.try_to_display_string().value_or("") == "0";
    case Type::string:
      return value.as<String>().size() == 0;
    default:
      return false;
  }
}

}  // namespace

void Console::install(const Ctx& ctx) {
  const Object console(ctx);
  for (const char* name : {"log", "info", "debug", "table"}) {
    console.set(name, [this](const Arguments& arguments) { print_values(stdout, arguments); });
  }
  for (const char* name : {"error", "warn"}) {
    console.set(name, [this](const Arguments& arguments) { print_values(stderr, arguments); });
  }
  console.set("assert", [this](const Arguments& arguments) {
    if (arguments.size() > 0 && !is_falsy(arguments.values.front())) return;
    const std::string details = format(intrinsics_, without_first(arguments));
    print(stderr, "Assertion failed" + (details.empty() ? "" : ": " + details));
  });
  console.set("trace", [this](const Arguments& arguments) {
    const std::string text = format(intrinsics_, arguments.values);
    std::string stack = intrinsics_.current_stack();
    while (!stack.empty() && stack.back() == '\n') stack.pop_back();
    print(stderr,
          "Trace" + (text.empty() ? "" : ": " + text) + (stack.empty() ? "" : "\n" + stack));
  });
  console.set("dir", [this](const Arguments& arguments) {
    InspectOptions options;
    if (arguments.size() > 1 && arguments.values[1].is_object()) {
      const auto given = arguments.values[1].as<Object>();
      const Value depth = given.get("depth");
      constexpr int no_limit = 1'000'000;
      if (depth.is_null()) options.depth = no_limit;
      options.depth = depth.try_as<int>().value_or(options.depth);
      options.hidden = given.try_get<bool>("showHidden").value_or(false);
    }
    if (arguments.size() > 0)
      print(stdout, inspect(intrinsics_, arguments.values.front(), options));
  });
  install_groups(console);
  install_counters(console);
  install_timers(console);
  ctx.globals().set("console", console);
}

void Console::install_groups(const Object& console) {
  constexpr std::size_t step = 2;
  for (const char* name : {"group", "groupCollapsed"}) {
    console.set(name, [this](const Arguments& arguments) {
      if (arguments.size() > 0) print_values(stdout, arguments);
      indentation_ += step;
    });
  }
  console.set("groupEnd", [this] { indentation_ -= indentation_ == 0 ? 0 : step; });
}

void Console::install_counters(const Object& console) {
  console.set("count", [this](const Arguments& arguments) {
    const std::string label = label_of(arguments);
    print(stdout, label + ": " + std::to_string(++counters_[label]));
  });
  console.set("countReset", [this](const Arguments& arguments) {
    const std::string label = label_of(arguments);
    if (counters_.erase(label) == 0) warn("Count for '" + label + "' does not exist");
  });
}

void Console::install_timers(const Object& console) {
  console.set("time", [this](const Arguments& arguments) {
    const std::string label = label_of(arguments);
    if (!timers_.emplace(label, Clock::now()).second) warn("Label '" + label + "' already exists");
  });
  console.set("timeLog", [this](const Arguments& arguments) {
    print_time(label_of(arguments), Arguments{without_first(arguments)});
  });
  console.set("timeEnd", [this](const Arguments& arguments) {
    const std::string label = label_of(arguments);
    print_time(label, {});
    timers_.erase(label);
  });
}

void Console::print_time(const std::string& label, const Arguments& details) const {
  const auto timer = timers_.find(label);
  if (timer == timers_.end()) return warn("No such label '" + label + "'");
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - timer->second;
  std::array<char, 64> number{};
  std::snprintf(number.data(), number.size(), "%.3fms", elapsed.count());
  const std::string rest = format(intrinsics_, details.values);
  print(stdout, label + ": " + number.data() + (rest.empty() ? "" : " " + rest));
}

void Console::warn(const std::string& text) const { print(stderr, "Warning: " + text); }

void Console::print_values(std::FILE* stream, const Arguments& arguments) const {
  print(stream, format(intrinsics_, arguments.values));
}

void Console::print(std::FILE* stream, std::string_view text) const {
  // an earlier line must not come out after one on standard error
  if (stream == stderr) std::fflush(stdout);
  std::string line = std::string(indentation_, ' ') + indented(text, indentation_) + '\n';
  std::fwrite(line.data(), 1, line.size(), stream);
}

}  // namespace quip::program
