// expect: the text would die before it is read: ask for a std::string
#include <quip/class/class_def.hpp>

std::string_view text(const quip::Value& value) { return value.as<std::string_view>(); }
