// What a native class is to compiled code: its C++ type, its bases, how it is defined and traced.
#pragma once

#include <quip/convert/reflect.hpp>
#include <quip/convert/trace.hpp>
#include <quip/convert/type_data.hpp>
#include <quip/core/convert.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>

namespace quip {
template <class T>
const TypeInfo& type_info();
}  // namespace quip

namespace quip::detail {

class ClassSpec;
struct ClassType;

/// One base of a native class: an object of the class is one of the base's too.
struct BaseLink {
  ClassType* base;
  void* (*upcast)(void* derived) noexcept;
  mutable std::atomic<const BaseLink*> next = nullptr;
  bool is_linked = false;  ///< guarded by the lock of the table of classes
};

/// One native class, for the whole process. It is made by the compiler, needs no registration, and
/// is the same for all runtimes; what a realm has of it is a RealmClass. Native modules may have
/// ClassTypes of their own for one class: the one that was used first has its bases and its name.
struct ClassType {
  const std::type_info* info;
  std::string_view name;  ///< of the C++ class, without namespaces
  std::size_t size;       ///< of an object, in bytes
  void (*define)(ClassSpec&);
  /// Shows the tracer the handles in an object; null when there can be none.
  void (*trace)(const void* object, Tracer& tracer) noexcept;
  /// The class of the whole object that this one is a part of, and where that begins; null for
  /// classes without virtual functions.
  const std::type_info& (*dynamic)(void*& object) noexcept;
  TypeOf described;                         ///< for descriptions
  std::atomic<std::uint32_t> number = 0;    ///< of the process; 0 until first used
  std::atomic<ClassType*> first = nullptr;  ///< of this class; null until it has a number
  std::atomic<const BaseLink*> bases = nullptr;
  std::atomic<const std::string*> renamed =
      nullptr;  ///< its name in JavaScript, if that is another
};

/// Two of them may stand for one class, in a program and in a native module. (Where the linker
/// makes them one, as it does for what the program exports and, with GCC, for everything that is
/// not hidden, the address decides.)
bool same_class(const ClassType& a, const ClassType& b) noexcept;

/// What the class's definition calls it; for messages.
void rename_class(ClassType& type, std::string_view name);
std::string_view shown_name(const ClassType& type) noexcept;

/// The class's number, the same for all ClassTypes of one class; 0 when memory is short.
std::uint32_t number_of(ClassType& type) noexcept;
/// The class of that C++ type, if one of its kind was used before; else null.
ClassType* class_of(const std::type_info& info) noexcept;
/// Its bases: those of the first ClassType of the class.
const BaseLink* bases_of(const ClassType& type) noexcept;

template <class T>
void define_class(ClassSpec& spec);
template <class T>
void trace_object(const void* object, Tracer& tracer) noexcept {
  tracer(*static_cast<const T*>(object));
}
template <class T>
const std::type_info& find_dynamic_type(void*& object) noexcept {
  auto* whole = static_cast<T*>(object);
  object = dynamic_cast<void*>(whole);
  return typeid(*whole);
}

template <class T>
consteval auto tracer_of() -> void (*)(const void*, Tracer&) noexcept {
  if constexpr (is_traceable<T>) {
    return &trace_object<T>;
  } else {
    return nullptr;
  }
}
template <class T>
consteval auto dynamic_type_of() -> const std::type_info& (*)(void*&) noexcept {
  if constexpr (std::is_polymorphic_v<T>) {
    return &find_dynamic_type<T>;
  } else {
    return nullptr;
  }
}

template <class T>
[[gnu::visibility("default")]] inline constinit ClassType class_type{
    .info = &typeid(T),
    .name = raw_type_name<T>(),
    .size = sizeof(T),
    .define = &define_class<T>,
    .trace = tracer_of<T>(),
    .dynamic = dynamic_type_of<T>(),
    .described = &type_info<T>};

template <class Derived, class Base>
inline constinit BaseLink base_link{.base = &class_type<Base>,
                                    .upcast = [](void* derived) noexcept -> void* {
                                      return static_cast<Base*>(static_cast<Derived*>(derived));
                                    }};
/// Says, once for the process, that Derived has the base, behind those that were said before.
/// Throws std::bad_alloc.
void link_base(ClassType& derived, BaseLink& link);

/// Whether objects of `from` are ones of `to`.
bool is_class(const ClassType& from, const ClassType& to) noexcept;
/// The object as one of class `to`, or null when it is none.
void* cast(const ClassType& from, void* object, const ClassType& to) noexcept;

}  // namespace quip::detail
