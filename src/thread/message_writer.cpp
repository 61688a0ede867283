#include "../value/clone_rules.hpp"
#include "message_data.hpp"
#include <quip/value/array_buffer.hpp>
#include <quip/value/bigint.hpp>
#include <quip/value/map.hpp>
#include <quip/value/regexp.hpp>
#include <quip/value/set.hpp>
#include <quip/web/dom_exception.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <type_traits>
#include <unordered_map>

namespace quip::detail {

namespace {

using engine::Kind;

/// Writes one graph of objects. A stack of its own takes the place of recursion.
class Writer {
 public:
  Writer(Realm* realm, MessageData& to) noexcept : realm_(realm), ctx_(realm->context), to_(to) {}

  Result<void> write(const Value& root, const std::vector<Value>& transfer) {
    for (const Value& value : transfer) {
      if (Result<void> listed = list(value); !listed) return listed;
    }
    Result<void> written = put_value(root);
    while (written && !frames_.empty()) written = advance(frames_.back());
    if (!written) return written;
    return take_transferred();
  }

 private:
  // ---- buffers that are passed on: HTML 2.7.6

  Result<void> list(const Value& value) {
    if (value.handle().realm()->core != realm_->core) {
      return refuse_transfer("the value is not of the same runtime");
    }
    if (engine::kind_of(value.raw()) != Kind::array_buffer ||
        engine::is_immutable_buffer(value.raw())) {
      return refuse_transfer("the value cannot be transferred");
    }
    const ArrayBuffer buffer(value.handle());
    const Result<bool> is_detached = buffer.try_is_detached();
    if (!is_detached) return is_detached.error();
    if (*is_detached) return refuse_transfer("an ArrayBuffer is detached");
    const auto place = static_cast<std::uint32_t>(listed_.size());
    if (!transferred_.emplace(engine::get_pointer(value.raw()), place).second) {
      return refuse_transfer("an ArrayBuffer is listed twice");
    }
    listed_.push_back(buffer);
    return {};
  }

  /// Everything else is written: no script runs from here on, so that none is lost half way.
  Result<void> take_transferred() {
    for (const ArrayBuffer& buffer : listed_) {
      const Result<bool> is_detached = buffer.try_is_detached();
      if (!is_detached) return is_detached.error();
      if (*is_detached) return refuse_transfer("an ArrayBuffer was detached meanwhile");
    }
    to_.buffers.reserve(listed_.size());
    for (const ArrayBuffer& buffer : listed_) {
      Result<std::unique_ptr<Memory>> memory = buffer.try_take_memory();
      if (!memory) return std::move(memory).error();
      to_.buffers.push_back(*std::move(memory));
    }
    return {};
  }

  // ---- bytes

  void put(Mark mark) { to_.bytes.push_back(static_cast<char>(mark)); }
  template <class T>
    requires std::is_arithmetic_v<T>
  void put(T number) {
    to_.bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    to_.bytes.append(text);
  }
  void put_size(std::size_t size) { put(std::uint64_t{size}); }
  Result<void> put_text(JSValueConst string) {
    const TextView text(ctx_, string);
    if (!text) return caught(realm_);
    put(text.view());
    return {};
  }
  /// A double that an intrinsic gave, which a script may have replaced.
  Result<void> put_number(const Value& number) {
    if (engine::is_exception(number.raw())) return caught(realm_);
    double value = 0;
    if (!number.is_number() || ::JS_ToFloat64(ctx_, &value, number.raw()) < 0) {
      return Error::type("a script has replaced what tells a number");
    }
    put(value);
    return {};
  }

  [[nodiscard]] Value own(JSValue value) const noexcept { return Value(Handle(realm_, value)); }
  [[nodiscard]] Handle share(const Value& value) const noexcept {
    return {realm_, engine::duplicate(ctx_, value.raw())};
  }
  [[nodiscard]] Error refuse(const std::string& what) const { return refuse_clone(frames_, what); }

  // ---- values

  Result<void> put_value(const Value& source) {
    JSValueConst value = source.raw();
    if (engine::is_object(value)) return put_object(source);
    if (engine::is_string(value)) {
      put(Mark::string);
      return put_text(value);
    }
    if (engine::is_int32(value)) {
      put(Mark::int32);
      put(engine::get_int32(value));
    } else if (engine::is_float64(value)) {
      put(Mark::number);
      put(engine::get_float64(value));
    } else if (engine::is_bigint(value)) {
      return put_bigint(source);
    } else if (engine::tag(value) == JS_TAG_BOOL) {
      put(engine::get_bool(value) ? Mark::yes : Mark::no);
    } else if (engine::is_null(value)) {
      put(Mark::null);
    } else if (engine::is_undefined(value)) {
      put(Mark::undefined);
    } else {
      return refuse(source.is_symbol() ? "a symbol" : "a value of this kind");
    }
    return {};
  }

  Result<void> put_bigint(const Value& source) {
    const Result<BigInt::Words> words = BigInt(share(source)).try_to_words();
    if (!words) return words.error();
    put(Mark::bigint);
    put(static_cast<std::uint8_t>(words->negative));
    put(static_cast<std::uint32_t>(words->words.size()));
    for (const std::uint64_t word : words->words) put(word);
    return {};
  }

  Result<void> put_object(const Value& source) {
    void* address = engine::get_pointer(source.raw());
    const auto number = static_cast<std::uint32_t>(seen_.size());
    // the source too: a getter may drop the object, and another would get its address
    const auto [known, is_new] = seen_.emplace(address, std::pair(source, number));
    if (!is_new) {
      put(Mark::reference);
      put(known->second.second);
      return {};
    }
    CloneSource frame{
        .source = source, .kind = engine::kind_of(source.raw()), .keys = {}, .values = {}};
    Result<bool> has_content = begin(frame);
    if (!has_content) return std::move(has_content).error();
    if (*has_content) frames_.push_back(std::move(frame));
    return {};
  }

  /// What stands before an object's content; whether content follows, which `frame` then lists.
  Result<bool> begin(CloneSource& frame) {
    const Value& source = frame.source;
    switch (frame.kind) {
      case Kind::plain:
        put(Mark::object);
        return list_keys(frame);
      case Kind::array:
        return begin_array(frame);
      case Kind::map:
        return begin_map(frame);
      case Kind::set:
        return begin_set(frame);
      case Kind::date:
        put(Mark::date);
        return whole(
            put_number(own(call_intrinsic(realm_, Intrinsic::date_get_time, source.raw()))));
      case Kind::regexp:
        return whole(put_regexp(source));
      case Kind::error:
        return begin_error(frame);
      case Kind::array_buffer:
        return whole(put_buffer(source));
      case Kind::shared_array_buffer:
        return whole(put_shared(source));
      case Kind::data_view:
        return whole(put_data_view(source));
      case Kind::boxed_number:
        return whole(put_boxed(Intrinsic::number_value_of, source));
      case Kind::boxed_string:
        return whole(put_boxed(Intrinsic::string_value_of, source));
      case Kind::boxed_boolean:
        return whole(put_boxed(Intrinsic::boolean_value_of, source));
      case Kind::boxed_bigint:
        return whole(put_boxed(Intrinsic::bigint_value_of, source));
      default:
        if (engine::is_typed_array(frame.kind)) return whole(put_typed_array(source, frame.kind));
        return refuse(uncloneable(source));
    }
  }
  /// No content follows.
  static Result<bool> whole(Result<void> written) {
    if (!written) return std::move(written).error();
    return false;
  }

  Result<bool> list_keys(CloneSource& frame) const {
    Result<std::vector<Atom>> keys = Object(share(frame.source)).try_keys();
    if (!keys) return std::move(keys).error();
    frame.keys = *std::move(keys);
    return true;
  }

  Result<bool> begin_array(CloneSource& frame) {
    const JSAtom key = Key<"length">::atom(realm_);
    const Value length =
        own(key == 0 ? engine::exception() : ::JS_GetProperty(ctx_, frame.source.raw(), key));
    std::uint32_t size = 0;
    if (engine::is_exception(length.raw()) || ::JS_ToUint32(ctx_, &size, length.raw()) < 0) {
      return caught(realm_);
    }
    put(Mark::array);
    put(size);
    return list_keys(frame);
  }

  Result<bool> begin_map(CloneSource& frame) {
    auto entries = Map(share(frame.source)).try_entries();
    if (!entries) return std::move(entries).error();
    for (auto& [key, value] : *entries) {
      frame.values.push_back(std::move(key));
      frame.values.push_back(std::move(value));
    }
    put(Mark::map);
    return true;
  }

  Result<bool> begin_set(CloneSource& frame) {
    Result<std::vector<Value>> values = Set(share(frame.source)).try_values();
    if (!values) return std::move(values).error();
    frame.values = *std::move(values);
    put(Mark::set);
    return true;
  }

  Result<void> put_boxed(Intrinsic value_of, const Value& source) {
    const Value primitive = own(call_intrinsic(realm_, value_of, source.raw()));
    if (engine::is_exception(primitive.raw())) return caught(realm_);
    if (primitive.is_object()) return Error::type("a script has replaced a valueOf");
    put(Mark::boxed);
    return put_value(primitive);
  }

  Result<void> put_regexp(const Value& source) {
    const RegExp regexp(share(source));
    const Result<std::string> pattern = regexp.try_source();
    if (!pattern) return pattern.error();
    const Result<std::string> letters = regexp.try_flags();
    if (!letters) return letters.error();
    put(Mark::regexp);
    put(std::string_view(*pattern));
    put(std::string_view(*letters));
    return {};
  }

  // ---- errors

  /// The stack, if it is text; else undefined.
  Result<void> put_stack(const Object& source) {
    const Result<Value> stack = source.try_get(key<"stack">);
    if (!stack) return stack.error();
    return put_value(stack->is_string() ? *stack : own(engine::undefined()));
  }

  Result<bool> begin_dom_exception(const web::DOMException& source) {
    const Result<std::string> name = source.try_name();
    if (!name) return name.error();
    const Result<std::string> message = source.try_message();
    if (!message) return message.error();
    put(Mark::dom_exception);
    put(std::string_view(*name));
    put(std::string_view(*message));
    return whole(put_stack(source));
  }

  Result<bool> begin_error(CloneSource& frame) {
    if (web::DOMException::accepts(ValueRef(ctx_, frame.source.raw()))) {
      return begin_dom_exception(web::DOMException(share(frame.source)));
    }
    const Object source(share(frame.source));
    const Result<Value> name = source.try_get(key<"name">);
    if (!name) return name.error();
    const std::string text =
        name->is_string() ? name->try_as<std::string>().value_or("Error") : "Error";
    // the message as an own property that holds a value; a getter is not asked
    Result<Value> message = own_value(realm_, frame.source, Key<"message">::atom(realm_));
    if (!message) return std::move(message).error();
    if (!message->handle().empty() && !message->is_string()) {
      message = from_owned<Value>(realm_, ::JS_ToString(ctx_, message->raw()));
      if (!message) return std::move(message).error();
    }
    put(Mark::error);
    put(std::string_view(text));
    // an empty handle is undefined: then there is none
    if (Result<void> written = put_value(*message); !written) return std::move(written).error();
    if (Result<void> written = put_stack(source); !written) return std::move(written).error();
    const Result<Value> cause = own_value(realm_, frame.source, Key<"cause">::atom(realm_));
    if (!cause) return cause.error();
    if (!cause->handle().empty()) {
      frame.keys.emplace_back(realm_, ::JS_DupAtom(ctx_, Key<"cause">::atom(realm_)));
    }
    return true;
  }

  // ---- buffers

  Result<void> put_buffer(const Value& source) {
    const ArrayBuffer buffer(share(source));
    std::span<std::byte> bytes;
    if (find_bytes(realm_, source.raw(), false, bytes) != nullptr) {
      return refuse("a detached array buffer");
    }
    std::size_t most = 0;
    if (buffer.try_is_resizable().value_or(false)) {
      most = std::max<std::size_t>(buffer.try_max_size().value_or(bytes.size()), 1);
    }
    const auto passed = transferred_.find(engine::get_pointer(source.raw()));
    if (passed != transferred_.end()) {
      put(Mark::transferred_buffer);
      put(passed->second);
      put_size(most);
      return {};
    }
    // looked for again: what tells the most may be a script's
    if (find_bytes(realm_, source.raw(), false, bytes) != nullptr) {
      return refuse("a detached array buffer");
    }
    put(Mark::buffer);
    put_size(bytes.size());
    put_size(most);
    to_.bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }

  Result<void> put_shared(const Value& source) {
    if (!has_shared_memory(realm_)) return refuse("a shared array buffer of a borrowed engine");
    std::size_t size = 0;
    void* data = ::JS_GetArrayBuffer(ctx_, &size, source.raw());
    SharedMemory memory(data);
    // the engine keeps the size in each buffer: one that grows would not grow elsewhere
    if (memory.capacity() > std::max<std::size_t>(size, 1)) {
      return refuse("a growable shared array buffer");
    }
    put(Mark::shared_buffer);
    put(static_cast<std::uint32_t>(to_.shared.size()));
    put_size(size);
    to_.shared.push_back(std::move(memory));
    return {};
  }

  Result<void> put_typed_array(const Value& source, Kind kind) {
    std::size_t offset = 0;
    std::size_t bytes = 0;
    std::size_t element = 0;
    const Value buffer =
        own(::JS_GetTypedArrayBuffer(ctx_, source.raw(), &offset, &bytes, &element));
    if (engine::is_exception(buffer.raw())) {
      engine::release(ctx_, ::JS_GetException(ctx_));
      return refuse("a typed array without its buffer");
    }
    put(Mark::typed_array);
    put(static_cast<std::uint8_t>(kind));
    put_size(offset);
    put_size(element == 0 ? 0 : bytes / element);
    return put_value(buffer);
  }

  Result<void> put_data_view(const Value& source) {
    const auto ask = [&](Intrinsic which) {
      return own(call_intrinsic(realm_, which, source.raw()));
    };
    put(Mark::data_view);
    if (Result<void> done = put_number(ask(Intrinsic::data_view_byte_offset)); !done) return done;
    if (Result<void> done = put_number(ask(Intrinsic::data_view_byte_length)); !done) return done;
    const Value buffer = ask(Intrinsic::data_view_buffer);
    if (engine::is_exception(buffer.raw())) return caught(realm_);
    if (!ArrayBuffer::accepts(ValueRef(ctx_, buffer.raw()))) {
      return Error::type("a script has replaced what tells a DataView's buffer");
    }
    return put_value(buffer);
  }

  // ---- content

  Result<void> put_key(const Atom& key) {
    if (const std::optional<std::uint32_t> index = key.index()) {
      put(Mark::index_key);
      put(*index);
      return {};
    }
    const auto [known, is_new] =
        keys_.emplace(key.raw(), std::pair(key, static_cast<std::uint32_t>(keys_.size())));
    if (!is_new) {
      put(Mark::known_key);
      put(known->second.second);
      return {};
    }
    put(Mark::new_key);
    const Value text = own(::JS_AtomToString(ctx_, key.raw()));
    if (engine::is_exception(text.raw())) return caught(realm_);
    return put_text(text.raw());
  }

  /// Writes one part of an object. (A frame that is pushed meanwhile does not move this one.)
  Result<void> advance(CloneSource& frame) {
    if (frame.next == frame.size()) {
      put(Mark::end);
      frames_.pop_back();
      return {};
    }
    const std::size_t index = frame.next++;
    if (!frame.values.empty()) return put_value(frame.values[index]);
    const Atom key = frame.keys[index];
    const int has = ::JS_GetOwnProperty(ctx_, nullptr, frame.source.raw(), key.raw());
    if (has == 0) return {};  // a getter has removed it
    const Value value =
        own(has < 0 ? engine::exception() : ::JS_GetProperty(ctx_, frame.source.raw(), key.raw()));
    if (engine::is_exception(value.raw())) return caught(realm_);
    Result<void> written = put_key(key);
    return written ? put_value(value) : written;
  }

  Realm* realm_;
  JSContext* ctx_;
  MessageData& to_;
  std::unordered_map<void*, std::pair<Value, std::uint32_t>> seen_;
  std::unordered_map<JSAtom, std::pair<Atom, std::uint32_t>> keys_;
  std::unordered_map<void*, std::uint32_t> transferred_;
  std::vector<ArrayBuffer> listed_;
  std::deque<CloneSource> frames_;  // its elements stay where they are
};

}  // namespace

Result<void> write_message(Realm* realm, const Value& value, const std::vector<Value>& transfer,
                           MessageData& to) {
  return Writer(realm, to).write(value, transfer);
}

}  // namespace quip::detail
