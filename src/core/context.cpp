#include "core_state.hpp"
#include <quip/core/context.hpp>
#include <quip/value/object.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <new>
#include <system_error>

namespace quip {

namespace {

Result<Context> make_context(const Runtime& runtime, JSContext* (*make)(JSRuntime*)) {
  if (runtime.core() == nullptr) {
    return RuntimeGone();
  }
  auto& core = detail::CoreState::of(runtime.core());
  detail::Entry entry(&core);
  if (!entry) return RuntimeGone();
  const Error no_memory = Error::from(std::make_exception_ptr(std::bad_alloc()));
  // The engines corrupt their heap when a context meets the limit half made: it is looked at
  // afterwards.
  engine::set_memory_limit(core.runtime, 0);
  JSContext* ctx = make(core.runtime);
  detail::Realm* realm = ctx == nullptr ? nullptr : core.adopt(ctx);
  engine::set_memory_limit(core.runtime, core.memory_limit);
  if (realm == nullptr) return no_memory;
  Context context(detail::Handle(realm, engine::undefined()));
  if (core.memory_limit != 0) {
    JSMemoryUsage usage{};
    ::JS_ComputeMemoryUsage(core.runtime, &usage);
    if (static_cast<std::size_t>(usage.malloc_size) > core.memory_limit) return no_memory;
  }
  return context;
}

}  // namespace

Object Ctx::globals() const { return try_globals().value(); }

Result<Object> Ctx::try_globals() const {
  const detail::Entry entry(realm_);
  if (!entry) {
    return detail::refusal(realm_);
  }
  return Object(detail::Handle(realm_, ::JS_GetGlobalObject(realm_->context)));
}

JSValue Ctx::evaluate(std::string_view source, const EvalOptions& options) const {
  // the engine reads up to a NUL behind the text
  const std::string text(source);
  const int flags = JS_EVAL_TYPE_GLOBAL | (options.strict ? JS_EVAL_FLAG_STRICT : 0) |
                    (options.backtrace_barrier ? JS_EVAL_FLAG_BACKTRACE_BARRIER : 0);
  JSValue result =
      ::JS_Eval(realm_->context, text.c_str(), text.size(), options.filename.c_str(), flags);
  if (!engine::is_exception(result)) {
    // stopped, but an engine made a promise's rejection of that
    if (const auto stop = detail::CoreState::of(realm_->core).take_stop()) [[unlikely]] {
      engine::release(realm_->context, result);
      return detail::throw_error(realm_->context, *stop);
    }
  }
  return result;
}

Result<std::string> detail::read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error::plain("it is a folder");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return Error::plain(std::generic_category().message(errno));
  }
  return text;
}

Result<std::string> Ctx::read_source(const std::filesystem::path& path) {
  Result<std::string> text = detail::read_file(path);
  if (!text) {
    return Error::plain("cannot read '" + path.generic_string() + "': " + text.error().message());
  }
  return text;
}

Context Ctx::context() const {
  detail::Entry entry(realm_);
  if (!entry) detail::refusal(realm_).raise();
  return Context(detail::Handle(realm_, engine::undefined()));
}

Context::Context(const Runtime& runtime) : Context(try_make(runtime).value()) {}

Result<Context> Context::try_make(const Runtime& runtime) {
  return make_context(runtime, &::JS_NewContext);
}

Result<Context> Context::try_make_base(const Runtime& runtime) {
  return make_context(runtime, &engine::new_base_context);
}

}  // namespace quip
