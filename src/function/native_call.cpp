#include "../core/core_state.hpp"
#include "function_names.hpp"
#include <quip/function/native_call.hpp>

#include <memory>
#include <new>

namespace quip::detail {

namespace {

/// FNV-1a, with a mark between the texts.
class Hash {
 public:
  void add(std::string_view text) noexcept {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0xff);  // in no UTF-8 text
  }
  void add_byte(unsigned char byte) noexcept {
    constexpr std::uint64_t prime = 0x100000001b3;
    value_ = (value_ ^ byte) * prime;
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

bool has_names(std::span<const std::string_view> arguments) noexcept {
  for (const std::string_view argument : arguments) {
    if (!argument.empty()) return true;
  }
  return false;
}

bool same_names(const std::vector<std::string>& known,
                std::span<const std::string_view> arguments) noexcept {
  if (known.size() != arguments.size()) return false;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] != arguments[i]) return false;
  }
  return true;
}

std::string plural(int count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

/// The message behind what is said about the function.
JSValue throw_prefixed(const NativeCall& call, const Error& error) {
  const std::string prefix = failure_prefix(realm_of(call.ctx)->core, call.number);
  return throw_error(call.ctx, prefix.empty() ? error : with_prefix(error, prefix));
}

}  // namespace

int FunctionNames::number(FunctionKind kind, std::string_view owner, std::string_view name,
                          std::span<const std::string_view> arguments) {
  if (!has_names(arguments)) arguments = {};
  Hash hash;
  hash.add_byte(static_cast<unsigned char>(kind));
  hash.add(owner);
  hash.add(name);
  for (const std::string_view argument : arguments) hash.add(argument);
  const auto [first, last] = by_text_.equal_range(hash.value());
  for (auto found = first; found != last; ++found) {
    const FunctionEntry& entry = entries_[static_cast<std::size_t>(found->second) - 1];
    if (entry.kind == kind && entry.owner == owner && entry.name == name &&
        same_names(entry.arguments, arguments)) {
      return found->second;
    }
  }
  constexpr std::size_t most = 32767;
  if (entries_.size() >= most) return 0;
  FunctionEntry entry{kind, std::string(owner), std::string(name), {}};
  for (const std::string_view argument : arguments) entry.arguments.emplace_back(argument);
  entries_.push_back(std::move(entry));
  const int fresh = static_cast<int>(entries_.size());
  try {
    by_text_.emplace(hash.value(), fresh);
  } catch (...) {
    entries_.pop_back();
    throw;
  }
  return fresh;
}

const FunctionEntry* FunctionNames::find(int number) const noexcept {
  return number <= 0 || static_cast<std::size_t>(number) > entries_.size()
             ? nullptr
             : &entries_[static_cast<std::size_t>(number) - 1];
}

int function_number(Core* core, FunctionKind kind, std::string_view owner, std::string_view name,
                    std::span<const std::string_view> arguments) noexcept {
  if (name.empty() && !has_names(arguments)) return 0;
  auto& state = CoreState::of(core);
  try {
    if (state.functions == nullptr) state.functions = std::make_shared<FunctionNames>();
    return state.functions->number(kind, owner, name, arguments);
  } catch (const std::bad_alloc&) {
    return 0;  // its errors will do without the name
  }
}

const FunctionEntry* function_entry(Core* core, int number) noexcept {
  const auto& names = CoreState::of(core).functions;
  return names == nullptr ? nullptr : names->find(number);
}

std::string function_name(Core* core, int number) {
  const FunctionEntry* entry = function_entry(core, number);
  return entry == nullptr ? std::string() : entry->name;
}

std::string failure_prefix(Core* core, int number) {
  const FunctionEntry* entry = function_entry(core, number);
  if (entry == nullptr || entry->name.empty()) return {};
  const std::string name = "'" + entry->name + "'";
  const std::string owner = entry->owner.empty() ? "" : "'" + entry->owner + "'";
  switch (entry->kind) {
    case FunctionKind::constructor:
      return "Failed to construct " + name + ": ";
    case FunctionKind::getter:
      return "Failed to read the " + name + " property" + (owner.empty() ? "" : " from " + owner) +
             ": ";
    case FunctionKind::setter:
      return "Failed to set the " + name + " property" + (owner.empty() ? "" : " on " + owner) +
             ": ";
    case FunctionKind::function:
      break;
  }
  return "Failed to execute " + name + (owner.empty() ? "" : " on " + owner) + ": ";
}

JSValue throw_argument(const NativeCall& call, int index, Error error) noexcept {
  try {
    if (error.kind() != ErrorKind::conversion) return throw_error(call.ctx, error);
    const FunctionEntry* entry = function_entry(realm_of(call.ctx)->core, call.number);
    // a setter has but one argument, and the property says which
    if (entry == nullptr || entry->kind != FunctionKind::setter) {
      std::string place = "parameter " + std::to_string(index + 1);
      const auto at = static_cast<std::size_t>(index);
      if (entry != nullptr && at < entry->arguments.size() && !entry->arguments[at].empty()) {
        place += " ('" + entry->arguments[at] + "')";
      }
      error.at(place);
    }
    return throw_prefixed(call, error);
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(call.ctx);
  }
}

JSValue throw_this(const NativeCall& call, Error error) noexcept {
  try {
    if (error.kind() != ErrorKind::conversion) return throw_error(call.ctx, error);
    return throw_prefixed(call, error.at("'this'"));
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(call.ctx);
  }
}

JSValue throw_missing_arguments(const NativeCall& call, int required) noexcept {
  try {
    return throw_failure(call, plural(required, "argument") + " required, but only " +
                                   std::to_string(call.argc) + " present");
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(call.ctx);
  }
}

JSValue throw_excess_arguments(const NativeCall& call, int allowed) noexcept {
  try {
    return throw_failure(call, allowed == 0
                                   ? "no arguments allowed, got " + std::to_string(call.argc)
                                   : "at most " + plural(allowed, "argument") + " allowed, got " +
                                         std::to_string(call.argc));
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(call.ctx);
  }
}

JSValue throw_needs_new(const NativeCall& call) noexcept {
  return throw_failure(call, "it must be called with 'new'");
}

JSValue throw_failure(const NativeCall& call, std::string_view message) noexcept {
  try {
    return throw_prefixed(call, Error::type(std::string(message)));
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(call.ctx);
  }
}

}  // namespace quip::detail
