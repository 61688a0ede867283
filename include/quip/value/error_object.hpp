// Error objects, to make, to look at and to throw.
#pragma once

#include <quip/core/error.hpp>
#include <quip/value/object.hpp>

#include <string>
#include <string_view>

namespace quip {

/// A JavaScript Error object (ECMA-262 20.5), of any class derived from Error. quip::Error is what
/// C++ throws and catches; this is the object that a script sees.
///
/// To throw this very object: `throw object.to_error();`, or return `object.to_error()` where a
/// Result is asked for.
class ErrorObject : public Object {
 public:
  /// An empty handle.
  ErrorObject() noexcept = default;
  /// The object that an Error is to a script: the one that was thrown, or a new one of its class.
  /// Throws a conversion error for an Error that stands for a thrown value of another kind.
  ErrorObject(const Ctx& ctx, const Error& error) : ErrorObject(try_make(ctx, error).value()) {}
  /// As the constructor, with the error as a value.
  static Result<ErrorObject> try_make(const Ctx& ctx, const Error& error);
  /// A new object of class Error with that message.
  ErrorObject(const Ctx& ctx, std::string_view message)
      : ErrorObject(ctx, Error::plain(std::string(message))) {}
  /// New objects of the classes that the names say.
  static ErrorObject type_error(const Ctx& ctx, std::string_view message) {
    return {ctx, Error::type(std::string(message))};
  }
  static ErrorObject range_error(const Ctx& ctx, std::string_view message) {
    return {ctx, Error::range(std::string(message))};
  }
  static ErrorObject reference_error(const Ctx& ctx, std::string_view message) {
    return {ctx, Error::reference(std::string(message))};
  }
  static ErrorObject syntax_error(const Ctx& ctx, std::string_view message) {
    return {ctx, Error::syntax(std::string(message))};
  }

  /// The `name`, for instance "TypeError"; empty when it is no string. Runs a script's getter.
  [[nodiscard]] std::string name() const { return try_name().value(); }
  [[nodiscard]] Result<std::string> try_name() const;
  /// The `message`; empty when it is no string. Runs a script's getter.
  [[nodiscard]] std::string message() const { return try_message().value(); }
  [[nodiscard]] Result<std::string> try_message() const;
  /// The `stack`, a line a frame; empty when it is no string. Runs a script's getter.
  [[nodiscard]] std::string stack() const { return try_stack().value(); }
  [[nodiscard]] Result<std::string> try_stack() const;
  /// The `cause`, any value; undefined when there is none. Runs a script's getter.
  [[nodiscard]] Value cause() const { return try_cause().value(); }
  [[nodiscard]] Result<Value> try_cause() const { return try_get(key<"cause">); }

  /// The object as an Error with all its details, to throw or to keep.
  [[nodiscard]] Error to_error() const noexcept { return Error::of(*this); }

  /// @internal
  static constexpr std::string_view type_name = "error";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_error(value.context(), value.raw());
  }
  explicit ErrorObject(detail::Handle handle) noexcept : Object(std::move(handle)) {}
};

template <>
struct Convert<ErrorObject> : detail::ConvertHandle<ErrorObject> {};

}  // namespace quip
