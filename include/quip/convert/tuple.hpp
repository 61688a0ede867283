// Conversions of pair and tuple: arrays of exactly so many elements.
#pragma once

#include <quip/convert/sequence.hpp>

#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// The elements of a value that is to have exactly `count` of them; owned. Others than arrays are
/// read as read_elements reads them.
Result<std::vector<Value>> exact_elements(ValueRef value, std::size_t count);

template <class Tuple>
struct ConvertTuple {
  static constexpr std::size_t size = std::tuple_size_v<Tuple>;
  /// An element's type; the key of a map's entry is const.
  template <std::size_t I>
  using Element = std::remove_const_t<std::tuple_element_t<I, Tuple>>;

  static Result<Tuple> from_js(ValueRef value) {
    Result<std::vector<Value>> elements = exact_elements(value, size);
    if (!elements) [[unlikely]] {
      return std::move(elements).error();
    }
    return [&]<std::size_t... I>(std::index_sequence<I...>) -> Result<Tuple> {
      std::tuple<std::optional<Element<I>>...> parts;
      std::optional<Error> error;
      (void)(read<I>(value, (*elements)[I], std::get<I>(parts), error) && ...);
      if (error) {
        return *std::move(error);
      }
      if (!(std::get<I>(parts).has_value() && ...)) {
        return already_noted();
      }
      return Tuple(*std::move(std::get<I>(parts))...);
    }(std::make_index_sequence<size>());
  }
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& tuple) {
    ArrayBuilder builder(ctx);
    const bool complete = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (builder.append(detail::into_js(ctx, std::get<I>(std::forward<U>(tuple)))) && ...);
    }(std::make_index_sequence<size>());
    return complete ? builder.finish() : engine::exception();
  }

 private:
  /// False when the conversion ends here.
  template <std::size_t I, class T>
  static bool read(ValueRef whole, const Value& element, std::optional<T>& out,
                   std::optional<Error>& error) {
    const PartOf part(whole);
    Result<T> converted = detail::from_js<T>(whole.part(element.raw()));
    if (!part.settle(converted, [] { return key_text(I); })) {
      error = std::move(converted).error();
      return false;
    }
    if (converted) {
      out = *std::move(converted);
    }
    return true;
  }
};

}  // namespace detail

template <class A, class B>
struct Convert<std::pair<A, B>> : detail::ConvertTuple<std::pair<A, B>> {};
template <class... T>
struct Convert<std::tuple<T...>> : detail::ConvertTuple<std::tuple<T...>> {};

}  // namespace quip
