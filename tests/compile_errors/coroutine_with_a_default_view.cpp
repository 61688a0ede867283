// expect: a coroutine's parameters must be values
#include <quip/quip.hpp>

quip::Task<int> length(std::string_view text) { co_return static_cast<int>(text.size()); }
auto bound() { return quip::fn("length", &length, quip::arg("text") = "none"); }
