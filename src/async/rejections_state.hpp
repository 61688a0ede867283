// The promises that are rejected with nobody listening, until they are told of. Private to src/.
#pragma once

#include <quip/async/rejections.hpp>
#include <quip/core/lifetime.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace quip::detail {

struct Rejection {
  Handle promise;    // it stays until it is told of
  Handle backtrace;  // where a value that is no Error was thrown: a string; undefined if not known
};

/// Rejections in the order in which they came.
class Rejections {
 public:
  /// Throws when memory is short.
  void add(Rejection rejection);
  /// Somebody listens to the promise.
  void remove(JSValueConst promise) noexcept;
  /// The promise that was rejected last, if nothing was since; null if there is none.
  [[nodiscard]] const Rejection* last() const noexcept;
  void forget_last() noexcept { has_last_ = false; }
  /// The number of the one that will come next.
  [[nodiscard]] std::uint64_t next_number() const noexcept { return next_; }
  /// Takes the first one out, if its number is smaller than that.
  std::optional<Rejection> take(std::uint64_t before) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
  void clear() noexcept;

  // the handlers; null for none
  std::shared_ptr<const RejectionHandler> tracker;
  std::shared_ptr<const UnhandledRejectionHandler> unhandled;
  std::shared_ptr<const ErrorHandler> errors;
  std::shared_ptr<const PromiseHookHandler> hook;
  bool is_ignoring = false;  // nobody wants to know
  bool is_in_hook = false;

 private:
  std::map<std::uint64_t, Rejection> list_;
  std::unordered_map<void*, std::uint64_t> numbers_;  // by the promise's address
  std::uint64_t next_ = 0;
  bool has_last_ = false;
};

}  // namespace quip::detail
