// The main loop of GLib, for the tests that run on each loop (see loops.hpp).
#if __has_include(<glib.h>)

#include "loops.hpp"
#include <quip/async/glib.hpp>

#include <glib.h>

#include <algorithm>
#include <atomic>

namespace quip::test {
namespace {

/// A main loop does not end by itself: this knows when the runtime wants nothing of it any more.
class WatchedExecutor final : public Executor {
 public:
  explicit WatchedExecutor(GMainContext* context)
      : context_(context), executor_(glib_executor(context)) {}

  void post(std::function<void()> work) override {
    ++posted_;
    executor_->post([this, posted = std::move(work)] {
      --posted_;
      posted();
    });
  }
  void post_after(Clock::duration delay, std::function<void()> work) override {
    is_timed_ = work != nullptr;
    if (!is_timed_) return executor_->post_after(delay, nullptr);
    executor_->post_after(delay, [this, timed = std::move(work)] {
      is_timed_ = false;
      timed();
    });
  }
  [[nodiscard]] bool owns_thread() const noexcept override { return executor_->owns_thread(); }
  void hold() noexcept override { is_held_ = true; }
  void release() noexcept override {
    is_held_ = false;
    g_main_context_wakeup(context_);
  }
  [[nodiscard]] bool is_busy() const noexcept { return posted_ > 0 || is_timed_ || is_held_; }

 private:
  GMainContext* context_;
  std::shared_ptr<Executor> executor_;
  std::atomic<int> posted_ = 0;
  std::atomic<bool> is_timed_ = false;
  std::atomic<bool> is_held_ = false;
};

class GlibLoop final : public TestLoop {
 public:
  GlibLoop() = default;
  GlibLoop(const GlibLoop&) = delete;
  GlibLoop& operator=(const GlibLoop&) = delete;
  ~GlibLoop() override {
    executors_.clear();
    g_main_context_unref(context_);
  }
  void attach(Runtime& runtime) override {
    executors_.push_back(std::make_shared<WatchedExecutor>(context_));
    runtime.set_executor(executors_.back());
  }
  void run_while(const std::function<bool()>& goes_on) override {
    const auto is_busy = [](const auto& executor) { return executor->is_busy(); };
    while (goes_on() && std::any_of(executors_.begin(), executors_.end(), is_busy)) {
      g_main_context_iteration(context_, TRUE);
    }
  }

 private:
  GMainContext* context_ = g_main_context_new();
  std::vector<std::shared_ptr<WatchedExecutor>> executors_;
};

const AddLoop added("Glib",
                    []() -> std::unique_ptr<TestLoop> { return std::make_unique<GlibLoop>(); });

}  // namespace
}  // namespace quip::test

#endif
