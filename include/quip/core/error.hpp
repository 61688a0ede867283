// What goes wrong: one owned error for both directions.
#pragma once

#include <quip/core/lifetime.hpp>

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

class Ctx;
class Value;
class Error;

/// Where an Error came from.
enum class ErrorKind {
  thrown,         ///< a script threw it, or the engine did on a script's behalf
  conversion,     ///< a value was not of the type that C++ asked for
  usage,          ///< made by C++ (Error::type and its kin), or a call that makes no sense
  out_of_memory,  ///< the heap is at its limit, or the script was stopped by the soft one
  runtime_gone,   ///< the runtime of the handle is destroyed, or it may run no script now
  interrupted,    ///< the script was stopped (see core/limits.hpp); no script catches it
};

namespace detail {
struct ErrorData;
}  // namespace detail

/// An error with all that is known about it. It owns its text, so that it may outlive the runtime;
/// copies share one record and never throw. As a C++ exception it comes out of every throwing
/// form; as a value it sits in the Result of every `try_` form.
///
/// A JavaScript exception that reaches C++ is one of these, and goes back as the very value that
/// was thrown. A C++ exception that crossed JavaScript and comes back to a throwing form is
/// rethrown as the original object; in a Result it is `origin()`.
class Error : public std::exception {
 public:
  /// Errors of the JavaScript class that the name says, to throw or to return from a bound
  /// function. They become JavaScript objects only when a script gets to see them.
  static Error plain(std::string message);      ///< Error
  static Error type(std::string message);       ///< TypeError
  static Error range(std::string message);      ///< RangeError
  static Error reference(std::string message);  ///< ReferenceError
  static Error syntax(std::string message);     ///< SyntaxError
  /// An error of another name, such as "DataCloneError": an Error object with a `name` of its own.
  static Error named(std::string name, std::string message);
  /// An error that throws a JavaScript value of any kind: thrown to a script it is that very value.
  /// Of an Error object it has all details, of another value its text as message. What the getters
  /// of the object throw is left out. Of an empty handle it is RuntimeGone.
  static Error of(const Value& value) noexcept;
  /// The value was not what C++ asked for: a TypeError whose message reads
  /// "expected `expected`, got `actual`", behind the path that `at` adds.
  static Error conversion(std::string expected, std::string actual);
  /// A number of the right kind that does not fit: as `conversion`, but a RangeError.
  static Error out_of_range(std::string expected, std::string actual);
  /// The C++ exception as an error: quip::Error as it is, others with the JavaScript class that
  /// fits (out_of_range, length_error, domain_error: RangeError; invalid_argument: TypeError;
  /// bad_alloc: out of memory; system_error: Error whose object has the number as `code`; others:
  /// Error) and with `origin()` set. Inside of a runtime its Runtime::map_exception comes first.
  static Error from(const std::exception_ptr& exception) noexcept;

  Error(const Error&) noexcept = default;
  Error(Error&&) noexcept = default;
  Error& operator=(const Error&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  ~Error() override;

  [[nodiscard]] ErrorKind kind() const noexcept;
  /// The name of the error's class, e.g. "TypeError"; empty when a script threw a value that is
  /// no Error object.
  [[nodiscard]] const std::string& name() const noexcept;
  /// The message; for a thrown value that is no Error object, the value as text.
  [[nodiscard]] const std::string& message() const noexcept;
  /// The script's stack, a line a frame, innermost first; empty when there is none.
  [[nodiscard]] const std::string& stack() const noexcept;
  /// The file of the innermost script frame; empty when not known.
  [[nodiscard]] const std::string& file() const noexcept;
  /// Line and column of the innermost script frame, from 1; 0 when not known.
  [[nodiscard]] int line() const noexcept;
  [[nodiscard]] int column() const noexcept;
  /// The error's `cause` when that is an Error object too, else null. Lives as long as this error.
  [[nodiscard]] const Error* cause() const noexcept;
  /// All problems of a conversion that was asked for them (Problems::all), in the order of the
  /// value's parts; empty for other errors. Lives as long as this error.
  [[nodiscard]] const std::vector<Error>& problems() const noexcept;
  /// The thrown JavaScript value; an empty Value for an error that no script has seen.
  [[nodiscard]] Value value() const;
  /// The C++ exception that this error carries, or null.
  [[nodiscard]] std::exception_ptr origin() const noexcept;
  /// The same error with nothing of its runtime: without the thrown value, which is text from here
  /// on, also in its causes. It keeps no heap alive, and means the same on every thread.
  [[nodiscard]] Error detached() const noexcept;
  /// True when name() is the given one.
  [[nodiscard]] bool is(std::string_view name) const noexcept;
  /// "Name: message", then the stack on the lines below.
  [[nodiscard]] const char* what() const noexcept override;

  /// Adds a step to the front of a conversion error's path: at("port") makes "port: expected …",
  /// a second at("servers[2]") makes "servers[2].port: expected …". Other errors stay as they are.
  Error& at(std::string_view step) &;
  Error&& at(std::string_view step) &&;

  /// Throws this error the way that the throwing forms do: the original C++ exception if it
  /// carries one, RuntimeGone for that kind, else itself.
  [[noreturn]] void raise() const;

 protected:
  explicit Error(std::shared_ptr<detail::ErrorData> data) noexcept;

 private:
  friend struct detail::ErrorData;
  std::shared_ptr<detail::ErrorData> data_;
};

/// A handle was used after its runtime was destroyed, or where no script may run.
class RuntimeGone final : public Error {
 public:
  RuntimeGone();
  explicit RuntimeGone(const Error& error) noexcept;
};

namespace detail {

/// The pending exception of the engine as an error; afterwards none is pending.
Error caught(Realm* realm) noexcept;
/// A conversion error (see Error::conversion) whose message is said in full.
Error mismatch(std::string message);
/// A value as the error that throws it; `backtrace` is the stack of its throw as a string, or
/// undefined. The thread has entered the runtime.
Error error_of(Realm* realm, JSValueConst value,
               JSValueConst backtrace = engine::undefined()) noexcept;
/// Whether it stops the scripts of a runtime: none of them catches it.
bool is_stop(const Error& error) noexcept;
/// Why an Entry was refused.
Error refusal(const Realm* realm) noexcept;
/// Makes the error the engine's pending exception and returns JS_EXCEPTION. `origin` is the C++
/// exception that the script's Error object is to carry.
JSValue throw_error(JSContext* ctx, const Error& error, std::exception_ptr origin = {}) noexcept;
/// The same for the C++ exception that is being handled.
JSValue throw_current(JSContext* ctx) noexcept;
JSValue throw_current(JSContext* ctx, const std::exception& exception) noexcept;
/// A conversion error's path, e.g. "servers[2].port", and its message without it.
const std::string& conversion_path(const Error& error) noexcept;
const std::string& conversion_expectation(const Error& error) noexcept;
/// A value that is no instance of a class: its message reads "parameter 1 is not of type 'Box' (got
/// string)", with the path that `at` adds.
Error not_of_type(std::string_view type, std::string_view actual);
/// A conversion error that reads "the value <tail>", and behind a path "parameter 1 <tail>".
Error unfit(std::string tail);
/// The same error with text before its message, for the script that is to see it.
Error with_prefix(const Error& error, std::string_view prefix);
JSValue throw_stack_overflow(JSContext* ctx) noexcept;

}  // namespace detail
}  // namespace quip
