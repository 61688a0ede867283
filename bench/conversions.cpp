// Containers: arrays, strings in them and maps, as C++ values made into JavaScript's and read back.
#include "conversions.hpp"

#include "rows.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

using Doubles = std::vector<double>;
using Strings = std::vector<std::string>;
using Numbers = std::map<std::string, int>;

// Not whole numbers: the engines keep those in another form.
const Doubles& doubles() {
  static const Doubles made = [] {
    Doubles numbers;
    for (int i = 0; i < 1000; ++i) numbers.push_back(i + 0.5);
    return numbers;
  }();
  return made;
}
const Strings& strings() {
  static const Strings made = [] {
    Strings texts;
    for (int i = 0; i < 1000; ++i) texts.push_back("string-" + std::to_string(100000 + i));
    return texts;
  }();
  return made;
}
const Numbers& numbers() {
  static const Numbers made = [] {
    Numbers entries;
    for (int i = 0; i < 100; ++i) entries.emplace("key" + std::to_string(i), i);
    return entries;
  }();
  return made;
}

constexpr const char* doubles_source = "Array.from({length:1000},(_,i)=>i+0.5)";
constexpr const char* strings_source = "Array.from({length:1000},(_,i)=>'string-'+(100000+i))";
constexpr const char* numbers_source =
    "Object.fromEntries(Array.from({length:100},(_,i)=>['key'+i,i]))";

// ---- hand-written C: arrays
// ----------------------------------------------------------------------

/// Hands all elements to the engine at once: quickjs-ng has a function for it; in Bellard's engine
/// `[].toSpliced(0, 0, ...elements)` is the cheapest that takes many over.
class ArrayMaker {
 public:
  explicit ArrayMaker(CHost& host) : ctx_(host.context()) {
    if constexpr (!engine::has_new_array_from) {
      to_spliced_ = host.eval("Array.prototype.toSpliced");
      empty_ = host.eval("[]");
    }
  }
  /// Makes an array of `count` owned values that `fill` writes.
  template <class Fill>
  JSValue operator()(std::size_t count, const Fill& fill) const {
    constexpr std::size_t head = engine::has_new_array_from ? 0 : 2;
    const std::unique_ptr<JSValue[]> room(new JSValue[head + count]);
    JSValue* values = room.get();
    fill(values + head);
    if constexpr (engine::has_new_array_from) {
      return checked(engine::new_array_from(ctx_, static_cast<int>(count), values), "array");
    } else {
      values[0] = values[1] = engine::int32(0);
      JSValue array = JS_Call(ctx_, to_spliced_, empty_, static_cast<int>(head + count), values);
      for (std::size_t i = head; i < head + count; ++i) JS_FreeValue(ctx_, values[i]);
      return checked(array, "array");
    }
  }

 private:
  JSContext* ctx_;
  JSValue to_spliced_ = engine::undefined();
  JSValue empty_ = engine::undefined();
};

Run doubles_out(CHost& host) {
  return [ctx = host.context(), make = ArrayMaker(host)](std::int64_t n) {
    const Doubles& given = doubles();
    repeat(n, [&](std::int32_t) {
      JSValue array = make(given.size(), [&](JSValue* to) {
        for (std::size_t i = 0; i < given.size(); ++i) to[i] = JS_NewFloat64(ctx, given[i]);
      });
      keep(array);
      JS_FreeValue(ctx, array);
    });
  };
}
Run doubles_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    const Doubles& given = doubles();
    repeat(n, [&](std::int32_t) {
      JSValue array = checked(JS_NewArray(ctx), "array");
      std::uint32_t i = 0;
      for (const double number : given) {
        if (JS_SetPropertyUint32(ctx, array, i++, JS_NewFloat64(ctx, number)) < 0) fail("array");
      }
      keep(array);
      JS_FreeValue(ctx, array);
    });
  };
}

Run strings_out(CHost& host) {
  return [ctx = host.context(), make = ArrayMaker(host)](std::int64_t n) {
    const Strings& given = strings();
    repeat(n, [&](std::int32_t) {
      JSValue array = make(given.size(), [&](JSValue* to) {
        for (std::size_t i = 0; i < given.size(); ++i) {
          to[i] = checked(JS_NewStringLen(ctx, given[i].data(), given[i].size()), "string");
        }
      });
      keep(array);
      JS_FreeValue(ctx, array);
    });
  };
}
Run strings_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    const Strings& given = strings();
    repeat(n, [&](std::int32_t) {
      JSValue array = checked(JS_NewArray(ctx), "array");
      std::uint32_t i = 0;
      for (const std::string& text : given) {
        JSValue string = JS_NewString(ctx, text.c_str());
        if (JS_SetPropertyUint32(ctx, array, i++, string) < 0) fail("array");
      }
      keep(array);
      JS_FreeValue(ctx, array);
    });
  };
}

/// Numbers as C has them: memory that nobody fills with zeros first.
struct RawDoubles {
  std::unique_ptr<double[]> numbers;
  std::size_t count = 0;
  [[nodiscard]] std::size_t size() const { return count; }
  [[nodiscard]] const double* data() const { return numbers.get(); }
};
template <class T>
using Collected = std::conditional_t<std::is_same_v<T, double>, RawDoubles, std::vector<T>>;
/// Where the collector of the call in progress puts the elements.
template <class T>
Collected<T>* collected = nullptr;

/// The engine copies an array's elements into the arguments of a call: `collector(...array)`.
template <class T>
JSValue collect(JSContext* ctx, JSValueConst, int argc, JSValueConst* argv) {
  Collected<T>& to = *collected<T>;
  const auto count = static_cast<std::size_t>(argc);
  if constexpr (std::is_same_v<T, double>) {
    double* place = (to = {std::unique_ptr<double[]>(new double[count]), count}).numbers.get();
    for (std::size_t i = 0; i < count; ++i) place[i] = read_double(argv[i]);
  } else {
    to.reserve(count);
    for (std::size_t i = 0; i < count; ++i) append_string(ctx, to, argv[i]);
  }
  return engine::undefined();
}
template <class T>
Run array_in(CHost& host, const char* source) {
  return [ctx = host.context(), array = host.eval(source),
          apply = host.eval("Function.prototype.apply"),
          collector = host.function(collect<T>, 0)](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      Collected<T> read;
      collected<T> = &read;
      JSValue arguments[2] = {engine::undefined(), array};
      checked(JS_Call(ctx, apply, collector, 2, arguments), "apply");
      if (read.size() != 1000) fail("apply");
      keep(read.data());
    });
  };
}
template <class T>
Run array_in_usual(CHost& host, const char* source) {
  return [ctx = host.context(), array = host.eval(source)](std::int64_t n) {
    repeat(n, [&](std::int32_t) {
      std::uint32_t length = 0;
      JSValue raw = JS_GetPropertyStr(ctx, array, "length");
      if (JS_ToUint32(ctx, &length, raw) != 0) fail("length");
      std::vector<T> read;
      read.reserve(length);
      for (std::uint32_t i = 0; i < length; ++i) {
        JSValue element = checked(JS_GetPropertyUint32(ctx, array, i), "element");
        if constexpr (std::is_same_v<T, double>) {
          double number = 0;
          if (JS_ToFloat64(ctx, &number, element) != 0) fail("number");
          read.push_back(number);
        } else {
          const char* text = JS_ToCString(ctx, element);
          if (text == nullptr) fail("string");
          read.emplace_back(text);
          JS_FreeCString(ctx, text);
        }
        JS_FreeValue(ctx, element);
      }
      keep(read.data());
    });
  };
}

// ---- hand-written C: maps
// ------------------------------------------------------------------------

Run map_out(JSContext* ctx) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue object = checked(JS_NewObject(ctx), "object");
      for (const auto& [key, number] : numbers()) {
        const JSAtom atom = JS_NewAtomLen(ctx, key.data(), key.size());
        if (atom == JS_ATOM_NULL) fail("key");
        if (JS_DefinePropertyValue(ctx, object, atom, engine::int32(number), JS_PROP_C_W_E) < 0) {
          fail("property");
        }
        JS_FreeAtom(ctx, atom);
      }
      keep(object);
      JS_FreeValue(ctx, object);
    });
  };
}
Run map_out_usual(JSContext* ctx) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSValue object = checked(JS_NewObject(ctx), "object");
      for (const auto& [key, number] : numbers()) {
        if (JS_SetPropertyStr(ctx, object, key.c_str(), JS_NewInt32(ctx, number)) < 0) {
          fail("property");
        }
      }
      keep(object);
      JS_FreeValue(ctx, object);
    });
  };
}

template <class Read>
Run map_in(JSContext* ctx, JSValue object, Read read_entry) {
  return [=](std::int64_t n) {
    repeat(n, [=](std::int32_t) {
      JSPropertyEnum* keys = nullptr;
      std::uint32_t count = 0;
      constexpr int which = JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY;
      if (JS_GetOwnPropertyNames(ctx, &keys, &count, object, which) < 0) fail("keys");
      Numbers read;
      for (std::uint32_t i = 0; i < count; ++i) {
        read_entry(ctx, object, keys[i].atom, read);
        JS_FreeAtom(ctx, keys[i].atom);
      }
      js_free(ctx, keys);
      keep(read);
    });
  };
}
// JS_AtomToCString makes the same string, and then its length has to be found out anew.
void read_entry(JSContext* ctx, JSValueConst object, JSAtom key, Numbers& to) {
  JSValue name = checked(JS_AtomToString(ctx, key), "key");
  std::size_t size = 0;
  const char* text = JS_ToCStringLen(ctx, &size, name);
  if (text == nullptr) fail("key");
  JS_FreeValue(ctx, name);  // the text keeps it
  to.emplace(std::string(text, size), read_int(JS_GetProperty(ctx, object, key)));
  JS_FreeCString(ctx, text);
}
void read_entry_usual(JSContext* ctx, JSValueConst object, JSAtom key, Numbers& to) {
  const char* text = JS_AtomToCString(ctx, key);
  if (text == nullptr) fail("key");
  JSValue value = checked(JS_GetProperty(ctx, object, key), "property");
  std::int32_t number = 0;
  if (JS_ToInt32(ctx, &number, value) != 0) fail("number");
  JS_FreeValue(ctx, value);
  to[text] = number;
  JS_FreeCString(ctx, text);
}

}  // namespace

void add_conversion_rows(Rows& rows, const Sides& sides) {
  CHost& host = sides.c;
  JSContext* c = host.context();
  rows.push_back(row("doubles_out", 1.05, 20, value_out(sides.ctx, doubles()), doubles_out(host),
                     doubles_out_usual(c)));
  rows.push_back(row("doubles_in", 1.05, 20, value_in<Doubles>(sides.ctx, doubles_source),
                     array_in<double>(host, doubles_source),
                     array_in_usual<double>(host, doubles_source)));
  rows.push_back(row("strings_out", 1.05, 20, value_out(sides.ctx, strings()), strings_out(host),
                     strings_out_usual(c)));
  rows.push_back(row("strings_in", 1.05, 20, value_in<Strings>(sides.ctx, strings_source),
                     array_in<std::string>(host, strings_source),
                     array_in_usual<std::string>(host, strings_source)));
  rows.push_back(
      row("map_out", 1.05, 50, value_out(sides.ctx, numbers()), map_out(c), map_out_usual(c)));
  JSValue object = host.eval(numbers_source);
  rows.push_back(row("map_in", 1.05, 50, value_in<Numbers>(sides.ctx, numbers_source),
                     map_in(c, object, read_entry), map_in(c, object, read_entry_usual)));
}

}  // namespace bench
