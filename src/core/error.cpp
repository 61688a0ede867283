#include "core_state.hpp"
#include <quip/core/convert.hpp>
#include <quip/core/error.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

#include <charconv>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace quip {

namespace detail {

/// What all copies of an Error share.
struct ErrorData {
  ErrorKind kind = ErrorKind::thrown;
  std::string name;
  std::string message;
  std::string path;          // of a conversion error: "servers[2].port"
  std::string expectation;   // of a conversion error: the message without the path
  const char* joint = ": ";  // of a conversion error: what stands between the two
  std::string stack;
  std::string file;
  int line = 0;
  int column = 0;
  Value value;
  std::exception_ptr origin;
  std::optional<int> code;  // of a std::system_error
  std::optional<Error> cause;
  std::vector<Error> problems;
  bool is_noted = false;          // see already_noted
  const Core* stopped = nullptr;  // whose scripts it stops

  // made when they are asked for: most errors are handled without
  std::string text;  // what what() shows
  bool is_located = false;

  static Error make(ErrorKind kind, std::string name, std::string message) {
    auto data = std::make_shared<ErrorData>();
    data->kind = kind;
    data->name = std::move(name);
    data->message = std::move(message);
    return Error(std::move(data));
  }
  static Error of(std::shared_ptr<ErrorData> data) { return Error(std::move(data)); }
  static ErrorData& in(const Error& error) { return *error.data_; }

  /// Copies of an error may be asked on several threads at once.
  static std::scoped_lock<std::mutex> lock() {
    static std::mutex mutex;
    return std::scoped_lock(mutex);
  }
  const char* spelled() noexcept {
    try {
      const auto guard = lock();
      if (text.empty()) {
        text = name.empty() ? message : name + ": " + message;
        if (!stack.empty()) {
          text += '\n';
          text += stack;
          text.erase(text.find_last_not_of('\n') + 1);
        }
      }
      return text.c_str();
    } catch (const std::bad_alloc&) {
      return message.c_str();
    }
  }
  const ErrorData& located() noexcept {
    try {
      const auto guard = lock();
      if (!is_located) {
        locate();
        is_located = true;
      }
    } catch (const std::bad_alloc&) {
      // then it has no place
    }
    return *this;
  }

 private:
  void locate();
};

namespace {

/// For ever, because copies of the error may outlive all that ends with the process.
union OutOfMemory {
  OutOfMemory() : data() {
    data.kind = ErrorKind::out_of_memory;
    data.name = "InternalError";
    data.message = "out of memory";
  }
  OutOfMemory(const OutOfMemory&) = delete;
  OutOfMemory& operator=(const OutOfMemory&) = delete;
  ~OutOfMemory() {}  // NOLINT(modernize-use-equals-default): the member stays
  ErrorData data;
};

/// In place, so that it can be asked for the first time when memory is short already: texts as
/// short as these are in the strings themselves.
Error out_of_memory() noexcept {
  static OutOfMemory kept;
  return ErrorData::of(std::shared_ptr<ErrorData>(std::shared_ptr<void>(), &kept.data));
}

/// The number behind the last colon of the text, cut off together with the colon; 0 if there is
/// none.
int cut_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return 0;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || stop != end) return 0;
  text = text.substr(0, colon);
  return number;
}

}  // namespace

/// Finds file, line and column in the first line of the stack that has them. Engines write
/// "    at name (file:line:column)" and "    at file:line:column"; native frames have no place.
void ErrorData::locate() {
  std::string_view rest = stack;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view frame = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t at = frame.find("at ");
    if (at == std::string_view::npos) {
      continue;
    }
    frame = frame.substr(at + 3);
    if (frame.ends_with(')')) {
      const std::size_t open = frame.rfind(" (");
      if (open == std::string_view::npos) {
        continue;
      }
      frame = frame.substr(open + 2, frame.size() - open - 3);
    }
    const int last = cut_number(frame);
    if (last == 0) {
      continue;
    }
    const int before = cut_number(frame);
    file = frame;
    line = before != 0 ? before : last;
    column = before != 0 ? last : 0;
    return;
  }
}

namespace {

/// Reads one error object. Whatever its getters throw is swallowed: an error about the error would
/// help nobody. Throws std::bad_alloc.
class Reader {
 public:
  explicit Reader(Realm* realm) noexcept : realm_(realm), ctx_(realm->context) {}

  /// A property; undefined when it cannot be read.
  template <class K>
  Handle property(JSValueConst object, K) {
    const JSAtom atom = K::atom(realm_);
    if (atom == 0) lack_memory();
    JSValue value = ::JS_GetProperty(ctx_, object, atom);
    if (engine::is_exception(value)) {
      forget();
      value = engine::undefined();
    }
    return {realm_, value};
  }
  template <class K>
  std::string text(JSValueConst object, K name) {
    const Handle value = property(object, name);
    return engine::is_string(value.get()) ? string(value.get()) : std::string();
  }
  /// String(value), or a description when that throws.
  std::string string(JSValueConst value) {
    const TextView text(ctx_, value);
    if (text) return utf8_of(text);
    if (engine::is_string(value)) lack_memory();
    forget();
    return describe(ValueRef(ctx_, value));
  }
  /// What of C++ an Error object carries.
  Stop origin(JSValueConst error) {
    const auto& core = CoreState::of(realm_->core);
    JSPropertyDescriptor descriptor;
    const int found = ::JS_GetOwnProperty(ctx_, &descriptor, error, core.origin_key);
    if (found < 0) forget();
    if (found <= 0) return {};
    const Handle value(realm_, descriptor.value);
    const Handle getter(realm_, descriptor.getter);
    const Handle setter(realm_, descriptor.setter);
    const auto* origin = static_cast<Origin*>(::JS_GetOpaque(descriptor.value, core.origin_class));
    return origin == nullptr ? Stop() : Stop{origin->stop, origin->exception, origin->kind};
  }

 private:
  void forget() noexcept { engine::release(ctx_, ::JS_GetException(ctx_)); }
  [[noreturn]] void lack_memory() {
    forget();
    throw std::bad_alloc();
  }
  Realm* realm_;
  JSContext* ctx_;
};

/// Takes the value over; `backtrace`, borrowed, is the stack of its throw where that is known.
Error read_error(Realm* realm, JSValue thrown, JSValueConst backtrace, int depth) {
  Handle handle(realm, thrown);
  auto data = std::make_shared<ErrorData>();
  Reader reader(realm);
  if (engine::is_error(realm->context, thrown)) {
    data->name = reader.text(thrown, key<"name">);
    data->message = reader.text(thrown, key<"message">);
    data->stack = reader.text(thrown, key<"stack">);
    const Stop carried = reader.origin(thrown);
    data->origin = carried.origin;
    if (!carried.reason.empty()) {
      data->kind = carried.kind;
      data->name = "InternalError";
      data->message = carried.reason;
      data->stopped = realm->core;
    } else if (data->name == "InternalError" && data->message == "out of memory") {
      data->kind = ErrorKind::out_of_memory;
    }
    // a chain of causes may be a ring
    constexpr int most_causes = 8;
    if (depth < most_causes) {
      const Handle cause = reader.property(thrown, key<"cause">);
      if (engine::is_error(realm->context, cause.get())) {
        data->cause = read_error(realm, engine::duplicate(realm->context, cause.get()),
                                 engine::undefined(), depth + 1);
      }
    }
  } else {
    data->message = reader.string(thrown);
    if (engine::is_string(backtrace)) {
      data->stack = reader.string(backtrace);
    }
  }
  data->value = Value(std::move(handle));
  return ErrorData::of(std::move(data));
}

/// Hangs what of C++ belongs to it on an Error object; false with a pending exception.
bool carry(Realm* realm, JSValueConst object, Stop stop) {
  auto* payload =
      new (std::nothrow) Origin(std::move(stop.origin), std::move(stop.reason), stop.kind);
  JSValue carrier = payload == nullptr ? ::JS_ThrowOutOfMemory(realm->context)
                                       : own(realm, realm->core->origin_class, payload);
  return !engine::is_exception(carrier) &&
         engine::define(realm->context, object, CoreState::of(realm->core).origin_key, carrier, 0);
}

/// The engine was told to stop a script, and here is an error: if it is the one of that, it says
/// from here on what stopped it, and scripts that get to see it as a value can catch it. False when
/// it is another.
bool claim(Realm* realm, const Error& error, const Stop& stop) {
  ErrorData& data = ErrorData::in(error);
  const JSValueConst object = data.value.handle().get();
  if (data.message != "interrupted" || !engine::is_error(realm->context, object) ||
      !engine::may_be_uncatchable(object)) {
    return false;
  }
  data.kind = stop.kind;
  data.name = "InternalError";
  data.message = stop.reason;
  data.origin = stop.origin;
  data.stopped = realm->core;
  engine::make_catchable(realm->context, object);
  auto& core = CoreState::of(realm->core);
  if (!core.closing && !carry(realm, object, stop)) {
    engine::release(realm->context, ::JS_GetException(realm->context));  // this Error has it
  }
  core.limits->last = std::exchange(core.limits->raised, std::nullopt);
  return true;
}

/// A JS error object of the class that the error names; owned, or an exception.
JSValue make_object(JSContext* ctx, const std::string& name, const std::string& message) noexcept {
  // Engines cut texts that they format to 255 bytes, and at a NUL, and do without when memory is
  // short: the message is set afterwards.
  bool plain = false;
  if (name == "TypeError") {
    ::JS_ThrowTypeError(ctx, "%s", "");
  } else if (name == "RangeError") {
    ::JS_ThrowRangeError(ctx, "%s", "");
  } else if (name == "ReferenceError") {
    ::JS_ThrowReferenceError(ctx, "%s", "");
  } else if (name == "SyntaxError") {
    ::JS_ThrowSyntaxError(ctx, "%s", "");
  } else if (name == "InternalError") {
    ::JS_ThrowInternalError(ctx, "%s", "");
  } else {
    plain = true;
  }
  JSValue object = plain ? ::JS_NewError(ctx) : ::JS_GetException(ctx);
  if (!engine::is_object(object)) return object;
  constexpr int hidden = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
  const auto set = [ctx, object](const char* property, const std::string& value) {
    JSValue text = ::JS_NewStringLen(ctx, value.data(), value.size());
    return !engine::is_exception(text) &&
           ::JS_DefinePropertyValueStr(ctx, object, property, text, hidden) >= 0;
  };
  if (set("message", message) && (!plain || name.empty() || name == "Error" || set("name", name))) {
    return object;
  }
  engine::release(ctx, object);
  return engine::exception();
}

/// What Runtime::map_exception said about the exception; `known` is null when it is no
/// std::exception.
std::optional<Error> mapped(Core* core, const std::exception* known,
                            const std::exception_ptr& exception) noexcept {
  if (core == nullptr) return std::nullopt;
  const auto maps = CoreState::of(core).exception_maps;
  if (maps == nullptr) return std::nullopt;
  try {
    for (const ExceptionMap& map : *maps) {
      std::optional<Error> error = map(known, exception);
      if (!error) continue;
      // copies share their data: this one's is its own
      auto data = std::make_shared<ErrorData>(ErrorData::in(*error));
      if (data->origin == nullptr) data->origin = exception;
      return ErrorData::of(std::move(data));
    }
  } catch (...) {
    // the exception itself tells more than what went wrong in looking at it
  }
  return std::nullopt;
}

/// The error that stands for a C++ exception in a script.
Error classify(const std::exception& exception, std::exception_ptr origin) noexcept {
  if (const auto* error = dynamic_cast<const Error*>(&exception)) return *error;
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) return out_of_memory();
  const bool range = dynamic_cast<const std::out_of_range*>(&exception) != nullptr ||
                     dynamic_cast<const std::length_error*>(&exception) != nullptr ||
                     dynamic_cast<const std::domain_error*>(&exception) != nullptr;
  const bool type = dynamic_cast<const std::invalid_argument*>(&exception) != nullptr;
  try {
    Error error = ErrorData::make(ErrorKind::usage,
                                  range  ? "RangeError"
                                  : type ? "TypeError"
                                         : "Error",
                                  exception.what());
    ErrorData::in(error).origin = std::move(origin);
    if (const auto* system = dynamic_cast<const std::system_error*>(&exception)) {
      ErrorData::in(error).code = system->code().value();
    }
    return error;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

}  // namespace

Error caught(Realm* realm) noexcept {
  try {
    JSValue thrown = ::JS_GetException(realm->context);
    // some operations of the engine fail without an exception, and only for want of memory
    if (engine::tag(thrown) == JS_TAG_UNINITIALIZED) return out_of_memory();
    // taken in any case: the next throw is to have its own
    const Handle backtrace(realm, engine::take_backtrace(realm->context));
    Error error = read_error(realm, thrown, backtrace.get(), 0);
    CoreState& core = CoreState::of(realm->owner);
    if (core.limits->raised && !claim(realm, error, Stop(*core.limits->raised))) [[unlikely]] {
      // Stopped inside of the engine's own promise machinery, a script fails by what that makes of
      // it: "not a function", where an executor did not get to its end.
      return *core.take_stop();
    }
    return error;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

Error interrupted(const Core* core, const Stop& stop) noexcept {
  try {
    Error error = ErrorData::make(stop.kind, "InternalError", stop.reason);
    ErrorData::in(error).origin = stop.origin;
    ErrorData::in(error).stopped = core;
    return error;
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

bool is_stop(const Error& error) noexcept { return ErrorData::in(error).stopped != nullptr; }

Error error_of(Realm* realm, JSValueConst value, JSValueConst backtrace) noexcept {
  try {
    return read_error(realm, engine::duplicate(realm->context, value), backtrace, 0);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

Error refusal(const Realm* realm) noexcept {
  try {
    const char* reason =
        realm == &nowhere                    ? "the handle is empty"
        : realm->core == &no_core            ? "the context of this handle is gone"
        : CoreState::of(realm->core).closing ? "the runtime of this handle is destroyed"
        : realm->core->looks > 0 ? "no script may run while the bytes of a buffer are looked at"
        : CoreState::of(realm->core).asking > 0
            ? "no script may run inside the interrupt handler"
            : "no script may run while the garbage collector destroys objects";
    return ErrorData::make(ErrorKind::runtime_gone, "Error", reason);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

JSValue throw_error(JSContext* ctx, const Error& error, std::exception_ptr origin) noexcept {
  Realm* realm = realm_of(ctx);
  const ErrorData& data = ErrorData::in(error);
  const Handle& thrown = data.value.handle();
  // stopped is stopped, whatever of C++ the error came through
  const bool stops = data.stopped == realm->core;
  if (thrown.realm()->core == realm->core) {
    JSValue same = engine::duplicate(ctx, thrown.get());
    return stops ? engine::throw_uncatchable(ctx, same) : ::JS_Throw(ctx, same);
  }
  if (origin == nullptr) origin = data.origin;
  // nothing to tell but that memory is short: the engine needs the least for that
  if (data.kind == ErrorKind::out_of_memory && origin == nullptr && !stops) {
    return ::JS_ThrowOutOfMemory(ctx);
  }
  JSValue object = make_object(ctx, data.name, data.message);
  if (engine::is_exception(object)) return object;
  if (data.code && engine::is_object(object) &&
      ::JS_DefinePropertyValueStr(ctx, object, "code", engine::int32(*data.code), JS_PROP_C_W_E) <
          0) {
    engine::release(ctx, object);
    return engine::exception();
  }
  if ((origin != nullptr || stops) && engine::is_object(object)) {
    if (stops) origin = data.origin;  // not the Error itself: what it came from, if anything
    try {
      if (!carry(realm, object,
                 {stops ? data.message : std::string(), std::move(origin), data.kind})) {
        engine::release(ctx, object);
        return engine::exception();
      }
    } catch (const std::bad_alloc&) {
      engine::release(ctx, object);
      return ::JS_ThrowOutOfMemory(ctx);
    }
  }
  return stops ? engine::throw_uncatchable(ctx, object) : ::JS_Throw(ctx, object);
}

namespace {

/// The stop of this entry's scripts, if the exception is what an interrupt handler threw for it.
const Stop* stop_by(const CoreState& core, const std::exception_ptr& exception) noexcept {
  const std::optional<Stop>& last = core.limits->last;
  return last && last->origin != nullptr && last->origin == exception ? &*last : nullptr;
}

}  // namespace

JSValue throw_current(JSContext* ctx, const std::exception& exception) noexcept {
  // looked at where it was caught: to throw it again would cost as much as the first time
  const std::exception_ptr current = std::current_exception();
  const auto& core = CoreState::of(realm_of(ctx)->core);
  if (const Stop* stop = stop_by(core, current)) [[unlikely]] {
    return throw_error(ctx, interrupted(&core, *stop));
  }
  if (const std::optional<Error> error = mapped(realm_of(ctx)->core, &exception, current)) {
    return throw_error(ctx, *error);
  }
  return throw_error(ctx, classify(exception, current), current);
}

JSValue throw_current(JSContext* ctx) noexcept {
  const auto& core = CoreState::of(realm_of(ctx)->core);
  const std::exception_ptr current = std::current_exception();
  if (const Stop* stop = stop_by(core, current)) [[unlikely]] {
    return throw_error(ctx, interrupted(&core, *stop));
  }
  return throw_error(ctx, Error::from(current));
}

Error not_of_type(std::string_view type, std::string_view actual) {
  return unfit("is not of type '" + std::string(type) + "' (got " + std::string(actual) + ")");
}

Error unfit(std::string tail) {
  Error error = ErrorData::make(ErrorKind::conversion, "TypeError", "the value " + tail);
  ErrorData::in(error).expectation = std::move(tail);
  ErrorData::in(error).joint = " ";
  return error;
}

Error with_prefix(const Error& error, std::string_view prefix) {
  return ErrorData::make(error.kind(), error.name(), std::string(prefix) + error.message());
}

bool PartOf::settle_slowly(Error* error, const std::string& step) const {
  // a script's mistake may be one that it made a million times
  constexpr std::size_t most_problems = 1000;
  for (std::size_t i = before_; i < problems_->size(); ++i) {
    (*problems_)[i].at(step);
  }
  if (error == nullptr) {
    return true;
  }
  error->at(step);
  if (error->kind() != ErrorKind::conversion || problems_->size() >= most_problems) {
    return false;
  }
  note(*problems_, *error);
  return true;
}

void note(std::vector<Error>& problems, Error error) {
  if (!ErrorData::in(error).is_noted) {
    problems.push_back(std::move(error));
  }
}

Error already_noted() {
  Error error = Error::conversion("no problem in the parts", "one");
  ErrorData::in(error).is_noted = true;
  return error;
}

Error all_problems(std::vector<Error> problems) {
  std::string message;
  for (const Error& problem : problems) {
    message += (message.empty() ? "" : "\n") + problem.message();
  }
  if (problems.empty()) {
    return already_noted();
  }
  Error error = ErrorData::make(ErrorKind::conversion, problems.front().name(), std::move(message));
  ErrorData::in(error).problems = std::move(problems);
  return error;
}

Error mismatch(std::string message) {
  return ErrorData::make(ErrorKind::conversion, "TypeError", std::move(message));
}

const std::string& conversion_path(const Error& error) noexcept {
  return ErrorData::in(error).path;
}
const std::string& conversion_expectation(const Error& error) noexcept {
  const ErrorData& data = ErrorData::in(error);
  return data.path.empty() ? data.message : data.expectation;
}

Error too_deep() { return Error::range("the value is nested too deeply, or contains itself"); }

JSValue throw_too_deep(JSContext* ctx) noexcept {
  return ::JS_ThrowRangeError(ctx, "the value is nested too deeply, or contains itself");
}

JSValue throw_stack_overflow(JSContext* ctx) noexcept {
  return ::JS_ThrowRangeError(ctx, "Maximum call stack size exceeded");
}

}  // namespace detail

using detail::ErrorData;

Error::Error(std::shared_ptr<ErrorData> data) noexcept : data_(std::move(data)) {}
Error::~Error() = default;

Error Error::plain(std::string message) {
  return ErrorData::make(ErrorKind::usage, "Error", std::move(message));
}
Error Error::type(std::string message) {
  return ErrorData::make(ErrorKind::usage, "TypeError", std::move(message));
}
Error Error::range(std::string message) {
  return ErrorData::make(ErrorKind::usage, "RangeError", std::move(message));
}
Error Error::reference(std::string message) {
  return ErrorData::make(ErrorKind::usage, "ReferenceError", std::move(message));
}
Error Error::syntax(std::string message) {
  return ErrorData::make(ErrorKind::usage, "SyntaxError", std::move(message));
}
Error Error::named(std::string name, std::string message) {
  return ErrorData::make(ErrorKind::usage, std::move(name), std::move(message));
}
Error Error::of(const Value& value) noexcept {
  detail::Realm* realm = value.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::KeptAlive kept(value.raw());
  return detail::error_of(realm, value.raw());
}
Error Error::conversion(std::string expected, std::string actual) {
  return ErrorData::make(ErrorKind::conversion, "TypeError",
                         "expected " + std::move(expected) + ", got " + std::move(actual));
}
Error Error::out_of_range(std::string expected, std::string actual) {
  return ErrorData::make(ErrorKind::conversion, "RangeError",
                         "expected " + std::move(expected) + ", got " + std::move(actual));
}

Error Error::from(const std::exception_ptr& exception) noexcept {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    if (std::optional<Error> error = detail::mapped(detail::entered, &known, exception)) {
      return *std::move(error);
    }
    return detail::classify(known, exception);
  } catch (...) {
    if (std::optional<Error> error = detail::mapped(detail::entered, nullptr, exception)) {
      return *std::move(error);
    }
    try {
      Error error = plain("a C++ exception that is no std::exception");
      ErrorData::in(error).origin = exception;
      return error;
    } catch (const std::bad_alloc&) {
      return detail::out_of_memory();
    }
  }
}

ErrorKind Error::kind() const noexcept { return data_->kind; }
const std::string& Error::name() const noexcept { return data_->name; }
const std::string& Error::message() const noexcept { return data_->message; }
const std::string& Error::stack() const noexcept { return data_->stack; }
const std::string& Error::file() const noexcept { return data_->located().file; }
int Error::line() const noexcept { return data_->located().line; }
int Error::column() const noexcept { return data_->located().column; }
const Error* Error::cause() const noexcept {
  const std::optional<Error>& cause = data_->cause;
  return cause.has_value() ? &*cause : nullptr;
}
const std::vector<Error>& Error::problems() const noexcept { return data_->problems; }
Value Error::value() const { return data_->value; }
std::exception_ptr Error::origin() const noexcept { return data_->origin; }
Error Error::detached() const noexcept {
  try {
    // not a copy of all: another thread may be spelling the text, and the value is the runtime's
    auto data = std::make_shared<ErrorData>();
    data->kind = data_->kind;
    data->name = data_->name;
    data->message = data_->message;
    data->path = data_->path;
    data->expectation = data_->expectation;
    data->joint = data_->joint;
    data->stack = data_->stack;
    data->origin = data_->origin;
    data->code = data_->code;
    const ErrorData& located = data_->located();
    data->file = located.file;
    data->line = located.line;
    data->column = located.column;
    data->is_located = true;
    if (const Error* why = cause()) data->cause = why->detached();
    for (const Error& problem : data_->problems) data->problems.push_back(problem.detached());
    return ErrorData::of(std::move(data));
  } catch (const std::bad_alloc&) {
    return detail::out_of_memory();
  }
}
bool Error::is(std::string_view name) const noexcept { return data_->name == name; }
const char* Error::what() const noexcept { return data_->spelled(); }

Error& Error::at(std::string_view step) & {
  if (data_->kind != ErrorKind::conversion) return *this;
  if (data_.use_count() != 1) data_ = std::make_shared<ErrorData>(*data_);
  std::string& path = data_->path;
  const bool index = path.starts_with('[');
  if (path.empty() && data_->expectation.empty()) data_->expectation = data_->message;
  path.insert(0, std::string(step) + (path.empty() || index ? "" : "."));
  data_->message = path + data_->joint + data_->expectation;
  data_->text.clear();
  for (Error& problem : data_->problems) {
    problem.at(step);
  }
  return *this;
}
Error&& Error::at(std::string_view step) && { return std::move(at(step)); }

void Error::raise() const {
  if (data_->origin != nullptr) std::rethrow_exception(data_->origin);
  if (data_->kind == ErrorKind::runtime_gone) throw RuntimeGone(*this);
  throw Error(*this);
}

RuntimeGone::RuntimeGone()
    : Error(ErrorData::make(ErrorKind::runtime_gone, "Error",
                            "the runtime of this handle is destroyed")) {}
RuntimeGone::RuntimeGone(const Error& error) noexcept : Error(error) {}

}  // namespace quip
