// The C side of the comparison: an engine as a C program would have it, without quip.
#pragma once

#include "row.hpp"
#include <quip/engine/engine.hpp>

#include <cstdlib>
#include <cstring>
#include <iostream>
#include <vector>

namespace bench {

// Values such as undefined: the engines' macros for them are no C++ to every compiler.
namespace engine = quip::engine;

/// Ends the program: a benchmark that fails measures nothing.
[[noreturn]] inline void fail(const char* what) {
  std::cerr << "benchmark failed: " << what << '\n';
  std::abort();
}

inline JSValue checked(JSValue value, const char* what) {
  if (JS_IsException(value)) fail(what);
  return value;
}

/// A JSRuntime and a JSContext, and the values that rows hold until the end.
class CHost {
 public:
  CHost() : runtime_(JS_NewRuntime()), context_(JS_NewContext(runtime_)) {}
  CHost(const CHost&) = delete;
  CHost& operator=(const CHost&) = delete;
  ~CHost() {
    for (JSAtom atom : atoms_) JS_FreeAtom(context_, atom);
    for (JSValue value : values_) JS_FreeValue(context_, value);
    JS_FreeContext(context_);
    JS_FreeRuntime(runtime_);
  }
  [[nodiscard]] JSRuntime* runtime() const { return runtime_; }
  [[nodiscard]] JSContext* context() const { return context_; }

  JSValue own(JSValue value) {
    values_.push_back(checked(value, "a value of the C side"));
    return value;
  }
  JSAtom own_atom(const char* name) { return atoms_.emplace_back(JS_NewAtom(context_, name)); }
  JSValue eval(const char* source) {
    return own(JS_Eval(context_, source, std::strlen(source), "<bench>", JS_EVAL_TYPE_GLOBAL));
  }
  JSValue function(JSCFunction* native, int length) {
    return own(JS_NewCFunction(context_, native, "f", length));
  }

 private:
  JSRuntime* runtime_;
  JSContext* context_;
  std::vector<JSValue> values_;
  std::vector<JSAtom> atoms_;
};

/// Room for blocks of every small size in a runtime's own memory. quickjs-ng takes 4 KiB from the
/// system for each size, and gives them back with their last block. An operation that begins when
/// all of them are full takes and gives back 4 KiB each time: 750 instructions on a row of 3,000.
/// Whether one does is an accident of what other rows have left behind. Bellard's engine has no
/// such memory, and is left alone.
class Room {
 public:
  explicit Room(JSContext* ctx) : runtime_(JS_GetRuntime(ctx)) {
    if constexpr (!engine::has_new_array_from) return;  // Bellard's engine
    constexpr std::size_t chunk = 4096;
    constexpr std::size_t chunks = 8;
    constexpr std::size_t largest = 504;
    std::vector<void*> blocks(chunks * chunk / 8);
    for (std::size_t size = 8; size <= largest; size += 8) {
      const std::size_t count = chunks * chunk / size;
      for (std::size_t i = 0; i < count; ++i) blocks[i] = js_malloc_rt(runtime_, size);
      // two of each chunk stay
      for (std::size_t i = 0; i < count; ++i) {
        if (i % (chunk / size / 2) == 0) {
          kept_.push_back(blocks[i]);
        } else {
          js_free_rt(runtime_, blocks[i]);
        }
      }
    }
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    for (void* block : kept_) js_free_rt(runtime_, block);
  }

 private:
  JSRuntime* runtime_;
  std::vector<void*> kept_;
};

/// Calls `loop(function, argument, n)` of the engine: the same script drives every variant. The
/// values are borrowed; their owners outlive the row.
inline Run script_loop(JSContext* ctx, JSValue loop, JSValue function, JSValue argument) {
  return [=](std::int64_t n) {
    JSValue arguments[3] = {function, argument, engine::int32(static_cast<std::int32_t>(n))};
    JS_FreeValue(ctx, checked(JS_Call(ctx, loop, engine::undefined(), 3, arguments), "loop"));
  };
}

// `var`, not `let`: an increment of a checked variable takes the slow path of Bellard's engine and
// would hide what is measured.
inline constexpr const char* loop_of_sums =
    "(function(f,x,n){var r=0;for(var i=0;i<n;i++)r=f(i,1);return r;})";
inline constexpr const char* loop_with_argument =
    "(function(f,x,n){var r=0;for(var i=0;i<n;i++)r=f(x);return r;})";
inline constexpr const char* loop_without_argument =
    "(function(f,x,n){var r=0;for(var i=0;i<n;i++)r=f();return r;})";
inline constexpr const char* loop_that_catches =
    "(function(f,x,n){var c=0;for(var i=0;i<n;i++){try{f();}catch(e){c++;}}"
    "if(c!==n)throw new Error('not thrown');return c;})";

}  // namespace bench
