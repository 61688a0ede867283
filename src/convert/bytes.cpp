#include <quip/convert/bytes.hpp>
#include <quip/value/data_view.hpp>

namespace quip {

Result<std::vector<std::byte>> detail::read_bytes(ValueRef value) {
  const engine::Kind kind = engine::kind_of(value.raw());
  if (const std::optional<TypedSpan> typed = typed_array_span(value)) {
    if (typed->problem != nullptr) {
      return Error::type(typed->problem);
    }
    const auto* bytes = static_cast<const std::byte*>(typed->data);
    return std::vector<std::byte>(bytes,
                                  bytes + typed->count * engine::typed_array_class(kind).width);
  }
  if (kind == engine::Kind::data_view) {
    return from_js<DataView>(value).and_then([](const DataView& view) {
      return view.try_size().and_then([&view](std::size_t size) -> Result<std::vector<std::byte>> {
        std::vector<std::byte> bytes(size);
        Result<ArrayBuffer> buffer = view.try_buffer();
        Result<std::size_t> offset = view.try_byte_offset();
        Result<void> copied = !buffer   ? Result<void>(std::move(buffer).error())
                              : !offset ? Result<void>(std::move(offset).error())
                                        : buffer->try_copy_to(bytes, *offset);
        if (!copied) {
          return std::move(copied).error();
        }
        return bytes;
      });
    });
  }
  if (!ArrayBuffer::accepts(value)) {
    return not_a("ArrayBuffer", value);
  }
  return from_js<ArrayBuffer>(value).and_then(
      [](const ArrayBuffer& buffer) { return buffer.try_to_vector(); });
}

namespace {
Value as_value(ArrayBuffer buffer) { return buffer; }
}  // namespace

Result<Value> Convert<std::vector<std::byte>>::into_js(const Ctx& ctx,
                                                       const std::vector<std::byte>& bytes) {
  return ArrayBuffer::try_copy_of(ctx, bytes).transform(as_value);
}

Result<Value> Convert<std::vector<std::byte>>::into_js(const Ctx& ctx,
                                                       std::vector<std::byte>&& bytes) {
  return ArrayBuffer::try_from(ctx, std::move(bytes)).transform(as_value);
}

}  // namespace quip
