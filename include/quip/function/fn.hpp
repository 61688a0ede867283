// A callable with all that is said about it: quip::fn.
#pragma once

#include <quip/convert/string.hpp>
#include <quip/function/arg.hpp>
#include <quip/function/description.hpp>
#include <quip/function/native.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

template <class F>
SignatureInfo signature_info();

namespace detail {

// ---- one parameter -----------------------------------------------------------------------------

/// A parameter of type P that was given no default.
template <class P, class Extra>
struct Defaulted {
  struct Stored {};
  using Loader = Parameter<P>;
  static constexpr bool required = Parameter<P>::required;
  static Stored store(const Extra&) noexcept { return {}; }
  static bool load(Loader& loader, const NativeCall& call, int index) {
    return loader.load(call, index);
  }
  static decltype(auto) get(Loader& loader, const Stored&) { return loader.get(); }
};
/// One that was given a V.
template <class P, class V>
struct Defaulted<P, ArgDefault<V>> {
  using Plain = std::remove_cvref_t<P>;
  /// What is kept of it: text that the parameter refers to as well.
  using Stored = std::conditional_t<std::is_same_v<Plain, std::string_view>, std::string, Plain>;
  static_assert(std::is_constructible_v<Stored, const V&>,
                "the value that quip::arg gives a parameter is not of the parameter's type, nor "
                "does it convert to it");
  static_assert(
      !requires { Parameter<P>::takes_rest; },
      "a Rest parameter is empty when nothing is left: it takes no default");
  struct Loader {
    Parameter<P> parameter;
    bool is_absent = false;
  };
  static constexpr bool required = false;
  static Stored store(const ArgDefault<V>& extra) { return static_cast<Stored>(extra.value); }
  static bool load(Loader& loader, const NativeCall& call, int index) {
    loader.is_absent = index >= call.argc || engine::is_undefined(call.argv[index]);
    return loader.is_absent || loader.parameter.load(call, index);
  }
  using Given = std::conditional_t<std::is_same_v<Stored, Plain> && std::is_lvalue_reference_v<P>,
                                   const Plain&, Plain>;
  static Given get(Loader& loader, const Stored& stored) {
    if (loader.is_absent) {
      return stored;
    }
    return loader.parameter.get();
  }
};

// ---- all parameters ----------------------------------------------------------------------------

/// Of the extras' types those of the parameters.
template <class Found, class... Extras>
struct ArgsAmong {
  using type = Found;
};
template <class... A, class First, class... Others>
struct ArgsAmong<TypeList<A...>, First, Others...>
    : ArgsAmong<std::conditional_t<is_arg<First>, TypeList<A..., First>, TypeList<A...>>,
                Others...> {};

template <class Args>
struct ArgTuple;
template <class... A>
struct ArgTuple<TypeList<A...>> {
  using type = std::tuple<A...>;
};

/// How the parameters of F are read with what the extras say.
template <class F, class Args, class Declared = typename SignatureOf<F>::Declared,
          class Indices = std::make_index_sequence<Declared::size>>
struct DefaultedCall;
template <class F, class... A, class... P, std::size_t... I>
struct DefaultedCall<F, TypeList<A...>, TypeList<P...>, std::index_sequence<I...>> {
  using Counts = ParameterCounts<TypeList<P...>>;
  static_assert(CheckedParameters<typename SignatureOf<F>::Returned, TypeList<P...>>::value);
  static_assert(
      sizeof...(A) == 0 || sizeof...(A) == static_cast<std::size_t>(Counts::arguments),
      "give one quip::arg for each parameter that takes an argument, or none at all: This, "
      "Ctx, CallArgs and Exhaustive take none");
  template <class Q, std::size_t At>
  static auto extra_type() {
    if constexpr (Parameter<Q>::takes_argument && sizeof...(A) > 0) {
      constexpr auto position = static_cast<std::size_t>(Counts::index[At]);
      if constexpr (position < sizeof...(A)) {
        return std::type_identity<std::tuple_element_t<position, std::tuple<A...>>>();
      } else {
        return std::type_identity<Arg>();  // an error that was told above
      }
    } else {
      return std::type_identity<Arg>();
    }
  }
  template <class Q, std::size_t At>
  using Of = Defaulted<Q, typename decltype(extra_type<Q, At>())::type>;
  using Stored = std::tuple<typename Of<P, I>::Stored...>;
  /// Whether the parameter at that place has a default.
  template <std::size_t At>
  static constexpr bool has_default_at = has_default<
      typename decltype(extra_type<std::tuple_element_t<At, std::tuple<P...>>, At>())::type>;

  static Stored store([[maybe_unused]] const std::tuple<A...>& args) {
    return Stored(store_one<P, I>(args)...);
  }
  template <class Q, std::size_t At>
  static auto store_one(const std::tuple<A...>& args) {
    if constexpr (std::is_same_v<typename decltype(extra_type<Q, At>())::type, Arg>) {
      return Of<Q, At>::store(Arg());
    } else {
      return Of<Q, At>::store(std::get<static_cast<std::size_t>(Counts::index[At])>(args));
    }
  }

  /// Where the required ones end.
  static constexpr int required = [] {
    [[maybe_unused]] int position = 0;
    int last = 0;
    ((position += Parameter<P>::takes_argument ? 1 : 0,
      last = Of<P, I>::required ? position : last),
     ...);
    return last;
  }();
  /// How many stand before the first that may be left out.
  static constexpr int length = [] {
    int count = 0;
    [[maybe_unused]] bool open = true;
    ((open = open && (!Parameter<P>::takes_argument || Of<P, I>::required),
      count += open && Parameter<P>::takes_argument ? 1 : 0),
     ...);
    return count;
  }();

  static JSValue call(F& function, const Stored& stored, const NativeCall& native) noexcept {
    if (!check_count<Counts>(native, required)) [[unlikely]] {
      return engine::exception();
    }
    return contained(native.ctx, [&]() -> JSValue {
      [[maybe_unused]] std::tuple<typename Of<P, I>::Loader...> loaders;
      if (!(Of<P, I>::load(std::get<I>(loaders), native, Counts::index[I]) && ...)) [[unlikely]] {
        return engine::exception();
      }
      return call_converted<typename SignatureOf<F>::Returned>(
          native, function, Of<P, I>::get(std::get<I>(loaders), std::get<I>(stored))...);
    });
  }
};

// ---- values as JavaScript source, for descriptions ---------------------------------------------
std::string source_text(double value);
std::string source_text(std::string_view value);
template <class V>
std::string default_text(const V& value) {
  if constexpr (std::is_same_v<V, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<V>) {
    return std::to_string(value);
  } else if constexpr (std::is_floating_point_v<V>) {
    return source_text(static_cast<double>(value));
  } else if constexpr (std::is_convertible_v<const V&, std::string_view>) {
    return source_text(std::string_view(value));
  } else if constexpr (std::is_same_v<V, std::nullopt_t>) {
    return "undefined";
  } else if constexpr (std::is_null_pointer_v<V>) {
    return "null";
  } else {
    return "…";
  }
}

}  // namespace detail

/// A callable with its name and what else is said about it: see fn.
template <class F, class... Extras>
class Fn {
  using Args = typename detail::ArgsAmong<detail::TypeList<>, Extras...>::type;

 public:
  using Call = detail::DefaultedCall<F, Args>;
  /// Whether one of the parameters has a default.
  static constexpr bool has_defaults = (false || ... || detail::has_default<Extras>);

  template <class U>
  Fn(std::string_view name, U&& callable, const Extras&... extras)
      : name_(name),
        function_(std::forward<U>(callable)),
        args_(std::tuple_cat(pick(extras)...)),
        stored_(Call::store(args_)) {
    (note(extras), ...);
  }

  /// The name that it was given; empty when it gets that of the property it becomes.
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::string_view doc() const noexcept { return doc_; }
  /// The names of the parameters that take an argument; none when they were not given.
  [[nodiscard]] std::vector<std::string_view> argument_names() const {
    return std::apply(
        [](const auto&... each) { return std::vector<std::string_view>{each.name...}; }, args_);
  }
  /// The function's description, for programs that ask.
  [[nodiscard]] FunctionInfo info() const {
    FunctionInfo made{std::string(name_), std::string(doc_), {signature_info<F>()}};
    std::vector<ParameterInfo>& parameters = made.signatures.front().parameters;
    std::size_t i = 0;
    const auto add = [&]<class E>(const E& extra) {
      if (i < parameters.size()) {
        parameters[i].name = extra.name;
        if constexpr (detail::has_default<E>) {
          parameters[i].optional = true;
          parameters[i].default_value = detail::default_text(extra.value);
        }
      }
      ++i;
    };
    std::apply([&](const auto&... each) { (add(each), ...); }, args_);
    return made;
  }

  /// @internal
  [[nodiscard]] F& function() noexcept { return function_; }
  [[nodiscard]] const F& function() const noexcept { return function_; }
  [[nodiscard]] const typename Call::Stored& stored() const noexcept { return stored_; }
  [[nodiscard]] const auto& args() const noexcept { return args_; }

 private:
  template <class E>
  static auto pick(const E& extra) {
    if constexpr (detail::is_arg<E>) {
      return std::tuple<E>(extra);
    } else {
      return std::tuple<>();
    }
  }
  template <class E>
  void note([[maybe_unused]] const E& extra) noexcept {
    if constexpr (std::is_same_v<E, Doc>) {
      doc_ = extra.text;
    }
  }
  std::string_view name_;
  std::string_view doc_;
  F function_;
  typename detail::ArgTuple<Args>::type args_;
  typename Call::Stored stored_;
};

/// A callable with a name, names and defaults of its parameters, and a description. Wherever a
/// callable becomes a JS function, this does too:
///
///     globals.set("greet", quip::fn(&greet, quip::arg("name"), quip::arg("times") = 1));
///     exports.add(quip::fn("area", &area, quip::doc("The area of a rectangle.")));
///
/// A default is used when its argument is absent or undefined. `length` counts the parameters
/// before the first that may be left out, as in JavaScript.
template <class F, class... Extras>
  requires(detail::HasSignature<std::decay_t<F>> && (detail::FunctionExtra<Extras> && ...))
Fn<std::decay_t<F>, std::decay_t<Extras>...> fn(std::string_view name, F&& callable,
                                                const Extras&... extras) {
  return {name, std::forward<F>(callable), extras...};
}
/// The same without a name of its own: it gets that of the property that it becomes.
template <class F, class... Extras>
  requires(detail::HasSignature<std::decay_t<F>> && (detail::FunctionExtra<Extras> && ...))
Fn<std::decay_t<F>, std::decay_t<Extras>...> fn(F&& callable, const Extras&... extras) {
  return {std::string_view(), std::forward<F>(callable), extras...};
}

namespace detail {

template <class F, class... Extras>
struct Invocation<Fn<F, Extras...>> {
  using Bound = Fn<F, Extras...>;
  using Call = typename Bound::Call;
  static constexpr int length = Call::length;

  [[gnu::always_inline]] static bool quickly(Bound& bound, const NativeCall& call,
                                             JSValue& result) noexcept {
    return call.argc >= Call::Counts::arguments &&
           Invocation<F>::quickly(bound.function(), call, result);
  }
  static JSValue slowly(Bound& bound, const NativeCall& call) noexcept {
    return Call::call(bound.function(), bound.stored(), call);
  }
};

}  // namespace detail

/// The collector sees what its callable shows, and the defaults.
template <class F, class... Extras>
struct Trace<Fn<F, Extras...>> {
  using Bound = Fn<F, Extras...>;
  using parts = detail::Parts<F, typename Bound::Call::Stored,
                              std::remove_cvref_t<decltype(std::declval<Bound&>().args())>>;
  static void visit(const Bound& bound, Tracer& tracer) {
    tracer(bound.function(), bound.stored(), bound.args());
  }
};

/// It becomes a function of its own name, if it has one.
template <class F, class... Extras>
struct Convert<Fn<F, Extras...>> {
  using Bound = Fn<F, Extras...>;
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& bound) {
    return into_js_named(ctx, {}, std::forward<U>(bound));
  }
  template <class U>
  static JSValue into_js_named(JSContext* ctx, std::string_view name, U&& bound) {
    const std::string_view own = bound.name();
    return detail::ConvertCallable<Bound>::into_js_named(ctx, own.empty() ? name : own,
                                                         std::forward<U>(bound));
  }
};

}  // namespace quip
