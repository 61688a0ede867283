// A handle under another name, for code that distinguishes values in use from values kept.
#pragma once

#include <quip/value/value.hpp>

#include <concepts>
#include <cstddef>
#include <functional>
#include <utility>

namespace quip {

namespace detail {
/// Whether two handles hold the same value as the engine represents it, in the same runtime.
bool same_reference(const Handle& a, const Handle& b) noexcept;
/// A hash that goes with it.
std::size_t reference_hash(const Handle& handle) noexcept;
}  // namespace detail

/// A value that is kept, and cannot be used before it is restored in a context.
///
/// Every handle of quip may be kept anywhere, so that a Persistent is hardly ever needed: where an
/// `Object` or a `Function` does, use that. It is for three cases: as a key of a container (it has
/// a hash, and equality runs no script), for code that passes values on and must not use them, and
/// where a value is to be used in *another* context than the one it was made in: `restore` gives a
/// handle that belongs to the context that it is restored in.
///
/// It may be moved to any thread and be dropped there, as a handle may. `T` is a handle type.
template <std::derived_from<Value> T = Value>
class Persistent {
 public:
  /// Of nothing: to restore it is RuntimeGone.
  Persistent() noexcept = default;
  /// Keeps a value. An Error when it is of another runtime than the context.
  [[nodiscard]] static Persistent save(const Ctx& ctx, const T& value) {
    return try_save(ctx, value).value();
  }
  /// As `save`, with the error as a value.
  [[nodiscard]] static Result<Persistent> try_save(const Ctx& ctx, const T& value) {
    return in(ctx, value).transform([](T&& kept) { return Persistent(std::move(kept)); });
  }

  /// The value, as a handle of that context. An Error in another runtime; RuntimeGone after the
  /// value's own has ended, and for a Persistent of nothing. The Persistent stays as it is.
  [[nodiscard]] T restore(const Ctx& ctx) const { return try_restore(ctx).value(); }
  /// As `restore`, with the error as a value.
  [[nodiscard]] Result<T> try_restore(const Ctx& ctx) const { return in(ctx, value_); }

  /// Whether both keep the same thing: of objects and symbols the very same one, of other values
  /// the engine's own representation (two strings of the same text may differ). Runs no script, and
  /// may be asked on any thread.
  friend bool operator==(const Persistent& a, const Persistent& b) noexcept {
    return detail::same_reference(a.value_.handle(), b.value_.handle());
  }
  /// A hash that goes with `==`.
  [[nodiscard]] std::size_t hash() const noexcept {
    return detail::reference_hash(value_.handle());
  }

 private:
  explicit Persistent(T value) noexcept : value_(std::move(value)) {}
  static Result<T> in(const Ctx& ctx, const T& value) {
    detail::Realm* realm = ctx.realm();
    const detail::Entry entry(realm);
    if (!entry) return detail::refusal(realm);
    const detail::Realm* own_realm = value.handle().realm();
    if (own_realm->core == &detail::no_core || own_realm->core->closing) {
      return detail::refusal(own_realm);
    }
    JSValue own = detail::give_handle(realm->context, value.handle());
    if (engine::is_exception(own)) return detail::caught(realm);
    return T(detail::Handle(realm, own));
  }
  T value_;
};

}  // namespace quip

template <class T>
struct std::hash<quip::Persistent<T>> {
  std::size_t operator()(const quip::Persistent<T>& kept) const noexcept { return kept.hash(); }
};
