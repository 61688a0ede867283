// What a description of a C++ type as a JavaScript type is: plain data, to be walked by whatever
// makes declarations, documentation or messages of it. How it is made of a type, see type_info.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// What a type is to scripts. The parts that each has besides its name are told by TypeInfo.
enum class TypeKind : unsigned char {
  any,           ///< any value; of Coerced<T>, `of` is the T that the value is converted to
  undefined,     ///< `undefined`; what a function without a result returns is named "void"
  null,          ///< `null`
  boolean,       ///< a Boolean
  number,        ///< any Number
  integer,       ///< a whole Number within `range`; a BigInt is read too when that is past 2^53
  bigint,        ///< a BigInt
  string,        ///< a String
  symbol,        ///< a Symbol
  object,        ///< an object of the built-in class `name`, or any ("object"); `of` its arguments
  array,         ///< an Array of elements `of`; any iterable is read
  tuple,         ///< an Array of exactly the elements `of`; `members` if they have names
  map,           ///< a Map; `of` are key and value
  set,           ///< a Set of elements `of`
  dictionary,    ///< an object whose properties are entries; `of` are key and value
  record,        ///< an object with the properties `members`
  enumeration,   ///< one of `values`
  union_,        ///< one of the types `of`, or of the `alternatives` of a tagged variant
  optional,      ///< the type `of`, or `undefined`; `null` is read as `undefined`
  function,      ///< a function; `signatures` if they are known
  promise,       ///< a Promise of `of`
  date,          ///< a Date
  regexp,        ///< a RegExp
  error,         ///< an Error
  array_buffer,  ///< an ArrayBuffer
  typed_array,   ///< a typed array, whose class is `name`
  data_view,     ///< a DataView
  iterable,      ///< an object of the interface `name` that can be iterated over for `of`
  async_iterable,  ///< the same with `for await`; an iterable is read too
  instance,        ///< an instance of a native class
  custom,          ///< what a user's own conversion makes, of which a name is known at most
};

struct TypeInfo;
struct ClassInfo;
/// A description that is made when it is asked for: types may contain themselves. Two of the same
/// type give the same object.
using TypeOf = const TypeInfo& (*)();
/// The same of a class, see function/description.hpp.
using ClassOf = const ClassInfo& (*)();
/// What the native class T is to scripts; see class/describe.hpp.
template <class T>
const ClassInfo& describe();

/// The whole numbers that an integer may be, both included.
struct IntegerRange {
  std::int64_t min;
  std::uint64_t max;
  friend bool operator==(const IntegerRange&, const IntegerRange&) = default;
};

/// A property of a record, by its name in JavaScript. Members that are skipped are none, those of a
/// flattened struct stand among the others. Of a std::optional the type is that of its value.
struct MemberInfo {
  std::string_view name;
  TypeOf type;
  bool optional = false;  ///< it may be missing, or undefined, in an object that C++ reads
  bool omitted = false;   ///< it may be missing in an object that C++ makes
};

/// One value of an enumeration.
struct EnumeratorInfo {
  std::string_view name;  ///< in JavaScript
  std::int64_t value;     ///< in C++
};

/// How the alternatives of a variant are told apart.
enum class Tagging : unsigned char {
  none,      ///< by their values alone
  external,  ///< `{circle: {radius: 1}}`; an alternative without members is `"circle"`
  internal,  ///< `{type: "circle", radius: 1}`
  adjacent,  ///< `{type: "circle", value: {radius: 1}}`
};
/// One alternative of a tagged variant.
struct AlternativeInfo {
  std::string_view name;  ///< in JavaScript: the tag's value
  TypeOf type;            ///< null for an alternative without members, which has no value
};

/// A parameter that takes an argument.
struct ParameterInfo {
  std::string name = {};  ///< empty when it was not given
  TypeOf type = nullptr;  ///< of a rest parameter, that of each argument
  /// It may be left out, or undefined. One that required ones follow has to be given: as undefined.
  bool optional = false;
  bool rest = false;               ///< it takes all arguments that are left
  std::string default_value = {};  ///< as JavaScript source; empty if there is none
};
/// What a function takes and returns.
struct SignatureInfo {
  std::vector<ParameterInfo> parameters = {};
  TypeOf returns = nullptr;
};

/// A C++ type as scripts see it. What does not apply to its kind is empty.
struct TypeInfo {
  TypeKind kind = TypeKind::any;
  /// The type's name in JavaScript: "number", "Map", "Uint8Array"; of records, enumerations and
  /// tagged variants that of the C++ type without namespace and template arguments. Empty for types
  /// that have none there: unions, optionals, tuples.
  std::string_view name = {};
  std::vector<TypeOf> of = {};           ///< the types that it is made of, see TypeKind
  std::vector<MemberInfo> members = {};  ///< in the order of declaration
  TypeOf rest = nullptr;  ///< the type of a record's other properties; null: they mean nothing
  std::optional<IntegerRange> range = {};   ///< of an integer
  std::optional<std::size_t> length = {};   ///< of an array or array_buffer of exactly that length
  std::vector<EnumeratorInfo> values = {};  ///< of an enumeration
  bool by_number = false;  ///< the enumeration's values are the numbers, not the names
  Tagging tagging = Tagging::none;
  std::string_view tag = {};      ///< the property with the alternative's name
  std::string_view content = {};  ///< the property with the alternative's value
  std::vector<AlternativeInfo> alternatives = {};
  std::vector<SignatureInfo> signatures = {};  ///< of a function; more than one: overloads
  ClassOf instance_of = nullptr;               ///< of an instance; null when nothing more is known
  /// The C++ type as the compiler spells it, of the kinds that have a C++ name: it tells two
  /// instantiations of a template apart.
  std::string_view cpp_name = {};
};

/// The type as TypeScript writes it, for messages and documentation: `string`, `number[]`,
/// `Map<string, number>`, `[number, string]`, `"red" | "green"`, `number | undefined`. What has a
/// name of its own (a record, a class, a tagged variant) is that name; an enumeration is its
/// values.
std::string to_string(const TypeInfo& type);
/// The same for what its name stands for: `{ x: number; label?: string }`.
std::string definition_of(const TypeInfo& type);
/// `(name: string, times?: number): string`. A parameter without a name is called by its place.
std::string to_string(const SignatureInfo& signature);

/// How T is described, for types that are not described by their conversion: a specialisation has
/// either
///
///     static TypeInfo make();  // called once
///     using As = Other;        // T is to scripts what Other is
///
/// (A Convert of your own says it more simply: `static constexpr std::string_view type_name`, or
/// `static const TypeInfo& type_info()`.)
template <class T>
struct TypeInfoOf;

/// How a parameter of the type P, without const and reference, is described; it may be none that
/// takes an argument. A specialisation has `static void add(std::vector<ParameterInfo>& to)`.
template <class P>
struct ParameterInfoOf;

}  // namespace quip
