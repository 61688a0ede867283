// quickjs-ng gives Error.prepareStackTrace an object for each call; in a context of our own that is
// a function of ours. Bellard's engine has the text of `stack` alone.
#include "stack.hpp"

#include <charconv>
#include <new>
#include <optional>

namespace quip::engine {

namespace {

constexpr bool has_sites = family == Family::quickjs_ng;
// quickjs-ng looks at no more calls than that
constexpr int most_frames = 64;

/// The number behind the last colon, cut off with it; nothing if there is none.
std::optional<int> cut_number(std::string_view& text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return std::nullopt;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, number);
  if (error != std::errc() || stop != end || number < 0) return std::nullopt;
  text = text.substr(0, colon);
  return number;
}

Frame parse_frame(std::string_view line) {
  Frame frame;
  if (line.ends_with(" (native)")) {
    frame.is_native = true;
    line.remove_suffix(std::string_view(" (native)").size());
  } else if (line.ends_with(')')) {
    // files are called "a (2).js" more often than functions are
    const std::size_t open = line.find(" (");
    if (open != std::string_view::npos) {
      std::string_view place = line.substr(open + 2, line.size() - open - 3);
      const std::optional<int> last = cut_number(place);
      const std::optional<int> before = last ? cut_number(place) : std::nullopt;
      frame.file = place;
      frame.line = before.value_or(last.value_or(0));
      frame.column = before ? *last : 0;
      line = line.substr(0, open);
    }
  }
  if (line != "<anonymous>") frame.function = line;
  return frame;
}

}  // namespace

std::vector<Frame> parse_stack(std::string_view text) {
  constexpr std::string_view prefix = "    at ";
  std::vector<Frame> frames;
  while (text.starts_with(prefix)) {
    text.remove_prefix(prefix.size());
    // a name may have line ends in it
    std::size_t end = text.find("\n    at ");
    if (end == std::string_view::npos) end = text.size();
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\n')) line.remove_suffix(1);
    frames.push_back(parse_frame(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return frames;
}

std::unique_ptr<StackReader> StackReader::make(JSRuntime* rt) noexcept {
  JSContext* ctx = new_base_context(rt);
  if (ctx == nullptr) return nullptr;
  std::unique_ptr<StackReader> reader(new (std::nothrow) StackReader(ctx));
  if (reader == nullptr) {
    ::JS_FreeContext(ctx);
  } else if (!reader->set_up()) {
    reader->forgive();
    reader.reset();
  }
  return reader;
}

StackReader::~StackReader() {
  for (JSValue value : {error_class_, site_function_name_, site_function_, site_file_, site_line_,
                        site_column_, site_is_native_, function_line_, function_column_}) {
    release(ctx_, value);
  }
  ::JS_FreeContext(ctx_);
}

void StackReader::forgive() noexcept {
  if (::JS_HasException(ctx_)) release(ctx_, ::JS_GetException(ctx_));
}

bool StackReader::set_up() noexcept {
  ::JS_SetContextOpaque(ctx_, this);
  JSValue global = ::JS_GetGlobalObject(ctx_);
  error_class_ = ::JS_GetPropertyStr(ctx_, global, "Error");
  release(ctx_, global);
  return is_object(error_class_) && (!has_sites || set_up_sites());
}

/// Has each stack of this context given to `take_sites`.
bool StackReader::set_up_sites() noexcept {
  JSValue prototype = function_prototype(ctx_);
  const auto getter = [&](const char* name, JSValue& to) {
    const JSAtom atom = ::JS_NewAtom(ctx_, name);
    JSPropertyDescriptor found;
    const int has = atom == 0 ? -1 : ::JS_GetOwnProperty(ctx_, &found, prototype, atom);
    ::JS_FreeAtom(ctx_, atom);
    if (has <= 0) return false;
    to = found.getter;
    release(ctx_, found.setter);
    release(ctx_, found.value);
    return is_object(to);
  };
  const bool has_getters =
      getter("lineNumber", function_line_) && getter("columnNumber", function_column_);
  release(ctx_, prototype);
  if (!has_getters) return false;
  if (::JS_SetPropertyStr(ctx_, error_class_, "stackTraceLimit", int32(most_frames)) < 0) {
    return false;
  }
  JSValue prepare = ::JS_NewCFunction(ctx_, &StackReader::take_sites, "", 2);
  return !is_exception(prepare) &&
         ::JS_SetPropertyStr(ctx_, error_class_, "prepareStackTrace", prepare) >= 0;
}

bool StackReader::ask_text(JSValueConst method, JSValueConst of, std::string& text) {
  JSValue value = ::JS_Call(ctx_, method, of, 0, nullptr);
  if (is_exception(value)) return false;
  bool is_read = true;
  if (is_string(value)) {
    std::size_t size = 0;
    const char* chars = ::JS_ToCStringLen(ctx_, &size, value);
    is_read = chars != nullptr;
    if (is_read) {
      try {
        text.assign(chars, size);
      } catch (const std::bad_alloc&) {
        is_read = false;
      }
      ::JS_FreeCString(ctx_, chars);
    }
  }
  release(ctx_, value);
  return is_read;
}

int StackReader::ask_number(JSValueConst method, JSValueConst of) noexcept {
  JSValue value = ::JS_Call(ctx_, method, of, 0, nullptr);
  if (is_exception(value)) forgive();
  const int number = is_int32(value) ? get_int32(value) : 0;
  release(ctx_, value);
  return number > 0 ? number : 0;
}

bool StackReader::take_site(JSValueConst site) {
  if (is_undefined(site_function_)) {  // all of them have the same methods
    const auto method = [&](const char* name, JSValue& to) {
      to = ::JS_GetPropertyStr(ctx_, site, name);
      return is_object(to);
    };
    if (!method("getFunctionName", site_function_name_) || !method("getFileName", site_file_) ||
        !method("getLineNumber", site_line_) || !method("getColumnNumber", site_column_) ||
        !method("isNative", site_is_native_) || !method("getFunction", site_function_)) {
      return false;
    }
  }
  Frame frame;
  if (!ask_text(site_function_name_, site, frame.function) ||
      !ask_text(site_file_, site, frame.file)) {
    return false;
  }
  frame.line = ask_number(site_line_, site);
  frame.column = ask_number(site_column_, site);
  JSValue native = ::JS_Call(ctx_, site_is_native_, site, 0, nullptr);
  frame.is_native = tag(native) == JS_TAG_BOOL && get_bool(native);
  release(ctx_, native);
  JSValue function = ::JS_Call(ctx_, site_function_, site, 0, nullptr);
  if (is_object(function)) {
    frame.first_line = ask_number(function_line_, function);
    frame.first_column = ask_number(function_column_, function);
  }
  release(ctx_, function);
  frames_->push_back(std::move(frame));
  return true;
}

JSValue StackReader::take_sites(JSContext* ctx, JSValueConst, int, JSValueConst* argv) noexcept {
  auto& reader = *static_cast<StackReader*>(::JS_GetContextOpaque(ctx));
  if (reader.frames_ == nullptr || !is_object(argv[1])) return undefined();
  try {
    for (std::uint32_t i = 0; i < most_frames; ++i) {
      JSValue site = ::JS_GetPropertyUint32(ctx, argv[1], i);
      const bool is_last = !is_object(site);
      const bool is_taken = !is_last && reader.take_site(site);
      release(ctx, site);
      if (is_last) break;
      if (!is_taken) return undefined();
    }
    reader.has_sites_ = true;
  } catch (const std::bad_alloc&) {
    // then it cannot be read
  }
  return undefined();
}

/// The property `stack` that the engine gave the error; owned, or undefined.
JSValue StackReader::error_stack(JSValueConst error) noexcept {
  const JSAtom atom = ::JS_NewAtom(ctx_, "stack");
  JSPropertyDescriptor found;
  const int has = atom == 0 ? -1 : ::JS_GetOwnProperty(ctx_, &found, error, atom);
  ::JS_FreeAtom(ctx_, atom);
  if (has <= 0) return undefined();
  release(ctx_, found.getter);
  release(ctx_, found.setter);
  return found.value;
}

StackReader::Outcome StackReader::read(std::vector<Frame>& frames) noexcept {
  frames.clear();
  if (is_reading_) return Outcome::unreadable;
  is_reading_ = true;
  has_sites_ = false;
  frames_ = &frames;
  JSValue error = ::JS_CallConstructor(ctx_, error_class_, 0, nullptr);
  frames_ = nullptr;
  Outcome outcome = Outcome::unreadable;
  if constexpr (has_sites) {
    release(ctx_, fallback::take_backtrace(ctx_));  // the context's last one, which nobody asks for
    if (has_sites_) {
      outcome = frames.size() < most_frames ? Outcome::whole : Outcome::truncated;
    }
  } else if (is_object(error)) {
    JSValue stack = error_stack(error);
    std::size_t size = 0;
    const char* text = is_string(stack) ? ::JS_ToCStringLen(ctx_, &size, stack) : nullptr;
    if (text != nullptr) {
      try {
        frames = parse_stack({text, size});
        outcome = Outcome::whole;
      } catch (const std::bad_alloc&) {
        frames.clear();
      }
      ::JS_FreeCString(ctx_, text);
    }
    release(ctx_, stack);
  }
  release(ctx_, error);
  forgive();
  if (outcome == Outcome::unreadable) frames.clear();
  is_reading_ = false;
  return outcome;
}

}  // namespace quip::engine
