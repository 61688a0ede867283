// Bytes: the elements of typed arrays where they are, and memory of C++'s given to a script.
#include "rows.hpp"

#include <span>
#include <vector>

namespace bench {

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t byte_count = 1024;
constexpr const char* doubles_source = "new Float64Array(1000)";

// ---- hand-written C
// --------------------------------------------------------------------------------

/// `is_checked`: whether the array has doubles at all. (Bellard's engine tells the width alone.)
Run typed_array(JSContext* ctx, JSValue array, bool is_checked) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      std::size_t offset = 0;
      std::size_t size = 0;
      std::size_t width = 0;
      JSValue buffer = JS_GetTypedArrayBuffer(ctx, array, &offset, &size, &width);
      if (JS_IsException(buffer)) fail("typed array");
      std::size_t whole = 0;
      std::uint8_t* bytes = JS_GetArrayBuffer(ctx, &whole, buffer);
      JS_FreeValue(ctx, buffer);
      if (bytes == nullptr) fail("typed array");
      if (is_checked && (width != sizeof(double) || offset > whole || size > whole - offset)) {
        fail("typed array");
      }
      keep(bytes + offset);
      keep(size / sizeof(double));
    });
  };
}

void* give_back(JSRuntime*, void* opaque, void*, std::size_t) {
  delete static_cast<Bytes*>(opaque);
  return nullptr;
}
Run buffer_out(JSContext* ctx) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      Bytes bytes(byte_count);
      auto* moved = new Bytes(std::move(bytes));
      JSValue buffer = checked(
          engine::new_array_buffer<&give_back>(ctx, moved->data(), moved->size(), moved), "buffer");
      keep(buffer);
      JS_FreeValue(ctx, buffer);
    });
  };
}
Run buffer_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      Bytes bytes(byte_count);
      JSValue buffer = checked(JS_NewArrayBufferCopy(ctx, bytes.data(), bytes.size()), "buffer");
      keep(buffer);
      JS_FreeValue(ctx, buffer);
    });
  };
}

// ---- quip
// ------------------------------------------------------------------------------------------

Run span_of(const quip::TypedArray<double>& array) {
  return [array](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      array.with_span([](std::span<double> elements) {
        keep(elements.data());
        keep(elements.size());
      });
    });
  };
}
Run buffer_from(const quip::Ctx& ctx) {
  return [ctx](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      Bytes bytes(byte_count);
      const auto buffer = quip::ArrayBuffer::from(ctx, std::move(bytes));
      keep(buffer);
    });
  };
}

}  // namespace

void add_buffer_rows(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  JSValue array = sides.c.eval(doubles_source);
  rows.push_back(row("typed_array_span", 1.65, 1000,
                     span_of(sides.ctx.eval<quip::TypedArray<double>>(doubles_source)),
                     typed_array(c, array, true), typed_array(c, array, false)));
  rows.push_back(row("buffer_from_vector", 1.45, 1000, buffer_from(sides.ctx), buffer_out(c),
                     buffer_out_usual(c)));
}

}  // namespace bench
