#include "clone_rules.hpp"
#include <quip/value/array_buffer.hpp>
#include <quip/value/clone.hpp>
#include <quip/value/map.hpp>
#include <quip/value/regexp.hpp>
#include <quip/value/set.hpp>
#include <quip/web/dom_exception.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip {

namespace {

using detail::call_intrinsic;
using detail::Handle;
using detail::Intrinsic;
using detail::Realm;
using engine::Kind;

/// One copy of a graph of objects. A stack of its own takes the place of recursion.
class Cloner {
 public:
  explicit Cloner(Realm* realm) : realm_(realm), ctx_(realm->context) {}

  Result<Value> clone(const Value& root, std::span<const Value> transfer = {}) {
    for (const Value& value : transfer) {
      if (Result<void> listed = list(value); !listed) return std::move(listed).error();
    }
    Result<Value> copied = copy(root);
    while (copied && !frames_.empty()) {
      Result<void> advanced = advance(frames_.back());
      if (!advanced) return std::move(advanced).error();
    }
    if (!copied || transfer.empty()) return copied;
    Result<void> passed = pass_on();
    return passed ? copied : Result<Value>(std::move(passed).error());
  }

 private:
  // ---- buffers that are passed on: HTML 2.7.6

  /// One that is to be transferred.
  Result<void> list(const Value& value) {
    if (engine::kind_of(value.raw()) != Kind::array_buffer ||
        engine::is_immutable_buffer(value.raw())) {
      return detail::refuse_transfer("the value cannot be transferred");
    }
    if (transferred_.contains(engine::get_pointer(value.raw()))) {
      return detail::refuse_transfer("an ArrayBuffer is listed twice");
    }
    const ArrayBuffer buffer(value.handle());
    const Result<bool> is_detached = buffer.try_is_detached();
    if (!is_detached) return is_detached.error();
    if (*is_detached) return detail::refuse_transfer("an ArrayBuffer is detached");
    transferred_.emplace(engine::get_pointer(value.raw()), buffer);
    return {};
  }
  /// Everything is copied: takes the bytes away from where they were. What a getter has changed in
  /// them after they were copied is seen, too.
  Result<void> pass_on() {
    for (const auto& [address, buffer] : transferred_) {
      const Result<bool> is_detached = buffer.try_is_detached();
      if (!is_detached) return is_detached.error();
      if (*is_detached) {
        return detail::refuse_transfer("an ArrayBuffer was detached meanwhile");
      }
    }
    for (const auto& [address, buffer] : transferred_) {
      if (const auto known = seen_.find(address); known != seen_.end()) {
        std::size_t size = 0;
        std::size_t target_size = 0;
        const std::uint8_t* from = ::JS_GetArrayBuffer(ctx_, &size, buffer.raw());
        std::uint8_t* to = ::JS_GetArrayBuffer(ctx_, &target_size, known->second.second.raw());
        if (to != nullptr && from != nullptr) std::memcpy(to, from, std::min(size, target_size));
      }
      if (Result<void> detached = buffer.try_detach(); !detached) return detached;
    }
    return {};
  }

  /// An object that is being filled.
  struct Frame : detail::CloneSource {
    Value target;
    Value map_key;  // copied already, while its value is
  };

  Error refuse(const std::string& what) const { return detail::refuse_clone(frames_, what); }
  [[nodiscard]] Value own(JSValue value) const noexcept { return Value(Handle(realm_, value)); }
  Result<Value> made(JSValue value, Kind kind) const {
    return detail::made_as(realm_, value, kind);
  }
  [[nodiscard]] ValueRef ref(const Value& value) const noexcept { return {ctx_, value.raw()}; }
  void forget_exception() const noexcept { engine::release(ctx_, ::JS_GetException(ctx_)); }

  /// The copy of a value; of an object with content it is empty and a frame fills it.
  Result<Value> copy(const Value& source) {
    if (source.is_symbol()) return refuse("a symbol");
    if (!source.is_object()) return own(engine::duplicate(ctx_, source.raw()));
    void* address = engine::get_pointer(source.raw());
    if (const auto known = seen_.find(address); known != seen_.end()) return known->second.second;
    const Kind kind = engine::kind_of(source.raw());
    Frame frame{{.source = source, .kind = kind, .keys = {}, .values = {}}, {}, {}};
    Result<Value> target = begin(frame);
    if (!target) return target;
    // the source too: a getter may drop the object, and another would get its address
    seen_.emplace(address, std::pair(source, *target));
    if (frame.size() != 0) {
      frame.target = *target;
      frames_.push_back(std::move(frame));
    }
    return target;
  }

  /// The new object, and what is to be put into it.
  Result<Value> begin(Frame& frame) {
    const Value& source = frame.source;
    switch (frame.kind) {
      case Kind::plain:
        return list_keys(frame, own(::JS_NewObject(ctx_)));
      case Kind::array:
        return begin_array(frame);
      case Kind::map:
        return begin_map(frame);
      case Kind::set: {
        Result<std::vector<Value>> values =
            Set(Handle(realm_, engine::duplicate(ctx_, source.raw()))).try_values();
        if (!values) return std::move(values).error();
        frame.values = *std::move(values);
        return made(detail::construct_intrinsic(realm_, Intrinsic::set), frame.kind);
      }
      case Kind::date: {
        const Value time = own(call_intrinsic(realm_, Intrinsic::date_get_time, source.raw()));
        return remade(Intrinsic::date, time, frame.kind);
      }
      case Kind::regexp:
        return copy_regexp(source);
      case Kind::error:
        return begin_error(frame);
      case Kind::array_buffer:
        return copy_buffer(source);
      case Kind::data_view:
        return copy_data_view(source);
      case Kind::boxed_number:
        return boxed(Intrinsic::number_value_of, frame);
      case Kind::boxed_string:
        return boxed(Intrinsic::string_value_of, frame);
      case Kind::boxed_boolean:
        return boxed(Intrinsic::boolean_value_of, frame);
      case Kind::boxed_bigint:
        return boxed(Intrinsic::bigint_value_of, frame);
      case Kind::shared_array_buffer:
        return refuse("a shared array buffer");
      default:
        if (engine::is_typed_array(frame.kind)) return copy_typed_array(source, frame.kind);
        return refuse(detail::uncloneable(source));
    }
  }

  /// `new Class(argument)`
  Result<Value> remade(Intrinsic constructor, const Value& argument, Kind kind) {
    if (engine::is_exception(argument.raw())) return detail::caught(realm_);
    return made(detail::construct_intrinsic(realm_, constructor, argument.raw()), kind);
  }

  Result<Value> boxed(Intrinsic value_of, const Frame& frame) {
    const Value primitive = own(call_intrinsic(realm_, value_of, frame.source.raw()));
    if (engine::is_exception(primitive.raw())) return detail::caught(realm_);
    return made(call_intrinsic(realm_, Intrinsic::object, engine::undefined(), primitive.raw()),
                frame.kind);
  }

  Result<Value> list_keys(Frame& frame, Value target) const {
    if (engine::is_exception(target.raw())) return detail::caught(realm_);
    Result<std::vector<Atom>> keys =
        Object(Handle(realm_, engine::duplicate(ctx_, frame.source.raw()))).try_keys();
    if (!keys) return std::move(keys).error();
    frame.keys = *std::move(keys);
    return target;
  }

  Result<Value> begin_array(Frame& frame) {
    Value target = own(::JS_NewArray(ctx_));
    const JSAtom length = Key<"length">::atom(realm_);
    if (engine::is_exception(target.raw()) || length == 0) return detail::caught(realm_);
    JSValue size = ::JS_GetProperty(ctx_, frame.source.raw(), length);
    if (engine::is_exception(size) || ::JS_SetProperty(ctx_, target.raw(), length, size) < 0) {
      return detail::caught(realm_);
    }
    return list_keys(frame, std::move(target));
  }

  Result<Value> begin_map(Frame& frame) {
    auto entries = Map(Handle(realm_, engine::duplicate(ctx_, frame.source.raw()))).try_entries();
    if (!entries) return std::move(entries).error();
    for (auto& [key, value] : *entries) {
      frame.values.push_back(std::move(key));
      frame.values.push_back(std::move(value));
    }
    return made(detail::construct_intrinsic(realm_, Intrinsic::map), frame.kind);
  }

  /// With its name and message, which make it.
  Result<Value> copy_dom_exception(const web::DOMException& source) {
    const Result<std::string> name = source.try_name();
    if (!name) return name.error();
    const Result<std::string> message = source.try_message();
    if (!message) return message.error();
    Result<Value> stack = source.try_get(key<"stack">);
    if (!stack) return stack;
    Result<web::DOMException> target = web::DOMException::try_make(Ctx(realm_), *message, *name);
    if (!target) return std::move(target).error();
    if (stack->is_string() &&
        !hide(*target, Key<"stack">::atom(realm_), engine::duplicate(ctx_, stack->raw()))) {
      return detail::caught(realm_);
    }
    return Value(*std::move(target));
  }

  Result<Value> begin_error(Frame& frame) {
    if (web::DOMException::accepts(ref(frame.source))) {
      return copy_dom_exception(web::DOMException(frame.source.handle()));
    }
    const Object source(Handle(realm_, engine::duplicate(ctx_, frame.source.raw())));
    Result<Value> name = source.try_get(key<"name">);
    if (!name) return name;
    const std::string text =
        name->is_string() ? name->try_as<std::string>().value_or("Error") : "Error";
    Result<Value> target = detail::new_error(realm_, text);
    if (!target) return target;
    // the message as an own property that holds a value; a getter is not asked
    Result<Value> message = detail::own_value(realm_, frame.source, Key<"message">::atom(realm_));
    if (!message) return message;
    if (!message->handle().empty()) {
      JSValue string = ::JS_ToString(ctx_, message->raw());
      if (engine::is_exception(string) || !hide(*target, Key<"message">::atom(realm_), string)) {
        return detail::caught(realm_);
      }
    }
    Result<Value> stack = source.try_get(key<"stack">);
    if (!stack) return stack;
    if (stack->is_string() &&
        !hide(*target, Key<"stack">::atom(realm_), engine::duplicate(ctx_, stack->raw()))) {
      return detail::caught(realm_);
    }
    Result<Value> cause = detail::own_value(realm_, frame.source, Key<"cause">::atom(realm_));
    if (!cause) return cause;
    if (!cause->handle().empty()) {
      frame.keys.emplace_back(realm_, ::JS_DupAtom(ctx_, Key<"cause">::atom(realm_)));
    }
    return target;
  }

  /// Consumes the value; false with a pending exception.
  bool hide(const Value& object, JSAtom key, JSValue value) const noexcept {
    if (key == 0) {
      engine::release(ctx_, value);
      return false;
    }
    return engine::define(ctx_, object.raw(), key, value, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
  }

  Result<Value> copy_regexp(const Value& source) const {
    // not `new RegExp(source)`, which asks the source for more than pattern and flags
    const RegExp regexp(Handle(realm_, engine::duplicate(ctx_, source.raw())));
    Result<std::string> pattern = regexp.try_source();
    if (!pattern) return std::move(pattern).error();
    Result<std::string> letters = regexp.try_flags();
    if (!letters) return std::move(letters).error();
    Result<RegExp> copied = RegExp::try_make(Ctx(realm_), *pattern, *letters);
    if (!copied) return std::move(copied).error();
    return Value(*std::move(copied));
  }

  Result<Value> copy_buffer(const Value& source) {
    std::size_t size = 0;
    const std::uint8_t* bytes = ::JS_GetArrayBuffer(ctx_, &size, source.raw());
    if (bytes == nullptr && ::JS_HasException(ctx_)) {
      forget_exception();
      return refuse("a detached array buffer");
    }
    const Value resizable =
        own(call_intrinsic(realm_, Intrinsic::array_buffer_resizable, source.raw()));
    if (engine::is_exception(resizable.raw())) forget_exception();  // the engine has none
    if (engine::tag(resizable.raw()) == JS_TAG_BOOL && engine::get_bool(resizable.raw())) {
      return copy_resizable(source);
    }
    // asked for because of its error where the context has none
    if (engine::is_exception(detail::intrinsic(realm_, Intrinsic::array_buffer))) {
      return detail::caught(realm_);
    }
    constexpr std::uint8_t nothing = 0;
    return made(::JS_NewArrayBufferCopy(ctx_, bytes == nullptr ? &nothing : bytes, size),
                Kind::array_buffer);
  }

  Result<Value> copy_resizable(const Value& source) {
    std::size_t size = 0;
    (void)::JS_GetArrayBuffer(ctx_, &size, source.raw());
    const Value length = own(engine::number(ctx_, static_cast<double>(size)));
    const Value most =
        own(call_intrinsic(realm_, Intrinsic::array_buffer_max_byte_length, source.raw()));
    const Value options = own(::JS_NewObjectProto(ctx_, engine::null()));
    const JSAtom key = Key<"maxByteLength">::atom(realm_);
    if (engine::is_exception(most.raw()) || engine::is_exception(options.raw()) || key == 0 ||
        !engine::define(ctx_, options.raw(), key, engine::duplicate(ctx_, most.raw()))) {
      return detail::caught(realm_);
    }
    Result<Value> target = made(
        detail::construct_intrinsic(realm_, Intrinsic::array_buffer, length.raw(), options.raw()),
        Kind::array_buffer);
    if (!target) return target;
    std::size_t target_size = 0;
    std::uint8_t* to = ::JS_GetArrayBuffer(ctx_, &target_size, target->raw());
    const std::uint8_t* from = ::JS_GetArrayBuffer(ctx_, &size, source.raw());
    if (to != nullptr && from != nullptr) std::memcpy(to, from, std::min(size, target_size));
    return target;
  }

  Result<Value> copy_typed_array(const Value& source, Kind kind) {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::size_t element = 0;
    const Value buffer =
        own(::JS_GetTypedArrayBuffer(ctx_, source.raw(), &offset, &bytes, &element));
    if (engine::is_exception(buffer.raw())) {
      forget_exception();
      return refuse("a typed array without its buffer");
    }
    const Value length = own(call_intrinsic(realm_, Intrinsic::typed_array_length, source.raw()));
    if (engine::is_exception(length.raw())) return detail::caught(realm_);
    Result<Value> copied = copy(buffer);
    if (!copied) return copied;
    const Value start = own(engine::number(ctx_, static_cast<double>(offset)));
    return made(engine::new_typed_array(ctx_, kind, copied->raw(), start.raw(), length.raw()),
                kind);
  }

  Result<Value> copy_data_view(const Value& source) {
    const Value buffer = own(call_intrinsic(realm_, Intrinsic::data_view_buffer, source.raw()));
    if (engine::is_exception(buffer.raw())) return detail::caught(realm_);
    Result<Value> copied = copy(buffer);
    if (!copied) return copied;
    const Value offset =
        own(call_intrinsic(realm_, Intrinsic::data_view_byte_offset, source.raw()));
    if (engine::is_exception(offset.raw())) return detail::caught(realm_);
    const Value length =
        own(call_intrinsic(realm_, Intrinsic::data_view_byte_length, source.raw()));
    if (engine::is_exception(length.raw())) return detail::caught(realm_);
    return made(detail::construct_intrinsic(realm_, Intrinsic::data_view, copied->raw(),
                                            offset.raw(), length.raw()),
                Kind::data_view);
  }

  /// Copies one part of an object. (A frame that is pushed meanwhile does not move this one.)
  Result<void> advance(Frame& frame) {
    if (frame.next == frame.size()) {
      frames_.pop_back();
      return {};
    }
    const std::size_t index = frame.next++;
    if (!frame.values.empty()) {
      Result<Value> part = copy(frame.values[index]);
      if (!part) return std::move(part).error();
      return put(frame, index, *std::move(part));
    }
    const Atom key = frame.keys[index];
    const int has = ::JS_GetOwnProperty(ctx_, nullptr, frame.source.raw(), key.raw());
    if (has == 0) return {};  // a getter has removed it
    JSValue value =
        has < 0 ? engine::exception() : ::JS_GetProperty(ctx_, frame.source.raw(), key.raw());
    if (engine::is_exception(value)) return detail::caught(realm_);
    Result<Value> part = copy(own(value));
    if (!part) return std::move(part).error();
    const int attributes =
        frame.kind == Kind::error ? JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE : JS_PROP_C_W_E;
    if (!engine::define(ctx_, frame.target.raw(), key.raw(), engine::duplicate(ctx_, part->raw()),
                        attributes)) {
      return detail::caught(realm_);
    }
    return {};
  }

  /// Puts a copied part into a Map or a Set.
  Result<void> put(Frame& frame, std::size_t index, Value part) const {
    const JSValueConst target = frame.target.raw();
    if (frame.kind == Kind::set) {
      return detail::from_owned<void>(
          realm_, call_intrinsic(realm_, Intrinsic::set_add, target, part.raw()));
    }
    if (index % 2 == 0) {
      frame.map_key = std::move(part);
      return {};
    }
    return detail::from_owned<void>(realm_, call_intrinsic(realm_, Intrinsic::map_set, target,
                                                           frame.map_key.raw(), part.raw()));
  }

  Realm* realm_;
  JSContext* ctx_;
  std::unordered_map<void*, std::pair<Value, Value>> seen_;
  std::unordered_map<void*, ArrayBuffer> transferred_;
  std::deque<Frame> frames_;  // its elements stay where they are
};

}  // namespace

Result<Value> try_structured_clone(const Ctx& ctx, const Value& value) {
  Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  Result<Value> given =
      detail::from_owned<Value>(realm, detail::give_handle(realm->context, value.handle()));
  if (!given) return given;
  return Cloner(realm).clone(*given);
}

Result<Value> try_structured_clone(const Ctx& ctx, const Value& value,
                                   std::span<const Value> transfer) {
  Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const auto checked = [realm](const Value& each) {
    return detail::from_owned<Value>(realm, detail::give_handle(realm->context, each.handle()));
  };
  Result<Value> given = checked(value);
  if (!given) return given;
  std::vector<Value> passed;
  for (const Value& each : transfer) {
    Result<Value> buffer = checked(each);
    if (!buffer) return buffer;
    passed.push_back(*std::move(buffer));
  }
  return Cloner(realm).clone(*given, passed);
}

Result<Value> try_structured_clone(const Value& value) {
  Realm* realm = value.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  return Cloner(realm).clone(value);
}

}  // namespace quip
