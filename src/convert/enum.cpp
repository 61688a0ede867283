#include <quip/convert/enum.hpp>
#include <quip/convert/number.hpp>
#include <quip/convert/sequence.hpp>
#include <quip/convert/string.hpp>

#include <bit>
#include <optional>
#include <string>
#include <vector>

namespace quip::detail {

namespace {

template <class Text>
std::string one_of(std::size_t first, std::size_t count, const Text& text) {
  std::string list = count - first == 1 ? "" : "one of ";
  for (std::size_t i = first; i < count; ++i) {
    list += (i == first ? "" : ", ") + text(i);
  }
  return list;
}
std::string one_of_names(const Names& names, std::size_t first) {
  return one_of(first, names.count,
                [&](std::size_t i) { return '"' + std::string(names.views[i]) + '"'; });
}

/// The place of an enumerator.
std::optional<std::size_t> find_value(const EnumType& type, std::int64_t value) noexcept {
  // most enums count from their first enumerator on
  const auto guess = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(type.values[0]);
  if (guess < type.names.count && type.values[guess] == value) [[likely]] {
    return static_cast<std::size_t>(guess);
  }
  for (std::size_t i = 0; i < type.names.count; ++i) {
    if (type.values[i] == value) {
      return i;
    }
  }
  return std::nullopt;
}

JSValue throw_unknown(JSContext* ctx, const EnumType& type, std::int64_t value) noexcept {
  return ::JS_ThrowRangeError(ctx, "%lld is no enumerator of %.*s", static_cast<long long>(value),
                              static_cast<int>(type.name.size()), type.name.data());
}

}  // namespace

Result<std::size_t> find_name(ValueRef value, Names& names, std::size_t first) {
  Realm* realm = realm_of(value.context());
  const JSAtom* atoms = atoms_of(realm, names);
  if (atoms == nullptr) [[unlikely]] {
    return caught(realm);
  }
  const std::size_t place = place_of_name(value, names, atoms, first);
  if (place < names.count) [[likely]] {
    return place;
  }
  if (place == no_place) {
    return caught(realm);
  }
  return Error::conversion(one_of_names(names, first), describe(value));
}

Result<std::int64_t> enum_from_name(ValueRef value, EnumType& type) {
  Result<std::size_t> place = find_name(value, type.names);
  if (!place) [[unlikely]] {
    return std::move(place).error();
  }
  return type.values[*place];
}

Result<std::int64_t> enum_from_number(ValueRef value, EnumType& type) {
  if (engine::is_int32(value.raw()) || engine::is_float64(value.raw()) ||
      engine::is_bigint(value.raw())) {
    Result<std::int64_t> number = from_js<std::int64_t>(value);
    if (number && find_value(type, *number)) [[likely]] {
      return number;
    }
    if (!number && number.error().kind() != ErrorKind::conversion) {
      return number;
    }
  }
  return Error::conversion(
      one_of(0, type.names.count, [&](std::size_t i) { return std::to_string(type.values[i]); }),
      describe(value));
}

Result<std::int64_t> enum_from_flags(ValueRef value, EnumType& type) {
  if (engine::kind_of(value.raw()) != engine::Kind::array) {
    return Error::conversion("array", describe(value));
  }
  Result<std::vector<Value>> names = from_js<std::vector<Value>>(value);
  if (!names) [[unlikely]] {
    return std::move(names).error();
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const PartOf part(value);
    Result<std::int64_t> bit = enum_from_name(value.part((*names)[i].raw()), type);
    if (!part.settle(bit, [i] { return key_text(i); })) {
      return bit;
    }
    bits |= bit ? static_cast<std::uint64_t>(*bit) : 0;
  }
  return static_cast<std::int64_t>(bits);
}

JSValue enum_into_name(JSContext* ctx, EnumType& type, std::int64_t value) noexcept {
  const std::optional<std::size_t> place = find_value(type, value);
  if (!place) [[unlikely]] {
    return throw_unknown(ctx, type, value);
  }
  const JSAtom* atoms = atoms_of(realm_of(ctx), type.names);
  return atoms == nullptr ? engine::exception() : ::JS_AtomToString(ctx, atoms[*place]);
}

JSValue enum_into_number(JSContext* ctx, EnumType& type, std::int64_t value) noexcept {
  return find_value(type, value) ? Convert<std::int64_t>::into_js(ctx, value)
                                 : throw_unknown(ctx, type, value);
}

JSValue enum_into_flags(JSContext* ctx, EnumType& type, std::int64_t value) noexcept {
  const JSAtom* atoms = atoms_of(realm_of(ctx), type.names);
  if (atoms == nullptr) {
    return engine::exception();
  }
  OwnedValue array(ctx, ::JS_NewArray(ctx));
  if (engine::is_exception(array.get())) {
    return engine::exception();
  }
  auto rest = static_cast<std::uint64_t>(value);
  std::uint32_t size = 0;
  // enumerators of one bit alone: the others are combinations of these
  for (std::size_t i = 0; i < type.names.count; ++i) {
    const auto bit = static_cast<std::uint64_t>(type.values[i]);
    if (!std::has_single_bit(bit) || (rest & bit) == 0) {
      continue;
    }
    rest &= ~bit;
    JSValue name = ::JS_AtomToString(ctx, atoms[i]);
    if (engine::is_exception(name) ||
        ::JS_DefinePropertyValueUint32(ctx, array.get(), size++, name, JS_PROP_C_W_E) < 0) {
      return engine::exception();
    }
  }
  return rest == 0 ? array.take() : throw_unknown(ctx, type, static_cast<std::int64_t>(rest));
}

}  // namespace quip::detail
