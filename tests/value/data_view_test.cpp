// DataView: numbers of every type, in either order, at any place.
#include "support/lifetime.hpp"
#include <quip/value/data_view.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace quip::test {
namespace {

class DataViewTest : public JsTest {};

template <class T>
void expect_both_ways(const Ctx& ctx, const char* getter, const char* setter, T value,
                      const char* script) {
  const DataView view(ctx, ArrayBuffer(ctx, 11), 1, 9);
  ctx.globals().set("view", view);
  const std::string number(script);
  for (const std::endian order : {std::endian::big, std::endian::little}) {
    const std::string little = order == std::endian::little ? "true" : "false";
    ctx.eval(std::string("view.") + setter + "(1, " + number + ", " + little + ")");
    EXPECT_EQ(view.read<T>(1, order), value) << getter;
    view.write<T>(0, value, order);
    EXPECT_TRUE(ctx.eval<bool>(std::string("view.") + getter + "(0, " + little + ") == " + number))
        << getter;
  }
  ctx.eval(std::string("view.") + setter + "(0, " + number + ")");
  EXPECT_EQ(view.read<T>(0), value) << "network byte order unless said otherwise";
  for (const std::size_t offset : {9 - sizeof(T) + 1, std::size_t{9}, SIZE_MAX, SIZE_MAX - 1}) {
    EXPECT_EQ(view.try_read<T>(offset).error().name(), "RangeError") << offset;
    EXPECT_EQ(view.try_write<T>(offset, value).error().name(), "RangeError") << offset;
  }
  EXPECT_TRUE(view.try_read<T>(9 - sizeof(T)).has_value());
}

TEST_F(DataViewTest, EveryTypeInEitherOrder) {
  with([](Ctx ctx) {
    expect_both_ways<std::int8_t>(ctx, "getInt8", "setInt8", -128, "-128");
    expect_both_ways<std::uint8_t>(ctx, "getUint8", "setUint8", 200, "200");
    expect_both_ways<std::int16_t>(ctx, "getInt16", "setInt16", -32767, "-32767");
    expect_both_ways<std::uint16_t>(ctx, "getUint16", "setUint16", 0x1234, "0x1234");
    expect_both_ways<std::int32_t>(ctx, "getInt32", "setInt32", INT32_MIN, "-2147483648");
    expect_both_ways<std::uint32_t>(ctx, "getUint32", "setUint32", 0xDEADBEEF, "0xDEADBEEF");
    expect_both_ways<std::int64_t>(ctx, "getBigInt64", "setBigInt64", INT64_MIN + 1,
                                   "(-(2n ** 63n) + 1n)");
    expect_both_ways<std::uint64_t>(ctx, "getBigUint64", "setBigUint64", UINT64_MAX - 1,
                                    "(2n ** 64n - 2n)");
    expect_both_ways<float>(ctx, "getFloat32", "setFloat32", -1.5F, "-1.5");
    expect_both_ways<double>(ctx, "getFloat64", "setFloat64", 5e-324, "5e-324");
    const DataView view(ctx, ArrayBuffer(ctx, 2));
    view.write(0, Float16(1.5));  // where the engine knows of them or not
    EXPECT_EQ(view.read<std::uint16_t>(0), 0x3E00);
    EXPECT_EQ(view.read<Float16>(0), Float16(1.5));
    EXPECT_EQ(view.read<Uint8Clamped>(0).value, 0x3E);
  });
}

TEST_F(DataViewTest, Places) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer(ctx, 10);
    const DataView whole(ctx, buffer);
    const DataView end(ctx, buffer, 7);
    const DataView middle(ctx, buffer, 3, 4);
    const DataView none(ctx, buffer, 10);
    EXPECT_EQ(whole.size(), 10U);
    EXPECT_EQ(end.size(), 3U);
    EXPECT_EQ(end.byte_offset(), 7U);
    EXPECT_EQ(middle.size(), 4U);
    EXPECT_EQ(middle.byte_offset(), 3U);
    EXPECT_EQ(middle.buffer(), buffer);
    EXPECT_EQ(none.size(), 0U);
    EXPECT_EQ(middle.prototype(), ctx.eval("DataView.prototype"));
    middle.write<std::uint32_t>(0, 0x01020304);
    EXPECT_EQ(whole.read<std::uint32_t>(3), 0x01020304U);
    EXPECT_EQ(middle.with_bytes([](std::span<std::byte> bytes) {
      bytes[0] = std::byte{9};
      return bytes.size();
    }),
              4U);
    EXPECT_EQ(middle.with_const_bytes([](auto bytes) { return bytes[0]; }), std::byte{9});
    for (const auto& [offset, size] :
         std::initializer_list<std::pair<std::size_t, std::optional<std::size_t>>>{
             {11, {}}, {0, 11}, {10, 1}, {SIZE_MAX, {}}, {1, SIZE_MAX}}) {
      EXPECT_EQ(DataView::try_make(ctx, buffer, offset, size).error().name(), "RangeError");
    }
    EXPECT_FALSE(DataView::try_make(ctx, ArrayBuffer()).has_value());
  });
}

TEST_F(DataViewTest, OnlyDataViewsConvert) {
  for (const char* script :
       {"new Uint8Array(4)", "new ArrayBuffer(4)", "({})", "1",
        "new Proxy(new DataView(new ArrayBuffer(1)), {})", "DataView.prototype"}) {
    const Result<DataView> view = try_eval<DataView>(script);
    ASSERT_FALSE(view) << script;
    EXPECT_TRUE(view.error().message().starts_with("expected DataView, got ")) << script;
  }
  EXPECT_EQ(eval<DataView>("new (class extends DataView {})(new ArrayBuffer(3))").size(), 3U);
}

void expect_no_bytes(const DataView& view) {
  EXPECT_EQ(view.try_size().error().name(), "TypeError");
  EXPECT_EQ(view.try_byte_offset().error().name(), "TypeError");
  EXPECT_EQ(view.try_read<std::uint8_t>(0).error().name(), "TypeError");
  EXPECT_EQ(view.try_write<std::uint8_t>(0, 1).error().name(), "TypeError");
  EXPECT_EQ(view.try_with_bytes([](auto) { return 1; }).error().name(), "TypeError");
  EXPECT_THROW(view.with_const_bytes([](auto) {}), Error);
}

TEST_F(DataViewTest, DetachedAndResizedBuffers) {
  with([](Ctx ctx) {
    const ArrayBuffer detached(ctx, 4);
    const DataView view(ctx, detached);
    detached.detach();
    expect_no_bytes(view);
    EXPECT_TRUE(view.buffer().is_detached());
    EXPECT_EQ(DataView::try_make(ctx, detached).error().name(), "TypeError");

    const Result<ArrayBuffer> buffer = ArrayBuffer::try_resizable(ctx, 8, 64);
    if (!buffer) return;
    const DataView follows(ctx, *buffer, 4);
    const DataView fixed(ctx, *buffer, 4, 4);
    buffer->resize(64);
    EXPECT_EQ(follows.size(), 60U);
    EXPECT_EQ(fixed.size(), 4U);
    EXPECT_TRUE(follows.try_read<double>(52).has_value());
    EXPECT_FALSE(fixed.try_read<double>(0).has_value());
    buffer->resize(6);
    EXPECT_EQ(follows.size(), 2U);
    EXPECT_EQ(follows.try_read<std::uint32_t>(0).error().name(), "RangeError");
    expect_no_bytes(fixed);
    buffer->resize(2);
    expect_no_bytes(follows);
    buffer->resize(8);
    EXPECT_EQ(fixed.size(), 4U);
  });
}

TEST_F(DataViewTest, SharedAndImmutableBuffers) {
  with([](Ctx ctx) {
    const DataView shared(ctx, ArrayBuffer::shared(ctx, 8));
    shared.write<std::int32_t>(4, -7);
    EXPECT_EQ(shared.read<std::int32_t>(4), -7);
    const Result<ArrayBuffer> frozen = ArrayBuffer::try_immutable(ctx, "text");
    if (!frozen) return;
    const DataView view(ctx, *frozen);
    EXPECT_EQ(view.read<std::uint8_t>(0), 't');
    EXPECT_EQ(view.try_write<std::uint8_t>(0, 1).error().name(), "TypeError");
    EXPECT_EQ(view.try_with_bytes([](auto) { return 1; }).error().name(), "TypeError");
    EXPECT_EQ(view.with_const_bytes([](auto bytes) { return bytes.size(); }), 4U);
  });
}

TEST_F(DataViewTest, PatchedFunctionsCannotMakeABadSpan) {
  for (const char* patch :
       {"byteLength: {get: () => 1e6}", "byteLength: {get: () => -1}",
        "byteLength: {get: () => 'x'}", "byteOffset: {get: () => 1e6}",
        "byteOffset: {get: () => 2147483647}", "buffer: {get: () => 7}",
        "buffer: {get: () => new ArrayBuffer(1)}", "buffer: {get: () => { throw 1; }}",
        "byteOffset: {get() { the_buffer.detached_by?.(); throw 2; }}"}) {
    Context patched(runtime);
    patched.with([&](Ctx ctx) {
      const auto view =
          ctx.eval<DataView>(std::string("globalThis.the_buffer = new ArrayBuffer(8); "
                                         "Object.defineProperties(DataView.prototype, {") +
                             patch + "}); new DataView(the_buffer)");
      EXPECT_FALSE(view.try_read<double>(1).has_value()) << patch;
      EXPECT_FALSE(view.try_write<double>(1, 1).has_value()) << patch;
      (void)view.try_size();
      (void)view.try_byte_offset();
      (void)view.try_buffer();
      EXPECT_EQ(ctx.eval<int>("1"), 1);
    });
  }
  Context replaced(runtime);
  replaced.with([](Ctx ctx) {
    ctx.eval("globalThis.DataView = class {}");
    EXPECT_FALSE(DataView::try_make(ctx, ArrayBuffer(ctx, 1)).has_value());
  });
}

TEST_F(DataViewTest, NoScriptWhileBytesAreLookedAt) {
  with([](Ctx ctx) {
    const DataView view(ctx, ArrayBuffer(ctx, 4));
    view.with_bytes([&](std::span<std::byte>) {
      EXPECT_EQ(ctx.try_eval("1").error().kind(), ErrorKind::runtime_gone);
      EXPECT_EQ(view.try_read<float>(0).error().kind(), ErrorKind::runtime_gone);
    });
    EXPECT_EQ(view.read<float>(0), 0);
  });
}

class DataViewTeardown : public LifetimeTest {};

TEST_F(DataViewTeardown, TheRuntimeGoesFirst) {
  std::optional<DataView> view;
  with([&](Ctx ctx) { view.emplace(ctx, ArrayBuffer(ctx, 4)); });
  EXPECT_EQ(view->read<std::uint8_t>(0), 0);  // from outside
  runtime.reset();
  expect_gone(view->try_size());
  expect_gone(view->try_byte_offset());
  expect_gone(view->try_buffer());
  expect_gone(view->try_read<int>(0));
  expect_gone(view->try_write<int>(0, 1));
  context.reset();
  view.reset();
}

}  // namespace
}  // namespace quip::test
