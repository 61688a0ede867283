// Several C++ functions as one JavaScript function: quip::overload.
//
// A call goes to the function whose parameters fit its arguments best. Which that is, is found
// without running any script: by the count of the arguments, then by what each argument is. A
// function that was chosen is called; it is not tried whether another would have done, whatever it
// throws.
#pragma once

#include <quip/convert/type_info.hpp>
#include <quip/function/fn.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quip {

/// How well a value fits a type.
enum class FitRank : std::uint8_t {
  none,      ///< it does not convert
  widening,  ///< it converts, or may: what tells more would have to run a script
  exact,     ///< the type is made for such values
};

namespace detail {
/// By the description of the type.
FitRank fit(TypeOf type, ValueRef value) noexcept;
/// Whether the value fits, where a look at its bits tells; else `unknown`, and Fit tells.
enum class Quick : std::uint8_t { no, unknown, yes };
}  // namespace detail

/// Whether a JS value fits a parameter of type T (without const and reference), for overload sets.
/// By default the type's description tells: an integer is a whole Number in its range; a floating
/// number is any Number, a whole one by widening; enums are their names; containers are arrays, and
/// other iterables by widening; structs are plain objects, and other objects by widening; handles
/// are what they accept; Value and types with a Convert of their own are anything, by widening.
///
/// A specialisation for a type of yours has `static FitRank of(ValueRef) noexcept`, which must not
/// run a script.
template <class T>
struct Fit {
  static FitRank of(ValueRef value) noexcept {
    if constexpr (std::is_same_v<T, Value>) {
      return FitRank::widening;
    } else if constexpr (std::is_same_v<T, Object>) {
      return !engine::is_object(value.raw())                       ? FitRank::none
             : engine::kind_of(value.raw()) == engine::Kind::plain ? FitRank::exact
                                                                   : FitRank::widening;
    } else if constexpr (requires { T::accepts(value); }) {
      return T::accepts(value) ? FitRank::exact : FitRank::none;
    } else {
      return detail::fit(&type_info<T>, value);
    }
  }
};

namespace detail {
template <class T>
struct NullableFit {
  static FitRank of(ValueRef value) noexcept {
    return engine::is_undefined(value.raw()) || engine::is_null(value.raw()) ? FitRank::widening
                                                                             : Fit<T>::of(value);
  }
};
}  // namespace detail
template <class T>
struct Fit<std::optional<T>> : detail::NullableFit<T> {};
template <class T>
struct Fit<std::unique_ptr<T>> : detail::NullableFit<T> {};
template <class T>
struct Fit<std::shared_ptr<T>> : detail::NullableFit<T> {};
template <class... T>
  requires(!detail::described<std::variant<T...>>)
struct Fit<std::variant<T...>> {
  static FitRank of(ValueRef value) noexcept {
    FitRank best = FitRank::none;
    ((best = best == FitRank::exact ? best : std::max(best, Fit<T>::of(value))), ...);
    return best;
  }
};
template <class T>
struct Fit<Opt<T>> {
  static FitRank of(ValueRef value) noexcept {
    return engine::is_undefined(value.raw()) ? FitRank::widening : Fit<T>::of(value);
  }
};
template <class S>
struct Fit<Flat<S>> : Fit<Opt<S>> {};

namespace detail {

/// As Fit, for the usual values of the usual types.
template <class T>
struct QuickFit {
  static Quick of(JSContext*, JSValueConst) noexcept { return Quick::unknown; }
};
constexpr Quick quick(bool fits) noexcept { return fits ? Quick::yes : Quick::no; }
template <>
struct QuickFit<bool> {
  static Quick of(JSContext*, JSValueConst value) noexcept {
    return quick(engine::tag(value) == JS_TAG_BOOL);
  }
};
template <Integer T>
struct QuickFit<T> {
  static Quick of(JSContext*, JSValueConst value) noexcept {
    if (engine::is_int32(value)) [[likely]] {
      return quick(std::in_range<T>(engine::get_int32(value)));
    }
    return engine::is_float64(value) || engine::is_bigint(value) ? Quick::unknown : Quick::no;
  }
};
/// A Number with a fraction fits exactly; a whole one fits an integer better.
template <std::floating_point T>
struct QuickFit<T> {
  static Quick of(JSContext*, JSValueConst value) noexcept {
    if (!engine::is_float64(value)) {
      return Quick::no;
    }
    const double number = engine::get_float64(value);
    if (!(number > -2147483648.0 && number < 2147483648.0)) {
      return Quick::unknown;
    }
    return quick(static_cast<double>(static_cast<std::int32_t>(number)) != number);
  }
};
template <>
struct QuickFit<std::string> {
  static Quick of(JSContext*, JSValueConst value) noexcept {
    return quick(engine::is_string(value));
  }
};
template <>
struct QuickFit<std::string_view> : QuickFit<std::string> {};
template <class T>
  requires(std::is_base_of_v<Object, T> && !std::is_same_v<Object, T>)
struct QuickFit<T> {
  static Quick of(JSContext* ctx, JSValueConst value) noexcept {
    return quick(T::accepts(ValueRef(ctx, value)));
  }
};

// ---- one function of a set ---------------------------------------------------------------------

/// How the arguments of a call fit a function.
struct Match {
  int widenings = 0;  ///< how many fit by widening
  int refused = -1;   ///< the place of the first that does not fit; negative when all do
};

/// What is known of a function of a set, for code that is compiled once.
struct CandidateType {
  int required;  ///< the least arguments
  int maximum;   ///< the most; negative for any number
  Match (*match)(const NativeCall& call) noexcept;
  /// What it takes and returns; made at its first call, which may throw.
  SignatureInfo (*signature)();
};

/// A function of a set for one call.
struct Candidate {
  const CandidateType* type;
  JSValue (*invoke)(void* function, const NativeCall& call) noexcept;
  /// The names of its parameters, if they were given.
  std::vector<std::string_view> (*names)(const void* function);
  void* function;
};

/// Calls the candidate that fits best; the error when none does says of each why. Owned, or an
/// exception.
JSValue call_overloaded(std::span<const Candidate> candidates, const NativeCall& call) noexcept;

/// How an argument fits a parameter of type P.
template <class P, bool has_default>
FitRank fit_parameter(const NativeCall& call, int index) noexcept {
  using Plain = std::remove_cvref_t<P>;
  if constexpr (!Parameter<P>::takes_argument) {
    return FitRank::exact;
  } else if constexpr (requires { Parameter<P>::takes_rest; }) {
    FitRank worst = FitRank::exact;
    for (int i = index; i < call.argc && worst != FitRank::none; ++i) {
      worst = std::min(worst, Fit<typename decltype(Plain::values)::value_type>::of(
                                  ValueRef(call.ctx, call.argv[i])));
    }
    return worst;
  } else {
    if (index >= call.argc) {
      return FitRank::exact;  // it may be left out: the count was looked at
    }
    if (has_default && engine::is_undefined(call.argv[index])) {
      return FitRank::widening;
    }
    return Fit<Plain>::of(ValueRef(call.ctx, call.argv[index]));
  }
}
template <class P, bool has_default>
[[gnu::always_inline]] inline Quick quick_fit(const NativeCall& call, int index) noexcept {
  if constexpr (!Parameter<P>::takes_argument) {
    return Quick::yes;
  } else if constexpr (has_default || !Parameter<P>::required) {
    return index >= call.argc ? Quick::yes : Quick::unknown;
  } else {
    return QuickFit<std::remove_cvref_t<P>>::of(call.ctx, call.argv[index]);
  }
}

/// A callable F as one of a set, its parameters read as Call says (see DefaultedCall).
template <class F, class Call, class Declared = typename SignatureOf<F>::Declared,
          class Indices = std::make_index_sequence<Declared::size>>
struct AlternativeBy;
template <class F, class Call, class... P, std::size_t... I>
struct AlternativeBy<F, Call, TypeList<P...>, std::index_sequence<I...>> {
  using Counts = typename Call::Counts;
  static constexpr int required = Call::required;
  static constexpr int maximum = Counts::takes_rest ? -1 : Counts::arguments;

  static Match match([[maybe_unused]] const NativeCall& call) noexcept {
    Match found;
    [[maybe_unused]] const auto look = [&](FitRank rank, int index) {
      found.widenings += rank == FitRank::widening ? 1 : 0;
      found.refused = rank == FitRank::none ? index : -1;
      return rank != FitRank::none;
    };
    (void)(look(fit_parameter<P, Call::template has_default_at<I>>(call, Counts::index[I]),
                Counts::index[I]) &&
           ...);
    return found;
  }
  static SignatureInfo signature() { return signature_info<F>(); }
  static constexpr CandidateType type{required, maximum, &match, &signature};

  /// The same by a look at the bits. `no` of one argument is enough, whatever another would be.
  [[gnu::always_inline]] static Quick quickly([[maybe_unused]] const NativeCall& call) noexcept {
    Quick all = Quick::yes;
    (void)((all = std::min(all,
                           quick_fit<P, Call::template has_default_at<I>>(call, Counts::index[I])),
            all != Quick::no) &&
           ...);
    return all;
  }
};

/// A callable as one of a set.
template <class F>
struct Alternative : AlternativeBy<F, DefaultedCall<F, TypeList<>>> {};
template <class F, class... Extras>
struct Alternative<Fn<F, Extras...>> : AlternativeBy<F, typename Fn<F, Extras...>::Call> {};
template <class F>
  requires requires { typename Invocation<F>::Signed; }
struct Alternative<F> : Alternative<typename Invocation<F>::Signed> {};

template <class F>
std::vector<std::string_view> names_of(const void* function) {
  NativeFunction texts;
  note_texts(texts, *static_cast<const F*>(function));
  return std::move(texts.arguments);
}

/// A callable that is to be one of several (see join_overloads).
template <class F>
NativeFunction native_alternative(F&& callable) {
  NativeFunction made = native_function(std::forward<F>(callable));
  made.candidate = &Alternative<std::decay_t<F>>::type;
  return made;
}
/// Functions that native_alternative made, as one. Its owner, name and kind are those of the first.
NativeFunction join_overloads(std::vector<NativeFunction>&& functions);

}  // namespace detail

/// Functions that are one JS function: see overload.
template <class... F>
class Overloaded {
 public:
  /// Of functions without state.
  Overloaded() noexcept
    requires(detail::is_stateless<F> && ...)
  = default;
  template <class... U>
  explicit Overloaded(std::in_place_t, U&&... functions)
      : functions_(std::forward<U>(functions)...) {}
  /// The description, for programs that ask.
  [[nodiscard]] FunctionInfo info() const {
    FunctionInfo made;
    std::apply([&](const auto&... each) { (add(made, each), ...); }, functions_);
    return made;
  }
  /// @internal
  [[nodiscard]] std::tuple<F...>& functions() noexcept { return functions_; }
  [[nodiscard]] const std::tuple<F...>& functions() const noexcept { return functions_; }

 private:
  template <class G>
  static void add(FunctionInfo& made, const G& function) {
    if constexpr (requires { function.info(); }) {
      FunctionInfo one = function.info();
      made.doc += (made.doc.empty() || one.doc.empty() ? "" : "\n") + one.doc;
      made.signatures.push_back(std::move(one.signatures.front()));
    } else {
      made.signatures.push_back(signature_info<G>());
    }
  }
  std::tuple<F...> functions_;
};

/// Several functions as one, for scripts:
///
///     globals.set("parse", quip::overload([](std::string_view text) { … },
///                                         [](double number) { … },
///                                         quip::fn(&parse_range, quip::arg("from"),
///                                         quip::arg("to"))));
///
/// A call goes to the one that takes so many arguments and fits them best: the fewest arguments
/// that fit only by widening (see Fit), and among equals the first. More arguments than any of
/// them takes are ignored. When none fits, a TypeError says of each why.
template <class... F>
  requires(sizeof...(F) > 0)
Overloaded<std::decay_t<F>...> overload(F&&... functions) {
  static_assert((requires { detail::Alternative<std::decay_t<F>>::required; } && ...),
                "the functions of an overload set are callables with one signature each: "
                "functions, lambdas, quip::fn or quip::method");
  return Overloaded<std::decay_t<F>...>(std::in_place, std::forward<F>(functions)...);
}

namespace detail {

template <class... F>
inline constexpr bool is_stateless<Overloaded<F...>> = (is_stateless<F> && ...);

template <class... F>
struct Invocation<Overloaded<F...>> {
  static constexpr int length = std::min({Alternative<F>::required...});
  static constexpr int most =
      (std::min({Alternative<F>::maximum...}) < 0) ? -1 : std::max({Alternative<F>::maximum...});

  /// The first that a look at the bits finds to fit exactly is the one, unless it is not known of
  /// one before it.
  [[gnu::always_inline]] static bool quickly(Overloaded<F...>& set, const NativeCall& call,
                                             JSValue& result) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      Quick answer = Quick::no;
      (void)((answer = try_one<F>(std::get<I>(set.functions()), call, result),
              answer == Quick::no) &&
             ...);
      return answer == Quick::yes;
    }(std::index_sequence_for<F...>());
  }
  static bool is_empty(const Overloaded<F...>& set) {
    return std::apply([](const F&... each) { return (false || ... || is_empty_function(each)); },
                      set.functions());
  }
  static JSValue slowly(Overloaded<F...>& set, const NativeCall& call) noexcept {
    return std::apply(
        [&](F&... each) {
          const Candidate candidates[] = {{&Alternative<F>::type,
                                           [](void* function, const NativeCall& native) noexcept {
                                             return Invocation<F>::slowly(
                                                 *static_cast<F*>(function), native);
                                           },
                                           &names_of<F>, &each}...};
          return call_overloaded(candidates, call);
        },
        set.functions());
  }

 private:
  template <class G>
  [[gnu::always_inline]] static Quick try_one(G& function, const NativeCall& call,
                                              JSValue& result) noexcept {
    constexpr int required = Alternative<G>::required;
    constexpr int maximum = Alternative<G>::maximum;
    if (call.argc < required) {
      return Quick::no;
    }
    if constexpr (maximum >= 0 && (maximum < most || most < 0)) {
      if (call.argc > maximum) {
        return Quick::no;
      }
    }
    const Quick fits = Alternative<G>::quickly(call);
    if (fits != Quick::yes) {
      return fits;
    }
    if (!Invocation<G>::quickly(function, call, result)) {
      result = call_apart(function, call.ctx, call.this_value, call.argc, call.argv, call.number,
                          call.constructs, call.callable);
    }
    return Quick::yes;
  }
  /// Not inlined, and given what is in registers: the quick ways need not put it into memory.
  template <class G>
  [[gnu::noinline]] static JSValue call_apart(G& function, JSContext* ctx, JSValueConst this_value,
                                              int argc, JSValueConst* argv, int number,
                                              bool constructs, const Callable* callable) noexcept {
    return Invocation<G>::slowly(
        function, NativeCall{ctx, this_value, argc, argv, number, constructs, nullptr, callable});
  }
};

}  // namespace detail

template <class... F>
struct Trace<Overloaded<F...>> {
  using parts = detail::Parts<F...>;
  static void visit(const Overloaded<F...>& set, Tracer& tracer) { tracer(set.functions()); }
};

}  // namespace quip
