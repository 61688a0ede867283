#include "message_data.hpp"
#include <quip/thread/message.hpp>

#include <exception>
#include <new>

namespace quip {

Message::Message() noexcept = default;
Message::Message(std::unique_ptr<detail::MessageData> data) noexcept : data_(std::move(data)) {}
Message::Message(Message&& other) noexcept = default;
Message& Message::operator=(Message&& other) noexcept = default;
Message::~Message() = default;

Result<Message> Message::try_from(const Value& value, const MessageOptions& options) {
  detail::Realm* realm = value.handle().realm();
  for (const Value& transferred : options.transfer) {
    if (value.handle().empty()) realm = transferred.handle().realm();
  }
  if (value.handle().empty() && options.transfer.empty()) return Message();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  try {
    auto data = std::make_unique<detail::MessageData>();
    Result<void> written = detail::write_message(realm, value, options.transfer, *data);
    if (!written) return std::move(written).error();
    return Message(std::move(data));
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

Result<Value> Message::try_read(const Ctx& ctx) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (data_ == nullptr) return Value(detail::Handle(realm, engine::undefined()));
  if (is_taken()) {
    return Error::named("DataCloneError",
                        "the message was read already, and its transferred buffers are gone");
  }
  data_->is_taken = !data_->buffers.empty();
  try {
    Result<Value> read = detail::read_message(realm, *data_);
    // what an engine throws that has no memory left for the error itself
    if (!read && !read.error().value().handle().empty() && read.error().value().is_null()) {
      return Error::from(std::make_exception_ptr(std::bad_alloc()));
    }
    return read;
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

std::size_t Message::size() const noexcept { return data_ == nullptr ? 1 : data_->bytes.size(); }
bool Message::is_taken() const noexcept { return data_ != nullptr && data_->is_taken; }

}  // namespace quip
