// Where heaps take their memory from.
#include "support/allocators.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/engine/engine.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <future>
#include <random>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

bool is_aligned(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t) == 0;
}

/// Something of everything that scripts make.
constexpr const char* work = R"(
  (() => {
    class Point { #x; constructor(x) { this.#x = x; } get x() { return this.#x; } }
    const points = Array.from({length: 500}, (_, i) => new Point(i));
    const map = new Map(points.map(p => [`point ${p.x}`, {p, text: 'x'.repeat(p.x)}]));
    for (let i = 0; i < 500; i += 2) map.delete(`point ${i}`);
    for (let i = 0; i < 200; ++i) { const a = {i}, b = {a}; a.b = b; }
    const big = new Float64Array(20000).fill(0.5);
    const text = JSON.stringify([...map.values()].map(v => v.text.length));
    const words = text.replace(/[\[\]]/g, '').split(',').map(Number);
    const sparse = []; sparse[5000] = 1; sparse.length = 10;
    let long = ''; for (let i = 0; i < 3000; ++i) long += String.fromCharCode(0x400 + i % 50);
    function* numbers() { for (let i = 0; i < 100; ++i) yield 2n ** BigInt(i); }
    const sum = [...numbers()].reduce((a, b) => a + b);
    return [words.reduce((a, b) => a + b), big.reduce((a, b) => a + b), long.length,
            sum.toString().length].join();
  })())";
constexpr const char* work_result = "62500,10000,3000,31";

// ---- each kind ---------------------------------------------------------------------------------

/// The default is one of the others.
class EveryBlockTest : public ::testing::TestWithParam<AllocatorKind> {};

INSTANTIATE_TEST_SUITE_P(All, EveryBlockTest,
                         ::testing::ValuesIn(allocator_kinds.begin() + 1, allocator_kinds.end()),
                         [](const auto& test) { return std::string(test.param.name); });

class EveryAllocatorTest : public ::testing::TestWithParam<AllocatorKind> {};

INSTANTIATE_TEST_SUITE_P(All, EveryAllocatorTest, ::testing::ValuesIn(allocator_kinds),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(EveryBlockTest, BlocksAreAlignedAndOfTheirSize) {
  const std::shared_ptr<Allocator> allocator = GetParam().make();
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t size = 1; size < 40000; size += 1 + size / 7) {
    auto* block = static_cast<unsigned char*>(allocator->allocate(size));
    ASSERT_NE(block, nullptr);
    EXPECT_TRUE(is_aligned(block)) << size;
    const std::size_t usable = allocator->usable_size(block);
    EXPECT_GE(usable, size);
    std::memset(block, static_cast<int>(size % 251), usable);
    blocks.emplace_back(block, usable);
  }
  std::size_t size = 1;
  for (const auto& [block, usable] : blocks) {
    const auto expected = static_cast<unsigned char>(size % 251);
    EXPECT_TRUE(std::all_of(block, block + usable, [=](auto byte) { return byte == expected; }))
        << size;
    allocator->deallocate(block);
    size += 1 + size / 7;
  }
}

TEST_P(EveryBlockTest, BlocksKeepTheirContentsWhenTheyGrowAndShrink) {
  const std::shared_ptr<Allocator> allocator = GetParam().make();
  auto* block = static_cast<unsigned char*>(allocator->allocate(1));
  ASSERT_NE(block, nullptr);
  std::size_t known = 1;
  block[0] = 0;
  for (const std::size_t size : std::initializer_list<std::size_t>{
           2,      16,      17,     100,   90,   500,  512,  513,  600, 4000, 4096, 4097, 30000,
           200000, 1000000, 150000, 20000, 4097, 4096, 3000, 1000, 513, 400,  100,  20,   1}) {
    auto* moved = static_cast<unsigned char*>(allocator->reallocate(block, size));
    ASSERT_NE(moved, nullptr) << size;
    block = moved;
    EXPECT_TRUE(is_aligned(block));
    EXPECT_GE(allocator->usable_size(block), size);
    for (std::size_t i = 0; i < std::min(size, known); ++i) {
      ASSERT_EQ(block[i], static_cast<unsigned char>(i * 31)) << size << " at " << i;
    }
    for (std::size_t i = 0; i < size; ++i) block[i] = static_cast<unsigned char>(i * 31);
    known = size;
  }
  allocator->deallocate(block);
}

TEST_P(EveryAllocatorTest, RuntimesWork) {
  const NoneLeft none_left;
  Runtime runtime({.allocator = GetParam().make()});
  const Context context(runtime);
  for (int i = 0; i < 3; ++i) {
    expect_eval(context, work, "string", work_result);
    runtime.run_gc();
  }
  context.with([](const Ctx& ctx) {
    ctx.globals().set("native", [counted = Counted()](const std::vector<std::string>& texts) {
      return texts.size();
    });
    expect_eval(ctx, "native(['a', 'b'.repeat(1000)])", "number", "2");
    EXPECT_EQ(ctx.eval<Promise<int>>("(async () => { await 0; return 7; })()").state(),
              PromiseState::pending);
  });
  runtime.run();
}

TEST_P(EveryAllocatorTest, RuntimesMoveBetweenThreadsAndEndOnAnother) {
  const NoneLeft none_left;
  auto runtime = std::make_unique<Runtime>(RuntimeOptions{.allocator = GetParam().make()});
  auto context = std::make_unique<Context>(*runtime);
  Runtime moved(std::move(*runtime));
  expect_eval(*context, work, "string", work_result);
  std::thread([&, moved = std::move(moved)]() mutable {
    expect_eval(*context, work, "string", work_result);
    context.reset();
    const Runtime ended(std::move(moved));
  }).join();
}

TEST_P(EveryAllocatorTest, HandlesKeepItAlive) {
  std::shared_ptr<Allocator> allocator = GetParam().make();
  const std::weak_ptr<Allocator> watched = allocator;
  const bool is_default = allocator == nullptr;
  Value kept;
  {
    Runtime runtime({.allocator = std::move(allocator)});
    const Context context(runtime);
    kept = context.with([](const Ctx& ctx) { return ctx.eval("[{}, 'text'.repeat(100)]"); });
  }
  EXPECT_EQ(watched.expired(), is_default);
  EXPECT_THROW((void)kept.as<Object>(), RuntimeGone);
  std::thread([&] { kept = Value(); }).join();
  EXPECT_TRUE(watched.expired());
}

// ---- an allocator of the user's
// ------------------------------------------------------------------

TEST(AllocatorTest, WhatTheHeapTookIsGivenBack) {
  const auto allocator = std::make_shared<WatchfulAllocator>();
  {
    Runtime runtime({.allocator = allocator});
    const Context context(runtime);
    expect_eval(context, work, "string", work_result);
    EXPECT_GT(allocator->held(), 10000U);
    const MemoryUsage usage = runtime.memory_usage();
    EXPECT_EQ(usage.allocator_size, static_cast<std::int64_t>(allocator->held()));
    EXPECT_GE(usage.allocator_peak, usage.allocator_size);
    EXPECT_GE(usage.allocator_size, usage.malloc_size);
  }
  EXPECT_EQ(allocator->held(), 0U);
  EXPECT_EQ(allocator->count(), 0U);
  EXPECT_EQ(allocator->strays(), 0);
  EXPECT_EQ(allocator.use_count(), 1);
}

TEST(AllocatorTest, ARefusalIsTheEnginesError) {
  const auto allocator = std::make_shared<WatchfulAllocator>();
  const Runtime runtime({.allocator = allocator});
  const Context context(runtime);
  allocator->largest = 500000;
  for (const char* script :
       {"'x'.repeat(1000000)", "new Uint8Array(1000000)", "new Array(1000000).fill(1)",
        "[].concat(new Array(30000).fill(1)).concat(new Array(30000).fill(1))"}) {
    const Result<Value> result = context.with([&](Ctx ctx) { return ctx.try_eval(script); });
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory) << result.error().what();
  }
  EXPECT_GE(allocator->refusals(), 4);
  expect_eval(context, "try { 'x'.repeat(1000000) } catch (e) { e.message }", "string",
              "out of memory");
  expect_eval(context, work, "string", work_result);
  allocator->largest = std::size_t{1} << 30;
  expect_eval(context, "'x'.repeat(1000000).length", "number", "1000000");
}

TEST(AllocatorTest, NoMemoryForARuntimeIsAnError) {
  const auto allocator = std::make_shared<WatchfulAllocator>();
  allocator->requests = 0;
  const Result<Runtime> made = Runtime::try_make({.allocator = allocator});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind(), ErrorKind::out_of_memory);
  EXPECT_EQ(allocator->refusals(), 1);
  EXPECT_EQ(allocator.use_count(), 1);
}

TEST(AllocatorTest, AResourceThatThrowsIsOutOfMemory) {
  class Grudging : public std::pmr::memory_resource {
   public:
    std::size_t largest = 500000;

   private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
      if (size > largest) throw std::runtime_error("no");
      return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
      std::pmr::new_delete_resource()->deallocate(block, size, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
      return this == &other;
    }
  };
  Grudging resource;
  {
    const auto allocator = std::make_shared<ResourceAllocator>(resource);
    EXPECT_EQ(&allocator->resource(), &resource);
    const Runtime runtime({.allocator = allocator});
    const Context context(runtime);
    expect_eval(context, "'x'.repeat(1000000)", "throws", "InternalError: out of memory");
    expect_eval(context, work, "string", work_result);
  }
  resource.largest = 0;
  EXPECT_FALSE(Runtime::try_make({.allocator = std::make_shared<ResourceAllocator>(resource)}));
}

TEST(AllocatorTest, TwoThreadsMayShareMalloc) {
  const auto allocator = std::make_shared<MallocAllocator>();
  const auto run = [&] {
    const Runtime runtime({.allocator = allocator});
    const Context context(runtime);
    for (int i = 0; i < 3; ++i) expect_eval(context, work, "string", work_result);
  };
  std::thread other(run);
  run();
  other.join();
}

TEST(AllocatorTest, SizesThatNobodyHas) {
  const std::shared_ptr<Allocator> allocators[] = {
      std::make_shared<NewDeleteAllocator>(),
      on_resource<std::pmr::unsynchronized_pool_resource>(),
  };
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const auto& allocator : allocators) {
    for (const std::size_t size : {most, most - 15, most - 16, most / 2 + 1, most / 2}) {
      EXPECT_EQ(allocator->allocate(size), nullptr);
    }
    void* block = allocator->allocate(10);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(allocator->reallocate(block, most - 8), nullptr);
    allocator->deallocate(block);
  }
}

// ---- the pool ----------------------------------------------------------------------------------

TEST(PoolAllocatorTest, ManyBlocksOfManySizesInAnyOrder) {
  PoolAllocator pool;
  struct Held {
    unsigned char* block;
    std::size_t size;
    unsigned char mark;
  };
  std::mt19937 random(7);
  std::vector<Held> held;
  const auto check = [&](const Held& it) {
    for (std::size_t i = 0; i < it.size; ++i) ASSERT_EQ(it.block[i], it.mark);
  };
  for (int step = 0; step < 60000; ++step) {
    const std::size_t bound = std::size_t{1} << (4 + random() % 10);
    const std::size_t size = 1 + random() % bound;
    const auto mark = static_cast<unsigned char>(random());
    const bool is_growing = step / 15000 % 2 == 0;
    const unsigned what = random() % 10;
    if (held.empty() || what < (is_growing ? 6U : 2U)) {
      auto* block = static_cast<unsigned char*>(pool.allocate(size));
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(is_aligned(block));
      ASSERT_GE(pool.usable_size(block), size);
      std::memset(block, mark, size);
      held.push_back({block, size, mark});
      continue;
    }
    std::swap(held[random() % held.size()], held.back());
    Held& it = held.back();
    check(it);
    if (what == 9) {
      auto* moved = static_cast<unsigned char*>(pool.reallocate(it.block, size));
      ASSERT_NE(moved, nullptr);
      check({moved, std::min(size, it.size), it.mark});
      std::memset(moved, mark, size);
      it = {moved, size, mark};
    } else {
      pool.deallocate(it.block);
      held.pop_back();
    }
  }
  for (const Held& it : held) {
    check(it);
    pool.deallocate(it.block);
  }
}

TEST(PoolAllocatorTest, SpansWithoutBlocksGoBack) {
  PoolAllocator pool;
  EXPECT_EQ(pool.span_bytes(), 0U);
  std::vector<void*> blocks;
  for (int i = 0; i < 100000; ++i) blocks.push_back(pool.allocate(64));
  const std::size_t most = pool.span_bytes();
  EXPECT_GE(most, 6400000U);
  EXPECT_LT(most, 6500000U);
  for (void* block : blocks) pool.deallocate(block);
  EXPECT_LE(pool.span_bytes(), std::size_t{100} << 10);
  // what went back can be had again, for another size
  blocks.clear();
  for (int i = 0; i < 50000; ++i) blocks.push_back(pool.allocate(128));
  EXPECT_LE(pool.span_bytes(), most + (std::size_t{100} << 10));
  for (void* block : blocks) pool.deallocate(block);
}

TEST(PoolAllocatorTest, LargeBlocksAreOfMalloc) {
  PoolAllocator pool;
  void* block = pool.allocate(5000);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(pool.span_bytes(), 0U);
  block = pool.reallocate(block, 50000);
  ASSERT_NE(block, nullptr);
  EXPECT_GE(pool.usable_size(block), 50000U);
  EXPECT_EQ(pool.span_bytes(), 0U);
  pool.deallocate(block);
}

TEST(PoolAllocatorTest, PoolsOfManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < 5; ++round) {
        PoolAllocator pool;
        std::vector<unsigned char*> blocks;
        for (int i = 0; i < 3000; ++i) {
          const auto size = static_cast<std::size_t>(i % 700 + 1);
          auto* block = static_cast<unsigned char*>(pool.allocate(size));
          std::memset(block, t, size);
          blocks.push_back(block);
        }
        for (std::size_t i = 0; i < blocks.size(); ++i) {
          EXPECT_EQ(blocks[i][i % 700], t);
          if (i % 3 != 0) pool.deallocate(blocks[i]);
        }
      }  // the pool ends with blocks that nobody gave back
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// ---- what it costs
// -------------------------------------------------------------------------------

TEST(AllocatorTest, AContextTakesHardlyMoreThanABareOne) {
  const auto size_of = [](JSRuntime* rt) {
    ::JS_RunGC(rt);
    JSMemoryUsage usage{};
    ::JS_ComputeMemoryUsage(rt, &usage);
    return usage.malloc_size;
  };
  JSRuntime* rt = ::JS_NewRuntime();
  JSContext* first_bare = ::JS_NewContext(rt);
  const std::int64_t bare = size_of(rt);
  // quickjs-ng gives DOMException to the first context alone, quip to each
  JSContext* second_bare = engine::new_context(rt, Intrinsics::all().bits());
  const std::int64_t bare_context = size_of(rt) - bare;
  ::JS_FreeContext(second_bare);
  ::JS_FreeContext(first_bare);
  ::JS_FreeRuntime(rt);

  Runtime runtime({.allocator = std::make_shared<MallocAllocator>()});
  const auto size = [&runtime] {
    runtime.run_gc();
    return runtime.memory_usage().malloc_size;
  };
  const Context first(runtime);
  const std::int64_t whole = size();
  const Context second(runtime);
  EXPECT_LE(size() - whole, bare_context + 2048);
  // with the classes that all contexts of the runtime share
  EXPECT_LE(whole, bare + 6 * 1024);
}

}  // namespace
}  // namespace quip::test
