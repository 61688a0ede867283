// What a module exports, said once: as a module, as an object, on the globals, as a description.
#pragma once

#include <quip/class/class_def.hpp>
#include <quip/convert/enum.hpp>
#include <quip/function/overload.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

namespace quip {

class ModuleDef;

namespace detail {

/// A value on its way into a context, which it goes into once.
struct ExportedValue {
  ExportedValue() = default;
  ExportedValue(const ExportedValue&) = delete;
  ExportedValue& operator=(const ExportedValue&) = delete;
  virtual ~ExportedValue() = default;
  /// Owned, or an exception; it may throw.
  virtual JSValue into_js(JSContext* ctx, std::string_view name) = 0;
  virtual void trace(Tracer&) const noexcept {}
};

template <class V>
struct ExportedValueOf final : ExportedValue {
  template <class U>
  explicit ExportedValueOf(std::in_place_t, U&& given) : value(std::forward<U>(given)) {}
  JSValue into_js(JSContext* ctx, std::string_view name) override {
    return into_js_named(ctx, name, std::move(value));
  }
  void trace([[maybe_unused]] Tracer& tracer) const noexcept override {
    if constexpr (is_traceable<V>) tracer(value);
  }
  V value;
};

/// An object of an enumeration's values.
struct ExportedEnumeration final : ExportedValue {
  using IntoJs = JSValue (*)(JSContext* ctx, std::int64_t value);
  ExportedEnumeration(const EnumType& of, IntoJs convert) noexcept
      : type(of), convert_one(convert) {}
  JSValue into_js(JSContext* ctx, std::string_view name) override;
  const EnumType& type;
  IntoJs convert_one;
};

class ExportsSpec;

/// One export, or one member of a namespace.
struct ExportSpec {
  enum class Kind : std::uint8_t {
    function,
    property,
    value,
    lazy,
    native_class,
    enumeration,
    space
  };
  ExportSpec(std::string_view name, Kind of);
  ExportSpec(const ExportSpec&) = delete;
  ExportSpec(ExportSpec&&) noexcept;
  ExportSpec& operator=(const ExportSpec&) = delete;
  ~ExportSpec();
  [[nodiscard]] std::string_view name() const noexcept { return member.name.text(); }
  void trace(Tracer& tracer) const noexcept;

  Kind kind;
  MemberSpec member;                          ///< the function; of a lazy value what makes it
  std::unique_ptr<ExportedValue> value = {};  ///< of a value and an enumeration
  ClassType* native_class = nullptr;
  ClassOf class_info = nullptr;
  std::unique_ptr<ExportsSpec> space = {};
};

/// Everything that a definer said.
class ExportsSpec {
 public:
  /// `titled` is what messages call it, `where` the context that it is for; null when it is only
  /// described.
  ExportsSpec(std::string titled, Realm* where) noexcept;
  ExportsSpec(const ExportsSpec&) = delete;
  ExportsSpec& operator=(const ExportsSpec&) = delete;
  ~ExportsSpec();

  /// Throws Error for a name that is no name, or is there already.
  ExportSpec& add(std::string_view name, ExportSpec::Kind kind);
  void add_function(std::string_view name, const StatelessMember& function);
  void add_class(std::string_view name, ClassType& type, ClassOf info);
  void add_value(std::string_view name, std::unique_ptr<ExportedValue> value, TypeOf type,
                 const Doc& doc, std::string text);
  void add_enumeration(std::string_view name, const EnumType& values,
                       ExportedEnumeration::IntoJs convert, TypeOf type, const Doc& doc);
  [[nodiscard]] bool describes() const noexcept { return realm == nullptr; }
  void trace(Tracer& tracer) const noexcept;

  std::string title;       ///< for messages: "the module 'geometry'"
  std::string owner = {};  ///< of the functions of a namespace, for their messages
  std::string doc = {};
  Realm* realm;
  int depth = 0;  ///< of definitions within each other
  std::vector<ExportSpec> exports = {};

 private:
  std::unordered_set<std::string> names_ = {};
};

/// What an exported value is kept as: text is copied.
template <class V>
using KeptValue =
    std::conditional_t<std::is_convertible_v<const std::decay_t<V>&, std::string_view> &&
                           (std::is_pointer_v<std::decay_t<V>> ||
                            std::is_same_v<std::decay_t<V>, std::string_view>),
                       std::string, std::decay_t<V>>;

}  // namespace detail

/// Collects what a module, or a namespace, has: what a ModuleDef's definer is given.
///
/// Functions are bound by pointers as template arguments, which cost nothing and give the name, or
/// by a name and a callable. Behind them may stand what `quip::fn` takes: arg, doc; behind the
/// others quip::doc. These texts must live as long as the program, as literals do. A name that is
/// empty, that has a NUL in it, or that was given before, is a TypeError.
class Exports {
 public:
  /// @internal
  explicit Exports(detail::ExportsSpec& spec) noexcept : spec_(spec) {}
  Exports(const Exports&) = delete;
  Exports& operator=(const Exports&) = delete;
  ~Exports() = default;

  /// What the module is for; see describe.
  Exports& doc(std::string_view text);

  // ---- functions -------------------------------------------------------------------------------

  /// A function under its own name: `exports.function<&area>()`.
  template <auto F, detail::FunctionExtra... Extras>
  Exports& function(const Extras&... extras) {
    return function<F>(detail::raw_member_name<F>(), extras...);
  }
  /// The same under another name.
  template <auto F, detail::FunctionExtra... Extras>
  Exports& function(std::string_view name, const Extras&... extras) {
    return function(name, detail::StaticCall<F>(), extras...);
  }
  /// Several as one, of which a call picks by its arguments (see overload).
  template <auto F, auto G, auto... More>
  Exports& function(std::string_view name) {
    return function(name, overload(detail::StaticCall<F>(), detail::StaticCall<G>(),
                                   detail::StaticCall<More>()...));
  }
  /// Whatever becomes a JS function: a function, a lambda, quip::fn, quip::overload, quip::method,
  /// a constructor.
  template <class F, detail::FunctionExtra... Extras>
    requires detail::NativeCallable<std::decay_t<F>>
  Exports& function(std::string_view name, F&& function, const Extras&... extras) {
    using Plain = std::decay_t<F>;
    if constexpr (detail::is_stateless<Plain> && detail::HasSignature<Plain> &&
                  sizeof...(Extras) == 0) {
      spec_.add_function(name, detail::stateless_member<Plain>);
    } else {
      detail::set_function(spec_.add(name, Kind::function).member, spec_.describes(),
                           std::forward<F>(function), extras...);
    }
    return *this;
  }
  /// A quip::fn under its own name.
  template <class F, class... Extras>
  Exports& add(Fn<F, Extras...> function) {
    const std::string name(function.name());
    return this->function(name, std::move(function));
  }

  // ---- values ----------------------------------------------------------------------------------

  /// A value of any type that converts. It goes into JavaScript when the module is evaluated.
  template <class V>
  Exports& value(std::string_view name, V&& value, const Doc& doc = {}) {
    using Kept = detail::KeptValue<V>;
    auto kept =
        std::make_unique<detail::ExportedValueOf<Kept>>(std::in_place, std::forward<V>(value));
    std::string text = spec_.describes() ? detail::constant_text(kept->value) : std::string();
    spec_.add_value(name, std::move(kept), detail::type_of<Kept>, doc, std::move(text));
    return *this;
  }
  /// A value that a function makes, which may take a Ctx. As a module's export it is made when the
  /// module is evaluated, and what the function throws fails that; as a property of an object when
  /// it is first read. What the function throws then is thrown at that read, and the next read
  /// calls it again; once there is a value, it is the same for ever.
  template <class F>
    requires detail::HasSignature<std::decay_t<F>>
  Exports& lazy(std::string_view name, F&& make, const Doc& doc = {}) {
    using Signature = detail::SignatureOf<std::decay_t<F>>;
    static_assert(detail::ParameterCounts<typename Signature::Declared>::required == 0,
                  "what makes a lazy value is given no arguments: it may take a Ctx");
    detail::MemberSpec& member = spec_.add(name, Kind::lazy).member;
    member.doc = doc.text;
    member.type =
        detail::type_of<typename detail::DescribedResult<typename Signature::Returned>::type>;
    member.function = detail::native_function(std::forward<F>(make));
    return *this;
  }
  /// An accessor. As a module's export, which cannot be one, it is what the getter returns when
  /// the module is evaluated.
  template <class G>
    requires detail::HasSignature<std::decay_t<G>>
  Exports& property(std::string_view name, G&& getter, const Doc& doc = {}) {
    add_property(name, std::forward<G>(getter), doc);
    return *this;
  }
  template <class G, class S>
    requires(detail::HasSignature<std::decay_t<G>> && detail::HasSignature<std::decay_t<S>>)
  Exports& property(std::string_view name, G&& getter, S&& setter, const Doc& doc = {}) {
    detail::MemberSpec& member = add_property(name, std::forward<G>(getter), doc);
    member.setter = detail::native_function(std::forward<S>(setter));
    member.has_setter = true;
    return *this;
  }

  // ---- classes and enumerations ----------------------------------------------------------------

  /// A native class (see ClassDef), under the name that its definition gives it; or an enumeration
  /// under its C++ name: an object that has its values, as scripts see them, and never changes.
  template <class T>
    requires NativeClass<T>
  Exports& add() {
    spec_.add_class({}, detail::class_type<T>, &describe<T>);
    return *this;
  }
  template <class E>
    requires std::is_enum_v<E>
  Exports& add(const Doc& doc = {}) {
    return add<E>(detail::raw_type_name<E>(), doc);
  }
  /// The same under another name.
  template <class T>
    requires NativeClass<T>
  Exports& add(std::string_view name) {
    spec_.add_class(name, detail::class_type<T>, &describe<T>);
    return *this;
  }
  template <class E>
    requires std::is_enum_v<E>
  Exports& add(std::string_view name, const Doc& doc = {}) {
    const auto into_js = [](JSContext* ctx, std::int64_t value) {
      return detail::into_js(ctx, static_cast<E>(value));
    };
    spec_.add_enumeration(name, detail::enum_type<E>, into_js, detail::type_of<E>, doc);
    return *this;
  }

  // ---- composition -----------------------------------------------------------------------------

  /// A nested namespace: a plain object with what `define` says.
  Exports& space(std::string_view name, const std::function<void(Exports&)>& define);
  /// The same of another definition.
  Exports& space(std::string_view name, const ModuleDef& definition);
  /// All that another definition has, under the same names.
  Exports& include(const ModuleDef& definition);

  /// The export `default`, which an object has as its property of that name: a value, or what
  /// becomes a function.
  template <class V>
  Exports& default_export(V&& value, const Doc& doc = {}) {
    using Plain = std::decay_t<V>;
    if constexpr (detail::NativeCallable<Plain>) {
      return function("default", std::forward<V>(value), doc);
    } else {
      return this->value("default", std::forward<V>(value), doc);
    }
  }
  /// The same of a function that is known when the program is compiled, and of a native class.
  template <auto F, detail::FunctionExtra... Extras>
  Exports& default_export(const Extras&... extras) {
    return function<F>("default", extras...);
  }
  template <class T>
    requires NativeClass<T>
  Exports& default_export() {
    return add<T>("default");
  }

 private:
  using Kind = detail::ExportSpec::Kind;

  template <class G>
  detail::MemberSpec& add_property(std::string_view name, G&& getter, const Doc& doc) {
    using R = typename detail::SignatureOf<std::decay_t<G>>::Returned;
    detail::MemberSpec& member = spec_.add(name, Kind::property).member;
    member.doc = doc.text;
    member.type = detail::type_of<typename detail::DescribedResult<R>::type>;
    member.function = detail::native_function(std::forward<G>(getter));
    return member;
  }

  detail::ExportsSpec& spec_;
};

}  // namespace quip
