// What a class's definition says, collected: from it compiled code makes the class in a realm.
#pragma once

#include <quip/class/cell.hpp>
#include <quip/class/describe.hpp>
#include <quip/function/native.hpp>
#include <quip/value/symbol.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip {

/// What a member of a class is called: a text, or one of the language's symbols
/// (`quip::symbol::iterator`).
class MemberName {
 public:
  MemberName(const char* text) : text_(text) {}
  MemberName(std::string_view text) : text_(text) {}
  MemberName(std::string text) noexcept : text_(std::move(text)) {}
  MemberName(detail::WellKnownKey symbol) noexcept : symbol_(symbol.which) {}
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::optional<engine::WellKnown> symbol() const noexcept { return symbol_; }

 private:
  std::string text_;
  std::optional<engine::WellKnown> symbol_;
};

/// How a property behaves, beside what its kind has by default; joined by `|`.
enum class PropertyFlags : std::uint8_t {
  none = 0,
  enumerable = 1,  ///< listed by Object.keys and for-in
  readonly = 2,    ///< no setter, or not writable
  locked = 4,      ///< not configurable
};
constexpr PropertyFlags operator|(PropertyFlags a, PropertyFlags b) noexcept {
  return static_cast<PropertyFlags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(PropertyFlags flags, PropertyFlags flag) noexcept {
  return (static_cast<unsigned>(flags) & static_cast<unsigned>(flag)) != 0;
}

namespace detail {

/// What a callable without state is as a member, for code that is compiled once.
struct StatelessMember {
  JSCFunctionMagic* call;
  int length;
  const SignatureSource* signature;
};
template <class F>
inline constexpr StatelessMember stateless_member{&call_stateless<F>, Invocation<F>::length,
                                                  signature_source<F>};

struct MemberSpec {
  enum class Kind : std::uint8_t { method, accessor, constant };
  MemberSpec(MemberName named, Kind of, bool of_class) noexcept
      : name(std::move(named)), kind(of), is_static(of_class) {}
  MemberSpec(const MemberSpec&) = delete;
  MemberSpec(MemberSpec&&) noexcept;
  MemberSpec& operator=(const MemberSpec&) = delete;
  ~MemberSpec();

  MemberName name;
  Kind kind = Kind::method;
  bool is_static = false;
  bool has_setter = false;
  PropertyFlags flags = PropertyFlags::none;
  NativeFunction function = {};  ///< the method, or the getter
  NativeFunction setter = {};
  std::function<JSValue(JSContext*)> value = {};  ///< of a constant
  std::string_view doc = {};
  // For descriptions:
  const SignatureSource* signature = nullptr;  ///< of a method; null when it is several
  TypeOf type = nullptr;                       ///< of an accessor or a constant
  /// Left out where the engine lacks the symbol that is its name.
  bool is_optional = false;
  // Set only where a description is made:
  std::string text = {};                   ///< of a constant, as JavaScript source
  std::vector<std::string> defaults = {};  ///< of the parameters; empty for those without
  std::vector<SignatureInfo> overloads = {};
};

/// The description of a member that is a function.
FunctionInfo method_info(const MemberSpec& member);

/// The functions that answer for the properties of an exotic object; null ones leave the matter to
/// the engine. What they get first is the cell; values are owned by whom the engine says so.
struct ExoticHandlers;

/// Everything that `define` said.
class ClassSpec {
 public:
  explicit ClassSpec(ClassType& of, bool to_describe = false);
  ~ClassSpec();
  ClassSpec(const ClassSpec&) = delete;
  ClassSpec& operator=(const ClassSpec&) = delete;

  ClassType& type;
  std::string name;
  std::string doc = {};
  ClassType* base = nullptr;
  std::vector<MemberSpec> members = {};
  std::vector<NativeFunction> constructors = {};
  /// Whether a description is made, and no class: then also the texts that only that has.
  bool describes = false;
  std::vector<std::vector<std::string>> constructor_defaults = {};
  std::unique_ptr<Callable> call = {};
  const SignatureSource* call_signature = nullptr;  ///< of `call`; null when it is several
  std::vector<SignatureInfo> calls = {};            ///< these, where a description is made
  std::shared_ptr<const ExoticHandlers> exotic = {};

  MemberSpec& add(MemberName member, MemberSpec::Kind kind, bool is_static);
  MemberSpec& add_method(MemberName member, bool is_static, const StatelessMember& function);
  MemberSpec& add_method(MemberName member, bool is_static, NativeFunction&& function);
  /// `set` is null for one that is only read.
  MemberSpec& add_accessor(MemberName member, bool is_static, TypeOf of, const StatelessMember& get,
                           const StatelessMember* set);
  MemberSpec& add_accessor(MemberName member, bool is_static, TypeOf of, NativeFunction&& get,
                           NativeFunction* set);
};

}  // namespace detail
}  // namespace quip
