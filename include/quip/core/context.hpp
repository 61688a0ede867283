// Where scripts run: Context owns a realm (globals, prototypes), Ctx is the right to use one now.
#pragma once

#include <quip/core/convert.hpp>
#include <quip/core/lifetime.hpp>
#include <quip/core/result.hpp>

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace quip {

class ImportAttributes;
class Runtime;
class Value;
class Object;
template <class T = Value>
class Promise;
template <class T = void>
class Task;
class Context;

/// How a source text is evaluated.
struct EvalOptions {
  /// The name in stacks and error messages.
  std::string filename = "<eval>";
  /// Strict mode without a "use strict".
  bool strict = false;
  /// Stacks of errors do not show the frames that called eval.
  bool backtrace_barrier = false;
};

/// The right to use a context's realm: what `Context::with` and bound functions are given. It owns
/// nothing and is as cheap as a pointer. Use it in the scope that it was given for (a function
/// that JS owns may also keep the Ctx that it was made in); keep a Context to come back later.
class Ctx {
 public:
  /// The global object.
  [[nodiscard]] Object globals() const;
  [[nodiscard]] Result<Object> try_globals() const;

  /// Evaluates a script in the global scope and converts the value of its last statement.
  /// ECMA-262 16.1, engine: JS_Eval. Throws what the script throws, and conversion errors.
  template <class T = Value>
  T eval(std::string_view source, const EvalOptions& options = {}) const {
    return try_eval<T>(source, options).value();
  }
  /// As `eval`, with the error as a value.
  template <class T = Value>
  Result<T> try_eval(std::string_view source, const EvalOptions& options = {}) const {
    detail::Entry entry(realm_);
    if (!entry) [[unlikely]]
      return detail::refusal(realm_);
    return detail::from_owned<T>(realm_, evaluate(source, options));
  }
  /// Evaluates a file's text as a script; its name in stacks is the path. Throws Error, also when
  /// the file cannot be read.
  template <class T = Value>
  T eval_file(const std::filesystem::path& path, EvalOptions options = {}) const {
    return try_eval_file<T>(path, std::move(options)).value();
  }
  /// As `eval_file`, with the error as a value.
  template <class T = Value>
  Result<T> try_eval_file(const std::filesystem::path& path, EvalOptions options = {}) const {
    Result<std::string> source = read_source(path);
    if (!source) return std::move(source).error();
    options.filename = path.generic_string();
    return try_eval<T>(*source, options);
  }
  /// Declares and evaluates an ES module (ECMA-262 16.2, see Module) whose name is `name`: the base
  /// that its imports are resolved against. Its `import.meta.main` is true. The promise settles
  /// when the module, top-level awaits included, has run, which needs Runtime::run. Throws when the
  /// module or one that it imports cannot be loaded, parsed or linked, and when the context has a
  /// module of that name; what its body throws rejects the promise.
  Promise<> eval_module(std::string_view source, const std::string& name) const;
  /// As `eval_module`, with the error as a value.
  Result<Promise<>> try_eval_module(std::string_view source, const std::string& name) const;
  /// Evaluates a file's text as a module; its name is the path, absolute and with links resolved.
  /// Throws Error, also when the file cannot be read.
  Promise<> eval_module_file(const std::filesystem::path& path) const;
  /// As `eval_module_file`, with the error as a value.
  Result<Promise<>> try_eval_module_file(const std::filesystem::path& path) const;
  /// The `import(specifier)` of JavaScript (ECMA-262 13.3.10): a promise of the module's namespace
  /// object, or of what went wrong. Nothing is loaded before Runtime::run. The specifier is
  /// resolved against `base`, the name of a module; an empty one is that of no module.
  [[nodiscard]] Promise<> import(std::string_view specifier, std::string_view base = {}) const;
  /// As `import`, with import attributes.
  [[nodiscard]] Promise<> import(std::string_view specifier, std::string_view base,
                                 const ImportAttributes& attributes) const;
  /// As `import`, with what the engine cannot even try as an error: short memory, a NUL in a name,
  /// attributes where the engine has none.
  [[nodiscard]] Result<Promise<>> try_import(std::string_view specifier,
                                             std::string_view base = {}) const;
  [[nodiscard]] Result<Promise<>> try_import(std::string_view specifier, std::string_view base,
                                             const ImportAttributes& attributes) const;

  /// Begins a task, which the runtime then owns, and returns a promise of its result (see Task). It
  /// runs at once until it waits for the first time. A stopped token has what it waits for end with
  /// an AbortError; the token may be stopped on any thread.
  template <class T>
  Promise<T> spawn(Task<T> task, std::stop_token token = {}) const;
  /// As `spawn`, with the error as a value.
  template <class T>
  Result<Promise<T>> try_spawn(Task<T> task, std::stop_token token = {}) const;

  /// An owning handle of the same realm.
  [[nodiscard]] Context context() const;

  /// The engine's context, borrowed.
  [[nodiscard]] JSContext* raw() const noexcept { return realm_->context; }
  /// @internal
  explicit Ctx(detail::Realm* realm) noexcept : realm_(realm) {}
  [[nodiscard]] detail::Realm* realm() const noexcept { return realm_; }

 private:
  [[nodiscard]] JSValue evaluate(std::string_view source, const EvalOptions& options) const;
  static Result<std::string> read_source(const std::filesystem::path& path);
  detail::Realm* realm_;
};

/// A realm: a global object with the standard library. A runtime may have many; values travel
/// between them freely. A Context is a counted handle like a Value: the realm lives until its last
/// Context, handle and function are gone, or the Runtime is destroyed.
class Context {
 public:
  /// A realm with the whole standard library. Throws Error when memory is short.
  explicit Context(const Runtime& runtime);
  /// As the constructor, with the error as a value.
  static Result<Context> try_make(const Runtime& runtime);
  /// A realm with the base objects (Object, Function, Array, Error, Number, String, Math, …) and
  /// eval alone: half the memory and half the start-up time of a full one.
  static Context base(const Runtime& runtime) { return try_make_base(runtime).value(); }
  /// As `base`, with the error as a value.
  static Result<Context> try_make_base(const Runtime& runtime);

  /// Calls f(ctx) while holding the runtime's lock, and returns what it returns. The outermost
  /// call on a thread fits the engine's stack limit to that thread; calls may nest.
  /// Throws RuntimeGone, and what f throws.
  template <class F>
  decltype(auto) with(F&& f) const {
    detail::Realm* realm = handle_.realm();
    detail::Entry entry(realm);
    if (!entry) [[unlikely]]
      detail::refusal(realm).raise();
    return std::forward<F>(f)(Ctx(realm));
  }

  friend bool operator==(const Context& a, const Context& b) noexcept {
    return a.handle_.realm() == b.handle_.realm();
  }

  Context(const Context& other) noexcept : Context(other.handle_) {}
  Context(Context&& other) noexcept = default;
  Context& operator=(const Context& other) noexcept {
    Context copy(other);
    handle_.swap(copy.handle_);
    return *this;
  }
  Context& operator=(Context&& other) noexcept {
    Context moved(std::move(other));
    handle_.swap(moved.handle_);
    return *this;
  }
  ~Context() {
    if (!handle_.empty()) detail::context_gone(handle_.realm());
  }

  /// @internal
  explicit Context(detail::Handle handle) noexcept : handle_(std::move(handle)) {
    if (!handle_.empty()) handle_.realm()->contexts.fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] const detail::Handle& handle() const noexcept { return handle_; }

 private:
  detail::Handle handle_;  // a handle of no value: it counts as a user of the realm
};

}  // namespace quip
