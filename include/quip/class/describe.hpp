// Descriptions of native classes as data: quip::describe<T>().
#pragma once

#include <quip/class/class_type.hpp>
#include <quip/convert/type_info.hpp>
#include <quip/function/description.hpp>

namespace quip {

namespace detail {

ClassInfo describe_class(ClassType& type);

}  // namespace detail

/// What a native class has, as its `define` says: the description is made when it is first asked
/// for, by running that once more, and stays; any number of threads may ask. Nothing in it depends
/// on a runtime. Throws what `define` throws.
///
///     for (const quip::FunctionInfo& method : quip::describe<Point>().methods)
///       std::cout << to_string(method) << '\n';   // scale(by: number): void
template <class T>
const ClassInfo& describe() {
  static_assert(NativeClass<T>,
                "quip::describe<T>: T is no native class; give it a define(quip::ClassDef<T>&)");
  static const ClassInfo made = detail::describe_class(detail::class_type<T>);
  return made;
}

}  // namespace quip
