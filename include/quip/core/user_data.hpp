// C++ objects that belong to a runtime or a context, found by their types: what a bound function
// needs of its host, without globals.
//
//     ctx.data().set(Session{user});                        // of this context
//     ctx.runtime_data().set(Config::load());               // of the whole runtime
//     …
//     auto session = ctx.data().get<Session>();             // a std::shared_ptr<Session>
#pragma once

#include <quip/convert/trace.hpp>
#include <quip/core/context.hpp>
#include <quip/core/result.hpp>
#include <quip/core/runtime.hpp>

#include <memory>
#include <new>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace quip {

namespace detail {
/// Shows what the object behind the pointer holds; null for types that hold nothing.
using TraceData = void (*)(const std::shared_ptr<void>& object, Tracer& tracer);

/// A type as the key of its object, and how it is traced.
struct DataType {
  const std::type_info* type;
  TraceData trace;
};
}  // namespace detail

/// The C++ objects of a runtime or of a context: at most one of each type. What `Ctx::data`,
/// `Ctx::runtime_data` and `Runtime::data` return, as cheap as a pointer, for as long.
///
/// Objects are shared: who has fetched one keeps it, also when it is replaced or removed meanwhile,
/// or when its context has ended. Which object is there is safe to ask and change on any thread;
/// what threads do with the object itself is its own business.
///
/// **They end**, each container's last set first, when the context ends or the runtime is
/// destroyed: those of contexts together with the C++ objects that JavaScript owns, those of the
/// runtime behind all of them. They may hold JS handles. Those of a context are traced (see
/// quip::Trace), so that a handle in them does not keep the context alive; what is not shown does,
/// until the runtime ends. A handle in the data of the runtime keeps its context alive until the
/// runtime ends.
class TypedData {
 public:
  /// Puts an object there, in place of one of the same type. Returns it. Throws RuntimeGone, Error
  /// when memory is short, and what the move constructor throws.
  template <class T>
  std::shared_ptr<std::decay_t<T>> set(T&& object) const {
    return emplace<std::decay_t<T>>(std::forward<T>(object));
  }
  /// As `set`, with the error as a value.
  template <class T>
  Result<std::shared_ptr<std::decay_t<T>>> try_set(T&& object) const {
    return try_share(std::make_shared<std::decay_t<T>>(std::forward<T>(object)));
  }
  /// As `set`, made in place.
  template <class T, class... Arguments>
  std::shared_ptr<T> emplace(Arguments&&... arguments) const {
    return try_share(std::make_shared<T>(std::forward<Arguments>(arguments)...)).value();
  }
  /// As `set`, with an object that others share already. A null pointer is an Error.
  template <class T>
  void share(std::shared_ptr<T> object) const {
    (void)try_share(std::move(object)).value();
  }
  /// As `share`, with the error as a value.
  template <class T>
  Result<std::shared_ptr<T>> try_share(std::shared_ptr<T> object) const {
    if (Result<void> kept = put(key<T>(), object); !kept) return std::move(kept).error();
    return object;
  }

  /// The object of that type. Throws Error when there is none, and RuntimeGone.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> get() const {
    return try_get<T>().value();
  }
  /// As `get`, with the error as a value.
  template <class T>
  [[nodiscard]] Result<std::shared_ptr<T>> try_get() const {
    return need(key<T>()).transform([](std::shared_ptr<void>&& found) {
      return std::static_pointer_cast<T>(std::move(found));
    });
  }
  /// The object of that type, or null: also when the runtime is gone.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> find() const noexcept {
    return std::static_pointer_cast<T>(look(key<T>()));
  }
  template <class T>
  [[nodiscard]] bool has() const noexcept {
    return look(key<T>()) != nullptr;
  }
  /// The object of that type; made of the arguments when there is none yet. Throws as `set`.
  template <class T, class... Arguments>
  std::shared_ptr<T> get_or_emplace(Arguments&&... arguments) const {
    if (std::shared_ptr<T> found = find<T>()) return found;
    return emplace<T>(std::forward<Arguments>(arguments)...);
  }
  /// Takes the object of that type away; null when there was none.
  template <class T>
  std::shared_ptr<T> take() const noexcept {
    return std::static_pointer_cast<T>(extract(key<T>()));
  }
  /// Ends this place's share of the object of that type; tells whether there was one.
  template <class T>
  bool remove() const noexcept {
    return take<T>() != nullptr;
  }

  /// @internal Of a context, or with a null realm of a runtime.
  TypedData(detail::Core* core, detail::Realm* realm) noexcept : core_(core), realm_(realm) {}

 private:
  template <class T>
  static detail::DataType key() noexcept {
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>,
                  "user data is kept by the type of an object, without const");
    if constexpr (is_traceable<T>) {
      return {&typeid(T), [](const std::shared_ptr<void>& object, Tracer& tracer) {
                // what C++ shares too is no garbage, and no more are the values in it
                if (object.use_count() == 1) tracer(*static_cast<const T*>(object.get()));
              }};
    } else {
      return {&typeid(T), nullptr};
    }
  }
  [[nodiscard]] Result<void> put(detail::DataType type, std::shared_ptr<void> object) const;
  [[nodiscard]] Result<std::shared_ptr<void>> need(detail::DataType type) const;
  [[nodiscard]] std::shared_ptr<void> look(detail::DataType type) const noexcept;
  [[nodiscard]] std::shared_ptr<void> extract(detail::DataType type) const noexcept;

  detail::Core* core_;
  detail::Realm* realm_;
};

}  // namespace quip
