// Channels between runtimes: what is posted to one port comes out of the other one, in order.
#pragma once

#include <quip/thread/message.hpp>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
class Channel;
struct PortEnd;
}  // namespace detail

/// One of the two ends of a channel (HTML 9.4). What is posted here is delivered where the other
/// end listens: by the loop of that runtime, on its thread, one message a turn, in the order of
/// posting. That loop may be the runtime's own or any executor.
///
///     auto [here, there] = quip::MessageChannel::make();
///     here.on_message(ctx, [](quip::Ctx ctx, const quip::Value& value) { … });
///     // … on another thread, in another runtime or in none:
///     there.post(other_value);
///
/// A MessagePort is a handle: copies are the same port. It may be used and dropped on any thread.
/// What is posted before the other end listens waits there. A port closes by `close`, when its last
/// handle goes while it does not listen, when the runtime that it listens in is destroyed, and,
/// once all was delivered, when the other one closes.
class MessagePort {
 public:
  /// No port: it is closed.
  MessagePort() noexcept = default;

  /// Leaves a message for the other port; false, and the message is destroyed, when either is
  /// closed. From any thread. Throws when memory is short.
  bool post(Message message) const;
  /// The same with a clone of a value; on a thread that may use it. Throws what Message::from does.
  bool post(const Value& value, const MessageOptions& options = {}) const {
    return post(Message::from(value, options));
  }
  /// As `post`, with the error as a value.
  Result<bool> try_post(const Value& value, const MessageOptions& options = {}) const;
  /// The same of a C++ value that converts to JavaScript.
  template <class T>
    requires(!std::is_base_of_v<Value, std::remove_cvref_t<T>>)
  bool post(const Ctx& ctx, T&& value) const {
    return post(Message::from(ctx, std::forward<T>(value)));
  }

  /// What hears of messages: `ctx` is the context that it listens in.
  using Handler = std::function<void(Ctx ctx, const Value& value)>;
  /// Listens from here on: the loop of the context's runtime calls `handler`, and does not end
  /// before the port is closed. What it throws goes to whoever runs the loop; so does the error of
  /// a message that cannot be read. Another handler takes the place of the one before; an empty one
  /// stops listening, if it is this runtime that listens, and messages wait again. The runtime
  /// destroys the handler: at its own end, or when the port closes. A handler that holds its own
  /// port keeps it until then. Throws Error for a port that is closed or listens in another
  /// runtime.
  void on_message(const Ctx& ctx, Handler handler) const {
    try_on_message(ctx, std::move(handler)).value();
  }
  /// As `on_message`, with the error as a value.
  Result<void> try_on_message(const Ctx& ctx, Handler handler) const;

  /// Closes the channel: what waits here is dropped, what was posted from here is delivered. From
  /// any thread; nothing when it is closed already.
  void close() const noexcept;
  [[nodiscard]] bool is_open() const noexcept;

  /// @internal
  explicit MessagePort(std::shared_ptr<detail::PortEnd> end) noexcept : end_(std::move(end)) {}

 private:
  std::shared_ptr<detail::PortEnd> end_;
};

/// Makes the two ports of a channel.
struct MessageChannel {
  /// Throws when memory is short.
  static std::pair<MessagePort, MessagePort> make();
};

}  // namespace quip
