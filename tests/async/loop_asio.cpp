// The event loop of Asio, for the tests that run on each loop (see loops.hpp).
#if __has_include(<asio.hpp>)

#include "loops.hpp"
#include <quip/async/asio.hpp>

#include <asio/io_context.hpp>

namespace quip::test {
namespace {

class AsioLoop final : public TestLoop {
 public:
  void attach(Runtime& runtime) override { runtime.set_executor(asio_executor(io_)); }
  void run() override {
    io_.restart();
    io_.run();
  }
  void run_while(const std::function<bool()>& goes_on) override {
    io_.restart();
    while (goes_on() && io_.run_one() > 0) {
    }
  }

 private:
  asio::io_context io_;
};

const AddLoop added("Asio",
                    []() -> std::unique_ptr<TestLoop> { return std::make_unique<AsioLoop>(); });

}  // namespace
}  // namespace quip::test

#endif
