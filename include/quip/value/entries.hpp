// The values and entries of an object as ranges. Included by object.hpp.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace quip {

namespace detail {

/// What a range over an object's properties and its iterators share.
struct Properties {
  Object object;
  std::vector<Atom> keys;
};

/// An input range over own properties: the keys are those of when it was made, the values are read
/// as they are reached. Its iterators own what they need. `Read` makes an element.
template <class Element, class Read>
class PropertyRange {
 public:
  class Iterator {
   public:
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    using reference = Element;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    Iterator() = default;
    Iterator(std::shared_ptr<const Properties> properties, std::size_t index)
        : properties_(std::move(properties)), index_(index) {}
    /// Reads the value anew each time.
    Element operator*() const {
      return Read::element(properties_->object, properties_->keys[index_]).value();
    }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++index_;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.index_ == b.index_;
    }

   private:
    std::shared_ptr<const Properties> properties_;
    std::size_t index_ = 0;
  };

  PropertyRange(const Object& object, std::vector<Atom> keys)
      : properties_(std::make_shared<const Properties>(object, std::move(keys))) {}
  [[nodiscard]] Iterator begin() const { return {properties_, 0}; }
  [[nodiscard]] Iterator end() const { return {nullptr, size()}; }
  [[nodiscard]] std::size_t size() const noexcept { return properties_->keys.size(); }
  [[nodiscard]] bool empty() const noexcept { return properties_->keys.empty(); }
  /// All elements at once.
  [[nodiscard]] Result<std::vector<Element>> collect() const {
    std::vector<Element> elements;
    elements.reserve(size());
    for (const Atom& key : properties_->keys) {
      Result<Element> element = Read::element(properties_->object, key);
      if (!element) {
        return std::move(element).error();
      }
      elements.push_back(*std::move(element));
    }
    return elements;
  }

 private:
  std::shared_ptr<const Properties> properties_;
};

template <class T>
struct ReadValue {
  static Result<T> element(const Object& object, const Atom& key) { return object.try_get<T>(key); }
};
template <class K, class T>
struct ReadEntry {
  static Result<std::pair<K, T>> element(const Object& object, const Atom& key) {
    Result<K> name = key.try_as<K>();
    if (!name) {
      return std::move(name).error();
    }
    Result<T> value = object.try_get<T>(key);
    if (!value) {
      return std::move(value).error();
    }
    return std::pair<K, T>(*std::move(name), *std::move(value));
  }
};

}  // namespace detail

/// What Object::values returns.
template <class T>
class ValueRange : public detail::PropertyRange<T, detail::ReadValue<T>> {
 public:
  using detail::PropertyRange<T, detail::ReadValue<T>>::PropertyRange;
};

/// What Object::entries returns: a range of std::pair<K, T>.
template <class K, class T>
class EntryRange : public detail::PropertyRange<std::pair<K, T>, detail::ReadEntry<K, T>> {
 public:
  using detail::PropertyRange<std::pair<K, T>, detail::ReadEntry<K, T>>::PropertyRange;
};

template <class T>
Result<std::vector<T>> Object::try_keys(KeyFilter filter) const {
  return try_keys(filter).and_then([](const std::vector<Atom>& atoms) -> Result<std::vector<T>> {
    std::vector<T> keys;
    keys.reserve(atoms.size());
    for (const Atom& atom : atoms) {
      Result<T> key = atom.try_as<T>();
      if (!key) {
        return std::move(key).error();
      }
      keys.push_back(*std::move(key));
    }
    return keys;
  });
}

template <class T>
ValueRange<T> Object::values(KeyFilter filter) const {
  return {*this, keys(filter)};
}
template <class T>
Result<std::vector<T>> Object::try_values(KeyFilter filter) const {
  return try_keys(filter).and_then([this](std::vector<Atom>&& atoms) {
    return ValueRange<T>(*this, std::move(atoms)).collect();
  });
}
template <class K, class T>
EntryRange<K, T> Object::entries(KeyFilter filter) const {
  return {*this, keys(filter)};
}
template <class K, class T>
Result<std::vector<std::pair<K, T>>> Object::try_entries(KeyFilter filter) const {
  return try_keys(filter).and_then([this](std::vector<Atom>&& atoms) {
    return EntryRange<K, T>(*this, std::move(atoms)).collect();
  });
}

}  // namespace quip
