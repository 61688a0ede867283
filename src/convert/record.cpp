#include "../core/numbered_table.hpp"
#include "own_names.hpp"
#include <quip/convert/number.hpp>
#include <quip/convert/record.hpp>
#include <quip/convert/string.hpp>
#include <quip/value/atom.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>

namespace quip::detail {

// ---- names -------------------------------------------------------------------------------------

const JSAtom* intern_names(Realm* realm, Names& names) noexcept {
  JSContext* ctx = realm->context;
  Core* core = realm->core;
  static std::atomic<std::size_t> last{0};
  std::size_t number = names.number.load(std::memory_order_relaxed);
  if (number == 0) {
    const std::size_t fresh = ++last;
    // of two threads that meet the list first, one wins; the other's number stays unused
    number = names.number.compare_exchange_strong(number, fresh) ? fresh : number;
  }
  if (!make_room(core->names, core->name_count, number, 16)) {
    ::JS_ThrowOutOfMemory(ctx);
    return nullptr;
  }
  auto* atoms = new (std::nothrow) JSAtom[names.count + 1]();  // ends with 0, which is no atom
  if (atoms == nullptr) {
    ::JS_ThrowOutOfMemory(ctx);
    return nullptr;
  }
  for (std::size_t i = 0; i < names.count; ++i) {
    atoms[i] = engine::new_atom(ctx, names.views[i].data(), names.views[i].size());
    if (atoms[i] == 0) {
      for (std::size_t made = 0; made < i; ++made) {
        ::JS_FreeAtom(ctx, atoms[made]);
      }
      delete[] atoms;
      return nullptr;
    }
  }
  return core->names[number] = atoms;
}

// ---- reading -----------------------------------------------------------------------------------

bool RecordReader::fail_pending() { return fail(caught(realm_)); }

/// Objects that are no plain ones: instances of native classes, proxies and errors have members;
/// what has its content elsewhere is rather a mistake.
bool RecordReader::accepts_other() {
  using engine::Kind;
  if (engine::is_object(whole_.raw())) {
    switch (engine::kind_of(whole_.raw())) {
      case Kind::plain:
      case Kind::proxy:
      case Kind::error:
      case Kind::other:
        if (!engine::is_function(whole_.context(), whole_.raw())) {
          return true;
        }
        break;
      default:
        break;
    }
  }
  return fail(Error::conversion("object", describe(whole_)));
}

bool RecordReader::open_array() {
  is_array_ = true;
  if (engine::kind_of(whole_.raw()) != engine::Kind::array) {
    return fail(Error::conversion("array", describe(whole_)));
  }
  if (!prepare()) {
    return false;
  }
  std::int64_t length = 0;
  const JSAtom key = Key<"length">::atom(realm_);
  const OwnedValue text(
      whole_.context(),
      key == 0 ? engine::exception() : engine::get_property(whole_.context(), whole_.raw(), key));
  if (engine::is_exception(text.get()) ||
      ::JS_ToInt64(whole_.context(), &length, text.get()) != 0) {
    return fail_pending();
  }
  if (length > static_cast<std::int64_t>(type_.names.count)) {
    return fail(Error::conversion("an array of " + std::to_string(type_.names.count) + " elements",
                                  "one of " + std::to_string(length)));
  }
  return true;
}

JSValue RecordReader::get(unsigned index) noexcept {
  return is_array_ ? ::JS_GetPropertyUint32(whole_.context(), whole_.raw(), index)
                   : engine::get_property(whole_.context(), whole_.raw(), atoms_[index]);
}

bool RecordReader::is_there(JSValueConst raw, unsigned index) {
  if (engine::is_exception(raw)) [[unlikely]] {
    return fail_pending();
  }
  if (!engine::is_undefined(raw)) [[likely]] {
    return true;
  }
  return type_.optional_members == nullptr || (type_.optional_members() >> index & 1U) == 0;
}

bool RecordReader::settle(const PartOf& part, unsigned index, JSValueConst raw, Error* error) {
  Result<void> converted;
  if (error != nullptr) {
    // "expected string, got undefined" says less than that there is no such property
    const std::string& message = error->message();
    constexpr std::string_view got_nothing = ", got undefined";
    if (engine::is_undefined(raw) && error->kind() == ErrorKind::conversion &&
        message.starts_with("expected ") && message.ends_with(got_nothing)) {
      converted = mismatch("missing, " + message.substr(0, message.size() - got_nothing.size()));
    } else {
      converted = std::move(*error);
    }
    is_incomplete_ = true;
  }
  if (part.settle(converted, [&] {
        return is_array_ ? key_text(index) : std::string(type_.names.views[index]);
      })) {
    return true;
  }
  return fail(std::move(converted).error());
}

Error RecordReader::last_problem() {
  Error last = std::move(whole_.problems()->back());
  whole_.problems()->pop_back();
  return last;
}

bool RecordReader::take(JSValue raw, unsigned index, std::string& out) {
  JSContext* ctx = whole_.context();
  if (engine::is_string(raw)) [[likely]] {
    const OwnedValue part(ctx, raw);
    const TextView text(ctx, raw);
    if (text && text.is_utf8(raw)) [[likely]] {
      out.assign(text.view());
      return true;
    }
    return text ? (out = utf8_of(text), true) : fail_pending();
  }
  return take<std::string>(raw, index, out);
}

bool RecordReader::take(JSValue raw, unsigned index, std::int64_t& out) {
  // what a time stamp is: a Number past 32 bits
  constexpr double limit = 9223372036854775808.0;
  if (engine::is_float64(raw)) [[likely]] {
    const double number = engine::get_float64(raw);
    if (number >= -limit && number < limit) [[likely]] {
      const auto whole = static_cast<std::int64_t>(number);
      if (static_cast<double>(whole) == number) [[likely]] {
        out = whole;
        return true;
      }
    }
  }
  return take<std::int64_t>(raw, index, out);
}

namespace {

Result<std::string> text_of(Realm* realm, JSAtom atom) {
  const OwnedValue name(realm->context, ::JS_AtomToString(realm->context, atom));
  if (engine::is_exception(name.get())) {
    return caught(realm);
  }
  return read_string(ValueRef(realm->context, name.get()));
}

}  // namespace

namespace {
/// How many characters are to be put in, taken out or replaced to make one text of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  // of the table of all prefixes' distances, one row at a time
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}
}  // namespace

bool RecordReader::deny_unknown(const std::vector<JSAtom>& known) {
  JSContext* ctx = whole_.context();
  const OwnNames names(ctx, whole_.raw());
  if (!names) {
    return fail_pending();
  }
  for (const JSPropertyEnum& name : names) {
    if (std::find(known.begin(), known.end(), name.atom) != known.end()) {
      continue;
    }
    Result<std::string> text = text_of(realm_, name.atom);
    if (!text) {
      return fail(std::move(text).error());
    }
    // a name is proposed when a third of it, at most, is to be mended
    constexpr std::size_t longest = 64;
    std::string proposed;
    std::size_t limit = text->size() <= longest ? text->size() / 3 + 2 : 0;
    for (const JSAtom atom : known) {
      Result<std::string> other = text_of(realm_, atom);
      if (const std::size_t changes = other ? distance(*text, *other) : limit; changes < limit) {
        limit = changes;
        proposed = *std::move(other);
      }
    }
    Error error = mismatch("unknown property '" + *text + "'" +
                           (proposed.empty() ? "" : " (did you mean '" + proposed + "'?)"));
    if (whole_.problems() == nullptr) {
      return fail(std::move(error));
    }
    whole_.problems()->push_back(std::move(error));
  }
  return true;
}

Result<void> for_each_unknown(ValueRef object, const std::vector<JSAtom>& known,
                              Result<void> (*visit)(void*, std::string&&, ValueRef), void* state) {
  JSContext* ctx = object.context();
  Realm* realm = realm_of(ctx);
  const OwnNames names(ctx, object.raw());
  if (!names) {
    return caught(realm);
  }
  for (const JSPropertyEnum& name : names) {
    if (std::find(known.begin(), known.end(), name.atom) != known.end()) {
      continue;
    }
    Result<std::string> text = text_of(realm, name.atom);
    if (!text) {
      return std::move(text).error();
    }
    const OwnedValue value(ctx, engine::get_property(ctx, object.raw(), name.atom));
    if (engine::is_exception(value.get())) {
      return caught(realm);
    }
    const PartOf part(object);
    std::string step = *text;
    Result<void> visited = visit(state, *std::move(text), object.part(value.get()));
    if (!part.settle(visited, [&] { return step; })) {
      return visited;
    }
  }
  return {};
}

// ---- initialisers ------------------------------------------------------------------------------

std::uint64_t initialized_scalars(std::size_t size, std::size_t alignment, void (*construct)(void*),
                                  void (*destroy)(void*), const ScalarMember* members,
                                  std::size_t count) {
  std::uint64_t found = 0;
  const auto align = std::align_val_t{std::max(alignment, alignof(std::max_align_t))};
  struct Storage {
    std::size_t size;
    std::align_val_t align;
    unsigned char* bytes = static_cast<unsigned char*>(::operator new(size, align));
    ~Storage() { ::operator delete(bytes, size, align); }
  } const storage{size, align};
  unsigned char* bytes = storage.bytes;
  // what a constructor does not write to keeps one pattern and the other
  constexpr unsigned char patterns[] = {0xA5, 0x5A};
  for (const unsigned char pattern : patterns) {
    std::memset(bytes, pattern, size);
    // the compiler may hold that memory has no content before a constructor runs
    __asm__ volatile("" : : "r"(bytes) : "memory");
    construct(bytes);
    __asm__ volatile("" : : "r"(bytes) : "memory");
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned char* begin = bytes + members[i].offset;
      if (std::any_of(begin, begin + members[i].size,
                      [pattern](unsigned char byte) { return byte != pattern; })) {
        found |= std::uint64_t{1} << i;
      }
    }
    destroy(bytes);
  }
  return found;
}

// ---- writing -----------------------------------------------------------------------------------

void RecordWriter::keep_shapes(Realm* realm, Names& names, const JSAtom* atoms) noexcept {
  constexpr std::size_t most = 16;  // the shapes of larger structs cost more than they are worth
  JSContext* ctx = realm->context;
  const std::size_t number = names.number.load(std::memory_order_relaxed);
  if (!make_room(realm->shapes, realm->shape_count, number, 16)) {
    return;  // it goes without
  }
  // what is made once leaves nothing behind
  if (++realm->shapes[number] < kept || names.count > most) {
    return;
  }
  // The engine finds the shape of an object with one property more among those in use. One object
  // for every prefix of the members, {}, {a}, {a, b}, …, keeps them in use.
  JSValue prefixes = ::JS_NewArray(ctx);
  bool fine = !engine::is_exception(prefixes);
  for (std::size_t n = 0; fine && n <= names.count; ++n) {
    JSValue object = ::JS_NewObject(ctx);
    fine = !engine::is_exception(object);
    for (std::size_t i = 0; fine && i < n; ++i) {
      fine = engine::define(ctx, object, atoms[i], engine::undefined());
    }
    if (fine) {
      fine = ::JS_DefinePropertyValueUint32(ctx, prefixes, static_cast<std::uint32_t>(n), object,
                                            JS_PROP_C_W_E) >= 0;
    } else {
      engine::release(ctx, object);
    }
  }
  // the realm's token holds them, behind the intrinsics (see intrinsic)
  constexpr std::uint32_t first = 0x10000;
  if (fine) {
    fine = ::JS_DefinePropertyValueUint32(
               ctx, realm->token, first + static_cast<std::uint32_t>(number), prefixes, 0) >= 0;
  } else {
    engine::release(ctx, prefixes);
  }
  if (!fine) {
    engine::release(ctx, ::JS_GetException(ctx));  // it goes without
  }
}

bool RecordWriter::open_array() noexcept {
  is_array_ = true;
  object_ = ::JS_NewArray(ctx_);
  return !engine::is_exception(object_) && prepare(realm_of(ctx_));
}

bool RecordWriter::leave_out(unsigned index) {
  if (type_.optional_members == nullptr || (type_.optional_members() >> index & 1U) == 0) {
    return true;
  }
  return engine::define(ctx_, object_, atoms_[index], engine::null());
}

bool RecordWriter::append(unsigned index, JSValue value) noexcept {
  return !engine::is_exception(value) &&
         ::JS_DefinePropertyValueUint32(ctx_, object_, index, value, JS_PROP_C_W_E) >= 0;
}

bool RecordWriter::extra(std::string_view name, JSValue value) noexcept {
  if (engine::is_exception(value)) {
    return false;
  }
  const KeyAtom atom = key_atom(realm_of(ctx_), name);
  if (atom.get() == 0) {
    engine::release(ctx_, value);
    return false;
  }
  return engine::define(ctx_, object_, atom.get(), value);
}

}  // namespace quip::detail
