// Objects whose properties C++ answers for (ECMA-262 10.4: exotic objects).
#pragma once

#include <quip/class/class_spec.hpp>
#include <quip/value/property.hpp>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace quip {

/// What C++ does about the properties of T's instances; each may be left out. They are asked after
/// the object's ordinary own properties and before its prototype, and leave to the language what
/// they do not know.
///
///     def.exotic({.get = [](Config& config, const quip::Atom& key) { return config.find(key); },
///                 .keys = [](Config& config) { return config.names(); }});
template <class T>
struct Exotic {
  /// The value of a property; nothing when there is none of that name. It is enumerable, and
  /// writable when there is a `set`.
  std::function<std::optional<Value>(T&, Ctx, const Atom& key)> get = {};
  /// Takes a value for a property; false when it is none of its own: then it becomes an ordinary
  /// property of the object.
  std::function<bool(T&, Ctx, const Atom& key, const Value& value)> set = {};
  /// Whether there is such a property; without it, whether `get` or `own_property` finds one.
  std::function<bool(T&, Ctx, const Atom& key)> has = {};
  /// Deletes a property; false refuses (a TypeError in strict code). Without it, what `get` and
  /// `own_property` find cannot be deleted.
  std::function<bool(T&, Ctx, const Atom& key)> remove = {};
  /// The keys that Reflect.ownKeys lists behind the ordinary ones, each once; Object.keys and
  /// for-in leave out those without a property.
  std::function<std::vector<Atom>(T&, Ctx)> keys = {};
  /// As `get`, with all that there is to say about the property.
  std::function<std::optional<PropertyDescriptor>(T&, Ctx, const Atom& key)> own_property = {};
  /// Object.defineProperty; false refuses. It is asked for every property that is no ordinary one
  /// of the object, assignments included that `set` did not take. What the script did not say about
  /// a property that `get` or `own_property` finds is as they said.
  std::function<bool(T&, Ctx, const Atom& key, const PropertyDescriptor& property)> define = {};
};

namespace detail {

struct ExoticHandlers {
  ExoticHandlers() = default;
  ExoticHandlers(const ExoticHandlers&) = delete;
  ExoticHandlers& operator=(const ExoticHandlers&) = delete;
  virtual ~ExoticHandlers() = default;

  /// The class whose objects the functions take.
  const ClassType* type = nullptr;
  bool has_get = false, has_set = false, has_has = false, has_remove = false, has_keys = false,
       has_own_property = false, has_define = false;

  // Each gets the object as one of `type`, and may throw.
  virtual std::optional<Value> get(void* object, Ctx ctx, const Atom& key) const = 0;
  virtual bool set(void* object, Ctx ctx, const Atom& key, const Value& value) const = 0;
  virtual bool has(void* object, Ctx ctx, const Atom& key) const = 0;
  virtual bool remove(void* object, Ctx ctx, const Atom& key) const = 0;
  virtual std::vector<Atom> keys(void* object, Ctx ctx) const = 0;
  virtual std::optional<PropertyDescriptor> own_property(void* object, Ctx ctx,
                                                         const Atom& key) const = 0;
  virtual bool define(void* object, Ctx ctx, const Atom& key,
                      const PropertyDescriptor& property) const = 0;
};

template <class T>
struct ExoticOf final : ExoticHandlers {
  explicit ExoticOf(Exotic<T> given) : functions(std::move(given)) {
    type = &class_type<T>;
    has_get = functions.get != nullptr;
    has_set = functions.set != nullptr;
    has_has = functions.has != nullptr;
    has_remove = functions.remove != nullptr;
    has_keys = functions.keys != nullptr;
    has_own_property = functions.own_property != nullptr;
    has_define = functions.define != nullptr;
  }
  static T& in(void* object) noexcept { return *static_cast<T*>(object); }
  std::optional<Value> get(void* object, Ctx ctx, const Atom& key) const override {
    return functions.get(in(object), ctx, key);
  }
  bool set(void* object, Ctx ctx, const Atom& key, const Value& value) const override {
    return functions.set(in(object), ctx, key, value);
  }
  bool has(void* object, Ctx ctx, const Atom& key) const override {
    return functions.has(in(object), ctx, key);
  }
  bool remove(void* object, Ctx ctx, const Atom& key) const override {
    return functions.remove(in(object), ctx, key);
  }
  std::vector<Atom> keys(void* object, Ctx ctx) const override {
    return functions.keys(in(object), ctx);
  }
  std::optional<PropertyDescriptor> own_property(void* object, Ctx ctx,
                                                 const Atom& key) const override {
    return functions.own_property(in(object), ctx, key);
  }
  bool define(void* object, Ctx ctx, const Atom& key,
              const PropertyDescriptor& property) const override {
    return functions.define(in(object), ctx, key, property);
  }
  Exotic<T> functions;
};

}  // namespace detail
}  // namespace quip
