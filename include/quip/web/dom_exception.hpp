// DOMException: the errors of the web's interfaces, told apart by their names.
#pragma once

#include <quip/convert/number.hpp>
#include <quip/value/error_object.hpp>

#include <string_view>

namespace quip::web {

/// A JavaScript DOMException (Web IDL 2.8.1): an Error object whose `name` says what happened, such
/// as "AbortError", "TimeoutError" or "DataCloneError", and that has the legacy `code` of that
/// name. An engine's own is used where there is one. Elsewhere a context gets the class with the
/// first helper that needs it; its objects then have name, message and code as properties of their
/// own, which cannot be written.
///
/// To throw one: `throw DOMException(ctx, "…", "AbortError").to_error();`
class DOMException : public ErrorObject {
 public:
  /// An empty handle.
  DOMException() noexcept = default;
  /// A new one with that message and name. Throws Error when memory is short.
  DOMException(const Ctx& ctx, std::string_view message, std::string_view name = "Error")
      : DOMException(try_make(ctx, message, name).value()) {}
  /// As the constructor, with the error as a value.
  static Result<DOMException> try_make(const Ctx& ctx, std::string_view message,
                                       std::string_view name = "Error");
  /// One as the Error that throws it; the reason why there is none, when it cannot be made.
  static Error error(const Ctx& ctx, std::string_view message, std::string_view name);

  /// The legacy code of the name, e.g. 20 for "AbortError"; 0 for names that have none.
  [[nodiscard]] int code() const { return try_code().value(); }
  [[nodiscard]] Result<int> try_code() const { return try_get<int>(key<"code">); }

  /// Defines the global DOMException where the context has none. Throws Error when memory is short.
  static void install(const Ctx& ctx) { try_install(ctx).value(); }
  static Result<void> try_install(const Ctx& ctx);

  /// @internal
  static constexpr std::string_view type_name = "DOMException";
  static bool accepts(ValueRef value) noexcept;
  explicit DOMException(detail::Handle handle) noexcept : ErrorObject(std::move(handle)) {}
};

}  // namespace quip::web

template <>
struct quip::Convert<quip::web::DOMException>
    : quip::detail::ConvertHandle<quip::web::DOMException> {};
