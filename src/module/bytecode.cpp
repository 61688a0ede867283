#include "../core/core_state.hpp"
#include "compiler.hpp"
#include "glue.hpp"
#include "hash.hpp"
#include "specifier.hpp"
#include "table.hpp"
#include <quip/convert/string.hpp>
#include <quip/function/native.hpp>
#include <quip/module/bytecode.hpp>
#include <quip/value/object.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

namespace quip {

namespace {

/// The name of the empty module that stands in for every import of a module that is only compiled.
constexpr const char* stand_in = "<what a module imports>";

/// The stamp, or nothing when memory is short.
std::optional<EngineStamp> make_stamp() {
  // Many kinds of instructions, constants and names: what could be numbered differently.
  constexpr std::string_view probe =
      "(function(a,b=1,...c){class A{#x=1;static s=2;get y(){return this.#x}"
      "async*g(){yield*[await a,b,...c]}};let {q,...r}={q:1n,z:/x/u};"
      "for(const k of[1,2.5,'s',null,true])switch(k){case 1:continue;default:"
      "try{throw new TypeError(`t${k}`)}catch(e){delete r.z}finally{typeof k}}"
      "return Symbol.iterator in r||(new.target?.[0]??Promise)})";
  std::optional<EngineStamp> stamp;
  JSRuntime* rt = ::JS_NewRuntime();
  JSContext* ctx = rt == nullptr ? nullptr : ::JS_NewContext(rt);
  if (ctx != nullptr) {
    JSValue compiled = ::JS_Eval(ctx, probe.data(), probe.size(), "<probe>",
                                 JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    if (!engine::is_exception(compiled)) {
      std::size_t size = 0;
      std::uint8_t* code = ::JS_WriteObject(ctx, &size, compiled, JS_WRITE_OBJ_BYTECODE);
      if (code != nullptr) {
        std::string name = engine::version();
        const std::uint64_t seed = detail::hash64(name, sizeof(void*));
        stamp = EngineStamp{std::move(name),
                            detail::hash64(std::as_bytes(std::span(code, size)), seed)};
        ::js_free(ctx, code);
      }
    }
    engine::release(ctx, compiled);
    ::JS_FreeContext(ctx);
  }
  if (rt != nullptr) ::JS_FreeRuntime(rt);
  return stamp;
}

/// Null when it cannot be told.
const EngineStamp* known_stamp() {
  static std::mutex lock;
  static std::optional<EngineStamp> stamp;
  const std::scoped_lock guard(lock);
  if (!stamp) stamp = make_stamp();
  return stamp ? &*stamp : nullptr;
}

Error no_stamp() {
  return Error::plain(
      "this engine does not compile the text that its bytecode is told by: no bundle can be made "
      "or read");
}

}  // namespace

const EngineStamp& engine_stamp() {
  const EngineStamp* stamp = known_stamp();
  if (stamp == nullptr) {
    throw no_stamp();
  }
  return *stamp;
}

Result<EngineStamp> try_engine_stamp() {
  const EngineStamp* stamp = known_stamp();
  if (stamp == nullptr) {
    return no_stamp();
  }
  return *stamp;
}

namespace detail {

// ---- compiling ---------------------------------------------------------------------------------

namespace {
/// Frees memory of a context's engine.
struct EngineMemory {
  JSContext* context;
  void operator()(void* memory) const noexcept { ::js_free(context, memory); }
};
}  // namespace

// What the engine asks while it compiles: where it notes the imports, it gets an empty module for
// each.
struct Compiler::Hooks {
  static char* resolve(JSContext* ctx, const char*, const char* specifier, JSValueConst attributes,
                       void* opaque) noexcept {
    char* name = nullptr;
    contained(ctx, [&] {
      ImportedAs import{specifier, {}};
      if (engine::is_object(attributes)) {
        const Object object(Handle(realm_of(ctx), engine::duplicate(ctx, attributes)));
        auto entries = object.try_entries<std::string, std::string>();
        if (!entries) return throw_error(ctx, entries.error());
        import.attributes = ImportAttributes(*std::move(entries));
      }
      std::vector<ImportedAs>& imports = static_cast<Compiler*>(opaque)->imports_;
      if (std::ranges::find(imports, import) == imports.end()) imports.push_back(std::move(import));
      name = ::js_strdup(ctx, stand_in);
      return engine::undefined();
    });
    return name;
  }
  static JSModuleDef* load(JSContext* ctx, const char* name, void*) noexcept {
    constexpr auto evaluate = [](JSContext*, JSModuleDef*) { return 0; };
    JSModuleDef* module = nullptr;
    contained(ctx, [&] {
      module = engine::new_native_module(ctx, name, evaluate);
      return engine::undefined();
    });
    return module;
  }
  static int check(JSContext*, JSValueConst, void*) noexcept {
    return 0;  // that is for who runs the module
  }
};

Compiler::Compiler(const CompileOptions& options) : options_(options), context_(runtime_) {
  JSRuntime* rt = runtime_.core()->runtime;
  engine::set_module_hooks<&Hooks::resolve, &Hooks::load, &Hooks::check>(rt, this);
  engine::strip_while_compiling(rt, options.strip_source, options.strip_debug);
}

/// Compiles the module and does something with it.
template <class Work>
auto Compiler::with_module(const std::string& source, const std::string& name, const Work& work)
    -> decltype(work(static_cast<JSContext*>(nullptr), JSValue{})) {
  if (name.empty() || has_nul(name)) {
    return Error::type("a module needs a name without NUL characters");
  }
  imports_.clear();
  return context_.with([&](Ctx ctx) -> decltype(work(ctx.raw(), JSValue{})) {
    JSValue module = ::JS_Eval(ctx.raw(), source.c_str(), source.size(), name.c_str(),
                               JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (engine::is_exception(module)) {
      return caught(ctx.realm());
    }
    auto result = work(ctx.raw(), module);
    ::JS_FreeValue(ctx.raw(), module);  // the context keeps it
    return result;
  });
}

Result<std::vector<ImportedAs>> Compiler::imports(const std::string& source,
                                                  const std::string& name) {
  return with_module(source, name, [this](JSContext*, JSValue) {
    return Result<std::vector<ImportedAs>>(std::move(imports_));
  });
}

Result<std::vector<std::byte>> Compiler::compile(const std::string& source, const std::string& name,
                                                 std::vector<ImportedAs>& imports) {
  return with_module(
      source, name, [&](JSContext* ctx, JSValue module) -> Result<std::vector<std::byte>> {
        std::size_t size = 0;
        std::uint8_t* code =
            ::JS_WriteObject(ctx, &size, module,
                             JS_WRITE_OBJ_BYTECODE |
                                 engine::write_flags(options_.strip_source, options_.strip_debug));
        if (code == nullptr) {
          return caught(realm_of(ctx));
        }
        const std::unique_ptr<std::uint8_t, EngineMemory> owner(code, EngineMemory{ctx});
        const auto bytes = std::as_bytes(std::span(code, size));
        imports = std::move(imports_);
        return std::vector<std::byte>(bytes.begin(), bytes.end());
      });
}

// ---- reading -----------------------------------------------------------------------------------

namespace {

// What the engine may ask while it reads bytecode. One engine asks for a module's imports in the
// midst of reading it, when nobody may look at what it has read so far; and asks again when the
// module is resolved, which is when the other asks. The first time it gets the importing module's
// own name as an answer: it finds that module, and need not load any.
char* answer_itself(JSContext* ctx, const char* base, const char*, JSValueConst, void*) noexcept {
  return ::js_strdup(ctx, base);
}
JSModuleDef* load_nothing(JSContext* ctx, const char* name, void*) noexcept {
  ::JS_ThrowReferenceError(ctx, "module '%s' is being read", name);
  return nullptr;
}
int allow_all(JSContext*, JSValueConst, void*) noexcept { return 0; }

Result<std::string> name_of(JSContext* ctx, JSModuleDef* module) {
  const JSAtom atom = ::JS_GetModuleName(ctx, module);
  const char* text = ::JS_AtomToCString(ctx, atom);
  ::JS_FreeAtom(ctx, atom);
  if (text == nullptr) {
    return caught(realm_of(ctx));
  }
  std::string name(text);
  ::JS_FreeCString(ctx, text);
  return name;
}

}  // namespace

JSModuleDef* read_module(JSContext* ctx, std::span<const std::byte> bytecode,
                         const std::string& key) {
  CoreState& core = CoreState::of(::JS_GetRuntime(ctx));
  engine::set_module_hooks<&answer_itself, &load_nothing, &allow_all>(core.runtime, &core);
  // The engines free the lists of a module that meets the limit half read as if they were there:
  // what runs next meets it.
  engine::set_memory_limit(core.runtime, 0);
  JSValue module = ::JS_ReadObject(ctx, reinterpret_cast<const std::uint8_t*>(bytecode.data()),
                                   bytecode.size(), JS_READ_OBJ_BYTECODE);
  engine::set_memory_limit(core.runtime, core.memory_limit);
  install_loader(core);
  if (engine::is_exception(module)) {
    return nullptr;
  }
  ModuleRecord* record = ModuleTable::of(realm_of(ctx)).find_key(key);
  const std::string& name = record == nullptr ? key : record->name;
  if (JS_VALUE_GET_TAG(module) != JS_TAG_MODULE) {
    engine::release(ctx, module);
    throw_error(ctx, Error::type("the bytecode for '" + name + "' is no module's"));
    return nullptr;
  }
  auto* definition = static_cast<JSModuleDef*>(engine::get_pointer(module));
  const Result<std::string> compiled_as = name_of(ctx, definition);
  ::JS_FreeValue(ctx, module);  // the context keeps it
  if (!compiled_as || *compiled_as != name) {
    if (compiled_as) ModuleTable::of(realm_of(ctx)).reserve(*compiled_as);
    throw_error(ctx, compiled_as ? Error::type("module '" + name + "' was compiled as '" +
                                               *compiled_as + "', and can only be that")
                                 : compiled_as.error());
    return nullptr;
  }
  return definition;
}

}  // namespace detail

Result<std::vector<std::byte>> try_compile_module(std::string_view source, const std::string& name,
                                                  const CompileOptions& options) {
  try {
    detail::Compiler compiler(options);
    std::vector<detail::ImportedAs> imports;
    Result<std::vector<std::byte>> code = compiler.compile(std::string(source), name, imports);
    if (!code) return code;
    const detail::BundleModule module{
        .name = name, .kind = detail::BundleModule::Kind::script, .contents = *code, .imports = {}};
    return detail::write_bundle({module}, {0}, options);
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

std::vector<std::byte> compile_module(std::string_view source, const std::string& name,
                                      const CompileOptions& options) {
  return try_compile_module(source, name, options).value();
}

}  // namespace quip
