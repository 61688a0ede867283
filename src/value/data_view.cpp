#include <quip/core/intrinsic.hpp>
#include <quip/value/data_view.hpp>

#include <algorithm>

namespace quip {

namespace detail {

namespace {

Error unusual_answer() { return Error::type("the DataView's functions were replaced"); }

/// What a getter of DataView.prototype answers; owned, or an exception.
JSValue ask(Realm* realm, JSValueConst view, Intrinsic getter) noexcept {
  return call_intrinsic(realm, getter, view);
}

/// An answer that is a size; nothing for other answers, with an exception pending or not.
std::optional<std::size_t> ask_size(Realm* realm, JSValueConst view, Intrinsic getter) noexcept {
  JSValue answer = ask(realm, view, getter);
  if (engine::is_int32(answer) && engine::get_int32(answer) >= 0) [[likely]] {
    return static_cast<std::size_t>(engine::get_int32(answer));
  }
  engine::release(realm->context, answer);
  return std::nullopt;
}

Result<std::size_t> size_of(const Handle& view, Intrinsic getter) {
  Realm* realm = view.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it keeps the object alive
  const Handle keep(view);
  if (const auto size = ask_size(realm, keep.get(), getter)) return *size;
  if (::JS_HasException(realm->context)) return caught(realm);
  return unusual_answer();
}

}  // namespace

const char* find_view_bytes(Realm* realm, JSValueConst view, bool write,
                            std::span<std::byte>& out) noexcept {
  JSContext* ctx = realm->context;
  // a script that has replaced these may do anything
  const Handle keep(realm, engine::duplicate(ctx, view));
  const auto size = ask_size(realm, view, Intrinsic::data_view_byte_length);
  const auto offset = size ? ask_size(realm, view, Intrinsic::data_view_byte_offset) : size;
  JSValue buffer = offset ? ask(realm, view, Intrinsic::data_view_buffer) : engine::exception();
  const Handle keep_buffer(realm, buffer);
  std::span<std::byte> bytes;
  if (ArrayBuffer::accepts(ValueRef(ctx, buffer))) {
    if (const char* problem = find_bytes(realm, buffer, write, bytes)) return problem;
    // NOLINTBEGIN(bugprone-unchecked-optional-access): asked above
    if (*offset <= bytes.size() && *size <= bytes.size() - *offset) {
      out = bytes.subspan(*offset, *size);
      // NOLINTEND(bugprone-unchecked-optional-access)
      return nullptr;
    }
  }
  if (::JS_HasException(ctx)) engine::release(ctx, ::JS_GetException(ctx));
  return "the DataView has no bytes: its ArrayBuffer is detached, or was made smaller";
}

Result<std::size_t> view_size(const Handle& view) {
  return size_of(view, Intrinsic::data_view_byte_length);
}
Result<std::size_t> view_offset(const Handle& view) {
  return size_of(view, Intrinsic::data_view_byte_offset);
}

Result<ArrayBuffer> view_buffer(const Handle& view) {
  Realm* realm = view.realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it keeps the object alive
  const Handle keep(view);
  return from_owned<ArrayBuffer>(realm, ask(realm, keep.get(), Intrinsic::data_view_buffer));
}

}  // namespace detail

Result<DataView> DataView::try_make(const Ctx& ctx, const ArrayBuffer& buffer,
                                    std::size_t byte_offset, std::optional<std::size_t> size) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSContext* raw = realm->context;
  JSValue checked = detail::give_handle(raw, buffer.handle());
  if (engine::is_exception(checked)) return detail::caught(realm);
  const detail::Handle keep(realm, checked);
  return detail::from_owned<DataView>(
      realm, detail::construct_intrinsic(
                 realm, detail::Intrinsic::data_view, JSValueConst(checked),
                 JSValueConst(engine::number(raw, static_cast<double>(byte_offset))),
                 JSValueConst(size ? engine::number(raw, static_cast<double>(*size))
                                   : engine::undefined())));
}

Result<void> DataView::copy(std::size_t offset, std::span<std::byte> bytes, bool write) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  std::span<std::byte> all;
  if (const char* problem = find(realm, raw(), write, all)) return Error::type(problem);
  Result<void> checked = detail::check_range(offset, bytes.size(), all.size());
  if (checked) {
    const auto place = all.subspan(offset, bytes.size());
    if (write) {
      std::ranges::copy(bytes, place.begin());
    } else {
      std::ranges::copy(place, bytes.begin());
    }
  }
  return checked;
}

}  // namespace quip
