#include <quip/function/callback.hpp>

#include <exception>

namespace quip::detail {

void CallbackState::rethrow() {
  if (error_) {
    const Error error = *std::move(error_);
    error_.reset();
    error.raise();
  }
}

void CallbackState::keep_current() noexcept { error_ = Error::from(std::current_exception()); }

}  // namespace quip::detail
