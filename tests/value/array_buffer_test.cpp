// ArrayBuffer: bytes of the engine's, of C++'s and of somebody else's, and how they are looked at.
#include "support/js.hpp"
#include "support/lent.hpp"
#include <quip/value/array_buffer.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

// What can be done with the buffers of the engine that this is built with.
constexpr std::string_view resizes = "typeof ArrayBuffer.prototype.resize == 'function'";
constexpr std::string_view freezes = "'immutable' in ArrayBuffer.prototype";

using ArrayBufferTest = JsTest;

// ---- making ------------------------------------------------------------------------------------

TEST_F(ArrayBufferTest, NewOnesAreZero) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer(ctx, 5);
    EXPECT_EQ(buffer.size(), 5U);
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{0, 0, 0, 0, 0}));
    EXPECT_FALSE(buffer.is_detached());
    EXPECT_FALSE(buffer.is_shared());
    EXPECT_FALSE(buffer.is_immutable());
    EXPECT_FALSE(buffer.is_resizable());
    EXPECT_EQ(buffer.max_size(), 5U);
    EXPECT_EQ(buffer.prototype(), ctx.eval("ArrayBuffer.prototype"));
    EXPECT_EQ(ArrayBuffer(ctx, 0).size(), 0U);
    EXPECT_TRUE(bytes_of(ArrayBuffer(ctx, 0)).empty());
    for (const std::size_t size : {std::size_t{1} << 31U, SIZE_MAX / 2, SIZE_MAX}) {
      EXPECT_FALSE(ArrayBuffer::try_make(ctx, size).has_value()) << size;
    }
    EXPECT_EQ(ArrayBuffer::try_make(ctx, SIZE_MAX).error().name(), "RangeError");
  });
}

TEST_F(ArrayBufferTest, CopiesOfRangesAndOfText) {
  with([](Ctx ctx) {
    const std::vector<std::uint16_t> numbers{1, 0x0203};
    EXPECT_EQ(ArrayBuffer::copy_of(ctx, numbers).size(), 4U);
    const std::array<std::uint8_t, 3> few{7, 8, 9};
    EXPECT_EQ(bytes_of(ArrayBuffer::copy_of(ctx, few)), (std::vector<int>{7, 8, 9}));
    EXPECT_EQ(bytes_of(ArrayBuffer::copy_of(ctx, std::span(few).subspan(1))),
              (std::vector<int>{8, 9}));
    EXPECT_EQ(bytes_of(ArrayBuffer::copy_of(ctx, "a\xff")), (std::vector<int>{'a', 255}));
    EXPECT_EQ(bytes_of(ArrayBuffer::copy_of(ctx, std::string("b\0c", 3))),
              (std::vector<int>{'b', 0, 'c'}));
    EXPECT_EQ(ArrayBuffer::copy_of(ctx, std::string_view()).size(), 0U);
    EXPECT_EQ(ArrayBuffer::copy_of(ctx, std::vector<double>()).size(), 0U);
  });
}

TEST_F(ArrayBufferTest, ContainersAreMovedInNotCopied) {
  with([](Ctx ctx) {
    std::vector<std::uint32_t> numbers{1, 2, 3};
    const void* data = numbers.data();
    const ArrayBuffer buffer = ArrayBuffer::from(ctx, std::move(numbers));
    EXPECT_EQ(buffer.size(), 12U);
    buffer.with_bytes([&](std::span<std::byte> bytes) { EXPECT_EQ(bytes.data(), data); });

    std::string text(100, 'x');
    data = text.data();
    const ArrayBuffer letters = ArrayBuffer::from(ctx, std::move(text));
    letters.with_bytes([&](std::span<std::byte> bytes) { EXPECT_EQ(bytes.data(), data); });

    auto block = std::make_unique<double[]>(4);
    data = block.get();
    const ArrayBuffer doubles = ArrayBuffer::from(ctx, std::move(block), 4);
    EXPECT_EQ(doubles.size(), 32U);
    doubles.with_bytes([&](std::span<std::byte> bytes) { EXPECT_EQ(bytes.data(), data); });

    // what lies in the container itself moves with it
    EXPECT_EQ(bytes_of(ArrayBuffer::from(ctx, std::string("ab"))), (std::vector<int>{'a', 'b'}));
    EXPECT_EQ(bytes_of(ArrayBuffer::from(ctx, std::array<std::uint8_t, 2>{5, 6})),
              (std::vector<int>{5, 6}));
    EXPECT_EQ(ArrayBuffer::from(ctx, std::vector<int>()).size(), 0U);
    EXPECT_EQ(ArrayBuffer::from(ctx, std::unique_ptr<int[]>(), 0).size(), 0U);
  });
}

TEST_F(ArrayBufferTest, ScriptsAndCppSeeTheSameBytes) {
  Lent lent;
  with([&](Ctx ctx) {
    const ArrayBuffer buffer = lent.lend(ctx);
    ctx.globals().set("buffer", buffer);
    EXPECT_EQ(ctx.eval<int>("new Uint8Array(buffer)[2]"), 3);
    ctx.eval("new Uint8Array(buffer)[0] = 100");
    EXPECT_EQ(lent.bytes[0], 100);
    lent.bytes[1] = 200;
    EXPECT_EQ(ctx.eval<int>("new Uint8Array(buffer)[1]"), 200);
    EXPECT_EQ(lent.released, 0);
    ctx.eval("buffer = null");
  });
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTest, MemoryThatIsNotAlignedIsRefused) {
  Lent lent;
  with([&](Ctx ctx) {
    const Result<ArrayBuffer> buffer =
        ArrayBuffer::try_borrow(ctx, std::span(lent.bytes).subspan(1), lent.release());
    ASSERT_FALSE(buffer);
    EXPECT_EQ(buffer.error().name(), "RangeError");
    EXPECT_EQ(lent.released, 1);  // there is no buffer, so nobody else will
  });
}

// ---- access ------------------------------------------------------------------------------------

TEST_F(ArrayBufferTest, BytesAreCopiedWithinTheirBounds) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer(ctx, 6);
    const std::array<std::byte, 3> some{std::byte{1}, std::byte{2}, std::byte{3}};
    buffer.copy_from(some, 2);
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{0, 0, 1, 2, 3, 0}));
    std::array<std::byte, 2> read{};
    buffer.copy_to(read, 3);
    EXPECT_EQ(read, (std::array{std::byte{2}, std::byte{3}}));
    buffer.copy_to({}, 6);
    for (const std::size_t offset : {std::size_t{5}, std::size_t{7}, SIZE_MAX, SIZE_MAX - 1}) {
      EXPECT_EQ(show(buffer.try_copy_from(some, offset)).type, "throws") << offset;
      EXPECT_EQ(show(buffer.try_copy_to(read, offset)).type, "throws") << offset;
    }
    EXPECT_EQ(show(buffer.try_copy_to(read, 5)).text,
              "RangeError: elements from 5 on, 2 of them, are not all within 6");
    EXPECT_THROW(buffer.copy_from(some, 4), Error);
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{0, 0, 1, 2, 3, 0}));
  });
}

TEST_F(ArrayBufferTest, WhatTheFunctionReturnsAndThrows) {
  const ArrayBuffer buffer = eval<ArrayBuffer>("new Uint8Array([1, 2, 3]).buffer");
  const auto sum = [](std::span<const std::byte> bytes) {
    return std::accumulate(bytes.begin(), bytes.end(), 0, [](int so_far, std::byte byte) {
      return so_far + std::to_integer<int>(byte);
    });
  };
  // from outside of Context::with too
  EXPECT_EQ(buffer.with_bytes(sum), 6);
  EXPECT_EQ(buffer.with_const_bytes(sum), 6);
  EXPECT_EQ(*buffer.try_with_bytes(sum), 6);
  EXPECT_EQ(*buffer.try_with_const_bytes(sum), 6);
  EXPECT_TRUE(buffer.try_with_bytes([](auto bytes) { bytes[0] = std::byte{9}; }).has_value());
  std::byte& first =
      buffer.with_bytes([](std::span<std::byte> bytes) -> std::byte& { return bytes[0]; });
  EXPECT_EQ(first, std::byte{9});
  EXPECT_THROW(buffer.with_bytes([](auto) { throw std::logic_error("mine"); }), std::logic_error);
  expect_eval("1 + 1", "number", "2");
}

TEST_F(ArrayBufferTest, NoScriptWhileBytesAreLookedAt) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer = ctx.eval<ArrayBuffer>("globalThis.buffer = new ArrayBuffer(4)");
    const Function hit = ctx.eval<Function>("() => { globalThis.hit = true; }");
    const Object globals = ctx.globals();
    buffer.with_bytes([&](std::span<std::byte> bytes) {
      const auto expect_refused = [](const auto& result) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind(), ErrorKind::runtime_gone);
        EXPECT_EQ(result.error().message(),
                  "no script may run while the bytes of a buffer are looked at");
      };
      expect_refused(ctx.try_eval("hit = true"));
      expect_refused(hit.try_call());
      expect_refused(buffer.try_detach());
      expect_refused(buffer.try_transfer());
      expect_refused(buffer.try_size());
      expect_refused(globals.try_get("buffer"));
      expect_refused(ctx.try_globals());
      expect_refused(buffer.try_with_bytes([](auto) { return 1; }));
      expect_refused(ArrayBuffer::try_make(ctx, 4));
      EXPECT_THROW(ctx.context().with([](Ctx) {}), RuntimeGone);
      bytes[0] = std::byte{1};
    });
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{1, 0, 0, 0}));
    EXPECT_FALSE(ctx.globals().has("hit"));
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
}

TEST_F(ArrayBufferTest, HandlesMayBeDroppedWhileBytesAreLookedAt) {
  Lent lent;
  with([&](Ctx ctx) {
    std::optional<ArrayBuffer> buffer = lent.lend(ctx);
    Value other = ctx.eval("({})");
    buffer->with_bytes([&](std::span<std::byte> bytes) {
      other = Value();
      buffer.reset();
      EXPECT_EQ(lent.released, 0);  // the last handle, but not while it is looked at
      bytes[0] = std::byte{42};
    });
    EXPECT_EQ(lent.bytes[0], 42);
  });
  runtime.run_gc();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTest, AnotherRuntimeMayBeUsedMeanwhile) {
  Runtime second;
  Context there(second);
  const ArrayBuffer buffer = eval<ArrayBuffer>("new ArrayBuffer(1)");
  with([&](Ctx) {
    buffer.with_bytes([&](std::span<std::byte> bytes) {
      bytes[0] =
          static_cast<std::byte>(there.with([](Ctx ctx) { return ctx.eval<int>("40 + 2"); }));
      const ArrayBuffer inner = there.with([](Ctx ctx) { return ArrayBuffer(ctx, 3); });
      EXPECT_EQ(inner.with_bytes([](auto inner_bytes) { return inner_bytes.size(); }), 3U);
    });
  });
  EXPECT_EQ(bytes_of(buffer), (std::vector<int>{42}));
}

TEST_F(ArrayBufferTest, SeveralAtOnce) {
  const ArrayBuffer from = eval<ArrayBuffer>("new Uint8Array([1, 2, 3]).buffer");
  const ArrayBuffer to = eval<ArrayBuffer>("new ArrayBuffer(3)");
  const std::size_t copied = with_spans(
      [&](std::span<const std::byte> in, std::span<std::byte> out) {
        std::ranges::copy(in, out.begin());
        return in.size();
      },
      reading(from), to);
  EXPECT_EQ(copied, 3U);
  EXPECT_EQ(bytes_of(to), (std::vector<int>{1, 2, 3}));
  from.detach();
  EXPECT_THROW(with_spans([](auto, auto) {}, from, to), Error);
  EXPECT_THROW(with_spans([](auto, auto) {}, to, from), Error);
  Runtime second;
  const ArrayBuffer foreign = Context(second).with([](Ctx ctx) { return ArrayBuffer(ctx, 1); });
  EXPECT_THROW(with_spans([](auto, auto) {}, to, foreign), Error);
  EXPECT_THROW(with_spans([](auto, auto) {}, to, ArrayBuffer()), Error);
  expect_eval("1", "number", "1");
}

TEST_F(ArrayBufferTest, DetachedOnesAreTypeErrors) {
  const ArrayBuffer buffer = eval<ArrayBuffer>("new ArrayBuffer(4)");
  buffer.detach();
  const auto expect_detached = [](const auto& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(show(result.error()), (Shown{"throws", "TypeError: the ArrayBuffer is detached"}));
  };
  expect_detached(buffer.try_with_bytes([](auto) { return 1; }));
  expect_detached(buffer.try_with_const_bytes([](auto) { return 1; }));
  expect_detached(buffer.try_to_vector());
  expect_detached(buffer.try_copy_from({}));
  expect_detached(buffer.try_copy_to({}));
  expect_detached(buffer.try_transfer());
  EXPECT_THROW(buffer.with_bytes([](auto) {}), Error);
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.max_size(), 0U);
  EXPECT_FALSE(buffer.is_resizable());
}

// ---- resizable, shared, immutable --------------------------------------------------------------

TEST_F(ArrayBufferTest, ResizableOnes) {
  with([&](Ctx ctx) {
    const Result<ArrayBuffer> made = ArrayBuffer::try_resizable(ctx, 4, 100);
    if (!ctx.eval<bool>(resizes)) {
      EXPECT_EQ(show(made),
                (Shown{"throws", "TypeError: this engine has no resizable ArrayBuffers"}));
      EXPECT_EQ(ArrayBuffer(ctx, 4).try_resize(2).error().name(), "TypeError");
      return;
    }
    ASSERT_TRUE(made);
    EXPECT_TRUE(made->is_resizable());
    EXPECT_EQ(made->max_size(), 100U);
    made->copy_from(std::array{std::byte{1}, std::byte{2}});
    made->resize(100);
    made->resize(2);
    EXPECT_EQ(bytes_of(*made), (std::vector<int>{1, 2}));
    made->resize(3);
    EXPECT_EQ(bytes_of(*made), (std::vector<int>{1, 2, 0}));
    made->resize(0);
    EXPECT_TRUE(bytes_of(*made).empty());
    EXPECT_EQ(made->try_resize(101).error().name(), "RangeError");
    EXPECT_EQ(made->try_resize(SIZE_MAX).error().name(), "RangeError");
    EXPECT_EQ(ArrayBuffer(ctx, 4).try_resize(2).error().name(), "TypeError");
    EXPECT_EQ(ArrayBuffer::try_resizable(ctx, 5, 4).error().name(), "RangeError");
    EXPECT_EQ(ArrayBuffer::try_resizable(ctx, 5, SIZE_MAX).error().name(), "RangeError");
    EXPECT_EQ(ArrayBuffer::try_resizable(ctx, SIZE_MAX, SIZE_MAX).error().name(), "RangeError");
    EXPECT_EQ(ArrayBuffer::resizable(ctx, 0, 0).max_size(), 0U);
    const ArrayBuffer moved = made->transfer(50);
    EXPECT_TRUE(moved.is_resizable());
    EXPECT_EQ(moved.size(), 50U);
    EXPECT_FALSE(made->try_resize(2).has_value());
  });
}

TEST_F(ArrayBufferTest, SharedOnes) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer = ArrayBuffer::shared(ctx, 4);
    EXPECT_TRUE(buffer.is_shared());
    EXPECT_EQ(buffer.size(), 4U);
    EXPECT_FALSE(buffer.is_resizable());
    EXPECT_EQ(buffer.max_size(), 4U);
    EXPECT_FALSE(buffer.is_immutable());
    buffer.with_bytes([](auto bytes) { bytes[1] = std::byte{5}; });
    ctx.globals().set("shared", buffer);
    EXPECT_EQ(ctx.eval<int>("Atomics.add(new Uint8Array(shared), 1, 2)"), 5);
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{0, 7, 0, 0}));
    EXPECT_EQ(ctx.eval<std::string>("Object.prototype.toString.call(shared)"),
              "[object SharedArrayBuffer]");
    EXPECT_EQ(buffer.try_detach().error().name(), "TypeError");
    EXPECT_EQ(buffer.try_transfer().error().name(), "TypeError");
    EXPECT_FALSE(buffer.try_resize(2).has_value());
    EXPECT_FALSE(ArrayBuffer::try_shared(ctx, SIZE_MAX).has_value());
    EXPECT_EQ(ArrayBuffer::shared(ctx, 0).size(), 0U);
  });
}

TEST_F(ArrayBufferTest, ImmutableOnes) {
  static constexpr std::array<std::uint64_t, 1> constants{0x0101010101010101};
  int released = 0;
  with([&](Ctx ctx) {
    const std::array<std::uint8_t, 3> bytes{1, 2, 3};
    const Result<ArrayBuffer> made = ArrayBuffer::try_immutable(ctx, bytes);
    const Result<ArrayBuffer> moved = ArrayBuffer::try_immutable(ctx, std::vector<int>{7});
    const Result<ArrayBuffer> lent =
        ArrayBuffer::try_borrow(ctx, std::span(constants), [&] { ++released; });
    if (!ctx.eval<bool>(freezes)) {
      for (const auto* buffer : {&made, &moved, &lent}) {
        EXPECT_EQ(show(*buffer),
                  (Shown{"throws", "TypeError: this engine has no immutable ArrayBuffers"}));
      }
      EXPECT_EQ(released, 1);
      return;
    }
    EXPECT_EQ(moved->size(), 4U);
    EXPECT_EQ(lent->size(), 8U);
    for (const auto* buffer : {&*made, &*moved, &*lent}) {
      EXPECT_TRUE(buffer->is_immutable());
      EXPECT_EQ(show(buffer->try_with_bytes([](auto) { return 1; })),
                (Shown{"throws", "TypeError: the ArrayBuffer is immutable"}));
      EXPECT_EQ(buffer->try_with_const_bytes([](auto) { return 1; }).value(), 1);
      EXPECT_THROW(buffer->copy_from({}), Error);
      EXPECT_THROW(buffer->detach(), Error);
      EXPECT_THROW((void)buffer->transfer(), Error);
      EXPECT_FALSE(buffer->is_detached());
      ctx.globals().set("buffer", *buffer);
      (void)ctx.try_eval("'use strict'; new Uint8Array(buffer)[0] = 9");
    }
    EXPECT_EQ(bytes_of(*made), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(bytes_of(*lent), std::vector<int>(8, 1));
    EXPECT_EQ(bytes_of(ArrayBuffer::immutable(ctx, "ab")), (std::vector<int>{'a', 'b'}));
    ctx.eval("buffer = null");
  });
}

// ---- conversions -------------------------------------------------------------------------------

TEST_F(ArrayBufferTest, OnlyBuffersConvert) {
  for (const char* script :
       {"new Uint8Array(3)", "new DataView(new ArrayBuffer(1))", "[1]", "({})",
        "new Proxy(new ArrayBuffer(1), {})", "Object.create(new ArrayBuffer(1))",
        "ArrayBuffer.prototype", "'text'", "null", "undefined", "1"}) {
    const Result<ArrayBuffer> buffer = try_eval<ArrayBuffer>(script);
    ASSERT_FALSE(buffer) << script;
    EXPECT_TRUE(buffer.error().message().starts_with("expected ArrayBuffer, got "))
        << buffer.error().message();
  }
  EXPECT_EQ(eval<ArrayBuffer>("new (class extends ArrayBuffer {})(3)").size(), 3U);
  EXPECT_EQ(eval<ArrayBuffer>("new SharedArrayBuffer(3)").size(), 3U);
  define("size", [](const ArrayBuffer& buffer) { return buffer.size(); });
  expect_eval("size(new ArrayBuffer(9))", "number", "9");
}

TEST_F(ArrayBufferTest, PatchedGlobalsChangeNothingOrAreErrors) {
  with([](Ctx ctx) {
    ctx.eval(R"(
      for (const name of Object.getOwnPropertyNames(ArrayBuffer.prototype))
        Object.defineProperty(ArrayBuffer.prototype, name, {value: () => { throw 1; }});
      globalThis.ArrayBuffer = globalThis.SharedArrayBuffer = class {};
      Object.prototype.maxByteLength = 5;
    )");
    const ArrayBuffer buffer(ctx, 4);
    EXPECT_EQ(buffer.size(), 4U);
    EXPECT_EQ(bytes_of(buffer), (std::vector<int>{0, 0, 0, 0}));
    EXPECT_FALSE(ArrayBuffer::try_shared(ctx, 4).has_value());
    EXPECT_FALSE(ArrayBuffer::try_resizable(ctx, 4, 8).has_value());
    EXPECT_FALSE(buffer.is_resizable());
    EXPECT_EQ(buffer.max_size(), 4U);
    EXPECT_FALSE(buffer.is_detached());
    (void)buffer.try_resize(2);
    EXPECT_EQ(buffer.transfer(2).size(), 2U);
    EXPECT_TRUE(buffer.is_detached());
  });
}

TEST_F(ArrayBufferTest, ContextsShareABufferAndRuntimesDoNot) {
  Context second(runtime);
  const ArrayBuffer buffer = eval<ArrayBuffer>("globalThis.b = new ArrayBuffer(2)");
  second.with([&](Ctx ctx) {
    ctx.globals().set("b", buffer);
    ctx.eval("new Uint8Array(b)[1] = 3");
  });
  expect_eval("new Uint8Array(b)[1]", "number", "3");
  Context base = Context::base(runtime);
  base.with([&](Ctx ctx) {
    EXPECT_EQ(ArrayBuffer::copy_of(ctx, "abc").size(), 3U);
    ctx.globals().set("b", buffer);
    EXPECT_EQ(ctx.globals().get<ArrayBuffer>("b").size(), 2U);
    EXPECT_FALSE(ArrayBuffer::try_shared(ctx, 3).has_value());
  });
  Runtime other;
  Context there(other);
  there.with([&](Ctx ctx) { EXPECT_FALSE(ctx.globals().try_set("b", buffer).has_value()); });
}

TEST_F(ArrayBufferTest, EmptyHandles) {
  const ArrayBuffer none;
  EXPECT_FALSE(none.try_size().has_value());
  EXPECT_FALSE(none.try_detach().has_value());
  EXPECT_FALSE(none.is_shared());
  EXPECT_FALSE(none.is_immutable());
  EXPECT_THROW(none.with_bytes([](auto) {}), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
