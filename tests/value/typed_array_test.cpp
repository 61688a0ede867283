// Typed arrays: all twelve, over buffers that stay, move, shrink and vanish.
#include "support/lifetime.hpp"
#include <quip/value/typed_array.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

constexpr std::string_view resizes = "typeof ArrayBuffer.prototype.resize == 'function'";

/// What each element type's array is called, and its extremes as a script writes them.
template <class T>
struct Sample;
template <>
struct Sample<std::int8_t> {
  static constexpr const char* name = "Int8Array";
  static constexpr const char* script = "[-128, 127, 0]";
  static std::vector<std::int8_t> values() { return {-128, 127, 0}; }
};
template <>
struct Sample<std::uint8_t> {
  static constexpr const char* name = "Uint8Array";
  static constexpr const char* script = "[255, 1, 0]";
  static std::vector<std::uint8_t> values() { return {255, 1, 0}; }
};
template <>
struct Sample<Uint8Clamped> {
  static constexpr const char* name = "Uint8ClampedArray";
  static constexpr const char* script = "[1000, -5, 7]";
  static std::vector<Uint8Clamped> values() { return {{255}, {0}, {7}}; }
};
template <>
struct Sample<std::int16_t> {
  static constexpr const char* name = "Int16Array";
  static constexpr const char* script = "[-32768, 32767, 0]";
  static std::vector<std::int16_t> values() { return {-32768, 32767, 0}; }
};
template <>
struct Sample<std::uint16_t> {
  static constexpr const char* name = "Uint16Array";
  static constexpr const char* script = "[65535, 1, 0]";
  static std::vector<std::uint16_t> values() { return {65535, 1, 0}; }
};
template <>
struct Sample<std::int32_t> {
  static constexpr const char* name = "Int32Array";
  static constexpr const char* script = "[-2147483648, 2147483647, 0]";
  static std::vector<std::int32_t> values() { return {INT32_MIN, INT32_MAX, 0}; }
};
template <>
struct Sample<std::uint32_t> {
  static constexpr const char* name = "Uint32Array";
  static constexpr const char* script = "[4294967295, 1, 0]";
  static std::vector<std::uint32_t> values() { return {UINT32_MAX, 1, 0}; }
};
template <>
struct Sample<std::int64_t> {
  static constexpr const char* name = "BigInt64Array";
  static constexpr const char* script = "[-(2n ** 63n), 2n ** 63n - 1n, 0n]";
  static std::vector<std::int64_t> values() { return {INT64_MIN, INT64_MAX, 0}; }
};
template <>
struct Sample<std::uint64_t> {
  static constexpr const char* name = "BigUint64Array";
  static constexpr const char* script = "[2n ** 64n - 1n, 1n, 0n]";
  static std::vector<std::uint64_t> values() { return {UINT64_MAX, 1, 0}; }
};
template <>
struct Sample<Float16> {
  static constexpr const char* name = "Float16Array";
  static constexpr const char* script = "[65504, 2 ** -24, -Infinity]";
  static std::vector<Float16> values() {
    return {Float16(65504), Float16(0x1p-24), Float16(-std::numeric_limits<double>::infinity())};
  }
};
template <>
struct Sample<float> {
  static constexpr const char* name = "Float32Array";
  static constexpr const char* script = "[3.4028234663852886e38, 2 ** -149, -Infinity]";
  static std::vector<float> values() {
    return {std::numeric_limits<float>::max(), std::numeric_limits<float>::denorm_min(),
            -std::numeric_limits<float>::infinity()};
  }
};
template <>
struct Sample<double> {
  static constexpr const char* name = "Float64Array";
  static constexpr const char* script = "[Number.MAX_VALUE, 5e-324, -Infinity]";
  static std::vector<double> values() {
    return {std::numeric_limits<double>::max(), std::numeric_limits<double>::denorm_min(),
            -std::numeric_limits<double>::infinity()};
  }
};

template <class T>
class TypedArrayOf : public JsTest {
 protected:
  /// False, after checking what is said then, where the engine has no arrays of the type.
  bool is_there() {
    if (eval<bool>("typeof " + std::string(Sample<T>::name) + " == 'function'")) return true;
    with([](Ctx ctx) {
      EXPECT_EQ(show(TypedArray<T>::try_make(ctx, 1)),
                (Shown{"throws", std::string("TypeError: this engine has no ") + Sample<T>::name}));
      EXPECT_FALSE(TypedArray<T>::try_copy_of(ctx, Sample<T>::values()).has_value());
      EXPECT_FALSE(TypedArray<T>::try_from(ctx, Sample<T>::values()).has_value());
    });
    return false;
  }
};
using ElementTypes = ::testing::Types<std::int8_t, std::uint8_t, Uint8Clamped, std::int16_t,
                                      std::uint16_t, std::int32_t, std::uint32_t, std::int64_t,
                                      std::uint64_t, Float16, float, double>;
TYPED_TEST_SUITE(TypedArrayOf, ElementTypes);

TYPED_TEST(TypedArrayOf, ScriptsArraysAreReadAndWritten) {
  using T = TypeParam;
  EXPECT_EQ(TypedArray<T>::type_name, Sample<T>::name);
  if (!this->is_there()) return;
  this->with([](Ctx ctx) {
    const auto array = ctx.eval<TypedArray<T>>(std::string("globalThis.a = new ") +
                                               Sample<T>::name + "(" + Sample<T>::script + ")");
    const std::vector<T> values = Sample<T>::values();
    EXPECT_EQ(array.size(), 3U);
    EXPECT_FALSE(array.empty());
    EXPECT_EQ(array.byte_offset(), 0U);
    EXPECT_EQ(array.to_vector(), values);
    EXPECT_EQ(array.at(1), values[1]);
    EXPECT_EQ(element_type(array), TypedArray<T>::kind);
    EXPECT_EQ(array.buffer().size(), 3 * sizeof(T));
    array.set_at(2, values[0]);
    EXPECT_TRUE(ctx.eval<bool>("a[2] === a[0]"));
    array.with_span([&](std::span<T> span) {
      ASSERT_EQ(span.size(), 3U);
      std::swap(span[0], span[1]);
    });
    EXPECT_EQ(array.to_vector(), (std::vector<T>{values[1], values[0], values[0]}));
    EXPECT_TRUE(ctx.eval<bool>("a[1] === a[2]"));
    for (const std::size_t index : {std::size_t{3}, SIZE_MAX}) {
      EXPECT_EQ(array.try_at(index).error().name(), "RangeError");
      EXPECT_EQ(array.try_set_at(index, values[0]).error().name(), "RangeError");
      EXPECT_THROW((void)array.at(index), Error);
    }
  });
}

TYPED_TEST(TypedArrayOf, CppMakesThem) {
  using T = TypeParam;
  if (!this->is_there()) return;
  this->with([](Ctx ctx) {
    const std::vector<T> values = Sample<T>::values();
    ctx.globals().set("expected", ctx.eval(std::string("new ") + Sample<T>::name + "(" +
                                           Sample<T>::script + ")"));
    const auto expect_same = [&](const TypedArray<T>& array) {
      ctx.globals().set("made", array);
      EXPECT_TRUE(
          ctx.eval<bool>("made.constructor === expected.constructor && "
                         "made.length === 3 && made.every((n, i) => n === expected[i])"));
    };
    expect_same(TypedArray<T>::copy_of(ctx, values));
    std::vector<T> moved = values;
    const T* data = moved.data();
    const auto array = TypedArray<T>::from(ctx, std::move(moved));
    EXPECT_EQ(array.with_const_span([](auto span) { return span.data(); }), data);
    expect_same(array);
    const TypedArray<T> zeros(ctx, 3);
    EXPECT_EQ(zeros.to_vector(), std::vector<T>(3));
    zeros.copy_from(values);
    expect_same(zeros);
    std::array<T, 2> last{};
    zeros.copy_to(last, 1);
    EXPECT_EQ(last[1], values[2]);
    EXPECT_EQ(zeros.try_copy_to(last, 2).error().name(), "RangeError");
    EXPECT_EQ(zeros.try_copy_from(values, 1).error().name(), "RangeError");
    EXPECT_EQ(TypedArray<T>(ctx, 0).size(), 0U);
    EXPECT_TRUE(TypedArray<T>::from(ctx, std::vector<T>()).to_vector().empty());
    EXPECT_FALSE(TypedArray<T>::try_make(ctx, SIZE_MAX).has_value());
    EXPECT_FALSE(TypedArray<T>::try_make(ctx, std::size_t{1} << 31U).has_value());
  });
}

TYPED_TEST(TypedArrayOf, ViewsOfABuffer) {
  using T = TypeParam;
  if (!this->is_there()) return;
  this->with([](Ctx ctx) {
    const ArrayBuffer buffer(ctx, 4 * sizeof(T));
    const TypedArray<T> all(ctx, buffer);
    const TypedArray<T> middle(ctx, buffer, sizeof(T), 2);
    EXPECT_EQ(all.size(), 4U);
    EXPECT_EQ(middle.size(), 2U);
    EXPECT_EQ(middle.byte_offset(), sizeof(T));
    EXPECT_EQ(middle.buffer(), buffer);
    const std::vector<T> values = Sample<T>::values();
    middle.set_at(0, values[0]);
    EXPECT_EQ(all.at(1), values[0]);
    EXPECT_EQ(middle.with_span([](auto span) { return span.size(); }), 2U);
    EXPECT_EQ(TypedArray<T>(ctx, buffer, 4 * sizeof(T)).size(), 0U);
    const auto fails = [&](std::size_t offset, std::optional<std::size_t> size) {
      return TypedArray<T>::try_make(ctx, buffer, offset, size).error().name() == "RangeError";
    };
    EXPECT_TRUE(fails(0, 5));
    EXPECT_TRUE(fails(0, SIZE_MAX));
    EXPECT_TRUE(fails(0, static_cast<std::size_t>((std::uint64_t{1} << 53U) - 1)));
    EXPECT_TRUE(fails(5 * sizeof(T), {}));
    EXPECT_TRUE(fails(SIZE_MAX, 1));
    if (sizeof(T) > 1) {
      EXPECT_TRUE(fails(1, 1));
      EXPECT_FALSE(TypedArray<T>::try_make(ctx, ArrayBuffer(ctx, sizeof(T) + 1)).has_value());
    }
  });
}

class TypedArrayTest : public JsTest {};

TEST_F(TypedArrayTest, OnlyTheirOwnElementsConvert) {
  EXPECT_EQ(show(try_eval<TypedArray<double>>("new Uint8Array(1)")),
            (Shown{"throws", "TypeError: expected Float64Array, got Uint8Array"}));
  EXPECT_EQ(show(try_eval<TypedArray<std::uint8_t>>("new Uint8ClampedArray(1)")),
            (Shown{"throws", "TypeError: expected Uint8Array, got Uint8ClampedArray"}));
  EXPECT_EQ(show(try_eval<TypedArray<std::int64_t>>("new BigUint64Array(1)")),
            (Shown{"throws", "TypeError: expected BigInt64Array, got BigUint64Array"}));
  for (const char* script :
       {"[1]", "new ArrayBuffer(8)", "new DataView(new ArrayBuffer(8))", "({length: 1})",
        "new Proxy(new Float64Array(1), {})", "Object.create(new Float64Array(1))",
        "Float64Array.prototype", "Object.setPrototypeOf([1.5], Float64Array.prototype)", "1.5",
        "'text'", "null", "undefined"}) {
    EXPECT_FALSE(try_eval<TypedArray<double>>(script).has_value()) << script;
    EXPECT_EQ(element_type(eval(script)), engine::Kind::other) << script;
  }
  EXPECT_EQ(eval<TypedArray<double>>("new (class extends Float64Array {})(3)").size(), 3U);
  EXPECT_EQ(eval<TypedArray<double>>("Object.setPrototypeOf(new Float64Array(2), null)").size(),
            2U);
  EXPECT_EQ(element_type(Value()), engine::Kind::other);
  define("sum", [](const TypedArray<float>& array) {
    return array.with_const_span([](std::span<const float> span) {
      float sum = 0;
      for (const float number : span) sum += number;
      return sum;
    });
  });
  expect_eval("sum(new Float32Array([0.5, 1.25]))", "number", "1.75");
}

TEST_F(TypedArrayTest, WhatScriptsPatchDoesNotMatter) {
  with([](Ctx ctx) {
    const auto array = ctx.eval<TypedArray<std::int32_t>>(R"(
      const array = new Int32Array([1, 2, 3]);
      const fail = {get() { throw 1; }, configurable: true};
      for (const name of ['length', 'buffer', 'byteOffset', 'byteLength', 'constructor']) {
        Object.defineProperty(array, name, fail);
        Object.defineProperty(Object.getPrototypeOf(Int32Array.prototype), name, fail);
      }
      globalThis.Int32Array = null;
      array
    )");
    EXPECT_EQ(array.to_vector(), (std::vector<std::int32_t>{1, 2, 3}));
    EXPECT_EQ(array.size(), 3U);
    EXPECT_EQ(array.buffer().size(), 12U);
    EXPECT_EQ(TypedArray<std::int32_t>(ctx, 5).size(), 5U);
  });
}

TEST_F(TypedArrayTest, SubarraysAreSeenAsTheyAre) {
  const auto array = eval<TypedArray<std::uint16_t>>(
      "globalThis.whole = new Uint16Array([0, 1, 2, 3, 4, 5]); whole.subarray(2, 4)");
  EXPECT_EQ(array.to_vector(), (std::vector<std::uint16_t>{2, 3}));
  EXPECT_EQ(array.size(), 2U);
  EXPECT_EQ(eval<TypedArray<std::uint16_t>>("whole.subarray(2, 2)").size(), 0U);
  EXPECT_EQ(eval<TypedArray<std::uint16_t>>("whole.subarray(6)").size(), 0U);
}

template <class T>
void expect_no_elements(const TypedArray<T>& array) {
  EXPECT_EQ(array.size(), 0U);
  EXPECT_EQ(array.byte_offset(), 0U);
  EXPECT_EQ(array.try_with_span([](auto) { return 1; }).error().name(), "TypeError");
  EXPECT_EQ(array.try_with_const_span([](auto) { return 1; }).error().name(), "TypeError");
  EXPECT_EQ(array.try_at(0).error().name(), "TypeError");
  EXPECT_EQ(array.try_set_at(0, T{}).error().name(), "TypeError");
  EXPECT_EQ(array.try_to_vector().error().name(), "TypeError");
  EXPECT_EQ(array.try_buffer().error().name(), "TypeError");
  EXPECT_THROW(array.with_span([](auto) {}), Error);
}

TEST_F(TypedArrayTest, OverDetachedBuffersTheyHaveNoElements) {
  with([](Ctx ctx) {
    const ArrayBuffer buffer(ctx, 16);
    const TypedArray<std::int32_t> all(ctx, buffer);
    const TypedArray<std::int32_t> some(ctx, buffer, 4, 2);
    buffer.detach();
    expect_no_elements(all);
    expect_no_elements(some);
    EXPECT_FALSE(TypedArray<std::int32_t>::try_make(ctx, buffer).has_value());
    const auto span = detail::typed_array_span(ValueRef(ctx.raw(), all.raw()));
    ASSERT_TRUE(span);
    EXPECT_EQ(span->count, 0U);
  });
}

TEST_F(TypedArrayTest, OverResizedBuffersTheyHaveWhatIsThere) {
  if (!eval<bool>(resizes)) {
    expect_eval("new ArrayBuffer(4, {maxByteLength: 8}).resizable", "undefined", "undefined");
    return;
  }
  with([](Ctx ctx) {
    const ArrayBuffer buffer = ArrayBuffer::resizable(ctx, 16, 64);
    ctx.globals().set("buffer", buffer);
    const auto follows = ctx.eval<TypedArray<std::int32_t>>("new Int32Array(buffer)");
    const auto follows_from_8 = ctx.eval<TypedArray<std::int32_t>>("new Int32Array(buffer, 8)");
    const auto whole = ctx.eval<TypedArray<std::int32_t>>("new Int32Array(buffer, 0, 4)");
    const auto middle = ctx.eval<TypedArray<std::int32_t>>("new Int32Array(buffer, 4, 2)");
    const auto none = ctx.eval<TypedArray<std::int32_t>>("new Int32Array(buffer, 8, 0)");
    struct Step {
      std::size_t size;
      std::size_t follows;
      std::optional<std::size_t> follows_from_8;
      std::optional<std::size_t> whole;
      std::optional<std::size_t> middle;
      std::optional<std::size_t> none;
    };
    const auto expect_size = [](const TypedArray<std::int32_t>& array,
                                std::optional<std::size_t> size) {
      if (!size) {
        expect_no_elements(array);
        return;
      }
      EXPECT_EQ(array.size(), *size);
      EXPECT_EQ(array.with_span([](auto span) { return span.size(); }), *size);
      EXPECT_EQ(array.to_vector().size(), *size);
      EXPECT_EQ(array.try_at(*size).error().name(), "RangeError");
    };
    for (const Step& step : std::initializer_list<Step>{
             {16, 4, 2, 4, 2, 0},
             {64, 16, 14, 4, 2, 0},
             {63, 15, 13, 4, 2, 0},
             {12, 3, 1, {}, 2, 0},
             {13, 3, 1, {}, 2, 0},
             {11, 2, 0, {}, {}, 0},
             {8, 2, 0, {}, {}, 0},
             {7, 1, {}, {}, {}, {}},
             {3, 0, {}, {}, {}, {}},
             {0, 0, {}, {}, {}, {}},
             {20, 5, 3, 4, 2, 0},
         }) {
      const ::testing::ScopedTrace trace(__FILE__, __LINE__, std::to_string(step.size));
      ctx.eval("buffer.resize(" + std::to_string(step.size) + ")");
      expect_size(follows, step.follows);
      expect_size(follows_from_8, step.follows_from_8);
      expect_size(whole, step.whole);
      expect_size(middle, step.middle);
      expect_size(none, step.none);
      EXPECT_EQ(ctx.eval<int>("new Int32Array(buffer).length"), static_cast<int>(step.size / 4));
    }
    // one that C++ makes without a size follows too
    const TypedArray<std::uint8_t> ours(ctx, buffer);
    buffer.resize(30);
    EXPECT_EQ(ours.size(), 30U);
    buffer.detach();
    expect_no_elements(ours);
  });
}

TEST_F(TypedArrayTest, OfSharedAndOfImmutableBuffers) {
  with([](Ctx ctx) {
    const TypedArray<std::int32_t> shared(ctx, ArrayBuffer::shared(ctx, 8));
    shared.set_at(1, 5);
    ctx.globals().set("shared", shared);
    EXPECT_EQ(ctx.eval<int>("Atomics.add(shared, 1, 2)"), 5);
    EXPECT_EQ(shared.at(1), 7);
    EXPECT_TRUE(shared.buffer().is_shared());
    const Result<ArrayBuffer> frozen =
        ArrayBuffer::try_immutable(ctx, std::vector<std::int32_t>{9});
    if (!frozen) return;
    const TypedArray<std::int32_t> array(ctx, *frozen);
    EXPECT_EQ(array.at(0), 9);
    EXPECT_EQ(array.with_const_span([](auto span) { return span[0]; }), 9);
    EXPECT_EQ(show(array.try_set_at(0, 1)),
              (Shown{"throws", "TypeError: the ArrayBuffer is immutable"}));
    EXPECT_THROW(array.with_span([](auto) {}), Error);
  });
}

TEST_F(TypedArrayTest, NoScriptWhileElementsAreLookedAt) {
  with([](Ctx ctx) {
    std::optional<TypedArray<double>> array =
        ctx.eval<TypedArray<double>>("globalThis.a = new Float64Array([1, 2]); a");
    const ArrayBuffer buffer = array->buffer();
    array->with_span([&](std::span<double> span) {
      EXPECT_EQ(ctx.try_eval("a.buffer.transfer()").error().kind(), ErrorKind::runtime_gone);
      EXPECT_FALSE(buffer.try_detach().has_value());
      EXPECT_FALSE(array->try_at(0).has_value());
      array.reset();
      span[0] = 5;
    });
    EXPECT_EQ(ctx.eval<double>("a[0]"), 5);
    const auto last = ctx.eval<TypedArray<double>>("new Float64Array([3])");
    const double sum =
        with_spans([](std::span<const double> a, std::span<double> b) { return a[0] + b[0]; },
                   reading(ctx.globals().get<TypedArray<double>>("a")), last);
    EXPECT_EQ(sum, 8);
    EXPECT_THROW(last.with_span([](auto) { throw std::logic_error("mine"); }), std::logic_error);
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
}

TEST_F(TypedArrayTest, AnyOfThemIsReadInBulk) {
  with([](Ctx ctx) {
    const Value array = ctx.eval("new Int16Array([1, -2, 3]).subarray(1)");
    const auto span = detail::typed_array_span(ValueRef(ctx.raw(), array.raw()));
    ASSERT_TRUE(span);
    EXPECT_EQ(span->kind, engine::Kind::int16_array);
    ASSERT_EQ(span->count, 2U);
    EXPECT_EQ(static_cast<const std::int16_t*>(span->data)[0], -2);
    for (const char* script :
         {"[1]", "1", "new DataView(new ArrayBuffer(4))", "new ArrayBuffer(4)"}) {
      const Value other = ctx.eval(script);
      EXPECT_FALSE(detail::typed_array_span(ValueRef(ctx.raw(), other.raw()))) << script;
    }
  });
}

TEST_F(TypedArrayTest, ContextsShareThemAndRuntimesDoNot) {
  Context second(runtime);
  const auto array = eval<TypedArray<std::uint8_t>>("globalThis.a = new Uint8Array(2)");
  second.with([&](Ctx ctx) {
    ctx.globals().set("a", array);
    ctx.eval("a[1] = 3");
    EXPECT_EQ(ctx.globals().get<TypedArray<std::uint8_t>>("a").at(1), 3);
  });
  EXPECT_EQ(array.at(1), 3);  // also from outside
  Context::base(runtime).with([&](Ctx ctx) {
    const TypedArray<double> made = TypedArray<double>::from(ctx, std::vector<double>{1, 2});
    EXPECT_EQ(made.at(1), 2);
    ctx.globals().set("a", made);
    EXPECT_EQ(ctx.eval<double>("a[1] + a[0]"), 3);
  });
  Runtime other;
  Context(other).with([&](Ctx ctx) {
    EXPECT_FALSE(ctx.globals().try_set("a", array).has_value());
    EXPECT_FALSE(TypedArray<double>::try_make(ctx, array.buffer()).has_value());
    EXPECT_FALSE(TypedArray<double>::try_make(ctx, ArrayBuffer()).has_value());
  });
}

class TypedArrayTeardown : public LifetimeTest {};

TEST_F(TypedArrayTeardown, TheMemoryGoesWithTheLastView) {
  int released = 0;
  std::array<double, 4> memory{1, 2, 3, 4};
  std::optional<TypedArray<double>> array;
  with([&](Ctx ctx) {
    array.emplace(ctx, ArrayBuffer::borrow(ctx, std::span(memory), [&] { ++released; }), 8, 2);
    EXPECT_EQ(released, 0);
    EXPECT_EQ(array->at(0), 2);
    array.reset();
    EXPECT_EQ(released, 1);
    array.emplace(ctx, ArrayBuffer::borrow(ctx, std::span(memory), [&] { ++released; }));
    ctx.globals().set("array", *array);
  });
  runtime.reset();
  EXPECT_EQ(released, 2);
  expect_gone(array->try_size());
  expect_gone(array->try_at(0));
  expect_gone(array->try_set_at(0, 1));
  expect_gone(array->try_buffer());
  expect_gone(array->try_byte_offset());
  expect_gone(array->try_with_span([](auto) { return 1; }));
  EXPECT_THROW(array->with_span([](auto) {}), RuntimeGone);
  EXPECT_EQ(element_type(*array), engine::Kind::other);
  context.reset();
  array.reset();
  EXPECT_EQ(released, 2);
}

}  // namespace
}  // namespace quip::test
