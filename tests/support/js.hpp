// What most tests stand on: a runtime with a context, and tables of script in, type and text out.
#pragma once

#include <quip/quip.hpp>

#include <gtest/gtest.h>

#include <concepts>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip::test {

/// Whether the engine collects garbage at every allocation, which makes large tests very long and
/// garbage short-lived: that of quip_tests_gc_stress does.
bool is_gc_stress() noexcept;

/// How deep a value nests that is to be too deep for the stack.
inline int very_deep() noexcept { return is_gc_stress() ? 5000 : 100000; }

/// A value as a table test writes it.
struct Shown {
  std::string type;  ///< "number", "string", "array", …; "throws" for an error
  std::string
      text;  ///< String(value); of an error "Name: message", of another thrown value its text

  friend bool operator==(const Shown&, const Shown&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Shown& shown) {
    return out << shown.type << " `" << shown.text << '`';
  }
};

inline Shown show(const Error& error) {
  return {"throws", error.name().empty() ? error.message() : error.name() + ": " + error.message()};
}

inline Shown show(const Value& value) {
  // String(symbol) is defined for symbols, but not as a conversion to text
  if (value.is_symbol())
    return {"symbol", "Symbol(" + value.as<Symbol>().description().value_or("") + ")"};
  Result<std::string> text = value.try_to_display_string();
  return {std::string(to_string(value.type())), text ? *text : show(text.error()).text};
}

template <class T>
Shown show(const Result<T>& result) {
  if constexpr (std::is_void_v<T>) {
    return result ? Shown{"undefined", "undefined"} : show(result.error());
  } else if constexpr (std::is_base_of_v<Value, T>) {
    return result ? show(*result) : show(result.error());
  } else {
    return result ? Shown{"converted", ::testing::PrintToString(*result)} : show(result.error());
  }
}

/// Runs the script and compares what comes out. The failure message names the caller's line.
inline void expect_eval(const Ctx& ctx, std::string_view script, std::string_view type,
                        std::string_view text,
                        std::source_location where = std::source_location::current()) {
  const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                     "script: " + std::string(script));
  EXPECT_EQ(show(ctx.try_eval(script)), (Shown{std::string(type), std::string(text)}));
}

inline void expect_eval(const Context& context, std::string_view script, std::string_view type,
                        std::string_view text,
                        std::source_location where = std::source_location::current()) {
  context.with([&](Ctx ctx) { expect_eval(ctx, script, type, text, where); });
}

/// A runtime and a full context for each test.
class JsTest : public ::testing::Test {
 protected:
  /// f(ctx) with the runtime entered.
  template <class F>
  decltype(auto) with(F&& f) {
    return context.with(std::forward<F>(f));
  }
  template <class T = Value>
  T eval(std::string_view script) {
    return context.with([&](Ctx ctx) { return ctx.eval<T>(script); });
  }
  template <class T = Value>
  Result<T> try_eval(std::string_view script) {
    return context.with([&](Ctx ctx) { return ctx.try_eval<T>(script); });
  }
  /// globalThis[name] = value, where a callable becomes a function.
  template <class T>
  void define(const char* name, T&& value) {
    context.with(
        [&](Ctx ctx) { ctx.globals().set(std::string_view(name), std::forward<T>(value)); });
  }
  /// See test::expect_eval.
  void expect_eval(std::string_view script, std::string_view type, std::string_view text,
                   std::source_location where = std::source_location::current()) {
    test::expect_eval(context, script, type, text, where);
  }
  /// The same in another Context, or inside a `with`.
  template <class C>
    requires std::same_as<C, Context> || std::same_as<C, Ctx>
  static void expect_eval(const C& other, std::string_view script, std::string_view type,
                          std::string_view text,
                          std::source_location where = std::source_location::current()) {
    test::expect_eval(other, script, type, text, where);
  }

  Runtime runtime;
  Context context{runtime};
};

}  // namespace quip::test
