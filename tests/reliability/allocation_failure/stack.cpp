#include "stack.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <execinfo.h>
#include <link.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <utility>

namespace quip::test {
namespace {

struct Function {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::string_view name;
};

struct Program {
  std::string file;
  std::vector<Function> functions;  // by address
};
Program& program() {
  static Program made;
  return made;
}

/// Where the program lies: addresses in its file count from there.
std::uintptr_t load_address() {
  std::uintptr_t address = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* found) {
        *static_cast<std::uintptr_t*>(found) = info->dlpi_addr;
        return 1;  // the program itself is the first
      },
      &address);
  return address;
}

template <class T>
const T* part(const std::string& file, std::size_t offset) {
  return reinterpret_cast<const T*>(file.data() + offset);
}

bool begins_with_any(std::string_view name,
                     std::initializer_list<std::string_view> beginnings) noexcept {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [name](std::string_view each) { return name.starts_with(each); });
}

}  // namespace

bool is_plumbing(std::string_view name) noexcept {
  return name.empty() || begins_with_any(name, {"__asan",
                                                "__sanitizer",
                                                "__interceptor",
                                                "___interceptor",
                                                "__lsan",
                                                "__ubsan",
                                                "_ZN6__asan",
                                                "_ZL",
                                                "_ZN11__sanitizer",
                                                "_ZN7__ubsan",
                                                "_Zn",
                                                "_Zd",
                                                "_ZN4quip4test8injector",
                                                "_ZN4quip4test5Stack",
                                                "_ZN4quip4test18InjectingAllocator",
                                                "_ZN4quip4test8attempts",
                                                "_ZN4quip6detail12_GLOBAL__N_113ForeignSource",
                                                "_ZNK4quip6detail12_GLOBAL__N_113ForeignSource",
                                                "_ZN4quip6engine15MemoryFu",
                                                "_ZZN4quip6engine15MemoryFu",
                                                "_ZNSt",
                                                "_ZSt",
                                                "_ZNKSt",
                                                "__clang_call_terminate"});
}

Stack Stack::here() noexcept {
  Stack stack;
  const int size = ::backtrace(stack.frames.data(), static_cast<int>(stack.frames.size()));
  stack.size = static_cast<std::size_t>(size);
  return stack;
}

void learn_functions() {
  Program& self = program();
  std::ifstream in("/proc/self/exe", std::ios::binary);
  in.seekg(0, std::ios::end);
  self.file.resize(static_cast<std::size_t>(in.tellg()));
  in.seekg(0);
  in.read(self.file.data(), static_cast<std::streamsize>(self.file.size()));
  if (self.file.size() < sizeof(ElfW(Ehdr))) return;
  const std::uintptr_t base = load_address();
  const auto* header = part<ElfW(Ehdr)>(self.file, 0);
  const auto* sections = part<ElfW(Shdr)>(self.file, header->e_shoff);
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    if (sections[i].sh_type != SHT_SYMTAB) continue;
    const auto* symbols = part<ElfW(Sym)>(self.file, sections[i].sh_offset);
    const std::size_t names = sections[sections[i].sh_link].sh_offset;
    for (std::size_t at = 0; at < sections[i].sh_size / sizeof(ElfW(Sym)); ++at) {
      const ElfW(Sym)& symbol = symbols[at];
      if ((symbol.st_info & 0xfU) != STT_FUNC || symbol.st_size == 0) continue;
      std::string_view name = part<char>(self.file, names + symbol.st_name);
      // compilers name the parts of a function "f.cold", "f.part.0"
      if (!name.starts_with('_')) name = name.substr(0, name.find('.'));
      const std::uintptr_t begin = base + symbol.st_value;
      self.functions.push_back({begin, begin + symbol.st_size, name});
    }
  }
  std::sort(self.functions.begin(), self.functions.end(),
            [](const Function& a, const Function& b) { return a.begin < b.begin; });
  Stack::here();  // the first call of backtrace loads a library
}

std::string_view function_at(const void* address) noexcept {
  const auto& known = program().functions;
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  auto behind = std::upper_bound(
      known.begin(), known.end(), value,
      [](std::uintptr_t wanted, const Function& each) { return wanted < each.begin; });
  if (behind == known.begin()) return {};
  const Function& found = *std::prev(behind);
  return value < found.end ? found.name : std::string_view();
}

std::size_t engine_functions(const Stack& stack, std::string_view* names,
                             std::size_t most) noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < stack.size && count < most; ++i) {
    // a return address may lie behind its function
    const std::string_view name = function_at(static_cast<char*>(stack.frames[i]) - 1);
    if (is_plumbing(name)) continue;
    if (name.starts_with("_Z")) break;
    names[count++] = name;
  }
  return count;
}

std::string readable(std::string_view name) {
  const std::string text(name);
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(text.c_str(), nullptr, nullptr, nullptr), &std::free);
  if (demangled == nullptr) return text;
  std::string whole = demangled.get();
  constexpr std::string_view unnamed = "(anonymous namespace)::";
  for (std::size_t at = 0; (at = whole.find(unnamed)) != std::string::npos;) {
    whole.erase(at, unnamed.size());
  }
  return whole;
}

std::vector<std::string> functions(const Stack& stack) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < stack.size; ++i) {
    const std::string_view name = function_at(static_cast<char*>(stack.frames[i]) - 1);
    if (!is_plumbing(name)) names.push_back(readable(name));
  }
  return names;
}

}  // namespace quip::test
