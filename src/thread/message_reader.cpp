#include "../value/clone_rules.hpp"
#include "message_data.hpp"
#include <quip/value/array_buffer.hpp>
#include <quip/value/bigint.hpp>
#include <quip/value/regexp.hpp>
#include <quip/web/dom_exception.hpp>

#include <algorithm>
#include <deque>
#include <string_view>
#include <type_traits>

namespace quip::detail {

namespace {

using engine::Kind;

/// Makes one graph of objects out of a message. A stack of its own takes the place of recursion.
class Reader {
 public:
  Reader(Realm* realm, MessageData& from) noexcept
      : realm_(realm), ctx_(realm->context), from_(from), rest_(from.bytes) {}

  Result<Value> read() {
    Result<Value> root = take_value();
    while (root && !frames_.empty()) {
      Result<void> advanced = advance();
      if (!advanced) return std::move(advanced).error();
    }
    return root;
  }

 private:
  /// An object that is being filled.
  struct Frame {
    Value target;
    Kind kind;
    Value map_key = {};  // read already, while its value is not
    bool has_key = false;
  };

  // ---- bytes

  template <class T>
  T take() noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    rest_.copy(reinterpret_cast<char*>(&value), sizeof value);
    rest_.remove_prefix(sizeof value);
    return value;
  }
  [[nodiscard]] Mark peek() const noexcept { return static_cast<Mark>(rest_.front()); }
  std::string_view take_bytes(std::size_t size) noexcept {
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string_view take_text() noexcept { return take_bytes(take<std::uint32_t>()); }
  std::size_t take_size() noexcept { return static_cast<std::size_t>(take<std::uint64_t>()); }

  // ---- values

  [[nodiscard]] Value own(JSValue value) const noexcept { return Value(Handle(realm_, value)); }
  Result<Value> taken(JSValue value) const { return from_owned<Value>(realm_, value); }

  Result<Value> take_value() {
    const Mark mark = take<Mark>();
    switch (mark) {
      case Mark::undefined:
        return own(engine::undefined());
      case Mark::null:
        return own(engine::null());
      case Mark::no:
      case Mark::yes:
        return own(engine::boolean(mark == Mark::yes));
      case Mark::int32:
        return own(engine::int32(take<std::int32_t>()));
      case Mark::number:
        return own(engine::float64(ctx_, take<double>()));
      case Mark::string: {
        const std::string_view text = take_text();
        return taken(::JS_NewStringLen(ctx_, text.data(), text.size()));
      }
      case Mark::bigint:
        return take_bigint();
      case Mark::reference:
        return objects_[take<std::uint32_t>()];
      default:
        return take_object(mark);
    }
  }

  Result<Value> take_bigint() {
    const bool is_negative = take<std::uint8_t>() != 0;
    std::vector<std::uint64_t> words(take<std::uint32_t>());
    for (std::uint64_t& word : words) word = take<std::uint64_t>();
    Result<BigInt> made = BigInt::try_from_words(Ctx(realm_), is_negative, words);
    if (!made) return std::move(made).error();
    return Value(*std::move(made));
  }

  /// Objects in it have higher numbers than the object itself.
  Result<Value> take_object(Mark mark) {
    const std::size_t number = objects_.size();
    objects_.emplace_back();
    Result<Value> made = make(mark);
    if (made) objects_[number] = *made;
    return made;
  }

  Result<Value> make(Mark mark) {
    switch (mark) {
      case Mark::object:
        return begin(taken(::JS_NewObject(ctx_)), Kind::plain);
      case Mark::array:
        return make_array();
      case Mark::map:
        return begin(made_as(realm_, construct_intrinsic(realm_, Intrinsic::map), Kind::map),
                     Kind::map);
      case Mark::set:
        return begin(made_as(realm_, construct_intrinsic(realm_, Intrinsic::set), Kind::set),
                     Kind::set);
      case Mark::date: {
        JSValueConst time = engine::float64(ctx_, take<double>());
        return made_as(realm_, construct_intrinsic(realm_, Intrinsic::date, time), Kind::date);
      }
      case Mark::regexp: {
        const std::string_view pattern = take_text();
        Result<RegExp> made = RegExp::try_make(Ctx(realm_), pattern, take_text());
        if (!made) return std::move(made).error();
        return Value(*std::move(made));
      }
      case Mark::error:
        return make_error();
      case Mark::dom_exception:
        return make_dom_exception();
      case Mark::boxed: {
        Result<Value> primitive = take_value();
        if (!primitive) return primitive;
        Result<Value> made =
            taken(call_intrinsic(realm_, Intrinsic::object, engine::undefined(), primitive->raw()));
        if (made && !made->is_object()) return Error::type("a script has replaced Object");
        return made;
      }
      case Mark::buffer:
      case Mark::transferred_buffer:
        return make_buffer(mark);
      case Mark::shared_buffer: {
        if (!has_shared_memory(realm_)) {
          return Error::named("DataCloneError",
                              "a borrowed engine has memory of its own for shared array buffers");
        }
        const SharedMemory& memory = from_.shared[take<std::uint32_t>()];
        if (engine::is_exception(intrinsic(realm_, Intrinsic::shared_array_buffer))) {
          return caught(realm_);  // the context has none
        }
        return taken(engine::new_shared_array_buffer(ctx_, memory.data(), take_size()));
      }
      case Mark::typed_array:
        return make_typed_array();
      default:
        return make_data_view();
    }
  }

  /// Its content follows.
  Result<Value> begin(Result<Value> target, Kind kind) {
    if (target) frames_.push_back({.target = *target, .kind = kind});
    return target;
  }

  Result<Value> make_array() {
    const auto size = static_cast<double>(take<std::uint32_t>());
    Value target = own(::JS_NewArray(ctx_));
    const JSAtom length = Key<"length">::atom(realm_);
    if (engine::is_exception(target.raw()) || length == 0 ||
        ::JS_SetProperty(ctx_, target.raw(), length, engine::number(ctx_, size)) < 0) {
      return caught(realm_);
    }
    return begin(std::move(target), Kind::array);
  }

  // ---- errors

  /// Sets a property as errors have them, unless the value is undefined.
  Result<void> hide(const Value& object, JSAtom key, const Value& value) const {
    if (value.is_undefined()) return {};
    if (key == 0 || !engine::define(ctx_, object.raw(), key, engine::duplicate(ctx_, value.raw()),
                                    JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE)) {
      return caught(realm_);
    }
    return {};
  }

  Result<Value> make_error() {
    Result<Value> target = new_error(realm_, take_text());
    if (!target) return target;
    for (const JSAtom key : {Key<"message">::atom(realm_), Key<"stack">::atom(realm_)}) {
      Result<Value> text = take_value();
      if (!text) return text;
      if (Result<void> hidden = hide(*target, key, *text); !hidden) {
        return std::move(hidden).error();
      }
    }
    return begin(std::move(target), Kind::error);
  }

  Result<Value> make_dom_exception() {
    const std::string_view name = take_text();
    const std::string_view message = take_text();
    Result<web::DOMException> target = web::DOMException::try_make(Ctx(realm_), message, name);
    if (!target) return std::move(target).error();
    Result<Value> stack = take_value();
    if (!stack) return stack;
    if (Result<void> hidden = hide(*target, Key<"stack">::atom(realm_), *stack); !hidden) {
      return std::move(hidden).error();
    }
    return Value(*std::move(target));
  }

  // ---- buffers

  Result<Value> make_buffer(Mark mark) {
    const Ctx ctx(realm_);
    // asked for because of its error where the context has none
    if (engine::is_exception(intrinsic(realm_, Intrinsic::array_buffer))) return caught(realm_);
    std::unique_ptr<Memory> memory;
    std::string_view bytes;
    std::size_t most = 0;
    if (mark == Mark::transferred_buffer) {
      memory = std::move(from_.buffers[take<std::uint32_t>()]);
      bytes = {static_cast<const char*>(memory->data), memory->size};
      most = take_size();
    } else {
      const std::size_t size = take_size();
      most = take_size();
      bytes = take_bytes(size);
    }
    Result<ArrayBuffer> made = ArrayBuffer();
    if (most != 0) {
      made = ArrayBuffer::try_resizable(ctx, bytes.size(), std::max(most, bytes.size()));
      if (made) {
        const std::span<const char> from(bytes);
        if (Result<void> copied = made->try_copy_from(std::as_bytes(from)); !copied) {
          return std::move(copied).error();
        }
      }
    } else if (memory != nullptr) {
      made = ArrayBuffer::try_of_memory(ctx, std::move(memory));
    } else {
      made = ArrayBuffer::try_copy_of(ctx, bytes);
    }
    if (!made) return std::move(made).error();
    return Value(*std::move(made));
  }

  Result<Value> make_typed_array() {
    const auto kind = static_cast<Kind>(take<std::uint8_t>());
    const Value offset = own(engine::number(ctx_, static_cast<double>(take_size())));
    const Value length = own(engine::number(ctx_, static_cast<double>(take_size())));
    Result<Value> buffer = take_value();
    if (!buffer) return buffer;
    return taken(engine::new_typed_array(ctx_, kind, buffer->raw(), offset.raw(), length.raw()));
  }

  Result<Value> make_data_view() {
    const Value offset = own(engine::number(ctx_, take<double>()));
    const Value length = own(engine::number(ctx_, take<double>()));
    Result<Value> buffer = take_value();
    if (!buffer) return buffer;
    return made_as(realm_,
                   construct_intrinsic(realm_, Intrinsic::data_view, buffer->raw(), offset.raw(),
                                       length.raw()),
                   Kind::data_view);
  }

  // ---- content

  /// Reads one part of the innermost object. (A frame that is pushed meanwhile does not move it.)
  Result<void> advance() {
    Frame& frame = frames_.back();
    if (peek() == Mark::end) {
      (void)take<Mark>();
      frames_.pop_back();
      return {};
    }
    if (frame.kind == Kind::set || frame.kind == Kind::map) return take_element(frame);
    const Mark mark = take<Mark>();
    const int attributes =
        frame.kind == Kind::error ? JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE : JS_PROP_C_W_E;
    if (mark == Mark::index_key) {
      const auto index = take<std::uint32_t>();
      const Result<Value> part = take_value();
      if (!part) return part.error();
      if (::JS_DefinePropertyValueUint32(ctx_, frame.target.raw(), index,
                                         engine::duplicate(ctx_, part->raw()), attributes) < 0) {
        return caught(realm_);
      }
      return {};
    }
    std::size_t number = keys_.size();
    if (mark == Mark::new_key) {
      const std::string_view text = take_text();
      const JSAtom atom = engine::new_atom(ctx_, text.data(), text.size());
      if (atom == 0) return caught(realm_);
      keys_.emplace_back(realm_, atom);
    } else {
      number = take<std::uint32_t>();
    }
    const Result<Value> part = take_value();
    if (!part) return part.error();
    if (!engine::define(ctx_, frame.target.raw(), keys_[number].raw(),
                        engine::duplicate(ctx_, part->raw()), attributes)) {
      return caught(realm_);
    }
    return {};
  }

  /// Of a Map or a Set.
  Result<void> take_element(Frame& frame) {
    Result<Value> part = take_value();
    if (!part) return std::move(part).error();
    JSValueConst target = frame.target.raw();
    if (frame.kind == Kind::set) {
      return from_owned<void>(realm_,
                              call_intrinsic(realm_, Intrinsic::set_add, target, part->raw()));
    }
    frame.has_key = !frame.has_key;
    if (frame.has_key) {
      frame.map_key = *std::move(part);
      return {};
    }
    return from_owned<void>(realm_, call_intrinsic(realm_, Intrinsic::map_set, target,
                                                   frame.map_key.raw(), part->raw()));
  }

  Realm* realm_;
  JSContext* ctx_;
  MessageData& from_;
  std::string_view rest_;
  std::vector<Value> objects_;
  std::vector<Atom> keys_;
  std::deque<Frame> frames_;  // its elements stay where they are
};

}  // namespace

Result<Value> read_message(Realm* realm, MessageData& from) { return Reader(realm, from).read(); }

}  // namespace quip::detail
