// What an engine takes its memory by: JSMallocFunctions over a source of blocks and a quota.
// Private to src/.
//
// The functions of quickjs-ng get an opaque pointer; the engine itself keeps the count and the
// limit. Those of Bellard's engine get its JSMallocState, and keep both themselves. Either has to
// tell a block's size without being told whose it is.
#pragma once

#include "../core/malloc_size.hpp"
#include "../core/quota.hpp"
#include <quip/engine/engine.hpp>

#include <cstddef>
#include <type_traits>

namespace quip::engine {

/// `Source` is copied around: a pointer or nothing. It has
///
///     static constexpr std::size_t overhead;            // counted for each block
///     Block allocate(std::size_t size);                 // as the functions of detail::Pool
///     Block allocate_zeroed(std::size_t size);
///     std::size_t deallocate(void* block);
///     Block reallocate(void* block, std::size_t size, std::size_t& before);
///     static std::size_t usable_size(const void* block);
template <class Source>
class MemoryFunctions {
 public:
  /// What the engine's opaque pointer points to.
  struct Opaque {
    quip::detail::Quota* quota;
    Source source;
  };

  /// An engine on it; null when there is no memory. `opaque` lives as long as the engine.
  static JSRuntime* new_runtime(Opaque& opaque) noexcept {
    static constexpr JSMallocFunctions functions = make<JSMallocFunctions>();
    return ::JS_NewRuntime2(&functions, &opaque);
  }

 private:
  using Quota = quip::detail::Quota;
  using Block = quip::detail::Block;

  // `size` and `count` are the heap's, wherever they are kept
  [[gnu::always_inline]] static void* keep(Quota& quota, std::size_t& size, std::size_t& count,
                                           const Block& block) noexcept {
    if (block.address == nullptr) [[unlikely]]
      return nullptr;
    ++count;
    size += block.usable + Source::overhead;
    quota.took(size);
    return block.address;
  }
  [[gnu::always_inline]] static void* allocate(Opaque& to, std::size_t& size, std::size_t& count,
                                               std::size_t bytes) noexcept {
    if (!to.quota->admits(size, bytes)) [[unlikely]]
      return nullptr;
    return keep(*to.quota, size, count, to.source.allocate(bytes));
  }
  [[gnu::always_inline]] static void deallocate(Opaque& to, std::size_t& size, std::size_t& count,
                                                void* block) noexcept {
    if (block == nullptr) return;
    --count;
    size -= to.source.deallocate(block) + Source::overhead;
  }
  static void* reallocate(Opaque& to, std::size_t& size, std::size_t& count, void* block,
                          std::size_t bytes) noexcept {
    if (block == nullptr) {
      if (bytes == 0 || !to.quota->admits_text(size, bytes)) return nullptr;
      void* made = keep(*to.quota, size, count, to.source.allocate(bytes));
      if (made != nullptr) to.quota->begins(made, bytes);
      return made;
    }
    if (bytes == 0) {
      deallocate(to, size, count, block);
      return nullptr;
    }
    const std::size_t known = Source::usable_size(block);
    if (bytes > known && !to.quota->admits_growth(size, block, known, bytes)) return nullptr;
    std::size_t before = 0;
    const Block moved = to.source.reallocate(block, bytes, before);
    if (moved.address == nullptr) return nullptr;
    size = size - before + moved.usable;
    to.quota->took(size);
    to.quota->grew(block, moved.address, bytes);
    return moved.address;
  }
  static std::size_t usable_size(const void* block) noexcept {
    return block == nullptr ? 0 : Source::usable_size(block);
  }

  template <class Functions>
  static constexpr bool has_calloc = requires(Functions functions) { functions.js_calloc; };

  /// A template, for the sake of members that only one engine has.
  template <class Functions>
  static constexpr Functions make() noexcept {
    Functions functions{};
    if constexpr (has_calloc<Functions>) {
      functions.js_calloc = [](void* opaque, std::size_t number, std::size_t each) -> void* {
        auto& to = *static_cast<Opaque*>(opaque);
        if (each != 0 && number > Quota::unlimited / each) return nullptr;
        const std::size_t bytes = number * each;
        if (!to.quota->admits(to.quota->size, bytes)) return nullptr;
        return keep(*to.quota, to.quota->size, to.quota->count, to.source.allocate_zeroed(bytes));
      };
      functions.js_malloc = [](void* opaque, std::size_t bytes) -> void* {
        auto& to = *static_cast<Opaque*>(opaque);
        return allocate(to, to.quota->size, to.quota->count, bytes);
      };
      functions.js_free = [](void* opaque, void* block) -> void {
        auto& to = *static_cast<Opaque*>(opaque);
        deallocate(to, to.quota->size, to.quota->count, block);
      };
      functions.js_realloc = [](void* opaque, void* block, std::size_t bytes) -> void* {
        auto& to = *static_cast<Opaque*>(opaque);
        return reallocate(to, to.quota->size, to.quota->count, block, bytes);
      };
    } else {
      set_state_functions(functions, functions.js_malloc);
    }
    functions.js_malloc_usable_size = &usable_size;
    return functions;
  }
  /// The functions get the engine's state, whose type only one engine has.
  template <class Functions, class State>
  static constexpr void set_state_functions(Functions& functions,
                                            void* (*)(State*, std::size_t)) noexcept {
    functions.js_malloc = [](State* state, std::size_t bytes) -> void* {
      return allocate(*static_cast<Opaque*>(state->opaque), state->malloc_size, state->malloc_count,
                      bytes);
    };
    functions.js_free = [](State* state, void* block) -> void {
      deallocate(*static_cast<Opaque*>(state->opaque), state->malloc_size, state->malloc_count,
                 block);
    };
    functions.js_realloc = [](State* state, void* block, std::size_t bytes) -> void* {
      return reallocate(*static_cast<Opaque*>(state->opaque), state->malloc_size,
                        state->malloc_count, block, bytes);
    };
  }
};

/// Whether the engine has pools of small blocks of its own: an allocator below them sees large
/// blocks alone.
#if defined(QUICKJS_NG)
inline constexpr bool has_own_pools = QJS_VERSION_MAJOR > 0 || QJS_VERSION_MINOR >= 17;
#else
inline constexpr bool has_own_pools = false;
#endif

/// Whether the engine keeps the count of its heap itself and knows its limit.
template <class Functions = JSMallocFunctions>
inline constexpr bool counts_memory = requires(Functions functions) { functions.js_calloc; };

}  // namespace quip::engine
