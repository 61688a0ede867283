// The garbage collector's way through C++ objects. A value that a C++ object holds is seen from
// outside of the heap: it stays, whatever refers to that object. A C++ object that JavaScript owns
// can show the values that it holds, and then a cycle through it is collected like any other.
//
// Types show their values by themselves where their parts can be seen: handles, the standard
// containers and smart pointers, plain structs. A class with private members says it:
//
//     class Emitter {
//      public:
//       void trace(quip::Tracer& tracer) const { tracer(listeners_, parent_); }
//
// or has a function `void trace(const Emitter&, quip::Tracer&)` beside it, or a specialisation of
// quip::Trace. What is not shown is kept until the object ends by itself, or with the runtime.
#pragma once

#include <quip/convert/reflect.hpp>
#include <quip/core/context.hpp>
#include <quip/core/result.hpp>
#include <quip/function/signature.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace quip {

class Atom;

namespace detail {

class CoreState;

/// Types whose parts decide whether there is anything to show.
template <class... T>
struct Parts {};

/// The deleter of a std::shared_ptr to an object that a JS object owns. Such a pointer holds the JS
/// object, which shows itself what is in the C++ object.
struct SharedLease {
  Handle object;
  void* lender = nullptr;
  void (*end)(void* lender) noexcept = nullptr;
  void operator()(void*) noexcept {
    if (lender != nullptr) end(std::exchange(lender, nullptr));
    object = Handle();
  }
};

template <class T>
concept OwnsHandle = requires(const T& owner) {
  { owner.handle() } -> std::same_as<const Handle&>;
};
template <class T>
concept TracesItself = requires(const T& object, Tracer& tracer) { object.trace(tracer); };
template <class T>
concept TracedByFunction = requires(const T& object, Tracer& tracer) { trace(object, tracer); };

}  // namespace detail

/// How a type shows the values that it holds; specialise it for a type that is not yours:
///
///     template <> struct quip::Trace<lib::Node> {
///       static void visit(const lib::Node& node, quip::Tracer& tracer) { tracer(node.value()); }
///     };
///
/// It must show what the object owns, and that alone: what an object shows dies with it. It runs no
/// script, copies no handles and changes nothing. (Handles are refused to scripts meanwhile; one
/// shown twice counts once; none is shown while a copy of one is alive; what it throws is ignored.)
template <class T>
struct Trace {};

/// The base of a Trace for a type of which nothing is to be shown.
struct TraceNothing {
  using parts = detail::Parts<>;
  template <class T>
  static void visit(const T&, Tracer&) noexcept {}
};

namespace detail {

template <class T>
concept HasTrace = requires(const T& object, Tracer& tracer) { Trace<T>::visit(object, tracer); };
template <class T>
concept HasTraceOfParts = HasTrace<T> && requires { typename Trace<T>::parts; };

// Braces around the initialisers may be left out: the elements of a member that is an array then
// count as members. The array's own empty braces stand for all of its elements, so that there is
// no room for as many initialisers as otherwise.
template <class T, class Before, class Behind>
inline constexpr bool takes_empty = false;
template <class T, std::size_t... B, std::size_t... A>
  requires requires { T{Anything(B)..., {}, Anything(A)...}; }
inline constexpr bool takes_empty<T, std::index_sequence<B...>, std::index_sequence<A...>> = true;
template <class T, std::size_t I, std::size_t Behind>
inline constexpr bool takes_empty_at =
    takes_empty<T, std::make_index_sequence<I>, std::make_index_sequence<Behind>>;
template <class T, std::size_t I, std::size_t N>
inline constexpr bool is_array_at =
    !takes_empty_at<T, I, N - I - 1> && []<std::size_t... K>(std::index_sequence<K...>) {
      return (false || ... || takes_empty_at<T, I, K>);
    }(std::make_index_sequence<N - I - 1>());
template <class T, std::size_t N>
inline constexpr bool has_array_member = []<std::size_t... I>(std::index_sequence<I...>) {
  return (false || ... || is_array_at<T, I, N>);
}(std::make_index_sequence<N>());

/// A plain struct whose members can be looked at for certain. One that cannot be assigned to may
/// have members that are references, to what it does not own.
template <class T>
consteval bool has_plain_parts() {
  if constexpr (reflectable<T> && std::is_move_assignable_v<T>) {
    constexpr std::size_t count = count_initializers<T>();
    if constexpr (count != 0) {
      return !has_array_member<T, count>;
    }
  }
  return false;
}

struct ListParts {
  template <class... F>
  constexpr Parts<F...> operator()(const F&...) const noexcept {
    return {};
  }
};
template <class T>
using FieldParts =
    decltype(bind_fields<field_count<T>>(std::declval<const T&>(), std::declval<ListParts&>()));

template <class T, class... Seen>
consteval bool holds_handles();
template <class... Seen, class... T>
consteval bool any_holds_handles(Parts<T...>) {
  return (false || ... || holds_handles<std::remove_cv_t<T>, Seen...>());
}
template <class T>
consteval bool owns_nothing() {
  if constexpr (requires { sizeof(T); }) {
    return std::is_trivially_destructible_v<T>;
  } else {
    return true;  // as far as is known here
  }
}
/// `Seen` are the types that T is a part of: a type that is a part of itself adds nothing.
template <class T, class... Seen>
consteval bool holds_handles() {
  // NOLINTNEXTLINE(bugprone-branch-clone): one says that it cannot, the other that it is not seen
  if constexpr (!std::is_object_v<T> || (std::is_same_v<T, Seen> || ...) || owns_nothing<T>()) {
    return false;
  } else if constexpr (HasTraceOfParts<T>) {
    return any_holds_handles<Seen..., T>(typename Trace<T>::parts());
  } else if constexpr (HasTrace<T> || OwnsHandle<T> || std::is_same_v<T, Handle> ||
                       std::is_same_v<T, Atom> || TracesItself<T> || TracedByFunction<T>) {
    return true;
  } else if constexpr (has_plain_parts<T>()) {
    return any_holds_handles<Seen..., T>(FieldParts<T>());
  } else {
    return false;
  }
}

}  // namespace detail

/// Whether a T may hold values that it can show to the garbage collector. Of other types nothing is
/// generated and nothing is called.
template <class T>
inline constexpr bool is_traceable = detail::holds_handles<std::remove_cv_t<T>>();

/// What a `trace` shows the values of an object to. Made by quip alone.
class Tracer {
 public:
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;
  ~Tracer() = default;

  /// Shows whatever the objects hold, if their types tell (see Trace); of other types, nothing.
  /// Pointers and references are not followed: they do not own.
  template <class... T>
  void operator()(const T&... objects) noexcept {
    (visit(objects), ...);
  }

  /// @internal
  Tracer(detail::CoreState& core, std::uintptr_t stack_limit) noexcept
      : core_(core), stack_limit_(stack_limit) {}
  /// @internal Whether code of the user's own took part, which might show a handle twice.
  [[nodiscard]] bool needs_check() const noexcept { return needs_check_; }

 private:
  template <class T>
  void visit(const T& object) noexcept {
    if constexpr (is_traceable<T>) {
      // what is too deep for the stack stays, as what is not shown does
      if (engine::stack_pointer() < stack_limit_) [[unlikely]] {
        return;
      }
      if constexpr (detail::HasTraceOfParts<T>) {
        Trace<T>::visit(object, *this);
      } else if constexpr (detail::HasTrace<T>) {
        visit_by([&] { Trace<T>::visit(object, *this); });
      } else if constexpr (std::is_same_v<T, Context>) {
        add_context(object.handle());
      } else if constexpr (std::is_same_v<T, Atom> || std::is_same_v<T, detail::Handle>) {
        add(object);
      } else if constexpr (detail::TracesItself<T>) {
        visit_by([&] { object.trace(*this); });
      } else if constexpr (detail::TracedByFunction<T>) {
        visit_by([&] { trace(object, *this); });
      } else if constexpr (detail::OwnsHandle<T>) {
        add(object.handle());
      } else {
        detail::bind_fields<detail::field_count<T>>(object, *this);
      }
    }
  }
  template <class Function>
  void visit_by(const Function& function) noexcept {
    needs_check_ = true;
    try {
      function();
    } catch (...) {
      // what was not shown stays
    }
  }
  void add(const detail::Handle& handle) noexcept;
  void add_context(const detail::Handle& handle) noexcept;
  void add(const Atom& atom) noexcept;

  detail::CoreState& core_;
  std::uintptr_t stack_limit_;
  bool needs_check_ = false;
};

// ---- the standard library's types --------------------------------------------------------------

namespace detail {
/// A container that owns its elements, as the standard's do and others that follow them.
template <class T>
concept OwningContainer = requires(const T& container) {
  typename T::value_type;
  typename T::allocator_type;
  container.begin();
  container.end();
};
}  // namespace detail

template <detail::OwningContainer T>
struct Trace<T> {
  using parts = detail::Parts<typename T::value_type>;
  static void visit(const T& container, Tracer& tracer) {
    for (const auto& element : container) tracer(element);
  }
};
template <class T, std::size_t N>
struct Trace<std::array<T, N>> {
  using parts = detail::Parts<T>;
  static void visit(const std::array<T, N>& elements, Tracer& tracer) {
    for (const T& element : elements) tracer(element);
  }
};
template <class T, std::size_t N>
struct Trace<T[N]> {
  using parts = detail::Parts<T>;
  static void visit(const T (&elements)[N], Tracer& tracer) {
    for (const T& element : elements) tracer(element);
  }
};
template <class T>
struct Trace<std::optional<T>> {
  using parts = detail::Parts<T>;
  static void visit(const std::optional<T>& object, Tracer& tracer) {
    if (object) tracer(*object);
  }
};
template <class T>
struct Trace<Result<T>> {
  using parts = detail::Parts<T>;
  static void visit(const Result<T>& result, Tracer& tracer) {
    if constexpr (!std::is_void_v<T>) {
      if (result) tracer(*result);
    }
  }
};
template <class A, class B>
struct Trace<std::pair<A, B>> {
  using parts = detail::Parts<std::remove_cvref_t<A>, std::remove_cvref_t<B>>;
  static void visit(const std::pair<A, B>& pair, Tracer& tracer) {
    // a reference does not own
    if constexpr (!std::is_reference_v<A>) tracer(pair.first);
    if constexpr (!std::is_reference_v<B>) tracer(pair.second);
  }
};
template <class... T>
struct Trace<std::tuple<T...>> {
  using parts = detail::Parts<std::remove_cvref_t<T>...>;
  static void visit(const std::tuple<T...>& tuple, Tracer& tracer) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (visit_element<std::tuple_element_t<I, std::tuple<T...>>>(std::get<I>(tuple), tracer), ...);
    }(std::index_sequence_for<T...>());
  }

 private:
  template <class E>
  static void visit_element(const std::remove_reference_t<E>& element, Tracer& tracer) {
    if constexpr (!std::is_reference_v<E>) tracer(element);
  }
};
template <class... T>
struct Trace<std::variant<T...>> {
  using parts = detail::Parts<T...>;
  static void visit(const std::variant<T...>& variant, Tracer& tracer) {
    if (!variant.valueless_by_exception()) std::visit(tracer, variant);
  }
};
/// (A deleter of another type may not delete.)
template <class T>
  requires(!std::is_array_v<T>)
struct Trace<std::unique_ptr<T>> {
  using parts = detail::Parts<T>;
  static void visit(const std::unique_ptr<T>& pointer, Tracer& tracer) {
    if (pointer != nullptr) tracer(*pointer);
  }
};
/// What C++ shares too is no garbage, and no more are the values in it.
template <class T>
  requires(!std::is_array_v<T>)
struct Trace<std::shared_ptr<T>> {
  using parts = std::conditional_t<NativeClass<std::remove_cv_t<T>>,
                                   detail::Parts<T, detail::Handle>, detail::Parts<T>>;
  static void visit(const std::shared_ptr<T>& pointer, Tracer& tracer) {
    if (pointer == nullptr || pointer.use_count() != 1) return;
    if (const auto* lease = std::get_deleter<detail::SharedLease>(pointer)) {
      tracer(lease->object);
    } else {
      tracer(*pointer);
    }
  }
};
template <class R>
struct Trace<std::ranges::owning_view<R>> {
  using parts = detail::Parts<R>;
  static void visit(const std::ranges::owning_view<R>& view, Tracer& tracer) {
    tracer(view.base());
  }
};

// ---- functions ---------------------------------------------------------------------------------

/// A callable with values of its own that the garbage collector sees: what `traced` makes.
template <class Signature, class F, class... Captures>
class Traced;
template <class R, class... A, class F, class... Captures>
class Traced<R(A...), F, Captures...> {
 public:
  template <class Function, class... Values>
  explicit Traced(std::in_place_t, Function&& function, Values&&... values)
      : function_(std::forward<Function>(function)), captures_(std::forward<Values>(values)...) {}

  R operator()(A... arguments) {
    return std::apply(
        [&](Captures&... captures) -> R {
          return std::invoke(function_, captures..., std::forward<A>(arguments)...);
        },
        captures_);
  }

 private:
  friend struct Trace<Traced>;
  F function_;
  std::tuple<Captures...> captures_;
};

template <class R, class... A, class F, class... Captures>
struct Trace<Traced<R(A...), F, Captures...>> {
  using parts = detail::Parts<F, Captures...>;
  static void visit(const Traced<R(A...), F, Captures...>& traced, Tracer& tracer) {
    tracer(traced.function_, traced.captures_);
  }
};

namespace detail {
/// The parameters behind the first N.
template <std::size_t N, class List>
struct WithoutFirst {
  static_assert(N == 0,
                "the function of quip::traced has fewer parameters than captures are given");
  using type = List;
};
template <std::size_t N, class First, class... Rest>
  requires(N > 0)
struct WithoutFirst<N, TypeList<First, Rest...>> : WithoutFirst<N - 1, TypeList<Rest...>> {};

template <class R, class List, class F, class... Captures>
struct TracedType;
template <class R, class... A, class F, class... Captures>
struct TracedType<R, TypeList<A...>, F, Captures...> {
  static_assert(std::is_invocable_v<F&, Captures&..., A...>,
                "the first parameters of the function of quip::traced are its captures: take them "
                "by reference or by value");
  using type = Traced<R(A...), F, Captures...>;
};
}  // namespace detail

/// A function with captures that the garbage collector sees. A lambda's own captures are hidden
/// from everybody: a value in them stays as long as the function does, and the function as long as
/// the value, if that refers to it. So these stand beside it: the function gets references to them
/// as its first arguments, and those of the script behind them.
///
///     button.set("onclick", quip::traced([](quip::Object& self) { self.set("clicked", true); },
///                                        button));
///
/// The captures are of any types (is_traceable tells which are seen); a captured class may show its
/// values itself. Without captures, a function object that is traceable needs no `traced`.
template <class F, class... Captures>
  requires detail::HasSignature<std::decay_t<F>>
[[nodiscard]] auto traced(F&& function, Captures&&... captures) {
  using Callee = std::decay_t<F>;
  using Signature = detail::SignatureOf<Callee>;
  using Own =
      typename detail::WithoutFirst<sizeof...(Captures), typename Signature::Declared>::type;
  using Made = typename detail::TracedType<typename Signature::Returned, Own, Callee,
                                           std::decay_t<Captures>...>::type;
  return Made(std::in_place, std::forward<F>(function), std::forward<Captures>(captures)...);
}

}  // namespace quip
