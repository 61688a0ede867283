// ArrayBuffer over memory of C++'s: who gives it back, and when.
#include "support/lent.hpp"
#include "support/lifetime.hpp"
#include <quip/value/array_buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using ArrayBufferTest = JsTest;

// ---- giving back -------------------------------------------------------------------------------

TEST_F(ArrayBufferTest, GivenBackWhenCollected) {
  Lent lent;
  with([&](Ctx ctx) {
    {
      const ArrayBuffer buffer = lent.lend(ctx);
      const ArrayBuffer second = buffer;
      EXPECT_EQ(lent.released, 0);
    }
    EXPECT_EQ(lent.released, 1);
    ctx.globals().set("cycle", lent.lend(ctx));
    ctx.eval("cycle.itself = cycle; cycle.view = new Uint8Array(cycle); cycle = null; 0");
  });
  runtime.run_gc();
  EXPECT_EQ(lent.released, 2);
}

TEST_F(ArrayBufferTest, GivenBackWhenDetached) {
  Lent lent;
  with([&](Ctx ctx) {
    const ArrayBuffer buffer = lent.lend(ctx);
    buffer.detach();
    EXPECT_EQ(lent.released, 1);
    EXPECT_TRUE(buffer.is_detached());
    EXPECT_EQ(buffer.size(), 0U);
    buffer.detach();
  });
  runtime.run_gc();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTest, GivenBackOnceAfterATransfer) {
  for (const std::optional<std::size_t> size :
       {std::optional<std::size_t>(), {16}, {3}, {0}, {100}}) {
    Lent lent;
    with([&](Ctx ctx) {
      const ArrayBuffer buffer = lent.lend(ctx);
      const ArrayBuffer second = buffer.transfer(size);
      EXPECT_TRUE(buffer.is_detached());
      EXPECT_EQ(second.size(), size.value_or(16));
      std::vector<int> expected{1, 2, 3, 4, 5, 6, 7, 8};
      expected.resize(size.value_or(16));
      EXPECT_EQ(bytes_of(second), expected);
      const ArrayBuffer third = second.transfer(200);
      expected.resize(200);
      EXPECT_EQ(bytes_of(third), expected);
      EXPECT_EQ(lent.released, 1);
    });
    EXPECT_EQ(lent.released, 1);
  }
}

TEST_F(ArrayBufferTest, GivenBackOnceWhateverScriptsTransfer) {
  if (!eval<bool>("typeof ArrayBuffer.prototype.transfer == 'function'")) {
    expect_eval("'transfer' in new ArrayBuffer(1)", "boolean", "false");
    return;
  }
  for (const char* script :
       {"buffer.transfer()", "buffer.transfer(16)", "buffer.transfer(4)", "buffer.transfer(0)",
        "buffer.transfer(64)", "buffer.transfer(4).transfer(8).transfer(64).transfer()",
        "buffer.transfer(64).transfer(128).transfer(1)", "buffer.transferToFixedLength()",
        "buffer.transferToFixedLength(32)",
        "structure = [buffer.transfer()]; structure.self = structure; 0"}) {
    Lent lent;
    with([&](Ctx ctx) {
      ctx.globals().set("buffer", lent.lend(ctx));
      EXPECT_TRUE(ctx.try_eval(script).has_value()) << script;
      EXPECT_TRUE(ctx.globals().get<ArrayBuffer>("buffer").is_detached());
      ctx.eval("buffer = null; var structure = null");
    });
    runtime.run_gc();
    EXPECT_EQ(lent.released, 1) << script;
  }
}

TEST_F(ArrayBufferTest, ATransferThatFindsNoMemoryChangesNothing) {
  Lent lent;
  with([&](Ctx ctx) {
    const ArrayBuffer buffer = lent.lend(ctx);
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size) + 500000);
    EXPECT_FALSE(buffer.try_transfer(std::size_t{1} << 28U).has_value());
    runtime.set_memory_limit(0);
    EXPECT_EQ(lent.released, 0);
    EXPECT_EQ(buffer.size(), 16U);
  });
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTest, TwoBuffersOverTheSameMemory) {
  Lent first;
  int second = 0;
  with([&](Ctx ctx) {
    ArrayBuffer a = first.lend(ctx);
    const ArrayBuffer b =
        ArrayBuffer::borrow(ctx, std::span(first.bytes).first(4), [&] { ++second; });
    b.detach();
    EXPECT_EQ(first.released, 0);
    EXPECT_EQ(second, 1);
    EXPECT_EQ(a.size(), 16U);
    a = ArrayBuffer();
    EXPECT_EQ(first.released, 1);
    EXPECT_EQ(second, 1);
  });
}

TEST_F(ArrayBufferTest, MemoryOfNoBytesIsGivenBackToo) {
  int released = 0;
  with([&](Ctx ctx) {
    const std::span<std::uint8_t> none;
    const ArrayBuffer a = ArrayBuffer::borrow(ctx, none, [&] { ++released; });
    const ArrayBuffer b = ArrayBuffer::borrow(ctx, none, [&] { ++released; });
    EXPECT_EQ(a.size(), 0U);
    EXPECT_FALSE(a.is_detached());
    EXPECT_EQ(a.with_bytes([](std::span<std::byte> bytes) { return bytes.size(); }), 0U);
    a.detach();
    EXPECT_EQ(released, 1);
    EXPECT_TRUE(a.is_detached());
    const ArrayBuffer c = b.transfer(8);
    EXPECT_EQ(released, 2);
    EXPECT_EQ(bytes_of(c), std::vector<int>(8));
  });
  EXPECT_EQ(released, 2);
}

TEST_F(ArrayBufferTest, ReleaseMayTakeTheBytesThrowAndDropHandles) {
  Lent lent;
  std::span<std::uint8_t> seen;
  bool refused = false;
  with([&](Ctx ctx) {
    ArrayBuffer other(ctx, 8);
    ArrayBuffer buffer = ArrayBuffer::borrow(
        ctx, std::span(lent.bytes),
        [&, ctx, held = Value(ctx, "text")](std::span<std::uint8_t> bytes) mutable {
          seen = bytes;
          refused = ctx.try_eval("1").has_value();
          held = Value();
          other = ArrayBuffer();
          throw std::runtime_error("nobody sees this");
        });
    buffer = ArrayBuffer();
    EXPECT_EQ(seen.data(), lent.bytes.data());
    EXPECT_EQ(seen.size(), 16U);
    EXPECT_FALSE(refused);
    EXPECT_EQ(ctx.eval<int>("1 + 1"), 2);
  });
}

TEST_F(ArrayBufferTest, ReleaseMayDropTheVeryHandleThatIsDetached) {
  Lent lent;
  with([&](Ctx ctx) {
    ArrayBuffer buffer;
    buffer = ArrayBuffer::borrow(ctx, std::span(lent.bytes), [&] { buffer = ArrayBuffer(); });
    buffer.detach();
    EXPECT_FALSE(buffer.is_object());
  });
}

TEST_F(ArrayBufferTest, NoMemoryForABuffer) {
  for (int left = 600; left >= 0; left -= 20) {
    Lent lent;
    const NoneLeft none_left;
    with([&](Ctx ctx) {
      runtime.run_gc();
      runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + left));
      {
        const Result<ArrayBuffer> buffer = ArrayBuffer::try_borrow(
            ctx, std::span(lent.bytes), [&, counted = Counted()] { ++lent.released; });
        EXPECT_EQ(lent.released, buffer ? 0 : 1);
      }
      EXPECT_EQ(lent.released, 1);
      (void)ArrayBuffer::try_make(ctx, 100);
      (void)ArrayBuffer::try_from(ctx, std::vector<int>(100));
      runtime.set_memory_limit(0);
    });
  }
}

// ---- teardown ----------------------------------------------------------------------------------

using ArrayBufferTeardown = LifetimeTest;

TEST_F(ArrayBufferTeardown, TheRuntimeGivesBackWhatScriptsHold) {
  Lent lent;
  with([&](Ctx ctx) { ctx.globals().set("buffer", lent.lend(ctx)); });
  runtime.reset();
  EXPECT_EQ(lent.released, 1);
  context.reset();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTeardown, AndWhatHandlesHold) {
  Lent lent;
  std::optional<ArrayBuffer> buffer;
  with([&](Ctx ctx) { buffer = lent.lend(ctx); });
  context.reset();
  EXPECT_EQ(lent.released, 0);
  runtime.reset();
  EXPECT_EQ(lent.released, 1);
  expect_gone(buffer->try_size());
  expect_gone(buffer->try_is_detached());
  expect_gone(buffer->try_detach());
  expect_gone(buffer->try_transfer());
  expect_gone(buffer->try_resize(1));
  expect_gone(buffer->try_to_vector());
  expect_gone(buffer->try_is_resizable());
  expect_gone(buffer->try_max_size());
  expect_gone(buffer->try_with_bytes([](std::span<std::byte>) { return 1; }));
  EXPECT_THROW(buffer->with_bytes([](std::span<std::byte>) {}), RuntimeGone);
  buffer.reset();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTeardown, MemoryThatHoldsItsOwnBuffer) {
  Lent lent;
  with([&](Ctx ctx) {
    auto self = std::make_shared<ArrayBuffer>();
    *self = ArrayBuffer::borrow(ctx, std::span(lent.bytes),
                                [&, self, counted = Counted()] { ++lent.released; });
  });
  context.reset();
  EXPECT_EQ(lent.released, 0);
  runtime.reset();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTeardown, MemoryThatATransferMadeBigger) {
  Lent lent;
  std::optional<ArrayBuffer> buffer;
  with([&](Ctx ctx) { buffer = lent.lend(ctx).transfer(1000); });
  EXPECT_EQ(lent.released, 1);
  runtime.reset();
  context.reset();
  buffer.reset();
}

TEST_F(ArrayBufferTeardown, ReleasedOnTheThreadThatDropsTheLastHandle) {
  Lent lent;
  std::optional<ArrayBuffer> buffer;
  with([&](Ctx ctx) { buffer = lent.lend(ctx); });
  std::thread([&] { buffer.reset(); }).join();
  EXPECT_EQ(lent.released, 1);
}

TEST_F(ArrayBufferTeardown, NoBufferInARuntimeThatIsGone) {
  Lent lent;
  const Context kept = *context;
  const Ctx ctx = with([](Ctx inside) { return inside; });
  runtime.reset();
  expect_gone(ArrayBuffer::try_borrow(ctx, std::span(lent.bytes), lent.release()));
  EXPECT_EQ(lent.released, 1);
  expect_gone(ArrayBuffer::try_make(ctx, 1));
  expect_gone(ArrayBuffer::try_copy_of(ctx, "text"));
  expect_gone(ArrayBuffer::try_from(ctx, std::vector<int>{1}));
  expect_gone(ArrayBuffer::try_shared(ctx, 1));
  expect_gone(ArrayBuffer::try_resizable(ctx, 1, 2));
}

TEST_F(ArrayBufferTeardown, TheRuntimeIsDestroyedWhileBytesAreLookedAt) {
  Lent lent;
  std::optional<ArrayBuffer> buffer;
  with([&](Ctx ctx) {
    buffer = lent.lend(ctx);
    buffer->with_bytes([&](std::span<std::byte> bytes) {
      runtime.reset();
      EXPECT_EQ(lent.released, 0);
      bytes[0] = std::byte{1};
    });
    expect_gone(ctx.try_eval("1"));
  });
  EXPECT_EQ(lent.released, 1);
}

}  // namespace
}  // namespace quip::test
