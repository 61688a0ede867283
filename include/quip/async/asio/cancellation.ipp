// Part of quip/async/asio.hpp and boost_asio.hpp: what of Asio can be cancelled.

/// The means to cancel a coroutine of Asio, on the strand that it runs on.
class Canceller {
 public:
  void cancel() { signal_.emit(net::cancellation_type::terminal); }
  template <class Handler>
  auto bind(Handler handler) {
    return net::bind_cancellation_slot(signal_.slot(), std::move(handler));
  }

 private:
  net::cancellation_signal signal_;
};
inline constexpr bool can_cancel = true;

/// Whether anybody may cancel the operation of that handler.
template <class Handler>
bool is_cancellable(const Handler& handler) {
  return net::get_associated_cancellation_slot(handler).is_connected();
}
/// Has `stop` called when somebody does.
template <class Handler, class Stop>
void on_cancel(const Handler& handler, Stop stop) {
  net::get_associated_cancellation_slot(handler).assign(
      [stop = std::move(stop)](net::cancellation_type) mutable { stop(); });
}
/// Takes that back.
template <class Handler>
void forget_cancel(const Handler& handler) {
  auto slot = net::get_associated_cancellation_slot(handler);
  if (slot.is_connected()) slot.clear();
}
