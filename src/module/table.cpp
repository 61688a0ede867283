#include "table.hpp"

#include "../core/core_state.hpp"
#include "glue.hpp"
#include "specifier.hpp"
#include <quip/function/native.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/object.hpp>

#include <algorithm>
#include <unordered_set>

namespace quip::detail {

namespace {

using State = ModuleRecord::State;

/// What makes keys differ where names do not. U+2063, INVISIBLE SEPARATOR: keys come into stacks.
constexpr std::string_view mark = "\xE2\x81\xA3";
/// What both engines call the code of `eval` and `new Function`.
constexpr std::string_view evaluated_code = "<input>";

std::string identity(std::string_view name, std::string_view type) {
  std::string text(name);
  text += '\0';
  return text.append(type);
}

bool is_script(const ModuleSource& source) noexcept {
  return std::holds_alternative<ModuleSource::Script>(source.contents()) ||
         std::holds_alternative<ModuleSource::Bytecode>(source.contents());
}

}  // namespace

// ---- scopes ------------------------------------------------------------------------------------

/// While the engine compiles a module, it asks for that module's imports.
class ModuleTable::Compilation {
 public:
  Compilation(ModuleTable& table, ModuleRecord* record) : table_(table) {
    table.compiling_.push_back(record);
  }
  ~Compilation() { table_.compiling_.pop_back(); }
  Compilation(const Compilation&) = delete;
  Compilation& operator=(const Compilation&) = delete;

 private:
  ModuleTable& table_;
};

class ModuleTable::Unresolved {
 public:
  explicit Unresolved(ModuleTable& table) noexcept : table_(table) { ++table.unresolved_; }
  ~Unresolved() { --table_.unresolved_; }
  Unresolved(const Unresolved&) = delete;
  Unresolved& operator=(const Unresolved&) = delete;

 private:
  ModuleTable& table_;
};

class ModuleTable::Evaluation {
 public:
  Evaluation(CoreState& core, const std::vector<ModuleRecord*>& records) noexcept
      : core_(core), records_(records) {
    for (const ModuleRecord* record : records_) may_await_ = may_await_ || awaits(*record);
    for (ModuleRecord* record : records_) {
      record->is_evaluating = true;
      record->may_await = may_await_;
    }
    // A job that ends an await would have the engine look at modules that it has half done with.
    if (may_await_) ++core_.awaiting_evaluations;
  }
  ~Evaluation() {
    if (may_await_) --core_.awaiting_evaluations;
    for (ModuleRecord* record : records_) record->is_evaluating = false;
  }
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

 private:
  static bool awaits(const ModuleRecord& record) noexcept {
    const auto may = [](const ModuleRecord* import) { return import->may_await; };
    return record.may_await || std::ranges::any_of(record.imports, may);
  }
  CoreState& core_;
  const std::vector<ModuleRecord*>& records_;
  bool may_await_ = false;
};

// ---- the records -------------------------------------------------------------------------------

ModuleTable& ModuleTable::of(Realm* realm) {
  if (realm->modules == nullptr) realm->modules = new ModuleTable(realm);
  return *realm->modules;
}

void forget_modules(Realm* realm) noexcept { delete std::exchange(realm->modules, nullptr); }

std::shared_ptr<ModuleRecord> ModuleTable::find(std::string_view name,
                                                std::string_view type) const {
  const auto found = known_.find(identity(name, type));
  return found == known_.end() ? nullptr : found->second->shared_from_this();
}

ModuleRecord* ModuleTable::find_key(std::string_view key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? nullptr : found->second;
}

std::shared_ptr<ModuleRecord> ModuleTable::add(std::string name, ImportAttributes attributes) {
  auto record = std::make_shared<ModuleRecord>();
  record->name = std::move(name);
  record->attributes = std::move(attributes);
  record->key = record->name;
  while (keys_.contains(record->key)) record->key += mark;
  records_.push_back(record);
  keys_.emplace(record->key, record.get());
  known_.emplace(identity(record->name, record->attributes.type()), record.get());
  return record;
}

void ModuleTable::reserve(const std::string& key) {
  if (keys_.contains(key)) return;
  auto record = std::make_shared<ModuleRecord>();
  record->name = key;
  record->key = key;
  record->state = State::failed;
  record->has_key = true;
  records_.push_back(record);
  keys_.emplace(record->key, record.get());
}

// ---- failure -----------------------------------------------------------------------------------

void ModuleTable::fail(ModuleRecord& record, const Error& error) noexcept {
  const auto keep = record.weak_from_this().lock();
  record.state = State::failed;
  record.definition = nullptr;
  try {
    record.failure_name = error.name();
    record.failure = error.message();
  } catch (const std::bad_alloc&) {
    record.failure_name.clear();  // it has failed all the same
  }
  fail_importers();
}

void ModuleTable::fail_importers() noexcept {
  const auto is_failed = [](const ModuleRecord* record) { return record->state == State::failed; };
  for (bool is_settled = false; !is_settled;) {
    is_settled = true;
    for (const std::shared_ptr<ModuleRecord>& record : records_) {
      // what is loading will find out by itself
      if (record->state != State::declared) continue;
      const auto failed = std::ranges::find_if(record->imports, is_failed);
      if (failed == record->imports.end()) continue;
      is_settled = false;
      record->state = State::failed;
      record->definition = nullptr;
      try {
        record->failure_name = (*failed)->failure_name;
        record->failure = (*failed)->failure;
      } catch (const std::bad_alloc&) {
        record->failure_name.clear();
      }
    }
  }
  try {
    purge();
  } catch (const std::bad_alloc&) {
    // what is of no use stays; nothing looks at it
  }
}

/// What failed is no longer found, and forgotten where the engine has forgotten it.
void ModuleTable::purge() {
  std::erase_if(known_, [](const auto& entry) { return entry.second->state == State::failed; });
  std::erase_if(keys_, [](const auto& entry) {
    return entry.second->state == State::failed && !entry.second->has_key;
  });
  std::unordered_set<const ModuleRecord*> used;
  for (const std::shared_ptr<ModuleRecord>& record : records_) {
    if (record->state == State::failed) record->imports.clear();
    used.insert(record->imports.begin(), record->imports.end());
  }
  std::erase_if(records_, [&](const std::shared_ptr<ModuleRecord>& record) {
    return record->state == State::failed && !record->has_key && !record->is_in_progress &&
           !used.contains(record.get());
  });
}

template <class Make>
bool ModuleTable::attempt(ModuleRecord& record, const Make& make) {
  record.is_in_progress = true;
  bool is_made = false;
  try {
    is_made = make();
  } catch (...) {
    record.is_in_progress = false;
    record.asked.clear();
    fail(record, Error::from(std::current_exception()));
    throw;
  }
  record.is_in_progress = false;
  record.asked.clear();
  if (!is_made) {
    const Error error = caught(realm_);
    fail(record, error);
    throw_error(realm_->context, error);
  }
  return is_made;
}

// ---- declaring ---------------------------------------------------------------------------------

bool ModuleTable::load(const std::shared_ptr<ModuleRecord>& record) {
  if (record->is_in_progress) {
    throw_error(realm_->context,
                Error::plain(cannot_load(record->name) +
                             ": it is being loaded further up this stack, and that imports it"));
    return false;
  }
  return attempt(*record, [&] {
    // each import of an import is some frames deeper
    if (is_too_deep(realm_)) {
      throw_stack_overflow(realm_->context);
      return false;
    }
    Result<ModuleSource> source = [&] {
      const Outside outside(*this);
      const Loader loader = CoreState::of(realm_->core).loader;  // it may replace itself
      return loader(record->name, record->attributes);
    }();
    if (source && !record->attributes.type().empty() && is_script(*source)) {
      source = Error::type("module " + detail::quoted(record->name) +
                           " is JavaScript, but was imported " + "with the type " +
                           detail::quoted(record->attributes.type()));
    }
    if (!source) {
      throw_error(realm_->context, source.error());
      return false;
    }
    return declare_now(*record, *source, false);
  });
}

bool ModuleTable::declare(const std::shared_ptr<ModuleRecord>& record, const ModuleSource& source,
                          bool is_main) {
  return attempt(*record, [&] { return declare_now(*record, source, is_main); });
}

bool ModuleTable::declare_now(ModuleRecord& record, const ModuleSource& source, bool is_main) {
  record.is_script = is_script(source);
  const auto* script = std::get_if<ModuleSource::Script>(&source.contents());
  record.may_await =
      record.is_script && (script == nullptr || script->text.find("await") != std::string::npos);
  // a text that cannot be compiled, or whose imports cannot be loaded, the engine forgets
  record.has_key = script == nullptr;
  JSModuleDef* module = make(record, source, is_main);
  if (module == nullptr) return false;
  record.has_key = true;
  if (script != nullptr && !fill_import_meta(record, module, is_main)) return false;
  record.definition = module;
  record.state = State::declared;
  fail_importers();  // itself, when one of its imports failed since it was declared
  if (record.state == State::failed) {
    throw_error(realm_->context, Error::named(record.failure_name, record.failure));
    return false;
  }
  return true;
}

JSModuleDef* ModuleTable::make_of_bytecode(ModuleRecord& record,
                                           const ModuleSource::Bytecode& bytecode, bool is_main) {
  const Compilation compilation(*this, &record);
  const Unresolved unresolved(*this);
  JSModuleDef* module = read_module(realm_->context, bytecode.code, record.key);
  if (module == nullptr) return nullptr;
  // The bytecode has the name, but the key may be another. The engine asks the loader then, which
  // finds the module in its record; also on behalf of what this one imports.
  record.definition = module;
  // Before anything can fail: when it is read again under another key, its code still finds the
  // import.meta of the first module of its name.
  if (!fill_import_meta(record, module, is_main)) return nullptr;
  const JSValue value = engine::at_address(JS_TAG_MODULE, module);
  return ::JS_ResolveModule(realm_->context, value) < 0 ? nullptr : module;
}

JSModuleDef* ModuleTable::make(ModuleRecord& record, const ModuleSource& source, bool is_main) {
  JSContext* ctx = realm_->context;
  const ModuleSource::Contents& contents = source.contents();
  if (const auto* script = std::get_if<ModuleSource::Script>(&contents)) {
    const Compilation compilation(*this, &record);
    return compile_module(ctx, script->text, record.key);
  }
  if (const auto* bytecode = std::get_if<ModuleSource::Bytecode>(&contents)) {
    return make_of_bytecode(record, *bytecode, is_main);
  }
  const Outside outside(*this);
  const Unresolved unresolved(*this);
  JSModuleDef* module = nullptr;
  if (const auto* definition = std::get_if<ModuleSource::Definition>(&contents)) {
    module = define_module(ctx, *definition->definition, record.key);
  } else if (const auto* raw = std::get_if<ModuleSource::Raw>(&contents)) {
    module = raw->load == nullptr ? nullptr : raw->load(ctx, record.key.c_str());
    if (module == nullptr && !::JS_HasException(ctx)) {
      throw_error(ctx, Error::plain("the function of the module " + detail::quoted(record.name) +
                                    " gave no module"));
    }
  } else {
    module = make_data_module(realm_, source, record.name, record.key);
  }
  // it has no imports; but the engine frees what it was not told so of when another module fails
  if (module != nullptr && ::JS_ResolveModule(ctx, engine::at_address(JS_TAG_MODULE, module)) < 0) {
    return nullptr;
  }
  return module;
}

bool ModuleTable::fill_import_meta(const ModuleRecord& record, JSModuleDef* module, bool is_main) {
  JSContext* ctx = realm_->context;
  JSValue raw = ::JS_GetImportMeta(ctx, module);
  if (engine::is_exception(raw)) return false;
  const Object meta(Handle(realm_, raw));
  const std::string url = url_of(record.name);
  const JSAtom url_key = Key<"url">::atom(realm_);
  const JSAtom main_key = Key<"main">::atom(realm_);
  if (url_key == 0 || main_key == 0 ||
      !engine::define(ctx, raw, url_key, ::JS_NewStringLen(ctx, url.data(), url.size())) ||
      !engine::define(ctx, raw, main_key, engine::boolean(is_main))) {
    return false;
  }
  const ImportMetaHook hook = CoreState::of(realm_->core).import_meta;
  if (hook) {
    const Outside outside(*this);
    hook(Ctx(realm_), meta, record.name);
  }
  return true;
}

// ---- evaluating --------------------------------------------------------------------------------

Result<std::vector<ModuleRecord*>> ModuleTable::reach(ModuleRecord& record) {
  std::vector<ModuleRecord*> reached{&record};
  std::unordered_set<const ModuleRecord*> seen{&record};
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const ModuleRecord& one = *reached[i];
    const auto refused = [&](std::string_view why) {
      std::string text = "module " + detail::quoted(record.name) + " cannot be evaluated: ";
      text += &one == &record ? "it" : "it imports " + detail::quoted(one.name) + ", which";
      return Error::plain(text.append(why));
    };
    if (one.state == State::loading) return refused(" is being loaded further up this stack");
    if (one.is_evaluating) return refused(" is being evaluated further up this stack");
    if (one.state == State::failed) return Error::named(one.failure_name, one.failure);
    for (ModuleRecord* import : one.imports) {
      if (import->state == State::evaluated && !import->is_evaluating) continue;
      if (seen.insert(import).second) reached.push_back(import);
    }
  }
  return reached;
}

JSValue ModuleTable::evaluate(const std::shared_ptr<ModuleRecord>& record) {
  JSContext* ctx = realm_->context;
  Result<std::vector<ModuleRecord*>> reached = reach(*record);
  if (reached && unresolved_ > 0) {
    reached = Error::plain("module " + detail::quoted(record->name) +
                           " cannot be evaluated while another is being made");
  }
  if (!reached) return throw_error(ctx, reached.error());
  JSValue promise = engine::undefined();
  {
    const Evaluation evaluation(CoreState::of(realm_->core), *reached);
    const Outside outside(*this);
    JSValue module = engine::at_address(JS_TAG_MODULE, record->definition);
    promise = ::JS_EvalFunction(ctx, ::JS_DupValue(ctx, module));
  }
  if (engine::is_exception(promise)) {
    // How far the linking came cannot be asked; to link a script again would be wrong if it did.
    const Error error = caught(realm_);
    for (ModuleRecord* one : *reached) {
      if (one->state == State::declared && one->is_script) {
        one->state = State::failed;
        one->definition = nullptr;
        one->failure_name = error.name();
        one->failure = error.message();
      }
    }
    fail_importers();
    return throw_error(ctx, error);
  }
  // of an async module that could not even be begun, for want of stack or memory
  if (::JS_HasException(ctx)) engine::release(ctx, ::JS_GetException(ctx));
  // A failure ends the evaluation before everything was reached.
  const bool is_rejected = static_cast<int>(::JS_PromiseState(
                               ctx, engine::take_ownership(promise))) == JS_PROMISE_REJECTED;
  for (ModuleRecord* one : *reached) {
    if (!is_rejected) {
      one->state = State::evaluated;
    } else if (one->state == State::declared) {
      one->state = State::linked;
    }
  }
  return promise;
}

// ---- importing ---------------------------------------------------------------------------------

const std::string* ModuleTable::resolve(std::string_view base, std::string_view specifier,
                                        ImportAttributes attributes) {
  JSContext* ctx = realm_->context;
  ModuleRecord* importer = compiling_.empty() ? nullptr : compiling_.back();
  const std::string asked = identity(specifier, attributes.type());
  if (importer != nullptr) {
    const auto found = importer->asked.find(asked);
    if (found != importer->asked.end()) return &found->second->key;
  }
  Result<std::string> name = [&] {
    const Outside outside(*this);
    const ModuleRecord* from = find_key(base);
    const std::string from_name(from != nullptr          ? from->name
                                : base == evaluated_code ? std::string_view()
                                                         : base);
    const Resolver resolver = CoreState::of(realm_->core).resolver;  // it may replace itself
    return resolver(from_name, specifier, attributes);
  }();
  if (name && (name->empty() || has_nul(*name))) {
    name = Error::type("the resolver gave module " + detail::quoted(specifier) + " a name that " +
                       (name->empty() ? "is empty" : "has a NUL in it"));
  }
  if (!name) {
    throw_error(ctx, name.error());
    return nullptr;
  }
  std::shared_ptr<ModuleRecord> record = find(*name, attributes.type());
  if (record == nullptr) record = add(*std::move(name), std::move(attributes));
  if (importer != nullptr) {
    importer->imports.push_back(record.get());
    importer->asked.emplace(asked, record.get());
    return &record->key;
  }
  // An import() is about to be loaded, linked and evaluated by the engine. It is done here, where
  // it can be known what comes of it; the engine finds it done.
  if (record->definition == nullptr && !load(record)) return nullptr;
  JSValue promise = evaluate(record);
  if (engine::is_exception(promise)) return nullptr;
  engine::release(ctx, promise);
  return &record->key;
}

}  // namespace quip::detail
