#include "../core/core_state.hpp"
#include "../core/foreign.hpp"
#include <quip/core/custom_context.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/array_buffer.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <string>

namespace quip {

namespace detail {

namespace {

constexpr const char* detached = "the ArrayBuffer is detached";

/// What any typed array needs of the memory that it lies over.
constexpr std::size_t alignment = 8;
bool is_aligned(const void* data) noexcept {
  return reinterpret_cast<std::uintptr_t>(data) % alignment == 0;
}

/// Memory of the engine's allocator, so that its limit holds.
struct EngineMemory final : Memory {
  explicit EngineMemory(JSRuntime* rt) noexcept : runtime(rt) {}
  ~EngineMemory() override { ::js_free_rt(runtime, data); }
  JSRuntime* runtime;
};

/// Bytes that an engine allocated, for another runtime: they stay in the buffer, which nobody else
/// has. The last to go frees it, or leaves that to the thread that uses its runtime.
struct BufferMemory final : Memory {
  void hold(Handle of, std::span<std::byte> bytes) noexcept {
    buffer = std::move(of);
    data = bytes.data();
    size = bytes.size();
  }
  Handle buffer;
};

/// The memory at an address. Two buffers may have the same bytes: which of the two it is the
/// opaque pointer tells, where the engine hands it on.
auto find_memory(CoreState& core, void* data, const void* opaque) noexcept {
  const auto [first, last] = core.memories.equal_range(data);
  const auto exact = std::find_if(
      first, last, [opaque](const auto& known) { return known.second.get() == opaque; });
  return exact != last || first == last ? exact : first;
}

void give_back(CoreState& core, void* data, const void* opaque) noexcept {
  const auto found = find_memory(core, data, opaque);
  if (found == core.memories.end()) return;
  // what gives memory back is the user's: it may come here again, but run no script
  const auto memory = core.memories.extract(found);
  const CoreState::NoScript no_script(core);
  std::unique_ptr<Memory>(std::move(memory.mapped())).reset();
}

/// What the engine calls for memory that C++ gave it (see engine::new_array_buffer).
void* resize_memory(JSRuntime* rt, void* opaque, void* data, std::size_t size) noexcept {
  if (data == nullptr) return nullptr;  // a buffer without its data, which went elsewhere
  CoreState* known = foreign_runtimes.load(std::memory_order_relaxed) == 0
                         ? &CoreState::of(static_cast<Core*>(::JS_GetRuntimeOpaque(rt)))
                         : core_of(rt);
  if (known == nullptr || (known->is_borrowed && known->closed)) {
    return resize_left_memory(rt, data, size);
  }
  CoreState& core = *known;
  if (size == 0) {
    give_back(core, data, opaque);
    return nullptr;
  }
  const auto found = find_memory(core, data, opaque);
  if (found == core.memories.end()) return nullptr;
  const Memory& old = *found->second;
  if (size <= old.size) return data;
  std::unique_ptr<EngineMemory> grown(new (std::nothrow) EngineMemory(rt));
  if (grown == nullptr) return nullptr;
  void* block = grown->data = ::js_malloc_rt(rt, size);
  if (block == nullptr) return nullptr;
  grown->size = size;
  if (old.size != 0) std::memcpy(block, data, old.size);
  try {
    core.memories.emplace(block, std::move(grown));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  give_back(core, data, opaque);
  return block;
}

/// Forgets an exception that has been understood.
void forget_exception(JSContext* ctx) noexcept { engine::release(ctx, ::JS_GetException(ctx)); }

/// The function, borrowed, where the engine has it; undefined where it has not.
JSValue optional_intrinsic(Realm* realm, Intrinsic which) noexcept {
  JSValue function = intrinsic(realm, which);
  if (!engine::is_exception(function)) return function;
  forget_exception(realm->context);
  return engine::undefined();
}

/// Checked here for what the engine would reduce modulo 2^64.
constexpr std::size_t largest = std::numeric_limits<std::int32_t>::max();
Error too_large() { return Error::range("an ArrayBuffer has at most 2147483647 bytes"); }

JSValue size_value(JSContext* ctx, std::size_t size) noexcept {
  return engine::number(ctx, static_cast<double>(size));
}

}  // namespace

Error no_memory_left() { return Error::from(std::make_exception_ptr(std::bad_alloc())); }

const char* find_bytes_slowly(Realm* realm, JSValueConst buffer, bool write,
                              std::span<std::byte>& out) noexcept {
  JSContext* ctx = realm->context;
  std::size_t size = 0;
  auto* data = reinterpret_cast<std::byte*>(::JS_GetArrayBuffer(ctx, &size, buffer));
  if (data == nullptr && ::JS_HasException(ctx)) {
    forget_exception(ctx);
    return detached;
  }
  if (write && engine::is_immutable_buffer(buffer)) {
    return "the ArrayBuffer is immutable";
  }
  out = {data, size};
  return nullptr;
}

void raise_type_error(const char* message) { Error::type(message).raise(); }

void raise_foreign_views() {
  Error::type("views of different runtimes cannot be looked at together").raise();
}

Result<void> check_range(std::size_t offset, std::size_t count, std::size_t size) {
  if (offset <= size && count <= size - offset) return {};
  return Error::range("elements from " + std::to_string(offset) + " on, " + std::to_string(count) +
                      " of them, are not all within " + std::to_string(size));
}

/// Why the realm can have no buffers, if so: the engine makes them without a prototype.
std::optional<Error> no_buffers(Realm* realm) noexcept {
  if (has_part(realm, engine::Part::typed_arrays)) [[likely]] {
    return std::nullopt;
  }
  return caught(realm);
}

}  // namespace detail

// ---- making ------------------------------------------------------------------------------------

Result<ArrayBuffer> ArrayBuffer::try_make(const Ctx& ctx, std::size_t size) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  if (std::optional<Error> missing = detail::no_buffers(ctx.realm())) return *std::move(missing);
  // without bytes to copy they are 0
  return detail::from_owned<ArrayBuffer>(ctx.realm(),
                                         ::JS_NewArrayBufferCopy(ctx.raw(), nullptr, size));
}

Result<ArrayBuffer> ArrayBuffer::copy(const Ctx& ctx, std::span<const std::byte> bytes) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  if (std::optional<Error> missing = detail::no_buffers(ctx.realm())) return *std::move(missing);
  return detail::from_owned<ArrayBuffer>(
      ctx.realm(),
      ::JS_NewArrayBufferCopy(ctx.raw(), reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              bytes.size()));
}

Result<ArrayBuffer> ArrayBuffer::adopt(const Ctx& ctx, std::unique_ptr<detail::Memory> memory,
                                       Sharing sharing) {
  if (memory == nullptr) return detail::no_memory_left();
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (std::optional<Error> missing = detail::no_buffers(realm)) return *std::move(missing);
  memory->is_exclusive = sharing == Sharing::exclusive;
  // Memory of no bytes may have no address, or that of others.
  if (memory->size == 0) memory->data = memory.get();
  if (!detail::is_aligned(memory->data)) {
    if (sharing == Sharing::exclusive) {
      return copy(ctx, {static_cast<const std::byte*>(memory->data), memory->size});
    }
    return Error::range("the memory of an ArrayBuffer must be aligned to 8 bytes");
  }
  void* data = memory->data;
  detail::Memory* opaque = memory.get();
  const std::size_t size = memory->size;
  auto& core = detail::CoreState::of(realm->core);
  try {
    core.memories.emplace(data, std::move(memory));
  } catch (const std::bad_alloc&) {
    return detail::no_memory_left();
  }
  JSValue buffer = engine::new_array_buffer<&detail::resize_memory>(ctx.raw(), data, size, opaque);
  if (engine::is_exception(buffer)) {
    detail::give_back(core, data, opaque);
    return detail::caught(realm);
  }
  Result<ArrayBuffer> made = detail::from_owned<ArrayBuffer>(realm, buffer);
  return sharing == Sharing::borrowed_const ? freeze(std::move(made)) : std::move(made);
}

Result<ArrayBuffer> ArrayBuffer::freeze(Result<ArrayBuffer> buffer) {
  if (buffer) {
    const detail::Entry entry(buffer->handle().realm());
    if (!entry) return detail::refusal(buffer->handle().realm());
    if (!engine::make_buffer_immutable(buffer->raw())) {
      return Error::type("this engine has no immutable ArrayBuffers");
    }
  }
  return buffer;
}

Result<ArrayBuffer> ArrayBuffer::try_shared(const Ctx& ctx, std::size_t size) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  Result<ArrayBuffer> made = detail::from_owned<ArrayBuffer>(
      realm, detail::construct_intrinsic(realm, detail::Intrinsic::shared_array_buffer,
                                         detail::size_value(realm->context, size)));
  // a script may have replaced the constructor before
  if (made && (!made->is_shared() || made->size() != size)) {
    return Error::type("SharedArrayBuffer made something else");
  }
  return made;
}

Result<ArrayBuffer> ArrayBuffer::try_resizable(const Ctx& ctx, std::size_t size,
                                               std::size_t max_size) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (size > detail::largest || max_size > detail::largest) return detail::too_large();
  JSContext* raw = realm->context;
  JSValue options = ::JS_NewObjectProto(raw, engine::null());
  if (engine::is_exception(options)) return detail::caught(realm);
  const detail::Handle keep(realm, options);
  if (::JS_DefinePropertyValueStr(raw, options, "maxByteLength", detail::size_value(raw, max_size),
                                  JS_PROP_C_W_E) < 0) {
    return detail::caught(realm);
  }
  Result<ArrayBuffer> made = detail::from_owned<ArrayBuffer>(
      realm, detail::construct_intrinsic(realm, detail::Intrinsic::array_buffer,
                                         detail::size_value(raw, size), options));
  if (!made) return made;
  const Result<bool> is_resizable = made->try_is_resizable();
  if (!is_resizable) return is_resizable.error();
  if (!*is_resizable || made->size() != size) {
    return Error::type("this engine has no resizable ArrayBuffers");
  }
  return made;
}

// ---- asking ------------------------------------------------------------------------------------

Result<std::size_t> ArrayBuffer::try_size() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  std::span<std::byte> bytes;
  return find(realm, raw(), false, bytes) == nullptr ? bytes.size() : 0;
}

Result<bool> ArrayBuffer::try_is_detached() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  std::span<std::byte> bytes;
  return find(realm, raw(), false, bytes) != nullptr;
}

Result<bool> ArrayBuffer::try_is_resizable() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSValue getter = detail::optional_intrinsic(realm, detail::Intrinsic::array_buffer_resizable);
  if (engine::is_undefined(getter) || is_shared()) return false;
  const detail::Handle keep(handle());
  const Result<Value> answer = detail::from_owned<Value>(
      realm, engine::call(realm->context, getter, keep.get(), 0, nullptr));
  if (!answer) return answer.error();
  return answer->is_bool() && engine::get_bool(answer->raw());
}

Result<std::size_t> ArrayBuffer::try_max_size() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSValue getter =
      detail::optional_intrinsic(realm, detail::Intrinsic::array_buffer_max_byte_length);
  if (engine::is_undefined(getter) || is_shared()) return try_size();
  const detail::Handle keep(handle());
  const Result<Value> answer = detail::from_owned<Value>(
      realm, engine::call(realm->context, getter, keep.get(), 0, nullptr));
  if (!answer) return answer.error();
  if (!engine::is_int32(answer->raw())) return try_size();
  return static_cast<std::size_t>(engine::get_int32(answer->raw()));
}

// ---- changing ----------------------------------------------------------------------------------

Result<void> ArrayBuffer::try_resize(std::size_t size) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSValue function = detail::optional_intrinsic(realm, detail::Intrinsic::array_buffer_resize);
  if (engine::is_undefined(function)) {
    return Error::type("this engine has no resizable ArrayBuffers");
  }
  if (size > detail::largest) return detail::too_large();
  const detail::Handle keep(handle());
  JSValueConst length = detail::size_value(realm->context, size);
  return detail::from_owned<void>(realm,
                                  engine::call(realm->context, function, keep.get(), 1, &length));
}

Result<void> ArrayBuffer::try_detach() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (is_shared()) return Error::type("a SharedArrayBuffer cannot be detached");
  if (is_immutable()) return Error::type("the ArrayBuffer is immutable");
  // what gives the memory back may drop this very handle
  const detail::Handle keep(handle());
  ::JS_DetachArrayBuffer(realm->context, keep.get());
  return {};
}

Result<ArrayBuffer> ArrayBuffer::try_transfer(std::optional<std::size_t> size) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSContext* ctx = realm->context;
  if (is_shared()) return Error::type("a SharedArrayBuffer cannot be transferred");
  const ArrayBuffer keep(*this);
  std::span<std::byte> old;
  if (const char* problem = find(realm, keep.raw(), true, old)) return Error::type(problem);
  JSValue function = detail::optional_intrinsic(realm, detail::Intrinsic::array_buffer_transfer);
  if (!engine::is_undefined(function)) {
    JSValueConst length = detail::size_value(ctx, size.value_or(0));
    return detail::from_owned<ArrayBuffer>(
        realm, engine::call(ctx, function, keep.raw(), size ? 1 : 0, &length));
  }
  Result<ArrayBuffer> made = try_make(Ctx(realm), size.value_or(old.size()));
  if (!made) return made;
  std::span<std::byte> bytes;
  // looked up again: making one may have run a script
  const char* problem = find(realm, keep.raw(), true, old);
  if (problem == nullptr) problem = find(realm, made->raw(), true, bytes);
  if (problem != nullptr) return Error::type(problem);
  std::copy_n(old.begin(), std::min(old.size(), bytes.size()), bytes.begin());
  ::JS_DetachArrayBuffer(ctx, keep.raw());
  return made;
}

Result<std::unique_ptr<detail::Memory>> ArrayBuffer::try_take_memory() const {
  using Bytes = detail::ContainerMemory<std::vector<std::byte>>;
  // fewer than these are copied faster than they are looked after
  constexpr std::size_t many = std::size_t{64} << 10;
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const ArrayBuffer keep(*this);
  if (is_shared()) return Error::type("a SharedArrayBuffer cannot be transferred");
  std::span<std::byte> bytes;
  if (const char* problem = find(realm, raw(), true, bytes)) return Error::type(problem);
  auto& core = detail::CoreState::of(realm->core);
  std::unique_ptr<detail::Memory> memory;
  // of two buffers with the same bytes the engine may not tell which one lets go of them
  const auto known = core.memories.find(bytes.data());
  if (known != core.memories.end() && known->second->is_exclusive &&
      core.memories.count(bytes.data()) == 1) {
    memory = std::move(core.memories.extract(known).mapped());
    memory->size = bytes.size();
  } else if (known == core.memories.end() && bytes.size() >= many && realm->has_transfer &&
             !try_is_resizable().value_or(true)) {
    auto held = std::make_unique<detail::BufferMemory>();
    Result<ArrayBuffer> hidden = keep.try_transfer();
    if (!hidden) return std::move(hidden).error();
    if (const char* problem = find(realm, hidden->raw(), true, bytes)) return Error::type(problem);
    held->hold(std::move(hidden->handle()), bytes);
    return std::unique_ptr<detail::Memory>(std::move(held));
  } else {
    memory = std::make_unique<Bytes>(std::vector<std::byte>(bytes.begin(), bytes.end()));
  }
  ::JS_DetachArrayBuffer(realm->context, keep.raw());
  return memory;
}

// ---- copying -----------------------------------------------------------------------------------

Result<void> ArrayBuffer::try_copy_to(std::span<std::byte> to, std::size_t offset) const {
  Result<Result<void>> copied =
      try_with_const_bytes([&](std::span<const std::byte> bytes) -> Result<void> {
        Result<void> checked = detail::check_range(offset, to.size(), bytes.size());
        if (checked) std::ranges::copy(bytes.subspan(offset, to.size()), to.begin());
        return checked;
      });
  return copied ? *copied : Result<void>(std::move(copied).error());
}

Result<void> ArrayBuffer::try_copy_from(std::span<const std::byte> from, std::size_t offset) const {
  Result<Result<void>> copied = try_with_bytes([&](std::span<std::byte> bytes) -> Result<void> {
    Result<void> checked = detail::check_range(offset, from.size(), bytes.size());
    if (checked) std::ranges::copy(from, bytes.subspan(offset).begin());
    return checked;
  });
  return copied ? *copied : Result<void>(std::move(copied).error());
}

Result<std::vector<std::byte>> ArrayBuffer::try_to_vector() const {
  return try_with_const_bytes([](std::span<const std::byte> bytes) {
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  });
}

}  // namespace quip
