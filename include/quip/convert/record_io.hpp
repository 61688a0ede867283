// How the members of a struct are read from an object, and written to one. What does not depend on
// the members' types is in src/.
#pragma once

#include <quip/convert/describe.hpp>
#include <quip/convert/names.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip::detail {

/// What compiled code needs to know of a struct.
struct RecordType {
  Names names;
  /// A bit for each member whose property may be missing; null: none may.
  std::uint64_t (*optional_members)() = nullptr;
};

/// Reads the members of one object, in order.
class RecordReader {
 public:
  RecordReader(ValueRef object, RecordType& type) noexcept
      : whole_(object), realm_(realm_of(object.context())), type_(type) {}
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;

  /// Looks whether it is an object at all; false with the error.
  bool open() {
    if (engine::kind_of(whole_.raw()) != engine::Kind::plain && !accepts_other()) [[unlikely]] {
      return false;
    }
    return prepare();
  }
  /// The same for an array of the members' values.
  bool open_array();
  /// The same for an object that another reader has opened.
  bool prepare() {
    if (is_too_deep(realm_)) [[unlikely]] {
      return fail(too_deep());
    }
    atoms_ = atoms_of(realm_, type_.names);
    return atoms_ != nullptr || fail_pending();
  }

  template <class F>
  [[gnu::always_inline]] bool member(F& out, unsigned index) {
    JSValue raw = engine::get_property(whole_.context(), whole_.raw(), atoms_[index]);
    if constexpr (ConvertsQuickly<F>) {
      // what converts quickly has no reference to give up
      if (Convert<F>::quick(raw, out)) [[likely]] {
        return true;
      }
    }
    return take(raw, index, out);
  }
  /// As `member` in the order of the calls, with what gives the value of a missing property; and
  /// from either shape.
  template <class F, class Fallback>
  bool described(F& out, const Fallback& fallback) {
    const unsigned index = next_++;
    JSValue raw = get(index);
    if constexpr (!std::is_same_v<Fallback, NoDefault>) {
      if (engine::is_undefined(raw)) {
        set_default(out, fallback);
        return true;
      }
    }
    return take(raw, index, out);
  }
  template <class F, class Fallback>
  static void set_default(F& out, const ByDefault<Fallback>& fallback) {
    if constexpr (std::is_invocable_v<const Fallback&>) {
      out = static_cast<F>(fallback.value());
    } else {
      out = static_cast<F>(fallback.value);
    }
  }
  /// As `described`, for a member that is to be made.
  template <class F, class Fallback>
  bool make(std::optional<F>& out, const Fallback& fallback) {
    const unsigned index = next_++;
    JSValue raw = get(index);
    if constexpr (!std::is_same_v<Fallback, NoDefault>) {
      if (engine::is_undefined(raw)) {
        if constexpr (std::is_invocable_v<decltype(fallback.value)>) {
          out.emplace(fallback.value());
        } else {
          out.emplace(fallback.value);
        }
        return true;
      }
    }
    const OwnedValue part(whole_.context(), raw);
    const PartOf place(whole_);
    if (!is_there(raw, index)) {
      return false;
    }
    auto converted = from_js<F>(whole_.part(raw));
    if (converted) [[likely]] {
      out.emplace(*std::move(converted));
    }
    return settle(place, index, raw, converted ? nullptr : &converted.error());
  }
  void pass() noexcept { ++next_; }

  /// Notes an error that is not a member's; false.
  bool fail(Error error) {
    outcome_ = std::move(error);
    return false;
  }
  bool fail_pending();
  bool join(Result<void> part) { return part ? true : fail(std::move(part).error()); }
  /// Refuses own enumerable properties other than these.
  bool deny_unknown(const std::vector<JSAtom>& known);
  /// True when a member's problem was noted and the object is therefore not whole.
  [[nodiscard]] bool is_incomplete() const noexcept { return is_incomplete_; }
  /// The latest problem, taken back from where it was noted; only when is_incomplete().
  Error last_problem();
  [[nodiscard]] Result<void>& outcome() noexcept { return outcome_; }
  [[nodiscard]] ValueRef whole() const noexcept { return whole_; }
  [[nodiscard]] Realm* realm() const noexcept { return realm_; }
  [[nodiscard]] const JSAtom* atoms() const noexcept { return atoms_; }

 private:
  template <class F>
  [[gnu::noinline]] bool take(JSValue raw, unsigned index, F& out) {
    const OwnedValue part(whole_.context(), raw);
    const PartOf place(whole_);
    if (!is_there(raw, index)) {
      return outcome_.has_value();
    }
    auto converted = from_js<F>(whole_.part(raw));
    if (converted) [[likely]] {
      out = static_cast<F>(*std::move(converted));
      if (whole_.problems() == nullptr) [[likely]] {
        return true;
      }
    }
    // NOLINTNEXTLINE(bugprone-use-after-move): the value was moved, not that there is one
    return settle(place, index, raw, converted ? nullptr : &converted.error());
  }
  bool take(JSValue raw, unsigned index, std::string& out);
  bool take(JSValue raw, unsigned index, std::int64_t& out);

  bool accepts_other();
  JSValue get(unsigned index) noexcept;
  /// False when there is nothing to convert: an exception (the outcome has it), or nothing, which
  /// leaves the member as it is.
  bool is_there(JSValueConst raw, unsigned index);
  bool settle(const PartOf& part, unsigned index, JSValueConst raw, Error* error);
  bool missing(unsigned index, JSValueConst raw, Error* error);

  ValueRef whole_;
  Realm* realm_;
  RecordType& type_;
  const JSAtom* atoms_ = nullptr;
  unsigned next_ = 0;
  bool is_array_ = false;
  bool is_incomplete_ = false;
  Result<void> outcome_;
};

/// Own enumerable properties with text keys other than the known ones: visit(state, name, value).
Result<void> for_each_unknown(ValueRef object, const std::vector<JSAtom>& known,
                              Result<void> (*visit)(void* state, std::string&& name,
                                                    ValueRef value),
                              void* state);

template <class F>
inline constexpr bool is_optional = false;
template <class F>
inline constexpr bool is_optional<std::optional<F>> = true;

/// Makes an object with the members of one struct as properties, in order.
class RecordWriter {
 public:
  /// A fresh object.
  RecordWriter(JSContext* ctx, RecordType& type) noexcept : ctx_(ctx), type_(type) {}
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;
  ~RecordWriter() { engine::release(ctx_, object_); }

  /// Begins a fresh object; false with a pending exception.
  bool open() noexcept {
    Realm* realm = realm_of(ctx_);
    if (!prepare(realm)) [[unlikely]] {
      return false;
    }
    const std::size_t number = type_.names.number.load(std::memory_order_relaxed);
    if (number >= realm->shape_count || realm->shapes[number] != kept) [[unlikely]] {
      keep_shapes(realm, type_.names, atoms_);
    }
    object_ = ::JS_NewObject(ctx_);
    return !engine::is_exception(object_);
  }
  /// Begins an array in its place.
  bool open_array() noexcept;
  /// Goes on with an object that has properties already; takes it over.
  bool resume(JSValue object) noexcept {
    object_ = object;
    return prepare(realm_of(ctx_));
  }
  /// A property besides the members, of an owned value.
  bool extra(std::string_view name, JSValue value) noexcept;

  template <class F>
  [[gnu::always_inline]] bool member(F&& value, unsigned index) {
    if constexpr (is_optional<std::remove_cvref_t<F>>) {
      if (!value.has_value()) {
        return leave_out(index);
      }
    }
    JSValue converted = into_js(ctx_, std::forward<F>(value));
    if (engine::is_exception(converted)) [[unlikely]] {
      return false;
    }
    return engine::define(ctx_, object_, atoms_[index], converted);
  }
  /// As `member` in the order of the calls, into either shape.
  template <class F>
  bool described(F&& value) {
    return is_array_ ? append(next_++, into_js(ctx_, std::forward<F>(value)))
                     : member(std::forward<F>(value), next_++);
  }
  void pass() noexcept { ++next_; }
  /// The object, given away.
  JSValue finish() noexcept { return std::exchange(object_, engine::undefined()); }
  [[nodiscard]] JSContext* context() const noexcept { return ctx_; }
  [[nodiscard]] JSValueConst object() const noexcept { return object_; }

 private:
  /// See Realm::shapes: what is made a second time has its shapes kept.
  static constexpr unsigned char kept = 2;
  static void keep_shapes(Realm* realm, Names& names, const JSAtom* atoms) noexcept;

  bool prepare(Realm* realm) noexcept {
    if (is_too_deep(realm)) [[unlikely]] {
      throw_too_deep(ctx_);
      return false;
    }
    atoms_ = atoms_of(realm, type_.names);
    return atoms_ != nullptr;
  }
  /// An empty optional has no property, unless a missing one would read as something else.
  bool leave_out(unsigned index);
  bool append(unsigned index, JSValue value) noexcept;

  JSContext* ctx_;
  RecordType& type_;
  const JSAtom* atoms_ = nullptr;
  JSValue object_ = engine::undefined();
  unsigned next_ = 0;
  bool is_array_ = false;
};

}  // namespace quip::detail
