#include <quip/core/custom_context.hpp>
#include <quip/value/typed_array.hpp>

#include <bit>

namespace quip {

namespace detail {

namespace {

constexpr const char* out_of_bounds =
    "the typed array has no elements: its ArrayBuffer is detached, or was made smaller";

const char* forget_exception(JSContext* ctx, const char* instead) noexcept {
  engine::release(ctx, ::JS_GetException(ctx));
  return instead;
}

/// How many elements an array has whose buffer may have been resized since. The engine tells the
/// number that it was made with; it has another if it follows the buffer's end, which the engine
/// does not tell. Here `made` elements are not the same as the `room` from its beginning to the
/// buffer's end, so it can be told from an element: in bounds the array is in either case, so one
/// that has more than there is room for follows, and so does one that has the next element too.
std::size_t count_elements(JSContext* ctx, JSValueConst array, std::size_t made,
                           std::size_t room) noexcept {
  if (made > room) return room;
  if constexpr (engine::has_float16_array) {
    // below 2^31, the most bytes of a buffer, it is an index and no text
    const JSAtom next = ::JS_NewAtomUInt32(ctx, static_cast<std::uint32_t>(made));
    const bool follows = ::JS_GetOwnProperty(ctx, nullptr, array, next) > 0;
    ::JS_FreeAtom(ctx, next);
    return follows ? room : made;
  }
  return made;
}

}  // namespace

const char* find_elements(Realm* realm, JSValueConst array, std::size_t width, bool write,
                          Elements& out) noexcept {
  JSContext* ctx = realm->context;
  std::size_t offset = 0;
  std::size_t length = 0;
  std::size_t engine_width = 0;
  JSValue buffer = ::JS_GetTypedArrayBuffer(ctx, array, &offset, &length, &engine_width);
  if (engine::is_exception(buffer)) [[unlikely]] {
    return forget_exception(ctx, out_of_bounds);
  }
  std::size_t size = 0;
  std::uint8_t* data = ::JS_GetArrayBuffer(ctx, &size, buffer);
  const bool read_only = write && engine::is_immutable_buffer(buffer);
  engine::release(ctx, buffer);  // the array holds it too
  if (data == nullptr || offset > size) [[unlikely]] {
    // no exception for data of no bytes that another library made of a null pointer
    if (::JS_HasException(ctx) || offset > size) return forget_exception(ctx, out_of_bounds);
    out = {};
    return nullptr;
  }
  if (read_only) [[unlikely]] {
    return "the ArrayBuffer is immutable";
  }
  data += offset;
  // widths are powers of two
  if (engine_width != width || (reinterpret_cast<std::uintptr_t>(data) & (width - 1)) != 0)
      [[unlikely]] {
    return "the typed array's elements are of another type, or not aligned";
  }
  const auto shift = static_cast<unsigned>(std::countr_zero(width));
  const std::size_t made = length >> shift;
  const std::size_t room = (size - offset) >> shift;
  out = {data, made == room ? made : count_elements(ctx, array, made, room)};
  return nullptr;
}

std::optional<TypedSpan> typed_array_span(ValueRef value) noexcept {
  TypedSpan span{engine::kind_of(value.raw())};
  if (!engine::is_typed_array(span.kind)) return std::nullopt;
  Elements found;
  span.problem = find_elements(realm_of(value.context()), value.raw(),
                               engine::typed_array_class(span.kind).width, false, found);
  if (span.problem == nullptr) {
    span.data = found.data;
    span.count = found.count;
  }
  return span;
}

Result<Value> make_typed_array(const Ctx& ctx, engine::Kind kind, std::size_t size) {
  Realm* realm = ctx.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  if (!has_part(realm, engine::Part::typed_arrays)) return caught(realm);
  JSContext* raw = realm->context;
  return from_owned<Value>(
      realm, engine::new_typed_array(raw, kind, engine::number(raw, static_cast<double>(size)),
                                     engine::undefined(), engine::undefined()));
}

Result<Value> make_typed_array(const Ctx& ctx, engine::Kind kind, const ArrayBuffer& buffer,
                               std::size_t byte_offset, std::optional<std::size_t> size) {
  Realm* realm = ctx.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  if (!has_part(realm, engine::Part::typed_arrays)) return caught(realm);
  JSContext* raw = realm->context;
  JSValue checked = give_handle(raw, buffer.handle());
  if (engine::is_exception(checked)) return caught(realm);
  const Handle keep(realm, checked);
  return from_owned<Value>(
      realm, engine::new_typed_array(
                 raw, kind, checked, engine::number(raw, static_cast<double>(byte_offset)),
                 size ? engine::number(raw, static_cast<double>(*size)) : engine::undefined()));
}

Result<std::size_t> typed_array_size(const Handle& array, std::size_t width) {
  const Entry entry(array.realm());
  if (!entry) return refusal(array.realm());
  Elements found;
  const char* problem = find_elements(array.realm(), array.get(), width, false, found);
  return problem == nullptr ? found.count : 0;
}

Result<std::size_t> typed_array_offset(const Handle& array, std::size_t width) {
  const Entry entry(array.realm());
  if (!entry) return refusal(array.realm());
  Elements found;
  if (find_elements(array.realm(), array.get(), width, false, found) != nullptr) {
    return std::size_t{0};
  }
  std::size_t offset = 0;
  JSContext* ctx = array.realm()->context;
  JSValue buffer = ::JS_GetTypedArrayBuffer(ctx, array.get(), &offset, nullptr, nullptr);
  if (engine::is_exception(buffer)) return caught(array.realm());
  engine::release(ctx, buffer);
  return offset;
}

Result<ArrayBuffer> typed_array_buffer(const Handle& array) {
  Realm* realm = array.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  JSValue buffer = ::JS_GetTypedArrayBuffer(realm->context, array.get(), nullptr, nullptr, nullptr);
  if (engine::is_exception(buffer)) {
    return Error::type(forget_exception(realm->context, out_of_bounds));
  }
  return from_owned<ArrayBuffer>(realm, buffer);
}

}  // namespace detail

engine::Kind element_type(const Value& value) noexcept {
  const detail::Entry entry(value.handle().realm());
  const engine::Kind kind = entry ? engine::kind_of(value.raw()) : engine::Kind::other;
  return engine::is_typed_array(kind) ? kind : engine::Kind::other;
}

}  // namespace quip
