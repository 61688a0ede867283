// Where the process is: return addresses, and the names of this program's functions for them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {

/// A stack, innermost frame first. Taking one allocates nothing.
struct Stack {
  std::array<void*, 48> frames{};
  std::size_t size = 0;

  static Stack here() noexcept;
};

/// Reads the names of this program's functions, static ones included, from its file. To be called
/// once, before any of the below and before processes are forked.
void learn_functions();

/// The function that an address lies in; empty where that is no function of this program.
std::string_view function_at(const void* address) noexcept;

/// The engine's functions at the top of a stack, innermost first: those above the first function of
/// C++. Empty when the innermost function of this program is one of C++. Frames of the C library,
/// of sanitizers and of the injector do not count. Writes at most `most` names; returns how many.
std::size_t engine_functions(const Stack& stack, std::string_view* names,
                             std::size_t most) noexcept;

/// Whether a function is none that matters: it lies between an allocation and who asked for it.
bool is_plumbing(std::string_view name) noexcept;

/// A name as it is written in C++, without parameters.
std::string readable(std::string_view name);

/// All functions of this program in a stack, readable, innermost first.
std::vector<std::string> functions(const Stack& stack);

}  // namespace quip::test
