// A program that was not made ready for native modules. Prints why it cannot load one.
#include <quip/module/native.hpp>

#include <cstdio>

int main(int, char** argv) {
  const auto loaded = quip::NativeLoader::try_load(argv[1]);
  std::puts(loaded ? "loaded" : loaded.error().message().c_str());
}
