// expect: a Generator cannot wait: make it an AsyncGenerator
#include <quip/quip.hpp>

quip::Generator<int> slow() {
  co_await quip::sleep(std::chrono::seconds(1));
  co_yield 1;
}
