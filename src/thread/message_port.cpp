#include "../async/scheduler.hpp"
#include "../core/core_state.hpp"
#include <quip/thread/message_port.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>

namespace quip {

namespace detail {

class PortReceiver;

/// What the two ports have in common. Every end's `receiver` is of the runtime that it listens in:
/// it is made and destroyed inside of that, or at its end.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  bool post(int from, Message message);
  Result<void> listen(int side, std::shared_ptr<PortReceiver> receiver);
  void close(int side) noexcept;
  [[nodiscard]] bool is_open(int side) const noexcept {
    const std::scoped_lock guard(lock_);
    const End& end = ends_[index(side)];
    return !end.is_closed && !(end.inbox.empty() && ends_[index(1 - side)].is_closed);
  }
  /// What the loop of the listener does for a message; inside of its runtime.
  void deliver(int side, std::uint64_t binding);
  /// The listener, if it is of that runtime, inside of which the caller then destroys it.
  std::shared_ptr<PortReceiver> take_receiver(int side, const Core* core) noexcept;

 private:
  struct End {
    std::deque<Message> inbox;
    std::shared_ptr<PortReceiver> receiver;
    std::shared_ptr<Mailbox> mailbox;  // of the receiver's runtime
    std::uint64_t binding = 0;         // how many receivers there have been
    bool is_closed = false;
  };
  static std::size_t index(int side) noexcept { return static_cast<std::size_t>(side); }
  void wake(const std::shared_ptr<Mailbox>& mailbox, int side, std::uint64_t binding) {
    (void)mailbox->post(
        [self = shared_from_this(), side, binding] { self->deliver(side, binding); });
  }
  mutable std::mutex lock_;
  std::array<End, 2> ends_;
};

/// One side of it, as long as it has handles or listens.
struct PortEnd {
  PortEnd(std::shared_ptr<Channel> of, int which) noexcept : channel(std::move(of)), side(which) {}
  PortEnd(const PortEnd&) = delete;
  PortEnd& operator=(const PortEnd&) = delete;
  ~PortEnd() { channel->close(side); }
  std::shared_ptr<Channel> channel;
  int side;
};

/// Who listens. As a root of the runtime it hears of its end.
class PortReceiver final : public Root {
 public:
  PortReceiver(const Ctx& ctx, std::shared_ptr<Mailbox> mailbox, std::shared_ptr<PortEnd> end,
               MessagePort::Handler handler)
      : Root(ctx.realm()->core),
        context_(ctx.context()),
        end_(std::move(end)),
        handler_(std::move(handler)),
        operation_(mailbox),
        mailbox_(std::move(mailbox)) {}

  void receive(Message message) const {
    const Ctx ctx(context_.handle().realm());
    handler_(ctx, message.to<Value>(ctx));
  }
  void finish() noexcept override {}
  void end_with_runtime() noexcept override {
    const std::shared_ptr<PortEnd> end = end_;
    const std::shared_ptr<PortReceiver> self = end->channel->take_receiver(end->side, core);
    end->channel->close(end->side);
  }
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

 private:
  Context context_;
  std::shared_ptr<PortEnd> end_;
  MessagePort::Handler handler_;
  Operation operation_;  // the loop waits for messages
  std::shared_ptr<Mailbox> mailbox_;
};

bool Channel::post(int from, Message message) {
  std::shared_ptr<Mailbox> mailbox;
  std::uint64_t binding = 0;
  const int side = 1 - from;
  {
    const std::scoped_lock guard(lock_);
    End& to = ends_[index(side)];
    if (to.is_closed || ends_[index(from)].is_closed) return false;
    to.inbox.push_back(std::move(message));
    mailbox = to.mailbox;
    binding = to.binding;
  }
  // a runtime that ends meanwhile closes its port
  if (mailbox != nullptr) wake(mailbox, side, binding);
  return true;
}

Result<void> Channel::listen(int side, std::shared_ptr<PortReceiver> receiver) {
  std::shared_ptr<PortReceiver> replaced;  // ends when nothing is locked: it is the user's
  std::shared_ptr<Mailbox> mailbox = receiver->mailbox();
  std::size_t waiting = 0;
  std::uint64_t binding = 0;
  {
    const std::scoped_lock guard(lock_);
    End& end = ends_[index(side)];
    if (end.is_closed) return Error::plain("the port is closed");
    if (end.receiver != nullptr && end.mailbox != mailbox) {
      return Error::plain("the port listens in another runtime already");
    }
    replaced = std::exchange(end.receiver, std::move(receiver));
    end.mailbox = mailbox;
    binding = ++end.binding;
    waiting = end.inbox.size() + (ends_[index(1 - side)].is_closed ? 1 : 0);
  }
  for (; waiting > 0; --waiting) wake(mailbox, side, binding);
  return {};
}

std::shared_ptr<PortReceiver> Channel::take_receiver(int side, const Core* core) noexcept {
  const std::scoped_lock guard(lock_);
  End& end = ends_[index(side)];
  if (end.receiver == nullptr || end.receiver->core != core) return nullptr;
  ++end.binding;
  end.mailbox = nullptr;
  return std::exchange(end.receiver, nullptr);
}

void Channel::deliver(int side, std::uint64_t binding) {
  std::shared_ptr<PortReceiver> receiver;
  std::optional<Message> message;
  {
    const std::scoped_lock guard(lock_);
    End& end = ends_[index(side)];
    if (end.receiver == nullptr || end.binding != binding) return;
    if (!end.inbox.empty()) {
      receiver = end.receiver;  // the handler may close the port
      message = std::move(end.inbox.front());
      end.inbox.pop_front();
    } else if (end.is_closed || ends_[index(1 - side)].is_closed) {
      end.is_closed = true;
      ++end.binding;
      end.mailbox = nullptr;
      receiver = std::exchange(end.receiver, nullptr);
    }
  }
  if (message) receiver->receive(*std::move(message));
}

void Channel::close(int side) noexcept {
  std::deque<Message> dropped;
  std::array<std::shared_ptr<Mailbox>, 2> mailboxes;
  std::array<std::uint64_t, 2> bindings{};
  std::shared_ptr<PortReceiver> receiver;
  {
    const std::scoped_lock guard(lock_);
    End& end = ends_[index(side)];
    if (end.is_closed) return;
    end.is_closed = true;
    dropped.swap(end.inbox);
    if (end.receiver != nullptr && entered == end.receiver->core) {
      ++end.binding;
      end.mailbox = nullptr;
      receiver = std::exchange(end.receiver, nullptr);
    }
    for (const int each : {0, 1}) {
      mailboxes[index(each)] = ends_[index(each)].mailbox;
      bindings[index(each)] = ends_[index(each)].binding;
    }
  }
  // who listens ends inside of the runtime that it listens in
  for (const int each : {0, 1}) {
    try {
      if (mailboxes[index(each)] != nullptr) {
        wake(mailboxes[index(each)], each, bindings[index(each)]);
      }
    } catch (...) {
      // no memory to say it: it listens until its runtime ends
    }
  }
}

}  // namespace detail

bool MessagePort::post(Message message) const {
  return end_ != nullptr && end_->channel->post(end_->side, std::move(message));
}

Result<bool> MessagePort::try_post(const Value& value, const MessageOptions& options) const {
  Result<Message> message = Message::try_from(value, options);
  if (!message) return std::move(message).error();
  try {
    return post(*std::move(message));
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

Result<void> MessagePort::try_on_message(const Ctx& ctx, Handler handler) const {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  if (end_ == nullptr) return Error::plain("the port is closed");
  try {
    if (handler == nullptr) {
      const std::shared_ptr<detail::PortReceiver> taken =
          end_->channel->take_receiver(end_->side, ctx.realm()->core);
      return {};
    }
    auto mailbox = detail::Mailbox::of(ctx.realm()->core);
    return end_->channel->listen(
        end_->side,
        std::make_shared<detail::PortReceiver>(ctx, std::move(mailbox), end_, std::move(handler)));
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

void MessagePort::close() const noexcept {
  if (end_ != nullptr) end_->channel->close(end_->side);
}

bool MessagePort::is_open() const noexcept {
  return end_ != nullptr && end_->channel->is_open(end_->side);
}

std::pair<MessagePort, MessagePort> MessageChannel::make() {
  auto channel = std::make_shared<detail::Channel>();
  return {MessagePort(std::make_shared<detail::PortEnd>(channel, 0)),
          MessagePort(std::make_shared<detail::PortEnd>(channel, 1))};
}

}  // namespace quip
