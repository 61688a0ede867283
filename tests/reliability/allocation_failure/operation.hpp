// What the test does while allocations fail: operations of the public API, each in a runtime of its
// own.
#pragma once

#include <quip/quip.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {

/// A result that is neither right nor an error.
struct WrongResult {
  const char* what;
};
inline void expect(bool is_right, const char* what = "a wrong result") {
  if (!is_right) throw WrongResult{what};
}

/// The same for a text; what it is instead is told.
void expect_text(const std::string& text, std::string_view expected);

/// What an operation is prepared in, fresh for each attempt; the runtime and the context are made
/// when they are first asked for.
class World {
 public:
  World() = default;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() = default;

  /// Options for a runtime of the operation's own, on the heap whose allocations fail.
  [[nodiscard]] static RuntimeOptions options();

  Runtime& runtime();
  const Context& context();
  Ctx ctx();
  template <class T = Value>
  T eval(std::string_view source) {
    return ctx().eval<T>(source);
  }
  /// The loop runs until nothing is left.
  void run() { runtime().run(); }

  /// Whether an error came to a handler of the runtime.
  [[nodiscard]] bool was_told() const noexcept { return was_told_; }
  [[nodiscard]] bool has_context() const noexcept { return context_.has_value(); }
  /// Throws WrongResult unless the runtime still does everything.
  void check();
  /// Ends the runtime; handles may still be there.
  void end() noexcept;

 private:
  bool was_told_ = false;
  std::optional<Runtime> runtime_;
  std::optional<Context> context_;
};

enum class Source : std::uint8_t {
  none,       ///< no source text is parsed
  evaluated,  ///< one is: scripts, modules, regular expressions
};
enum class Where : std::uint8_t {
  inside,   ///< in a Context::with, as callbacks are
  outside,  ///< as from a program's main function
};

struct Operation {
  std::string_view name;
  Source source = Source::none;
  Where where = Where::inside;
  /// Prepares the operation and returns it, which throws WrongResult, or an error.
  std::function<std::function<void()>(World& world)> prepare;
};

using Operations = std::vector<Operation>;
Operations core_operations();
Operations script_operations();
Operations error_operations();
Operations value_operations();
Operations object_operations();
Operations buffer_operations();
Operations conversion_operations();
Operations record_operations();
Operations function_operations();
Operations class_operations();
Operations module_operations();
Operations promise_operations();
Operations task_operations();
Operations web_operations();
/// All of them, theme by theme.
const std::vector<std::pair<std::string_view, Operations>>& all_operations();

}  // namespace quip::test
