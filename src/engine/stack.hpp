// The engine's stack of calls, read without running a script. Private to src/.
#pragma once

#include <quip/engine/engine.hpp>

#include <memory>
#include <string>
#include <vector>

namespace quip::engine {

/// One call on the engine's stack.
struct Frame {
  std::string function;  ///< empty for a function without a name
  std::string file;      ///< empty for a function that no script defines
  int line = 0;          ///< where it is, from 1; 0 when that is not known
  int column = 0;
  int first_line = 0;  ///< where the function begins; 0 where the engine does not tell
  int first_column = 0;
  bool is_native = false;
};

/// Reads the stack in a context of its own: what scripts do to theirs makes no difference, and the
/// values that it makes are seen by nobody. Destroyed before the runtime is freed.
class StackReader {
 public:
  /// Null when memory is short.
  static std::unique_ptr<StackReader> make(JSRuntime* rt) noexcept;
  StackReader(const StackReader&) = delete;
  StackReader& operator=(const StackReader&) = delete;
  ~StackReader();

  enum class Outcome : unsigned char {
    whole,
    truncated,   ///< there are more calls, further out
    unreadable,  ///< the engine is making a stack of its own, or memory or stack is short
  };
  /// The frames, the innermost first. The thread holds the runtime; no exception is pending after.
  Outcome read(std::vector<Frame>& frames) noexcept;
  /// Whether a call of `read` is further up the stack.
  [[nodiscard]] bool is_reading() const noexcept { return is_reading_; }

 private:
  explicit StackReader(JSContext* ctx) noexcept : ctx_(ctx) {}
  bool set_up() noexcept;
  bool set_up_sites() noexcept;
  void forgive() noexcept;
  [[nodiscard]] JSValue error_stack(JSValueConst error) noexcept;
  static JSValue take_sites(JSContext* ctx, JSValueConst this_value, int argc,
                            JSValueConst* argv) noexcept;
  bool take_site(JSValueConst site);
  bool ask_text(JSValueConst method, JSValueConst of, std::string& text);
  int ask_number(JSValueConst method, JSValueConst of) noexcept;

  JSContext* ctx_;
  JSValue error_class_ = undefined();  // the context's own Error
  // How an object of the engine's for a call is asked; where there are such.
  JSValue site_function_name_ = undefined();
  JSValue site_function_ = undefined();
  JSValue site_file_ = undefined();
  JSValue site_line_ = undefined();
  JSValue site_column_ = undefined();
  JSValue site_is_native_ = undefined();
  JSValue function_line_ = undefined();
  JSValue function_column_ = undefined();
  std::vector<Frame>* frames_ = nullptr;  // of the `read` that is going on
  bool has_sites_ = false;                // it was given them
  bool is_reading_ = false;
};

/// The frames of an engine's text: lines "    at name (file:line:column)". Throws std::bad_alloc.
std::vector<Frame> parse_stack(std::string_view text);

}  // namespace quip::engine
