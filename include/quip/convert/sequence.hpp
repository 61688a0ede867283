// Conversions of sequences and sets: vector, deque, list, array, span, set, … and any container
// that is like one of them.
#pragma once

#include <quip/convert/string.hpp>
#include <quip/value/array.hpp>
#include <quip/value/typed_array.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

namespace detail {

// ---- reading -----------------------------------------------------------------------------------

/// Where the elements of an array go. The engine copies an array's elements out all at once where
/// it can, so that `take` is given as many as there are together.
struct ElementSink {
  /// Converts `count` elements, borrowed for the call; false when `error` has been set. May throw.
  using Take = bool (*)(ElementSink& sink, const JSValueConst* elements, std::size_t count);
  ElementSink(ValueRef value, Take function) noexcept : whole(value), take(function) {}
  ValueRef whole;
  Take take;
  std::size_t index = 0;  ///< of the next element
  std::optional<Error> error;
};

/// Reads an Array, a typed array, a Set or whatever else is iterable (but no string) into the
/// sink. The length of an array is asked for once, as ECMA-262 7.3.18 does: elements that vanish
/// meanwhile read as undefined.
Result<void> read_elements(ElementSink& sink);

Error wrong_element_count(std::size_t expected, std::size_t actual);

/// Converts one element; nothing when its problem was noted or is the sink's error.
template <class T>
std::optional<T> element_from_js(ElementSink& sink, JSValueConst element) {
  const PartOf part(sink.whole);
  Result<T> converted = from_js<T>(sink.whole.part(element));
  if (!part.settle(converted, [&sink] { return key_text(sink.index); })) [[unlikely]] {
    sink.error = std::move(converted).error();
    return std::nullopt;
  }
  if (!converted) {
    return std::nullopt;
  }
  return *std::move(converted);
}

template <class C>
void append(C& container, std::ranges::range_value_t<C>&& element) {
  if constexpr (requires { container.push_back(std::move(element)); }) {
    container.push_back(std::move(element));
  } else {
    container.insert(container.end(), std::move(element));
  }
}

/// Reads engine values as numbers, for a container that makes its elements of a range: it asks
/// for memory once, and writes to it once.
template <class T>
struct NumberReader {
  using iterator_category = std::random_access_iterator_tag;
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using pointer = const T*;
  using reference = T;

  const JSValueConst* at;
  bool* failed;  ///< set when one was no such number; then all are void

  T operator*() const noexcept {
    T number{};
    if (!Convert<T>::quick(*at, number)) [[unlikely]] {
      *failed = true;
    }
    return number;
  }
  NumberReader& operator++() noexcept {
    ++at;
    return *this;
  }
  friend std::ptrdiff_t operator-(const NumberReader& a, const NumberReader& b) noexcept {
    return a.at - b.at;
  }
  friend bool operator==(const NumberReader& a, const NumberReader& b) noexcept {
    return a.at == b.at;
  }
};
/// Containers of numbers side by side, as std::vector.
template <class C>
concept NumberArray =
    std::is_arithmetic_v<std::ranges::range_value_t<C>> &&
    ConvertsQuickly<std::ranges::range_value_t<C>> && std::ranges::contiguous_range<C> &&
    std::is_constructible_v<C, NumberReader<std::ranges::range_value_t<C>>,
                            NumberReader<std::ranges::range_value_t<C>>>;

/// What the readers of one array's texts share.
struct TextSource {
  JSContext* context;
  bool failed = false;     ///< one was no string, or could not be read; then all are void
  bool is_thrown = false;  ///< it could not be read: an exception is pending
  std::string mended = {};
};
/// An element's text while it is copied.
class ElementText {
 public:
  [[gnu::always_inline]] ElementText(const JSValueConst& element, TextSource& source) {
    if (!engine::is_string(element)) [[unlikely]] {
      source.failed = true;
      return;
    }
    if (!text_.read(source.context, element)) [[unlikely]] {
      source.failed = source.is_thrown = true;
      return;
    }
    view_ = text_.view();
    if (!text_.is_utf8(element)) [[unlikely]] {
      view_ = source.mended = utf8_of(text_);
    }
  }
  operator std::string_view() const noexcept { return view_; }

 private:
  TextView text_;
  std::string_view view_;
};
/// Reads engine values as texts, as NumberReader does as numbers: each is copied once, to where it
/// is to be, and none has to ask whether there is room.
struct TextReader {
  using iterator_category = std::random_access_iterator_tag;
  using value_type = std::string;
  using difference_type = std::ptrdiff_t;
  using pointer = const std::string*;
  using reference = ElementText;

  const JSValueConst* at;
  TextSource* source;

  [[gnu::always_inline]] ElementText operator*() const { return {*at, *source}; }
  TextReader& operator++() noexcept {
    ++at;
    return *this;
  }
  friend std::ptrdiff_t operator-(const TextReader& a, const TextReader& b) noexcept {
    return a.at - b.at;
  }
  friend bool operator==(const TextReader& a, const TextReader& b) noexcept { return a.at == b.at; }
};
/// Containers of texts side by side, as std::vector.
template <class C>
concept TextArray =
    std::is_same_v<std::ranges::range_value_t<C>, std::string> &&
    std::ranges::contiguous_range<C> && std::is_constructible_v<C, TextReader, TextReader>;

template <class C>
class SequenceSink : public ElementSink {
  using T = std::ranges::range_value_t<C>;

 public:
  SequenceSink(ValueRef value, C& container) noexcept
      : ElementSink(value, &take_into), container_(&container) {}

 private:
  static bool take_into(ElementSink& base, const JSValueConst* elements, std::size_t count) {
    auto& sink = static_cast<SequenceSink&>(base);
    C& container = *sink.container_;
    const std::size_t first = sink.index;
    std::size_t done = 0;
    if constexpr (NumberArray<C>) {
      if (first == 0) {
        bool failed = false;
        C made(NumberReader<T>{elements, &failed}, NumberReader<T>{elements + count, &failed});
        if (!failed) [[likely]] {
          container = std::move(made);
          done = count;
        }
      }
    } else if constexpr (TextArray<C>) {
      if (first == 0) {
        TextSource source{sink.whole.context()};
        C made(TextReader{elements, &source}, TextReader{elements + count, &source});
        if (source.is_thrown) [[unlikely]] {
          sink.error = caught(realm_of(source.context));
          return false;
        }
        if (!source.failed) [[likely]] {
          container = std::move(made);
          done = count;
        }
      }
    }
    if constexpr (requires { container.reserve(count); }) {
      if (count - done > 1) container.reserve(container.size() + count);
    }
    for (; done < count; ++done) {
      const JSValueConst& element = elements[done];
      if constexpr (ConvertsQuickly<T>) {
        if (T out; Convert<T>::quick(element, out)) [[likely]] {
          append(container, std::move(out));
          continue;
        }
      } else if constexpr (std::is_same_v<T, std::string>) {
        if (engine::is_string(element)) [[likely]] {
          if (!sink.append_text(element)) [[unlikely]] {
            return false;
          }
          continue;
        }
      }
      sink.index = first + done;
      if (std::optional<T> converted = element_from_js<T>(sink, element)) [[likely]] {
        append(container, *std::move(converted));
      } else if (sink.error) {
        return false;
      }
    }
    sink.index = first + count;
    return true;
  }
  /// A string's text, made where it is to be.
  bool append_text(const JSValueConst& string) {
    const TextView text(whole.context(), string);
    if (!text) [[unlikely]] {
      error = caught(realm_of(whole.context()));
      return false;
    }
    if (!text.is_utf8(string)) [[unlikely]] {
      append(*container_, utf8_of(text));
    } else if constexpr (requires { container_->emplace_back(text.view()); }) {
      container_->emplace_back(text.view());
    } else {
      append(*container_, T(text.view()));
    }
    return true;
  }
  C* container_;
};

// ---- making ------------------------------------------------------------------------------------

/// The elements of an array that is being made. They are handed to the engine all at once, which
/// costs a third of what it costs one by one, and no setter of a prototype sees them.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(JSContext* ctx) noexcept : ctx_(ctx) {}
  ArrayBuilder(const ArrayBuilder&) = delete;
  ArrayBuilder& operator=(const ArrayBuilder&) = delete;
  ~ArrayBuilder();
  /// Makes room for so many elements in all; false with a pending exception.
  bool reserve(std::size_t count) noexcept { return count <= capacity_ || grow(count); }
  /// Appends an owned value, for which there is room.
  void add(JSValue element) noexcept { values_[head + size_++] = element; }
  /// Where the next values go, if somebody else puts them into the reserved room; `added` tells how
  /// many they are.
  [[nodiscard]] JSValue* room() noexcept { return values_ + head + size_; }
  void added(std::size_t count) noexcept { size_ += count; }
  /// Appends an owned value; false with a pending exception.
  bool append(JSValue element) noexcept;
  /// The array; an exception when memory is short.
  JSValue finish() noexcept;

 private:
  // before the elements is room for the arguments of the engine's function that takes them
  static constexpr std::size_t head = 2;
  static constexpr std::size_t inline_capacity = 14;
  bool grow(std::size_t count) noexcept;
  JSContext* ctx_;
  std::size_t size_ = 0;
  std::size_t capacity_ = inline_capacity;
  std::array<JSValue, head + inline_capacity> inline_values_;
  std::unique_ptr<JSValue[]> heap_values_;
  JSValue* values_ = inline_values_.data();
};

/// Numbers as an array: they own nothing, so that the way into the engine is the only work.
template <class R>
JSValue numbers_into_js(JSContext* ctx, R&& range) {
  using T = std::ranges::range_value_t<R>;
  ArrayBuilder builder(ctx);
  const auto count = static_cast<std::size_t>(std::ranges::size(range));
  if (!builder.reserve(count)) [[unlikely]] {
    return engine::exception();
  }
  JSValue* to = builder.room();
  for (auto&& element : range) {
    if constexpr (std::is_same_v<T, bool>) {
      *to = engine::boolean(static_cast<bool>(element));  // of a vector<bool>
    } else if constexpr (std::is_floating_point_v<T>) {
      *to = engine::float64(ctx, static_cast<double>(element));
    } else {
      *to = into_js(ctx, static_cast<T>(element));
      if (engine::is_exception(*to)) [[unlikely]] {
        return *to;
      }
    }
    ++to;
  }
  builder.added(count);
  return builder.finish();
}

/// Elements of any type as an array.
template <class R>
JSValue elements_into_js(JSContext* ctx, R&& range) {
  using T = std::ranges::range_value_t<R>;
  if constexpr (!std::is_arithmetic_v<T>) {
    if (is_too_deep(realm_of(ctx))) [[unlikely]] {
      return throw_too_deep(ctx);
    }
  }
  ArrayBuilder builder(ctx);
  if constexpr (std::ranges::sized_range<R>) {
    if (!builder.reserve(static_cast<std::size_t>(std::ranges::size(range)))) [[unlikely]] {
      return engine::exception();
    }
  }
  for (auto&& element : range) {
    JSValue converted;
    if constexpr (std::is_same_v<T, bool>) {
      converted = engine::boolean(static_cast<bool>(element));  // of a vector<bool>
    } else if constexpr (!std::is_lvalue_reference_v<R> && !std::ranges::view<R>) {
      converted = into_js(ctx, std::move(element));
    } else {
      converted = into_js(ctx, std::as_const(element));
    }
    if (engine::is_exception(converted)) [[unlikely]] {
      return converted;
    }
    if constexpr (std::ranges::sized_range<R>) {
      builder.add(converted);
    } else if (!builder.append(converted)) [[unlikely]] {
      return engine::exception();
    }
  }
  return builder.finish();
}

/// A range as an array.
template <class R>
JSValue array_into_js(JSContext* ctx, R&& range) {
  using T = std::ranges::range_value_t<R>;
  if constexpr (std::is_arithmetic_v<T> && !AnyCharacter<T> && std::ranges::sized_range<R>) {
    return numbers_into_js(ctx, std::forward<R>(range));
  } else {
    return elements_into_js(ctx, std::forward<R>(range));
  }
}

// ---- which types -------------------------------------------------------------------------------

template <class C>
concept Container =
    std::ranges::input_range<C> && std::ranges::input_range<const C> &&
    std::is_default_constructible_v<C> && requires { typename C::value_type; } &&
    !std::is_base_of_v<Value, C> && !std::is_convertible_v<C, std::string_view> && !NativeClass<C>;
template <class C>
concept MapLike =
    Container<C> && requires(C& map, typename C::key_type key, typename C::mapped_type mapped) {
      map.insert_or_assign(std::move(key), std::move(mapped));
    };
/// Text in one of its forms: it has conversions of its own.
template <class C>
concept TextLike = requires { typename C::traits_type::char_type; };
template <class C>
concept SequenceLike =
    Container<C> && !MapLike<C> && !TextLike<C> &&
    (
        requires(C& c, typename C::value_type v) { c.push_back(std::move(v)); } ||
        requires(C& c, typename C::value_type v) { c.insert(c.end(), std::move(v)); });
/// A range that owns nothing: it goes out as an array, and cannot come in.
template <class R>
concept ViewLike =
    std::ranges::input_range<R> && std::ranges::view<R> && !TextLike<R> && !NativeClass<R>;

}  // namespace detail

/// Sequences and sets of any kind: vector, deque, list, set, unordered_set, multiset, … and what
/// is like them. They are Arrays in JavaScript; an Array, a typed array, a Set and any other
/// iterable object can be read, a string cannot. An error names the element:
/// `[2]: expected string, got 5 (number)`. Of equal elements a set keeps one.
template <detail::SequenceLike C>
struct Convert<C> : detail::FamilyConvert {
  static Result<C> from_js(ValueRef value) {
    C container;
    using T = std::ranges::range_value_t<C>;
    if constexpr (detail::element_kind<T> != engine::Kind::other &&
                  requires(const T* elements) { container.assign(elements, elements); }) {
      // the elements of its own typed array are these very numbers
      const std::optional<detail::TypedSpan> typed = detail::typed_array_span(value);
      if (typed && typed->kind == detail::element_kind<T> && typed->problem == nullptr) {
        const auto* elements = static_cast<const T*>(typed->data);
        container.assign(elements, elements + typed->count);
        return container;
      }
    }
    detail::SequenceSink<C> sink(value, container);
    Result<void> read = detail::read_elements(sink);
    if (!read) [[unlikely]] {
      return std::move(read).error();
    }
    return container;
  }
  static JSValue into_js(JSContext* ctx, const C& container) {
    return detail::array_into_js(ctx, container);
  }
  static JSValue into_js(JSContext* ctx, C&& container) {
    return detail::array_into_js(ctx, std::move(container));
  }
};

/// As a vector; the elements come and go in the list's order.
template <class T, class A>
struct Convert<std::forward_list<T, A>> {
  using C = std::forward_list<T, A>;
  static Result<C> from_js(ValueRef value) {
    auto elements = detail::from_js<std::vector<T>>(value);
    if (!elements) {
      return std::move(elements).error();
    }
    return C(std::make_move_iterator(elements->begin()), std::make_move_iterator(elements->end()));
  }
  static JSValue into_js(JSContext* ctx, const C& list) { return detail::array_into_js(ctx, list); }
};

/// Exactly N elements.
template <class T, std::size_t N>
struct Convert<std::array<T, N>> {
  static Result<std::array<T, N>> from_js(ValueRef value) {
    const detail::PartOf whole(value);
    auto elements = detail::from_js<std::vector<T>>(value);
    if (!elements) {
      return std::move(elements).error();
    }
    if (elements->size() != N) {
      return whole.has_problems() ? detail::already_noted()
                                  : detail::wrong_element_count(N, elements->size());
    }
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<T, N>{static_cast<T>(std::move((*elements)[I]))...};
    }(std::make_index_sequence<N>());
  }
  static JSValue into_js(JSContext* ctx, const std::array<T, N>& elements) {
    return detail::array_into_js(ctx, elements);
  }
};

/// Into JavaScript alone: spans and other views, as arrays of what they show at that moment.
template <detail::ViewLike R>
struct Convert<R> : detail::FamilyConvert {
  /// By value: some views change when they are looked at.
  static JSValue into_js(JSContext* ctx, R view) { return detail::array_into_js(ctx, view); }
};
template <class T>
struct Convert<std::initializer_list<T>> {
  static JSValue into_js(JSContext* ctx, std::initializer_list<T> list) {
    return detail::array_into_js(ctx, list);
  }
};
template <class T, std::size_t N>
  requires(!detail::AnyCharacter<T>)
struct Convert<T[N]> {
  static JSValue into_js(JSContext* ctx, const T (&elements)[N]) {
    return detail::array_into_js(ctx, std::span<const T, N>(elements));
  }
};

}  // namespace quip
