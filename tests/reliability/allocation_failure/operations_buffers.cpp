// ArrayBuffers, typed arrays and DataViews.
#include "operation.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

}  // namespace

Operations buffer_operations() {
  return {
      {"ArrayBuffer(ctx, size)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(ArrayBuffer(ctx, 100).size() == 100); };
       }},
      {"ArrayBuffer::copy_of", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(ArrayBuffer::copy_of(ctx, std::string_view("bytes")).size() == 5);
           expect(ArrayBuffer::copy_of(ctx, std::vector<double>{1, 2}).size() == 16);
         };
       }},
      {"ArrayBuffer::from a vector", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto buffer = ArrayBuffer::from(ctx, std::vector<int>{1, 2, 3});
           expect(buffer.size() == 12);
         };
       }},
      {"ArrayBuffer::from a unique_ptr", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           auto elements = std::make_unique<int[]>(4);
           expect(ArrayBuffer::from(ctx, std::move(elements), 4).size() == 16);
         };
       }},
      {"ArrayBuffer::borrow", none, inside,
       [](World& world) {
         const auto bytes = std::make_shared<std::array<std::byte, 8>>();
         const auto given_back = std::make_shared<int>(0);
         return [ctx = world.ctx(), bytes, given_back] {
           try {
             const auto buffer =
                 ArrayBuffer::borrow(ctx, std::span(*bytes), [given_back] { ++*given_back; });
             expect(buffer.size() == 8 && *given_back == 0);
             buffer.detach();
           } catch (const Error&) {
             expect(*given_back <= 1, "given back twice");
             throw;
           }
           expect(*given_back == 1, "not given back");
         };
       }},
      {"ArrayBuffer::shared", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto buffer = ArrayBuffer::shared(ctx, 16);
           expect(buffer.is_shared() && buffer.size() == 16);
         };
       }},
      {"ArrayBuffer::resizable and resize", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           if constexpr (engine::has_float16_array) {
             const auto buffer = ArrayBuffer::resizable(ctx, 8, 64);
             buffer.resize(32);
             expect(buffer.is_resizable() && buffer.size() == 32 && buffer.max_size() == 64);
           } else {
             expect(!ArrayBuffer::try_resizable(ctx, 8, 64));
           }
         };
       }},
      {"ArrayBuffer::detach", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(8)");
         return [buffer] {
           buffer.detach();
           expect(buffer.is_detached());
         };
       }},
      {"ArrayBuffer::transfer", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new Uint8Array([1, 2, 3]).buffer");
         return [buffer] {
           const auto moved = buffer.transfer();
           expect(moved.size() == 3 && buffer.is_detached());
         };
       }},
      {"ArrayBuffer::transfer of memory of C++", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto buffer = ArrayBuffer::from(ctx, std::vector<std::uint8_t>{1, 2, 3});
           expect(buffer.transfer(16).size() == 16);
         };
       }},
      {"ArrayBuffer::with_bytes", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(8)");
         return [buffer] {
           buffer.with_bytes([](std::span<std::byte> bytes) { bytes[0] = std::byte{1}; });
           expect(buffer.with_const_bytes(
                      [](std::span<const std::byte> bytes) { return bytes[0]; }) == std::byte{1});
         };
       }},
      {"ArrayBuffer::copy_to, copy_from and to_vector", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(8)");
         return [buffer] {
           std::array<std::byte, 4> bytes{std::byte{7}};
           buffer.copy_from(bytes, 2);
           buffer.copy_to(bytes, 1);
           expect(buffer.to_vector().at(2) == std::byte{7} && bytes[1] == std::byte{7});
         };
       }},
      {"ArrayBuffer::copy_to out of range", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(2)");
         return [buffer] {
           std::array<std::byte, 4> bytes{};
           expect(!buffer.try_copy_to(bytes, 1));
         };
       }},
      {"TypedArray(ctx, size)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const TypedArray<double> array(ctx, 10);
           array.set_at(3, 2.5);
           expect(array.at(3) == 2.5 && array.size() == 10);
         };
       }},
      {"TypedArray over a buffer", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(16)");
         return [ctx = world.ctx(), buffer] {
           const TypedArray<std::int32_t> array(ctx, buffer, 4, 2);
           expect(array.size() == 2 && array.byte_offset() == 4);
           expect(array.buffer() == buffer);
         };
       }},
      {"TypedArray::copy_of", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const std::array<std::int64_t, 3> numbers = {1, 2, 3};
           expect(TypedArray<std::int64_t>::copy_of(ctx, numbers).to_vector().back() == 3);
         };
       }},
      {"TypedArray::from a vector", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const auto array = TypedArray<float>::from(ctx, std::vector<float>{1, 2});
           expect(array.at(1) == 2);
         };
       }},
      {"TypedArray::with_span", none, inside,
       [](World& world) {
         const auto array = world.eval<TypedArray<std::uint16_t>>("new Uint16Array(4)");
         return [array] {
           array.with_span([](std::span<std::uint16_t> elements) { elements[2] = 9; });
           expect(array.try_at(2).value() == 9);
         };
       }},
      {"TypedArray::set_at out of range", none, inside,
       [](World& world) {
         const auto array = world.eval<TypedArray<std::uint8_t>>("new Uint8Array(2)");
         return [array] { expect(!array.try_set_at(2, 1)); };
       }},
      {"with_spans", none, inside,
       [](World& world) {
         const auto a = world.eval<TypedArray<float>>("new Float32Array([1, 2])");
         const auto b = world.eval<TypedArray<float>>("new Float32Array([3, 4])");
         return [a, b] {
           with_spans([](std::span<float> to, std::span<float> from) { to[0] += from[1]; }, a, b);
           expect(a.at(0) == 5);
         };
       }},
      {"DataView", none, inside,
       [](World& world) {
         const auto buffer = world.eval<ArrayBuffer>("new ArrayBuffer(16)");
         return [ctx = world.ctx(), buffer] {
           const DataView view(ctx, buffer, 2, 8);
           view.write<std::uint32_t>(0, 0x01020304);
           expect(view.read<std::uint8_t>(3) == 4 && view.size() == 8 && view.byte_offset() == 2);
           expect(view.buffer() == buffer);
         };
       }},
      {"bytes as a parameter", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("f => f(new Uint8Array([1, 2, 3]))");
         return [call] {
           expect(call.call<std::size_t>(
                      [](const std::vector<std::byte>& bytes) { return bytes.size(); }) == 3);
         };
       }},
  };
}

}  // namespace quip::test
