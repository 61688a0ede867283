#include "core_state.hpp"
#include "parts.hpp"
#include <quip/core/context.hpp>
#include <quip/core/custom_context.hpp>
#include <quip/core/with.hpp>
#include <quip/value/object.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <new>
#include <system_error>

namespace quip {

namespace {

JSContext* new_context(JSRuntime* rt, Intrinsics intrinsics) {
  if (intrinsics == Intrinsics::all()) return engine::new_full_context(rt);
  if (!engine::learn_kinds()) return nullptr;
  if (!intrinsics.has<intrinsic::Promise>() && !engine::know_async_functions(rt)) return nullptr;
  return engine::new_context(rt, intrinsics.bits());
}

Result<Context> make_context(const Runtime& runtime, Intrinsics intrinsics) {
  if (runtime.core() == nullptr) {
    return RuntimeGone();
  }
  auto& core = detail::CoreState::of(runtime.core());
  detail::Entry entry(&core);
  if (!entry) return RuntimeGone();
  const Error no_memory = Error::from(std::make_exception_ptr(std::bad_alloc()));
  // The engines corrupt their heap when a context meets the limit half made: it is looked at
  // afterwards. (Of somebody else's limit we do not know.)
  core.lift_memory_limits();
  JSContext* ctx = new_context(core.runtime, intrinsics);
  detail::Realm* realm = ctx == nullptr ? nullptr : core.adopt(ctx);
  core.limit_memory();
  if (realm == nullptr) return no_memory;
  realm->lacks = Intrinsics::all().without(intrinsics | Intrinsics::always()).bits();
  Context context(detail::Handle(realm, engine::undefined()));
  if (core.memory_limit != 0) {
    JSMemoryUsage usage{};
    ::JS_ComputeMemoryUsage(core.runtime, &usage);
    if (static_cast<std::size_t>(usage.malloc_size) > core.memory_limit) return no_memory;
  }
  return context;
}

}  // namespace

void detail::check_together(const Realm* const* realms, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i) {
    const Core* core = realms[i]->core;
    if (core == realms[0]->core) continue;
    if (core == &no_core || core->closing) refusal(realms[i]).raise();
    throw Error::type("the contexts are of different runtimes: one thread uses one at a time");
  }
}

Object Ctx::globals() const { return try_globals().value(); }

Result<Object> Ctx::try_globals() const {
  const detail::Entry entry(realm_);
  if (!entry) {
    return detail::refusal(realm_);
  }
  return Object(detail::Handle(realm_, ::JS_GetGlobalObject(realm_->context)));
}

JSValue Ctx::evaluate(std::string_view source, const EvalOptions& options) const {
  if (!detail::has_part(realm_, engine::Part::eval)) [[unlikely]]
    return engine::exception();
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
    return Error::plain("cannot read '" + path.string() + "': " + text.error().message());
  }
  return text;
}

std::optional<std::string> Ctx::script_or_module_name(int level) const {
  const detail::Entry entry(realm_);
  if (!entry || level < 0) return std::nullopt;
  JSContext* ctx = realm_->context;
  // Frames of the engine's own functions have no name; those of C++ may be among the first.
  constexpr int most_native = 8;
  JSAtom atom = 0;
  int first = 0;
  while (atom == 0 && first < most_native) atom = ::JS_GetScriptOrModuleName(ctx, first++);
  if (atom != 0 && level > 0) {
    ::JS_FreeAtom(ctx, atom);
    atom = ::JS_GetScriptOrModuleName(ctx, first - 1 + level);
  }
  if (atom == 0) return std::nullopt;
  const char* text = ::JS_AtomToCString(ctx, atom);
  ::JS_FreeAtom(ctx, atom);
  if (text == nullptr) detail::caught(realm_).raise();
  std::string name(text);
  ::JS_FreeCString(ctx, text);
  return name;
}

Context Ctx::context() const {
  detail::Entry entry(realm_);
  if (!entry) detail::refusal(realm_).raise();
  return Context(detail::Handle(realm_, engine::undefined()));
}

Context::Context(const Runtime& runtime) : Context(try_make(runtime).value()) {}

Result<Context> Context::try_make(const Runtime& runtime) {
  return make_context(runtime, Intrinsics::all());
}

Result<Context> Context::try_make_base(const Runtime& runtime) {
  return make_context(runtime, Intrinsics::of<intrinsic::Eval>());
}

Result<Context> Context::try_make(const Runtime& runtime, const Intrinsics& intrinsics) {
  if (const Intrinsics lacking = intrinsics.without(Intrinsics::all()); lacking != Intrinsics()) {
    return Error::plain("this engine (" + Runtime::engine() + ") has no " +
                        detail::names_of(lacking.bits()));
  }
  return make_context(runtime, intrinsics | (intrinsics.has<intrinsic::RegExp>()
                                                 ? Intrinsics::of<intrinsic::RegExpCompiler>()
                                                 : Intrinsics()));
}

}  // namespace quip
