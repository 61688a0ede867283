// The event loop of libuv, for the tests that run on each loop (see loops.hpp).
#if __has_include(<uv.h>)

#include "loops.hpp"
#include <quip/async/uv.hpp>

#include <uv.h>

namespace quip::test {
namespace {

class UvLoop final : public TestLoop {
 public:
  UvLoop() { uv_loop_init(&loop_); }
  UvLoop(const UvLoop&) = delete;
  UvLoop& operator=(const UvLoop&) = delete;
  ~UvLoop() override {
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }
  void attach(Runtime& runtime) override { runtime.set_executor(uv_executor(&loop_)); }
  void run() override { uv_run(&loop_, UV_RUN_DEFAULT); }
  void run_while(const std::function<bool()>& goes_on) override {
    while (goes_on() && uv_run(&loop_, UV_RUN_ONCE) != 0) {
    }
  }

 private:
  uv_loop_t loop_{};
};

const AddLoop added("Uv", []() -> std::unique_ptr<TestLoop> { return std::make_unique<UvLoop>(); });

}  // namespace
}  // namespace quip::test

#endif
