#include "facts.hpp"
#include "format.hpp"
#include "inspect_text.hpp"
#include "table.hpp"
#include <quip/function/function.hpp>
#include <quip/value/string.hpp>
#include <quip/value/symbol.hpp>
#include <quip/web/console.hpp>
#include <quip/web/inspect.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace quip::web {

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

using Arguments = Rest<Value>;

/// What the functions of one console share.
class Console : public std::enable_shared_from_this<Console> {
 public:
  explicit Console(Print print) : print_(std::move(print)) {}

  void install(const Ctx& ctx) {
    const Object console(ctx);
    console.define(symbol::to_string_tag, property("console").configurable());
    for (const char* name : {"log", "info", "debug", "dirxml"}) {
      add(console, name, [](Console& self, const Arguments& arguments) {
        self.print_values(Stream::out, arguments);
      });
    }
    for (const char* name : {"error", "warn"}) {
      add(console, name, [](Console& self, const Arguments& arguments) {
        self.print_values(Stream::error, arguments);
      });
    }
    add(console, "assert", [](Console& self, const Arguments& arguments) {
      if (arguments.size() > 0 && !is_falsy(arguments.values.front())) return;
      const std::string details = format(without_first(arguments));
      self.print(Stream::error, "Assertion failed" + (details.empty() ? "" : ": " + details));
    });
    add(console, "dir", [](Console& self, const Arguments& arguments) {
      if (arguments.size() > 0) {
        self.print(Stream::out, inspect(arguments.values.front(), options_of(arguments)));
      }
    });
    add(console, "table", [](Console& self, const Arguments& arguments) {
      const std::optional<std::string> table =
          arguments.size() == 0
              ? std::nullopt
              : table_of(arguments.values[0], arguments.size() > 1 ? arguments.values[1] : Value());
      if (!table) return self.print_values(Stream::out, arguments);
      self.print(Stream::out, *table);
    });
    add(console, "clear", [](Console&, const Arguments&) {});
    console.set("trace", [self = shared_from_this()](Ctx at, const Arguments& arguments) {
      const std::string text = format(arguments.values);
      std::string stack = current_stack(at);
      while (!stack.empty() && stack.back() == '\n') stack.pop_back();
      self->print(Stream::error, "Trace" + (text.empty() ? "" : ": " + text) +
                                     (stack.empty() ? "" : "\n" + stack));
    });
    install_groups(console);
    install_counters(console);
    install_timers(console);
    ctx.globals().define("console", property(console).writable().configurable());
  }

 private:
  using Time = std::chrono::steady_clock;

  template <class F>
  void add(const Object& console, const char* name, F function) {
    console.set(name, [self = shared_from_this(), function](const Arguments& arguments) {
      function(*self, arguments);
    });
  }

  static InspectOptions options_of(const Arguments& arguments) {
    InspectOptions options;
    if (arguments.size() < 2 || !arguments.values[1].is_object()) return options;
    const auto given = arguments.values[1].as<Object>();
    const auto depth = given.get(key<"depth">);
    constexpr int no_limit = 1'000'000;
    if (depth.is_null()) options.depth = no_limit;
    options.depth = depth.try_as<int>().value_or(options.depth);
    options.hidden = given.try_get<bool>(key<"showHidden">).value_or(false);
    return options;
  }

  void install_groups(const Object& console) {
    static constexpr std::size_t step = 2;
    for (const char* name : {"group", "groupCollapsed"}) {
      add(console, name, [](Console& self, const Arguments& arguments) {
        if (arguments.size() > 0) self.print_values(Stream::out, arguments);
        self.indentation_ += step;
      });
    }
    add(console, "groupEnd", [](Console& self, const Arguments&) {
      self.indentation_ -= self.indentation_ == 0 ? 0 : step;
    });
  }

  void install_counters(const Object& console) {
    add(console, "count", [](Console& self, const Arguments& arguments) {
      const std::string label = label_of(arguments);
      self.print(Stream::out, label + ": " + std::to_string(++self.counters_[label]));
    });
    add(console, "countReset", [](Console& self, const Arguments& arguments) {
      const std::string label = label_of(arguments);
      if (self.counters_.erase(label) == 0) self.warn("Count for '" + label + "' does not exist");
    });
  }

  void install_timers(const Object& console) {
    add(console, "time", [](Console& self, const Arguments& arguments) {
      const std::string label = label_of(arguments);
      if (!self.timers_.emplace(label, Time::now()).second) {
        self.warn("Label '" + label + "' already exists");
      }
    });
    add(console, "timeLog", [](Console& self, const Arguments& arguments) {
      self.print_time(label_of(arguments), without_first(arguments));
    });
    add(console, "timeEnd", [](Console& self, const Arguments& arguments) {
      const std::string label = label_of(arguments);
      self.print_time(label, {});
      self.timers_.erase(label);
    });
  }

  void print_time(const std::string& label, const std::vector<Value>& details) const {
    const auto timer = timers_.find(label);
    if (timer == timers_.end()) return warn("No such label '" + label + "'");
    const std::chrono::duration<double, std::milli> elapsed = Time::now() - timer->second;
    std::array<char, 64> number{};
    std::snprintf(number.data(), number.size(), "%.3fms", elapsed.count());
    const std::string rest = format(details);
    print(Stream::out, label + ": " + number.data() + (rest.empty() ? "" : " " + rest));
  }

  void warn(const std::string& text) const { print(Stream::error, "Warning: " + text); }

  void print_values(Stream stream, const Arguments& arguments) const {
    print(stream, format(arguments.values));
  }

  void print(Stream stream, std::string_view text) const {
    print_(stream, std::string(indentation_, ' ') + indented(text, indentation_));
  }

  Print print_;
  std::size_t indentation_ = 0;
  std::map<std::string, std::size_t> counters_;
  std::map<std::string, Time::time_point> timers_;
};

void print_to_standard(Stream stream, std::string_view text) {
  // an earlier line must not come out after one on standard error
  if (stream == Stream::error) std::fflush(stdout);
  const std::string line = std::string(text) + '\n';
  std::fwrite(line.data(), 1, line.size(), stream == Stream::error ? stderr : stdout);
}

}  // namespace

void install_console(const Ctx& ctx, Print print) {
  keep_facts(ctx);
  std::make_shared<Console>(print ? std::move(print) : Print(&print_to_standard))->install(ctx);
}

}  // namespace quip::web
