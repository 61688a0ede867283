// Binding a C++ class: what it has in JavaScript, said once.
#pragma once

#include <quip/class/class_spec.hpp>
#include <quip/class/construction.hpp>
#include <quip/class/exotic.hpp>
#include <quip/class/iteration.hpp>
#include <quip/class/operators.hpp>
#include <quip/value/iterable.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
/// The callable with what `fn` takes behind it.
template <class F, class... Extras>
auto with_extras(F&& function, const Extras&... extras) {
  if constexpr (sizeof...(Extras) == 0) {
    return std::decay_t<F>(std::forward<F>(function));
  } else {
    return fn(std::forward<F>(function), extras...);
  }
}

/// What may stand behind a property.
template <class E>
concept PropertyExtra = std::is_same_v<E, PropertyFlags> || std::is_same_v<E, Doc>;
struct NoSetter {};
inline void apply_extra(MemberSpec& member, PropertyFlags flags) noexcept {
  member.flags = member.flags | flags;
  member.has_setter = member.has_setter && !has(flags, PropertyFlags::readonly);
}
inline void apply_extra(MemberSpec& member, const Doc& doc) noexcept { member.doc = doc.text; }

/// An enumerator is the value that scripts see.
std::string enumerator_text(const TypeInfo& type, std::int64_t value);
template <class V>
std::string constant_text(const V& value) {
  if constexpr (std::is_enum_v<V>) {
    return enumerator_text(type_info<V>(), static_cast<std::int64_t>(value));
  } else {
    return default_text(value);
  }
}
template <class E>
void describe_extra(std::vector<std::string>& texts, const E& extra) {
  if constexpr (has_default<E>) {
    texts.push_back(constant_text(extra.value));
  } else if constexpr (is_arg<E>) {
    texts.emplace_back();
  }
}

/// Makes the function of a member, with what descriptions tell about it.
template <class F, class... Extras>
void set_function(MemberSpec& member, bool describes, F&& function, const Extras&... extras) {
  using Plain = std::decay_t<F>;
  if constexpr (is_overloaded<Plain> || is_fn<Plain>) {
    if (describes) member.overloads = function.info().signatures;
  } else if constexpr (HasSignature<Plain>) {
    member.signature = signature_source<Plain>;
  }
  if constexpr ((std::is_same_v<Extras, Doc> && ...)) {
    member.function = native_function(std::forward<F>(function));
    ((member.function.doc = extras.text), ...);
  } else {
    member.function = native_function(with_extras(std::forward<F>(function), extras...));
  }
  if (describes) {
    (describe_extra(member.defaults, extras), ...);
  }
}
}  // namespace detail

/// Says what a C++ class is in JavaScript: an ES6 class, with a constructor function whose
/// `prototype` has the methods and accessors.
///
///     void define(quip::ClassDef<Point>& def) {   // in the namespace of Point
///       def.constructor<double, double>()
///           .field<&Point::x>()
///           .method<&Point::norm>()
///           .property<&Point::angle, &Point::set_angle>("angle")
///           .method("scale", [](Point& p, double by) { p.x *= by; p.y *= by; })
///           .static_method<&Point::origin>()
///           .constant("DIMENSIONS", 2);
///     }
///
/// `define` is found by argument-dependent look-up, or as quip::Class<Point>::define, and is run
/// when a context first meets the class; each context has a constructor and a prototype of its own.
/// It may throw; then what asked for the class throws that.
///
/// Members are bound by pointers as template arguments, which cost nothing and give the name, or by
/// a name and a callable that takes the object first. Extras behind them are those of `quip::fn`:
/// arg, doc.
///
/// Script is the class of the objects that a script's subclass constructs (see `overridable`),
/// Holder what owns a constructed object (see `held_by`).
template <class T, class Script, class Holder>
class ClassDef {
 public:
  /// @internal
  explicit ClassDef(detail::ClassSpec& spec) noexcept : spec_(spec) {}

  /// The class's name in JavaScript; without it, its name in C++.
  ClassDef& name(std::string_view text) {
    spec_.name = text;
    return *this;
  }
  /// What the class is for; see describe.
  ClassDef& doc(std::string_view text) {
    spec_.doc = text;
    return *this;
  }

  // ---- constructors ----------------------------------------------------------------------------

  /// `new` with parameters of these types; a class may have several, of which `new` picks by its
  /// arguments as of an overload set. A class without constructors cannot be constructed by
  /// scripts.
  template <class... A, class... Extras>
  ClassDef& constructor(const Extras&... extras) {
    return add_constructor(detail::Construction<T, Script, Holder, A...>(), extras...);
  }
  /// `new` by a function that returns a T, or a std::unique_ptr or std::shared_ptr of one (or of a
  /// class derived from it), or a Result of these. A null pointer is a TypeError.
  template <class F, class... Extras>
    requires detail::HasSignature<std::decay_t<F>>
  ClassDef& constructor(F&& factory, const Extras&... extras) {
    using Signature = detail::SignatureOf<std::decay_t<F>>;
    return add_constructor(detail::Factory<T, Holder, std::decay_t<F>, typename Signature::Returned,
                                           typename Signature::Declared>{std::forward<F>(factory)},
                           extras...);
  }
  /// The objects that the constructors behind it make are held by P, a std::shared_ptr or
  /// std::unique_ptr of T; else JavaScript itself owns them.
  template <class P>
  ClassDef<T, Script, P> held_by() {
    return ClassDef<T, Script, P>(spec_);
  }
  /// The constructors behind it make an S, which derives from Scripted<T>, when they are called by
  /// a script's subclass: so that its methods override T's virtual functions.
  template <class S>
  ClassDef<T, S, Holder> overridable() {
    static_assert(std::is_base_of_v<T, S>,
                  "the class with the overriding functions derives from "
                  "quip::Scripted of the class that is bound");
    return ClassDef<T, S, Holder>(spec_);
  }

  // ---- inheritance -----------------------------------------------------------------------------

  /// The class extends Base, a native class: methods are inherited, `instanceof` holds, and its
  /// objects can be used where a Base is asked for.
  template <class Base>
  ClassDef& extends() {
    static_assert(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>,
                  "extends<Base>: the class does not derive from Base");
    static_assert(
        NativeClass<Base>,
        "extends<Base>: Base is no native class; give it a define(quip::ClassDef<Base>&)");
    spec_.base = &detail::class_type<Base>;
    return implements<Base>();
  }
  /// Its objects can be used where an Interface is asked for: a further base, without a place in
  /// the prototype chain.
  template <class Interface>
  ClassDef& implements() {
    static_assert(std::is_base_of_v<Interface, T>,
                  "implements<Interface>: the class does not derive from Interface");
    detail::link_base(detail::class_type<T>, detail::base_link<T, Interface>);
    return *this;
  }

  // ---- methods ---------------------------------------------------------------------------------

  /// A member function, or a function that takes the object first, under its own name.
  template <auto M, class... Extras>
    requires(!std::is_convertible_v<Extras, MemberName> && ...)
  ClassDef& method(const Extras&... extras) {
    return method<M>(detail::raw_member_name<M>(), extras...);
  }
  /// Several as one, of which a call picks by its arguments (see overload):
  /// `def.method<static_cast<int (P::*)(int) const>(&P::at), &P::find>("at")`.
  template <auto M, auto N, auto... More>
  ClassDef& method(const MemberName& name) {
    return add_method(name, false,
                      overload(detail::as_method<T, M>(), detail::as_method<T, N>(),
                               detail::as_method<T, More>()...));
  }
  /// The same under another name, or a symbol.
  template <auto M, class... Extras>
  ClassDef& method(const MemberName& name, const Extras&... extras) {
    return add_method(name, false, detail::as_method<T, M>(), extras...);
  }
  /// A callable that takes the object (T&, const T&, T*) first; one that does not is called as any
  /// function, and may take the object as This. Or a quip::overload of such.
  template <class F, class... Extras>
    requires(!std::is_convertible_v<F, MemberName>)
  ClassDef& method(const MemberName& name, F&& function, const Extras&... extras) {
    return add_method(name, false, detail::as_method<T>(std::forward<F>(function)), extras...);
  }
  /// A function of the class itself.
  template <auto F, class... Extras>
    requires(!std::is_convertible_v<Extras, MemberName> && ...)
  ClassDef& static_method(const Extras&... extras) {
    return static_method<F>(detail::raw_member_name<F>(), extras...);
  }
  template <auto F, class... Extras>
  ClassDef& static_method(const MemberName& name, const Extras&... extras) {
    return add_method(name, true, detail::StaticCall<F>(), extras...);
  }
  template <class F, class... Extras>
    requires(!std::is_convertible_v<F, MemberName>)
  ClassDef& static_method(const MemberName& name, F&& function, const Extras&... extras) {
    return add_method(name, true, std::forward<F>(function), extras...);
  }

  // ---- properties ------------------------------------------------------------------------------

  // Behind each may stand PropertyFlags and quip::doc.

  /// A data member, under its own name: read and, unless it is const, written. One that is an
  /// object of a native class is given as that object, a part of this one.
  template <auto M, detail::PropertyExtra... Extras>
  ClassDef& field(const Extras&... extras) {
    return field<M>(detail::raw_member_name<M>(), extras...);
  }
  template <auto M, detail::PropertyExtra... Extras>
  ClassDef& field(const MemberName& name, const Extras&... extras) {
    using F = typename detail::MemberOf<M>::Type;
    if constexpr (detail::is_settable<F>) {
      return add_accessor(name, false, detail::FieldGetter<T, M>(), detail::FieldSetter<T, M>(),
                          extras...);
    } else {
      return add_accessor(name, false, detail::FieldGetter<T, M>(), detail::NoSetter(), extras...);
    }
  }
  /// An accessor with a getter and a setter: member functions, or functions that take the object
  /// first.
  template <auto Get, auto Set = nullptr, detail::PropertyExtra... Extras>
  ClassDef& property(const MemberName& name, const Extras&... extras) {
    if constexpr (std::is_null_pointer_v<decltype(Set)>) {
      return add_accessor(name, false, detail::as_method<T, Get>(), detail::NoSetter(), extras...);
    } else {
      return add_accessor(name, false, detail::as_method<T, Get>(), detail::as_method<T, Set>(),
                          extras...);
    }
  }
  /// A getter alone, under its own name.
  template <auto Get, detail::PropertyExtra... Extras>
  ClassDef& property(const Extras&... extras) {
    return property<Get>(detail::raw_member_name<Get>(), extras...);
  }
  template <class G, detail::PropertyExtra... Extras>
    requires detail::HasSignature<std::decay_t<G>>
  ClassDef& property(const MemberName& name, G&& getter, const Extras&... extras) {
    return add_accessor(name, false, detail::as_method<T>(std::forward<G>(getter)),
                        detail::NoSetter(), extras...);
  }
  template <class G, class S, detail::PropertyExtra... Extras>
    requires detail::HasSignature<std::decay_t<S>>
  ClassDef& property(const MemberName& name, G&& getter, S&& setter, const Extras&... extras) {
    return add_accessor(name, false, detail::as_method<T>(std::forward<G>(getter)),
                        detail::as_method<T>(std::forward<S>(setter)), extras...);
  }
  /// A static data member (`static_field<&Point::count>()`), as an accessor of the class itself.
  template <auto M, detail::PropertyExtra... Extras>
  ClassDef& static_field(const Extras&... extras) {
    return static_field<M>(detail::raw_member_name<M>(), extras...);
  }
  template <auto M, detail::PropertyExtra... Extras>
  ClassDef& static_field(const MemberName& name, const Extras&... extras) {
    if constexpr (detail::is_settable<std::remove_pointer_t<decltype(M)>>) {
      return add_accessor(name, true, detail::StaticGetter<M>(), detail::StaticSetter<M>(),
                          extras...);
    } else {
      return add_accessor(name, true, detail::StaticGetter<M>(), detail::NoSetter(), extras...);
    }
  }
  /// An accessor of the class itself.
  template <class G, detail::PropertyExtra... Extras>
  ClassDef& static_property(const MemberName& name, G&& getter, const Extras&... extras) {
    return add_accessor(name, true, std::forward<G>(getter), detail::NoSetter(), extras...);
  }
  template <class G, class S, detail::PropertyExtra... Extras>
    requires detail::HasSignature<std::decay_t<S>>
  ClassDef& static_property(const MemberName& name, G&& getter, S&& setter,
                            const Extras&... extras) {
    return add_accessor(name, true, std::forward<G>(getter), std::forward<S>(setter), extras...);
  }
  /// A value of the class itself that never changes, made anew in each context.
  template <class V>
  ClassDef& constant(const MemberName& name, V value, const Doc& doc = {}) {
    return add_constant(name, true, std::move(value), doc);
  }
  /// The same of the prototype: each instance has it.
  template <class V>
  ClassDef& prototype_constant(const MemberName& name, V value, const Doc& doc = {}) {
    return add_constant(name, false, std::move(value), doc);
  }

  // ---- what the language asks of objects -------------------------------------------------------

  /// `for (const x of object)`: a function that takes the object and returns what is iterated, or a
  /// pointer to a data member.
  ///
  ///   - A reference to a container of the object. One with places (`vector`, `deque`, `array`) is
  ///     looked at anew for each element, as an Array of JavaScript is: it may grow and shrink
  ///     meanwhile. Any other is copied when the iteration begins.
  ///   - A range by value, which the iterator then owns. The object stays while it is iterated
  ///   over,
  ///     so that a view of its parts does; a view must not be used past changes that make its
  ///     iterators invalid, for that return the container.
  ///   - What quip::iterator and iterator_from make.
  ///
  /// Elements are converted when they are asked for; objects of native classes are copied.
  template <class F>
  ClassDef& iterable(F&& range) {
    using Iterate = detail::IterateMethod<T, std::decay_t<F>>;
    spec_
        .add_method(symbol::iterator, false,
                    detail::native_function(Iterate(std::forward<F>(range))))
        .signature = &detail::SignatureData<typename Iterate::Described, detail::TypeList<>>::value;
    return *this;
  }
  /// `using` (explicit resource management): the method `[Symbol.dispose]`, in engines that have
  /// the symbol; in others nothing is bound. The function should do nothing when it is called
  /// again.
  template <auto M>
  ClassDef& dispose() {
    return add_optional(symbol::dispose, detail::as_method<T, M>());
  }
  template <class F>
  ClassDef& dispose(F&& function) {
    return add_optional(symbol::dispose, detail::as_method<T>(std::forward<F>(function)));
  }
  /// C++ operators as methods of fixed names; see Op.
  ///
  ///     def.operators<quip::Op::add, quip::Op::equals>();   // a.add(b), a.equals(b)
  template <Op... ops>
  ClassDef& operators() {
    (detail::OperatorOf<T, ops>::bind(*this), ...);
    return *this;
  }
  /// C++ answers for the properties of the instances; see Exotic.
  ClassDef& exotic(Exotic<T> functions) {
    spec_.exotic = std::make_shared<const detail::ExoticOf<T>>(std::move(functions));
    return *this;
  }
  /// `object(arguments…)`: instances are functions that call a member function, or a function that
  /// takes the object first.
  template <auto M>
  ClassDef& callable() {
    return callable(detail::as_method<T, M>());
  }
  /// The same of any callable.
  template <class F>
  ClassDef& callable(F&& function) {
    using Method = decltype(detail::as_method<T>(std::forward<F>(function)));
    auto call = std::make_unique<detail::CallableOf<Method>>(
        detail::as_method<T>(std::forward<F>(function)));
    if constexpr (detail::is_overloaded<Method>) {
      if (spec_.describes) spec_.calls = call->function.info().signatures;
    } else {
      spec_.call_signature = detail::signature_source<Method>;
    }
    spec_.call = std::move(call);
    return *this;
  }

 private:
  using Kind = detail::MemberSpec::Kind;

  template <class F>
  static constexpr bool is_plain = detail::is_stateless<F> && detail::HasSignature<F>;

  template <class F, class... Extras>
  detail::MemberSpec& make_method(const MemberName& name, bool is_static, F&& function,
                                  const Extras&... extras) {
    using Plain = std::decay_t<F>;
    if constexpr (is_plain<Plain> && sizeof...(Extras) == 0) {
      return spec_.add_method(name, is_static, detail::stateless_member<Plain>);
    } else {
      detail::MemberSpec& member = spec_.add(name, Kind::method, is_static);
      detail::set_function(member, spec_.describes, std::forward<F>(function), extras...);
      return member;
    }
  }
  template <class F, class... Extras>
  ClassDef& add_method(const MemberName& name, bool is_static, F&& function,
                       const Extras&... extras) {
    make_method(name, is_static, std::forward<F>(function), extras...);
    return *this;
  }
  template <class F>
  ClassDef& add_optional(const MemberName& name, F&& function) {
    make_method(name, false, std::forward<F>(function)).is_optional = true;
    return *this;
  }
  template <class G, class S, class... Extras>
  ClassDef& add_accessor(const MemberName& name, bool is_static, G&& getter, S&& setter,
                         const Extras&... extras) {
    using Get = std::decay_t<G>;
    using Put = std::decay_t<S>;
    using R = typename detail::SignatureOf<Get>::Returned;
    constexpr TypeOf type = detail::type_of<typename detail::DescribedResult<R>::type>;
    constexpr bool has_setter = !std::is_same_v<Put, detail::NoSetter>;
    if constexpr (is_plain<Get> && (!has_setter || is_plain<Put>)) {
      const detail::StatelessMember* set = nullptr;
      if constexpr (has_setter) set = &detail::stateless_member<Put>;
      detail::MemberSpec& member =
          spec_.add_accessor(name, is_static, type, detail::stateless_member<Get>, set);
      (detail::apply_extra(member, extras), ...);
    } else {
      detail::NativeFunction set;
      if constexpr (has_setter) set = detail::native_function(std::forward<S>(setter));
      detail::MemberSpec& member = spec_.add_accessor(
          name, is_static, type, detail::native_function(std::forward<G>(getter)),
          has_setter ? &set : nullptr);
      (detail::apply_extra(member, extras), ...);
    }
    return *this;
  }
  template <class F, class... Extras>
  ClassDef& add_constructor(F&& function, const Extras&... extras) {
    using Construct = decltype(detail::with_extras(std::forward<F>(function), extras...));
    spec_.constructors.push_back(detail::native_alternative(detail::ConstructorOf<Construct>{
        detail::with_extras(std::forward<F>(function), extras...)}));
    if (spec_.describes) {
      [[maybe_unused]] auto& texts = spec_.constructor_defaults.emplace_back();
      (detail::describe_extra(texts, extras), ...);
    }
    return *this;
  }
  template <class V>
  ClassDef& add_constant(const MemberName& name, bool is_static, V value, const Doc& doc) {
    detail::MemberSpec& member = spec_.add(name, Kind::constant, is_static);
    member.doc = doc.text;
    member.type = detail::type_of<V>;
    if (spec_.describes) {
      member.text = detail::constant_text(value);
    }
    member.value = [value = std::move(value)](JSContext* ctx) {
      return detail::into_js(ctx, value);
    };
    return *this;
  }

  detail::ClassSpec& spec_;
};

namespace detail {
template <class T>
void define_class(ClassSpec& spec) {
  ClassDef<T> def(spec);
  if constexpr (requires { Class<T>::define(def); }) {
    Class<T>::define(def);
  } else {
    define(def);
  }
}
}  // namespace detail

}  // namespace quip
