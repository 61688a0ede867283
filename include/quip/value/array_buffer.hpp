// Raw bytes that scripts and C++ share: ArrayBuffer and SharedArrayBuffer.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

class ArrayBuffer;

namespace detail {

/// What a buffer's bytes can be made of.
template <class T>
concept Plain = std::is_trivially_copyable_v<std::remove_cv_t<T>>;
/// A range whose elements lie one behind the other. Text is told apart, by its length.
template <class R>
concept PlainRange = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                     Plain<std::ranges::range_value_t<R>>;
/// A container that can be moved in: it owns its elements, and nobody else has it.
template <class R>
concept OwningRange = PlainRange<R> && !std::is_reference_v<R> && !std::is_const_v<R> &&
                      !std::ranges::borrowed_range<R> && !std::ranges::view<R> &&
                      !std::is_const_v<std::remove_reference_t<std::ranges::range_reference_t<R>>>;

/// Memory that lies in a container; aligned for what lies in the container itself, as short texts.
template <class Container>
struct ContainerMemory final : Memory {
  explicit ContainerMemory(Container&& moved) : container(std::move(moved)) {
    data = std::ranges::data(container);
    size = std::ranges::size(container) * sizeof(std::ranges::range_value_t<Container>);
  }
  alignas(std::max_align_t) Container container;
};

template <class Pointer>
struct PointerMemory final : Memory {
  PointerMemory(Pointer&& moved, std::size_t bytes) noexcept : pointer(std::move(moved)) {
    data = pointer.get();
    size = bytes;
  }
  Pointer pointer;
};

template <class T, class Release>
void call_release(Release& release, std::span<T> bytes) noexcept {
  try {
    if constexpr (std::is_invocable_v<Release&>) {
      std::invoke(release);
    } else {
      std::invoke(release, bytes);
    }
  } catch (...) {
    // nobody waits for it: the collector has no way to pass it on
  }
}

template <class T, class Release>
struct BorrowedMemory final : Memory {
  BorrowedMemory(std::span<T> bytes, Release&& by) : borrowed(bytes), release(std::move(by)) {
    data = const_cast<std::remove_const_t<T>*>(bytes.data());
    size = bytes.size_bytes();
  }
  ~BorrowedMemory() override { call_release(release, borrowed); }
  std::span<T> borrowed;
  Release release;
};

/// Why memory cannot become a buffer when there is none left to say more.
Error no_memory_left();

// Every kind of view tells where its elements are: null, or why there are none.
/// As it says, for a buffer whose data is null or that must not be written to.
const char* find_bytes_slowly(Realm* realm, JSValueConst buffer, bool write,
                              std::span<std::byte>& out) noexcept;
inline const char* find_bytes(Realm* realm, JSValueConst buffer, bool write,
                              std::span<std::byte>& out) noexcept {
  std::size_t size = 0;
  std::uint8_t* data = ::JS_GetArrayBuffer(realm->context, &size, buffer);
  if (data == nullptr || (write && engine::is_immutable_buffer(buffer))) [[unlikely]] {
    return find_bytes_slowly(realm, buffer, write, out);
  }
  out = {reinterpret_cast<std::byte*>(data), size};
  return nullptr;
}

/// How the elements of a view are looked at: V::find says where they are.
template <class V, class T>
struct Looking {
  using Span = std::span<T>;
  static const char* find(const Handle& handle, Span& out) noexcept {
    std::span<std::remove_const_t<T>> found;
    const char* problem = V::find(handle.realm(), handle.get(), !std::is_const_v<T>, found);
    out = found;
    return problem;
  }
};

/// One for each of a pack.
template <class>
using KeptAliveAs = KeptAlive;

[[noreturn]] void raise_type_error(const char* message);
[[noreturn]] void raise_foreign_views();

template <class L, class F>
std::invoke_result_t<F, typename L::Span> look_from_outside(const Handle& handle, F&& f);

template <class L, class F>
[[gnu::always_inline]] inline std::invoke_result_t<F, typename L::Span> look(const Handle& handle,
                                                                             F&& f) {
  Realm* realm = handle.realm();
  if (!inside(realm)) [[unlikely]] {
    return look_from_outside<L>(handle, std::forward<F>(f));
  }
  const JSValueConst object = handle.get();
  typename L::Span span;
  if (const char* problem = L::find(handle, span); problem != nullptr) [[unlikely]] {
    raise_type_error(problem);
  }
  const KeptAlive kept(object);
  const Look looking(realm->core);
  return std::invoke(std::forward<F>(f), span);
}
template <class L, class F>
[[gnu::noinline]] std::invoke_result_t<F, typename L::Span> look_from_outside(const Handle& handle,
                                                                              F&& f) {
  Realm* realm = handle.realm();
  const Entry entry(realm);
  if (!entry) refusal(realm).raise();
  return look<L>(handle, std::forward<F>(f));
}

template <class L, class F>
auto try_look(const Handle& handle, F&& f) -> Result<std::invoke_result_t<F, typename L::Span>> {
  Realm* realm = handle.realm();
  const Entry entry(realm);
  if (!entry) [[unlikely]] {
    return refusal(realm);
  }
  typename L::Span span;
  if (const char* problem = L::find(handle, span); problem != nullptr) [[unlikely]] {
    return Error::type(problem);
  }
  const KeptAlive kept(handle.get());
  const Look looking(realm->core);
  if constexpr (std::is_void_v<std::invoke_result_t<F, typename L::Span>>) {
    std::invoke(std::forward<F>(f), span);
    return {};
  } else {
    return std::invoke(std::forward<F>(f), span);
  }
}

/// The error for elements past the end, or none.
Result<void> check_range(std::size_t offset, std::size_t count, std::size_t size);

}  // namespace detail

/// A JavaScript ArrayBuffer or SharedArrayBuffer.
///
/// A script may detach or resize a buffer at any time, and then its bytes are elsewhere or nowhere.
/// So there is no member that returns a pointer: bytes are copied, checked each time anew; or they
/// are looked at in a function, `with_bytes`, while no script may run.
///
/// Memory that C++ gives to a buffer is outside of the runtime's memory limit, and the garbage
/// collector does not know its size. What gives it back may be called wherever the engine lets go
/// of it: then no script may run (uses of handles are the error RuntimeGone), but handles may be
/// dropped, and what it throws is swallowed.
class ArrayBuffer : public Object {
 public:
  /// An empty handle.
  ArrayBuffer() noexcept = default;
  /// A new buffer of so many bytes, all 0. Engines have a limit of 2^31 - 1. Throws Error
  /// (RangeError, or out of memory). ECMA-262 25.1.4, engine: JS_NewArrayBufferCopy.
  ArrayBuffer(const Ctx& ctx, std::size_t size) : ArrayBuffer(try_make(ctx, size).value()) {}
  static Result<ArrayBuffer> try_make(const Ctx& ctx, std::size_t size);

  /// A new buffer with a copy of the elements' bytes, or of a text's without a NUL at the end.
  template <detail::PlainRange R>
    requires(!std::is_convertible_v<const R&, std::string_view>)
  static ArrayBuffer copy_of(const Ctx& ctx, const R& elements) {
    return try_copy_of(ctx, elements).value();
  }
  static ArrayBuffer copy_of(const Ctx& ctx, std::string_view text) {
    return try_copy_of(ctx, text).value();
  }
  template <detail::PlainRange R>
    requires(!std::is_convertible_v<const R&, std::string_view>)
  static Result<ArrayBuffer> try_copy_of(const Ctx& ctx, const R& elements) {
    return copy(ctx, std::as_bytes(std::span(elements)));
  }
  static Result<ArrayBuffer> try_copy_of(const Ctx& ctx, std::string_view text) {
    return copy(ctx, std::as_bytes(std::span(text)));
  }

  /// Moves a container into a new buffer that has its elements as data, without a copy:
  /// `ArrayBuffer::from(ctx, std::move(vector))`. The container is destroyed when the engine lets
  /// go of the data. (Elements that are not aligned to 8 bytes are copied after all: an array of
  /// any type may be laid over them.)
  template <class R>
    requires detail::OwningRange<R>
  static ArrayBuffer from(const Ctx& ctx, R&& container) {
    return try_from(ctx, std::forward<R>(container)).value();
  }
  template <class R>
    requires detail::OwningRange<R>
  static Result<ArrayBuffer> try_from(const Ctx& ctx, R&& container) {
    return adopt(ctx, own(std::forward<R>(container)), Sharing::exclusive);
  }
  /// As `from` a container, for an array of `count` elements behind a unique_ptr.
  template <detail::Plain T, class Deleter>
  static ArrayBuffer from(const Ctx& ctx, std::unique_ptr<T[], Deleter> elements,
                          std::size_t count) {
    return try_from(ctx, std::move(elements), count).value();
  }
  template <detail::Plain T, class Deleter>
  static Result<ArrayBuffer> try_from(const Ctx& ctx, std::unique_ptr<T[], Deleter> elements,
                                      std::size_t count) {
    using Memory = detail::PointerMemory<std::unique_ptr<T[], Deleter>>;
    return adopt(ctx,
                 std::unique_ptr<detail::Memory>(
                     new (std::nothrow) Memory(std::move(elements), count * sizeof(T))),
                 Sharing::exclusive);
  }

  /// A new buffer over memory of somebody else, without a copy. `release()`, or `release(bytes)`
  /// if it takes them, is called exactly once: when the engine lets go of the memory (the buffer
  /// is collected, detached, or the Runtime destroyed), or when there is no buffer after all.
  /// Memory that is const becomes an immutable buffer (see `immutable`). Throws Error: a RangeError
  /// for memory that is not aligned to 8 bytes, since scripts may lay any typed array over it.
  template <detail::Plain T, std::size_t N, class Release>
  static ArrayBuffer borrow(const Ctx& ctx, std::span<T, N> bytes, Release release) {
    return try_borrow(ctx, bytes, std::move(release)).value();
  }
  template <detail::Plain T, std::size_t N, class Release>
  static Result<ArrayBuffer> try_borrow(const Ctx& ctx, std::span<T, N> bytes, Release release) {
    static_assert(std::is_invocable_v<Release&> || std::is_invocable_v<Release&, std::span<T>>,
                  "what gives the memory back must be callable as release() or release(bytes)");
    using Memory = detail::BorrowedMemory<T, Release>;
    std::unique_ptr<detail::Memory> memory(new (std::nothrow) Memory(bytes, std::move(release)));
    if (memory == nullptr) {
      detail::call_release(release, std::span<T>(bytes));
    }
    return adopt(ctx, std::move(memory),
                 std::is_const_v<T> ? Sharing::borrowed_const : Sharing::borrowed);
  }

  /// A new SharedArrayBuffer of so many bytes, all 0; the memory is the engine's. It cannot be
  /// detached. ECMA-262 25.2.
  static ArrayBuffer shared(const Ctx& ctx, std::size_t size) {
    return try_shared(ctx, size).value();
  }
  static Result<ArrayBuffer> try_shared(const Ctx& ctx, std::size_t size);

  /// A new buffer that neither scripts nor C++ can write to, with a copy of the elements' bytes.
  /// Throws a TypeError where the engine has no such buffers.
  template <detail::PlainRange R>
    requires(!std::is_convertible_v<const R&, std::string_view>)
  static ArrayBuffer immutable(const Ctx& ctx, const R& elements) {
    return try_immutable(ctx, elements).value();
  }
  static ArrayBuffer immutable(const Ctx& ctx, std::string_view text) {
    return try_immutable(ctx, text).value();
  }
  template <detail::PlainRange R>
    requires(!std::is_convertible_v<const R&, std::string_view>)
  static Result<ArrayBuffer> try_immutable(const Ctx& ctx, const R& elements) {
    return freeze(copy(ctx, std::as_bytes(std::span(elements))));
  }
  static Result<ArrayBuffer> try_immutable(const Ctx& ctx, std::string_view text) {
    return freeze(copy(ctx, std::as_bytes(std::span(text))));
  }
  /// The same of a container that is moved in, without a copy.
  template <class R>
    requires detail::OwningRange<R>
  static ArrayBuffer immutable(const Ctx& ctx, R&& container) {
    return try_immutable(ctx, std::forward<R>(container)).value();
  }
  template <class R>
    requires detail::OwningRange<R>
  static Result<ArrayBuffer> try_immutable(const Ctx& ctx, R&& container) {
    return freeze(adopt(ctx, own(std::forward<R>(container)), Sharing::exclusive));
  }

  /// A new buffer of so many bytes, all 0, that can be resized up to `max_size` bytes. Throws a
  /// TypeError where the engine has no such buffers. ECMA-262 25.1.4.1.
  static ArrayBuffer resizable(const Ctx& ctx, std::size_t size, std::size_t max_size) {
    return try_resizable(ctx, size, max_size).value();
  }
  static Result<ArrayBuffer> try_resizable(const Ctx& ctx, std::size_t size, std::size_t max_size);

  /// The size in bytes; 0 when detached.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;
  /// True when its bytes were taken away: by `detach`, or by a transfer.
  [[nodiscard]] bool is_detached() const { return try_is_detached().value(); }
  [[nodiscard]] Result<bool> try_is_detached() const;
  /// True for a SharedArrayBuffer.
  [[nodiscard]] bool is_shared() const noexcept {
    return engine::kind_of(raw()) == engine::Kind::shared_array_buffer;
  }
  /// True when nobody can write to it; false where the engine has no such buffers.
  [[nodiscard]] bool is_immutable() const noexcept {
    return is_object() && engine::is_immutable_buffer(raw());
  }
  /// True when `resize` works; false for every SharedArrayBuffer.
  [[nodiscard]] bool is_resizable() const { return try_is_resizable().value(); }
  [[nodiscard]] Result<bool> try_is_resizable() const;
  /// How many bytes it can be resized to; the size of one that cannot.
  [[nodiscard]] std::size_t max_size() const { return try_max_size().value(); }
  [[nodiscard]] Result<std::size_t> try_max_size() const;

  /// Sets the size in bytes; new bytes are 0. Throws a RangeError past max_size(), a TypeError when
  /// it is not resizable. ECMA-262 25.1.6.6.
  void resize(std::size_t size) const { try_resize(size).value(); }
  Result<void> try_resize(std::size_t size) const;
  /// Takes the bytes away: its size is 0 from then on, and uses of them are errors. Nothing when
  /// it is detached already. Throws a TypeError when it is shared or immutable.
  /// Engine: JS_DetachArrayBuffer.
  void detach() const { try_detach().value(); }
  Result<void> try_detach() const;
  /// A new buffer with the bytes of this one, which is detached; of another size when one is
  /// given: bytes past the old end are 0. Copies the bytes only where the engine cannot pass them
  /// on. Throws a TypeError when it is detached, shared or immutable. ECMA-262 25.1.6.8.
  [[nodiscard]] ArrayBuffer transfer(std::optional<std::size_t> size = {}) const {
    return try_transfer(size).value();
  }
  [[nodiscard]] Result<ArrayBuffer> try_transfer(std::optional<std::size_t> size = {}) const;

  /// Calls f(std::span<std::byte>) with the bytes, and returns what it returns. While f runs, no
  /// script may: every use of the runtime on this thread is the error RuntimeGone, so that the
  /// bytes stay where they are; handles may be dropped. To look at several at once, see
  /// `with_spans`. Throws a TypeError when it is detached or immutable, and what f throws.
  /// Engine: JS_GetArrayBuffer.
  template <class F>
  std::invoke_result_t<F, std::span<std::byte>> with_bytes(F&& f) const {
    return detail::look<Writing>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_bytes(F&& f) const {
    return detail::try_look<Writing>(handle(), std::forward<F>(f));
  }
  /// As with_bytes, with bytes that f only reads; also of an immutable buffer.
  template <class F>
  std::invoke_result_t<F, std::span<const std::byte>> with_const_bytes(F&& f) const {
    return detail::look<Reading>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_const_bytes(F&& f) const {
    return detail::try_look<Reading>(handle(), std::forward<F>(f));
  }

  /// Copies the bytes from `offset` on, as many as there is room for in `to`. Throws a RangeError
  /// when the buffer ends before, a TypeError when it is detached.
  void copy_to(std::span<std::byte> to, std::size_t offset = 0) const {
    try_copy_to(to, offset).value();
  }
  Result<void> try_copy_to(std::span<std::byte> to, std::size_t offset = 0) const;
  /// Overwrites the bytes from `offset` on with all of `from`. Throws a RangeError when the buffer
  /// ends before, a TypeError when it is detached or immutable.
  void copy_from(std::span<const std::byte> from, std::size_t offset = 0) const {
    try_copy_from(from, offset).value();
  }
  Result<void> try_copy_from(std::span<const std::byte> from, std::size_t offset = 0) const;
  /// A copy of all bytes. Throws a TypeError when it is detached.
  [[nodiscard]] std::vector<std::byte> to_vector() const { return try_to_vector().value(); }
  [[nodiscard]] Result<std::vector<std::byte>> try_to_vector() const;

  /// @internal
  static constexpr std::string_view type_name = "ArrayBuffer";
  static bool accepts(ValueRef value) noexcept {
    const engine::Kind kind = engine::kind_of(value.raw());
    return kind == engine::Kind::array_buffer || kind == engine::Kind::shared_array_buffer;
  }
  explicit ArrayBuffer(detail::Handle handle) noexcept : Object(std::move(handle)) {}
  /// A new buffer over bytes that `try_take_memory` gave out, in this runtime or another one.
  static Result<ArrayBuffer> try_of_memory(const Ctx& ctx, std::unique_ptr<detail::Memory> memory) {
    return adopt(ctx, std::move(memory), Sharing::exclusive);
  }
  /// Takes the bytes out of the buffer, which is detached then, for another runtime and its thread.
  /// Copies those that must stay here: borrowed ones, and those of the engine's own where they are
  /// few or it cannot pass them on. Throws a TypeError when it is detached, shared or immutable.
  [[nodiscard]] Result<std::unique_ptr<detail::Memory>> try_take_memory() const;
  static constexpr auto find = &detail::find_bytes;
  static constexpr bool found_without_script = true;
  using Writing = detail::Looking<ArrayBuffer, std::byte>;
  using Reading = detail::Looking<ArrayBuffer, const std::byte>;

 private:
  /// Whether memory that is not aligned can be copied, and whether C++ lets scripts write to it.
  enum class Sharing : unsigned char { exclusive, borrowed, borrowed_const };
  template <class R>
  static std::unique_ptr<detail::Memory> own(R&& container) {
    using Memory = detail::ContainerMemory<std::remove_cvref_t<R>>;
    return std::unique_ptr<detail::Memory>(new (std::nothrow) Memory(std::forward<R>(container)));
  }
  static Result<ArrayBuffer> copy(const Ctx& ctx, std::span<const std::byte> bytes);
  static Result<ArrayBuffer> adopt(const Ctx& ctx, std::unique_ptr<detail::Memory> memory,
                                   Sharing sharing);
  static Result<ArrayBuffer> freeze(Result<ArrayBuffer> buffer);
};

template <>
struct Convert<ArrayBuffer> : detail::ConvertHandle<ArrayBuffer> {};

/// A view whose elements are only read, for `with_spans`: `reading(array)`.
template <class V>
struct Readonly {
  const V& view;
  using Writing = typename V::Reading;
  static constexpr bool found_without_script = V::found_without_script;
  [[nodiscard]] const detail::Handle& handle() const noexcept { return view.handle(); }
};
template <class V>
Readonly<V> reading(const V& view) noexcept {
  return {view};
}

/// Calls f with the spans of several buffers and typed arrays of one runtime, as
/// `with_bytes` and `with_span` do with that of one:
///
///     with_spans([](std::span<const float> in, std::span<double> out) { … }, reading(a), b);
///
/// (Not one inside the other: an error of the inner one could run a script.) Views may overlap.
/// Throws a TypeError when one of them is detached or out of bounds, RuntimeGone, and what f
/// throws.
template <class F, class... V>
  requires(sizeof...(V) > 0)
decltype(auto) with_spans(F&& f, const V&... views) {
  static_assert(
      (... && V::found_without_script),
      "a DataView is found by functions that scripts may have replaced: take its buffer()");
  detail::Realm* realm = nullptr;
  (void)(... || ((realm = views.handle().realm()) != nullptr));
  const detail::Entry entry(realm);
  if (!entry) detail::refusal(realm).raise();
  if (!(... && (views.handle().realm()->core == realm->core))) detail::raise_foreign_views();
  std::tuple<typename V::Writing::Span...> spans;
  // the first problem is the end: finding out that there is one may run a script
  const char* problem = nullptr;
  std::apply(
      [&](auto&... span) {
        (void)(... && ((problem = V::Writing::find(views.handle(), span)) == nullptr));
      },
      spans);
  if (problem != nullptr) detail::raise_type_error(problem);
  const std::tuple<detail::KeptAliveAs<V>...> kept(views.handle().get()...);
  const detail::Look looking(realm->core);
  return std::apply(std::forward<F>(f), spans);
}

}  // namespace quip
