// A heap in numbers.
#include "support/js.hpp"

#include <gmock/gmock.h>

namespace quip::test {
namespace {

using ::testing::HasSubstr;

class MemoryUsageTest : public JsTest {
 protected:
  /// What the script adds to a number.
  std::int64_t growth(std::int64_t MemoryUsage::* number, std::string_view script) {
    with([](Ctx ctx) { ctx.globals().set("kept", 0); });
    runtime.run_gc();
    const MemoryUsage before = runtime.memory_usage();
    with([&](Ctx ctx) { ctx.globals().set("kept", ctx.eval(script)); });
    return runtime.memory_usage().*number - before.*number;
  }
};

TEST_F(MemoryUsageTest, EachNumberIsOfItsKind) {
  EXPECT_GE(growth(&MemoryUsage::malloc_size, "'x'.repeat(100000)"), 100000);
  EXPECT_GE(growth(&MemoryUsage::malloc_count, "Array.from({length: 100}, () => ({}))"), 100);
  EXPECT_GE(growth(&MemoryUsage::allocator_size, "'x'.repeat(100000)"), 100000);
  EXPECT_GE(growth(&MemoryUsage::used_size, "new Array(1000).fill(0)"), 8000);
  EXPECT_GE(growth(&MemoryUsage::used_count, "Array.from({length: 100}, () => ({}))"), 100);
  EXPECT_GE(growth(&MemoryUsage::object_count, "Array.from({length: 100}, () => ({}))"), 100);
  EXPECT_GE(growth(&MemoryUsage::object_size, "Array.from({length: 100}, () => ({}))"), 4000);
  EXPECT_GE(growth(&MemoryUsage::property_count, "Array.from({length: 100}, () => ({a: 1, b: 2}))"),
            200);
  EXPECT_GT(growth(&MemoryUsage::property_size, "Array.from({length: 100}, () => ({a: 1, b: 2}))"),
            1000);
  const std::string names =
      "Object.fromEntries(Array.from({length: 50}, (_, i) => ['name' + i, 1]))";
  EXPECT_GE(growth(&MemoryUsage::atom_count, names), 50);
  EXPECT_GE(growth(&MemoryUsage::atom_size, names), 50 * 5);
  EXPECT_GE(growth(&MemoryUsage::string_count, "Array.from({length: 50}, (_, i) => 'text ' + i)"),
            50);
  EXPECT_GE(growth(&MemoryUsage::string_size, "['y'.repeat(5000)]"), 5000);
  EXPECT_GE(growth(&MemoryUsage::shape_count, "[{q1: 1}, {q2: 1}, {q3: 1}]"), 3);
  EXPECT_GT(growth(&MemoryUsage::shape_size, "[{r1: 1}, {r2: 1}, {r3: 1}]"), 100);
  const std::string functions = "[() => 1, function f(a) { return a + 1; }]";
  EXPECT_GE(growth(&MemoryUsage::function_count, functions), 2);
  EXPECT_GT(growth(&MemoryUsage::function_size, functions), 100);
  EXPECT_GT(growth(&MemoryUsage::bytecode_size, functions), 4);
  EXPECT_GE(growth(&MemoryUsage::line_table_count, functions), 1);
  EXPECT_GE(growth(&MemoryUsage::line_table_size, functions), 1);
  EXPECT_GE(growth(&MemoryUsage::native_function_count,
                   "[Math.cos, Math.sin, Array.prototype.map, Reflect.apply]"),
            1);
  EXPECT_GE(growth(&MemoryUsage::array_count, "[[], [], []]"), 4);
  EXPECT_GE(growth(&MemoryUsage::fast_array_count, "[[], [], []]"), 4);
  EXPECT_GE(growth(&MemoryUsage::fast_array_elements, "new Array(1000).fill(0)"), 1000);
}

TEST_F(MemoryUsageTest, ThePeakStays) {
  const MemoryUsage before = runtime.memory_usage();
  EXPECT_GE(before.allocator_peak, before.allocator_size);
  with([](Ctx ctx) { ctx.eval("'x'.repeat(3000000).length"); });
  const MemoryUsage after = runtime.memory_usage();
  EXPECT_LT(after.allocator_size, 3000000);
  EXPECT_GE(after.allocator_peak, 3000000);
}

TEST_F(MemoryUsageTest, Limits) {
  EXPECT_EQ(runtime.memory_usage().memory_limit, 0);
  EXPECT_EQ(runtime.memory_usage().soft_memory_limit, 0);
  runtime.set_memory_limit(std::size_t{64} << 20);
  runtime.set_soft_memory_limit(std::size_t{32} << 20);
  EXPECT_EQ(runtime.memory_usage().memory_limit, 64 << 20);
  EXPECT_EQ(runtime.memory_usage().soft_memory_limit, 32 << 20);
  const Runtime made({.memory_limit = std::size_t{64} << 20, .soft_memory_limit = 1000});
  EXPECT_EQ(made.memory_usage().memory_limit, 64 << 20);
  EXPECT_EQ(made.memory_usage().soft_memory_limit, 1000);
}

TEST_F(MemoryUsageTest, ATable) {
  const std::string text = to_string({.malloc_size = 1234567,
                                      .malloc_count = 890,
                                      .soft_memory_limit = 1000,
                                      .string_count = 12,
                                      .string_size = 345,
                                      .buffer_size = 100000});
  EXPECT_THAT(text, HasSubstr("heap                                 890       1,234,567\n"));
  EXPECT_THAT(text, HasSubstr("memory limit                                        none\n"));
  EXPECT_THAT(text, HasSubstr("soft memory limit                                  1,000\n"));
  EXPECT_THAT(text, HasSubstr("  strings                             12             345\n"));
  EXPECT_THAT(text, HasSubstr("  buffers                              0         100,000\n"));
  EXPECT_THAT(to_string(runtime.memory_usage()), HasSubstr("shapes"));
}

TEST_F(MemoryUsageTest, OfARuntimeThatWasMovedFrom) {
  const Runtime moved(std::move(runtime));
  EXPECT_THROW((void)runtime.memory_usage(), RuntimeGone);      // NOLINT: moved from
  EXPECT_THROW(runtime.set_memory_limit(1), RuntimeGone);       // NOLINT: moved from
  EXPECT_THROW(runtime.set_soft_memory_limit(1), RuntimeGone);  // NOLINT: moved from
  context = Context(moved);
}

}  // namespace
}  // namespace quip::test
