// Part of quip/async/asio.hpp and boost_asio.hpp, for an Asio before 1.19 (Boost 1.77), which
// cannot cancel a coroutine: what is given up goes on, and its result is dropped.

class Canceller {
 public:
  void cancel() noexcept {}
  template <class Handler>
  Handler bind(Handler handler) {
    return handler;
  }
};
inline constexpr bool can_cancel = false;

template <class Handler>
bool is_cancellable(const Handler&) noexcept {
  return false;
}
template <class Handler, class Stop>
void on_cancel(const Handler&, const Stop&) noexcept {}
template <class Handler>
void forget_cancel(const Handler&) noexcept {}
