#include <quip/convert/string.hpp>
#include <quip/convert/tagged.hpp>

#include <string>

namespace quip::detail {

namespace {

/// The places in the list of names of what is no alternative.
constexpr std::size_t tag_place = 0;
constexpr std::size_t content_place = 1;
constexpr std::size_t first_alternative = 2;

std::string object_of(const TaggedType& type, std::size_t index) {
  return "an object {\"" + std::string(type.names.views[index + first_alternative]) + "\": …}";
}

bool is_object(ValueRef value) noexcept {
  return engine::is_object(value.raw()) && engine::kind_of(value.raw()) != engine::Kind::array &&
         !engine::is_function(value.context(), value.raw());
}

}  // namespace

Result<ChosenAlternative> choose_external(ValueRef value, TaggedType& type) {
  JSContext* ctx = value.context();
  Realm* realm = realm_of(ctx);
  if (engine::is_string(value.raw())) {
    Result<std::size_t> place = find_name(value, type.names, first_alternative);
    if (!place) {
      return std::move(place).error();
    }
    const std::size_t index = *place - first_alternative;
    if (!type.are_units[index]) {
      return Error::conversion(object_of(type, index), describe(value));
    }
    return ChosenAlternative{index, engine::undefined()};
  }
  if (!is_object(value)) {
    return Error::conversion("an object with one property, or a string", describe(value));
  }
  const JSAtom* atoms = atoms_of(realm, type.names);
  JSPropertyEnum* own = nullptr;
  std::uint32_t size = 0;
  if (atoms == nullptr || ::JS_GetOwnPropertyNames(ctx, &own, &size, value.raw(),
                                                   JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0) {
    return caught(realm);
  }
  const JSAtom key = size == 1 ? ::JS_DupAtom(ctx, own[0].atom) : 0;
  engine::free_property_enum(ctx, own, size);
  if (key == 0) {
    return Error::conversion("an object with one property", "one with " + std::to_string(size));
  }
  std::size_t place = first_alternative;
  while (place < type.names.count && atoms[place] != key) {
    ++place;
  }
  if (place == type.names.count) {
    const OwnedValue name(ctx, ::JS_AtomToString(ctx, key));
    ::JS_FreeAtom(ctx, key);
    if (engine::is_exception(name.get())) {
      return caught(realm);
    }
    Result<std::size_t> known = find_name(ValueRef(ctx, name.get()), type.names, first_alternative);
    return std::move(known).error();
  }
  JSValue payload = engine::get_property(ctx, value.raw(), key);
  ::JS_FreeAtom(ctx, key);
  if (engine::is_exception(payload)) {
    return caught(realm);
  }
  return ChosenAlternative{place - first_alternative, payload};
}

Result<ChosenAlternative> choose_tagged(ValueRef value, TaggedType& type, bool has_content) {
  JSContext* ctx = value.context();
  Realm* realm = realm_of(ctx);
  if (!is_object(value)) {
    return Error::conversion("object", describe(value));
  }
  if (is_too_deep(realm)) {
    return too_deep();
  }
  const JSAtom* atoms = atoms_of(realm, type.names);
  if (atoms == nullptr) {
    return caught(realm);
  }
  const OwnedValue tag(ctx, engine::get_property(ctx, value.raw(), atoms[tag_place]));
  if (engine::is_exception(tag.get())) {
    return caught(realm);
  }
  Result<std::size_t> place = find_name(value.part(tag.get()), type.names, first_alternative);
  if (!place) {
    Error error = std::move(place).error();
    if (engine::is_undefined(tag.get())) {
      const std::string& message = error.message();
      error = mismatch("missing, " + message.substr(0, message.rfind(", got undefined")));
    }
    return std::move(error).at(type.names.views[tag_place]);
  }
  const std::size_t index = *place - first_alternative;
  if (type.are_units[index]) {
    return ChosenAlternative{index, engine::undefined()};
  }
  JSValue payload = has_content ? engine::get_property(ctx, value.raw(), atoms[content_place])
                                : engine::duplicate(ctx, value.raw());
  if (engine::is_exception(payload)) {
    return caught(realm);
  }
  return ChosenAlternative{index, payload};
}

JSValue alternative_name(JSContext* ctx, TaggedType& type, std::size_t index) noexcept {
  const JSAtom* atoms = atoms_of(realm_of(ctx), type.names);
  return atoms == nullptr ? engine::exception()
                          : ::JS_AtomToString(ctx, atoms[index + first_alternative]);
}

JSValue wrap_alternative(JSContext* ctx, TaggedType& type, std::size_t index, bool has_tag,
                         JSValue payload) noexcept {
  OwnedValue inner(ctx, payload);
  const JSAtom* atoms = atoms_of(realm_of(ctx), type.names);
  if (atoms == nullptr || engine::is_exception(payload)) {
    return engine::exception();
  }
  OwnedValue object(ctx, ::JS_NewObject(ctx));
  if (engine::is_exception(object.get())) {
    return engine::exception();
  }
  if (has_tag) {
    JSValue name = ::JS_AtomToString(ctx, atoms[index + first_alternative]);
    if (engine::is_exception(name) || !engine::define(ctx, object.get(), atoms[tag_place], name)) {
      return engine::exception();
    }
    if (engine::is_undefined(payload)) {
      return object.take();
    }
  }
  const JSAtom key = has_tag ? atoms[content_place] : atoms[index + first_alternative];
  return engine::define(ctx, object.get(), key, inner.take()) ? object.take() : engine::exception();
}

JSValue throw_valueless(JSContext* ctx) noexcept {
  return ::JS_ThrowTypeError(ctx, "the variant has lost its value to an exception");
}

}  // namespace quip::detail
