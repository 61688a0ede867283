// A value on its way from one runtime to another: plain bytes that belong to neither.
#pragma once

#include <quip/core/context.hpp>
#include <quip/value/value.hpp>

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

namespace detail {
struct MessageData;
}  // namespace detail

/// What goes with a message.
struct MessageOptions {
  /// ArrayBuffers whose bytes go with the message instead of a copy: they are detached then, as
  /// `structuredClone` does with its `transfer` (HTML 2.7.6).
  std::vector<Value> transfer = {};
};

/// A value that was cloned out of its runtime and can be made a value again in any other one, on
/// any thread (HTML 2.7: StructuredSerialize and StructuredDeserialize):
///
///     quip::Message message = quip::Message::from(value, {.transfer = {pixels}});
///     // … on another thread, in another runtime:
///     const quip::Object copy = message.to<quip::Object>(ctx);
///
/// It goes as structured_clone goes: primitives (BigInts, and strings with lone surrogates, among
/// them) and their wrapper objects, plain objects, arrays with their holes, Date, RegExp, Map, Set,
/// errors, ArrayBuffer, typed arrays and DataView; rings stay rings, and any depth of nesting will
/// do. A SharedArrayBuffer is not copied: both runtimes have the same memory then, which goes with
/// the last buffer over it.
///
/// A Message owns all that it holds; it may be moved to and destroyed on any thread, before or
/// after the runtimes. One thread at a time reads it.
class Message {
 public:
  /// The message of undefined.
  Message() noexcept;
  Message(Message&& other) noexcept;
  Message& operator=(Message&& other) noexcept;
  ~Message();

  /// Clones a value into a message. Getters run, and what they throw is thrown. What cannot be
  /// cloned is an Error named "DataCloneError" whose message says where: functions, symbols,
  /// promises, proxies, weak references, objects of native classes, growable shared buffers
  /// (`list[2].callback: a function cannot be cloned`). So are buffers in `transfer` that are
  /// shared, immutable, detached or listed twice; then none is detached. Throws out of memory when
  /// it is short. Empty handles are undefined.
  ///
  /// The bytes of a transferred buffer are not copied where C++ gave them to it, nor are 64 KiB and
  /// more of the engine's own where it can pass them on (quickjs-ng can). The latter stay in the
  /// sender's heap and count there: the bare heap stays until the receiver lets go of them, also
  /// when its Runtime was destroyed.
  static Message from(const Value& value, const MessageOptions& options = {}) {
    return try_from(value, options).value();
  }
  /// As `from`, with the error as a value.
  static Result<Message> try_from(const Value& value, const MessageOptions& options = {});
  /// The same of a C++ value that converts to JavaScript (see Convert).
  template <class T>
    requires(!std::is_base_of_v<Value, std::remove_cvref_t<T>>)
  static Message from(const Ctx& ctx, T&& value) {
    return try_from(ctx, std::forward<T>(value)).value();
  }
  template <class T>
    requires(!std::is_base_of_v<Value, std::remove_cvref_t<T>>)
  static Result<Message> try_from(const Ctx& ctx, T&& value) {
    Result<Value> made = Value::try_make(ctx, std::forward<T>(value));
    if (!made) return std::move(made).error();
    return try_from(*made);
  }

  /// The value in a context, as a T. As often as one likes, unless buffers were transferred: these
  /// go to the first who reads it, and to read it once more is a "DataCloneError". Throws
  /// conversion errors, and out of memory.
  template <class T = Value>
  T to(const Ctx& ctx) {
    return try_to<T>(ctx).value();
  }
  /// As `to`, with the error as a value.
  template <class T = Value>
  Result<T> try_to(const Ctx& ctx) {
    Result<Value> read = try_read(ctx);
    if constexpr (std::is_same_v<T, Value>) {
      return read;
    } else {
      if (!read) return std::move(read).error();
      return read->template try_as<T>();
    }
  }

  /// How many bytes it takes, without those of transferred and shared buffers.
  [[nodiscard]] std::size_t size() const noexcept;
  /// Whether it was read, and so can not be again.
  [[nodiscard]] bool is_taken() const noexcept;

 private:
  explicit Message(std::unique_ptr<detail::MessageData> data) noexcept;
  Result<Value> try_read(const Ctx& ctx);
  std::unique_ptr<detail::MessageData> data_;  // null for undefined
};

}  // namespace quip
