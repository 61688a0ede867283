// What a heap is made of.
#include "support/js.hpp"
#include "support/types.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <sstream>
#include <thread>

namespace quip::test {
namespace {

using ::testing::HasSubstr;

struct Planet {
  double mass = 0;
  char name[100] = {};
};
void define(ClassDef<Planet>& def) { def.constructor<>().name("Planet2"); }

class HeapStatisticsTest : public JsTest {
 protected:
  std::int64_t count_of(std::string_view name) {
    return heap_statistics(runtime).of_class(name).count;
  }
};

TEST_F(HeapStatisticsTest, CountsTheEnginesClasses) {
  with([&](Ctx ctx) {
    struct Case {
      const char* name;
      const char* script;
      std::int64_t most;  // some of them need others
    };
    for (const Case& test : {
             Case{"Array", "[i]", 101},
             Case{"Date", "new Date(i)", 100},
             Case{"RegExp", "new RegExp('a' + i)", 100},
             Case{"Map", "new Map()", 100},
             Case{"Promise", "new Promise(() => {})", 100},
             Case{"Error", "new Error('x')", 100},
             Case{"Uint8Array", "new Uint8Array(4)", 100},
             Case{"ArrayBuffer", "new ArrayBuffer(4)", 100},
         }) {
      runtime.run_gc();
      const std::int64_t before = count_of(test.name);
      ctx.eval("var kept = []; for (let i = 0; i < 100; ++i) kept.push(" +
               std::string(test.script) + ")");
      EXPECT_GE(count_of(test.name), before + 100) << test.name;
      EXPECT_LE(count_of(test.name), before + test.most) << test.name;
      ctx.eval("kept = null");
      runtime.run_gc();
      EXPECT_LE(count_of(test.name), before + 1) << test.name;
    }
  });
}

TEST_F(HeapStatisticsTest, CountsNativeClassesByTheirNames) {
  with([&](Ctx ctx) {
    EXPECT_EQ(count_of("Planet2"), 0);
    std::vector<Value> kept;
    for (int i = 0; i < 7; ++i) kept.push_back(Value(ctx, Planet()));
    const HeapStatistics::Row row = heap_statistics(ctx).of_class("Planet2");
    EXPECT_EQ(row.count, 7);
    EXPECT_GE(row.bytes, static_cast<std::int64_t>(7 * sizeof(Planet)));
    const std::int64_t functions = count_of("Function (C++)");
    ctx.globals().set("f", [&kept] { return kept.size(); });
    EXPECT_EQ(count_of("Function (C++)"), functions + 1);
  });
}

TEST_F(HeapStatisticsTest, AgreesWithTheEnginesOwnSums) {
  with([&](Ctx ctx) {
    ctx.eval(
        "var text = 'x'.repeat(1000); var list = Array.from({ length: 50 }, () => ({ a: 1 }))");
    const HeapStatistics found = heap_statistics(ctx);
    const MemoryUsage usage = runtime.memory_usage();
    EXPECT_EQ(found.bytes, usage.malloc_size);
    EXPECT_EQ(found.blocks, usage.malloc_count);
    std::int64_t objects = 0;
    for (const auto& row : found.classes) {
      EXPECT_GT(row.count, 0) << row.name;
      EXPECT_GT(row.bytes, 0) << row.name;
      objects += row.count;
    }
    EXPECT_EQ(objects, usage.object_count);
    for (std::size_t i = 1; i < found.classes.size(); ++i) {
      EXPECT_GE(found.classes[i - 1].bytes, found.classes[i].bytes);
    }
    std::int64_t strings = 0;
    for (const auto& row : found.kinds) {
      if (row.name == "strings") strings = row.count;
    }
    EXPECT_EQ(strings, usage.string_count);
  });
}

TEST_F(HeapStatisticsTest, IsATableForPeople) {
  const HeapStatistics found = heap_statistics(context);
  std::ostringstream out;
  out << found;
  EXPECT_EQ(out.str(), found.to_table());
  EXPECT_THAT(found.to_table(), ::testing::StartsWith("class"));
  EXPECT_THAT(found.to_table(), HasSubstr("\nstrings "));
  EXPECT_THAT(found.to_table(), HasSubstr(std::to_string(found.bytes) + " bytes in "));
  EXPECT_EQ(HeapStatistics().of_class("x").count, 0);
}

TEST_F(HeapStatisticsTest, MayBeAskedForWhileAScriptRunsAndFromOtherThreads) {
  std::int64_t inside = 0;
  with([&](Ctx ctx) {
    ctx.globals().set("count", [&](Ctx at) { inside = heap_statistics(at).bytes; });
    ctx.eval("(function f() { return [1, 2].map(() => count()); })()");
  });
  EXPECT_GT(inside, 0);
  std::thread([&] { EXPECT_GT(heap_statistics(runtime).bytes, 0); }).join();
}

TEST_F(HeapStatisticsTest, WhereTheHeapCannotBeLookedAtItIsAnError) {
  std::optional<Result<HeapStatistics>> found;
  with([&](Ctx ctx) {
    const std::shared_ptr<int> witness(new int(0), [&](const int* number) {
      delete number;
      found = try_heap_statistics(runtime);
    });
    ctx.globals().set("f", [witness] { return *witness; });
  });
  with([](Ctx ctx) { ctx.eval("f = null"); });
  runtime.run_gc();
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  Runtime gone;
  const Runtime moved(std::move(gone));
  EXPECT_THROW((void)heap_statistics(gone), RuntimeGone);  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace quip::test
