#include <quip/core/intrinsic.hpp>
#include <quip/function/function.hpp>

#include <vector>

namespace quip {

namespace {

/// References to values, for one scope.
class Kept {
 public:
  explicit Kept(JSContext* ctx) noexcept : ctx_(ctx) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    for (const JSValue& value : values_) engine::release(ctx_, value);
  }
  /// False with a pending exception.
  bool add(const Value& value) {
    values_.reserve(values_.size() + 1);
    JSValue given = detail::give_handle(ctx_, value.handle());
    if (engine::is_exception(given)) return false;
    values_.push_back(given);
    return true;
  }
  void reserve(std::size_t size) { values_.reserve(size); }
  [[nodiscard]] JSValueConst* data() noexcept {
    return const_cast<JSValueConst*>(reinterpret_cast<const JSValueConst*>(values_.data()));
  }

 private:
  JSContext* ctx_;
  std::vector<JSValue> values_;
};

/// function, this, arguments…
JSValue run_deferred(JSContext* ctx, int argc, JSValueConst* argv) {
  return engine::call(ctx, argv[0], argv[1], argc - 2, argv + 2);
}

}  // namespace

JSValue Function::apply(const Value& this_value, std::span<const Value> arguments) const {
  detail::Realm* realm = handle().realm();
  Kept kept(realm->context);
  constexpr std::size_t most = 65534;
  if (arguments.size() > most) {
    return detail::throw_error(realm->context, Error::range("too many arguments"));
  }
  kept.reserve(arguments.size() + 1);
  if (!kept.add(this_value)) return engine::exception();
  for (const Value& argument : arguments) {
    if (!kept.add(argument)) return engine::exception();
  }
  return detail::keeping_alive(raw(), [&] {
    return engine::call(realm->context, raw(), kept.data()[0], static_cast<int>(arguments.size()),
                        kept.data() + 1);
  });
}

Result<void> Function::enqueue(JSValueConst this_value, int argc, JSValueConst* argv) const {
  detail::Realm* realm = handle().realm();
  std::vector<JSValueConst> all{raw(), this_value};
  all.insert(all.end(), argv, argv + argc);
  if (::JS_EnqueueJob(realm->context, &run_deferred, static_cast<int>(all.size()), all.data()) <
      0) {
    return detail::caught(realm);
  }
  return {};
}

JSValue Function::bound(int argc, JSValueConst* argv) const {
  detail::Realm* realm = handle().realm();
  JSValue bind = detail::intrinsic(realm, detail::Intrinsic::function_bind);
  if (engine::is_exception(bind)) return bind;
  return detail::keeping_alive(
      raw(), [&] { return engine::call(realm->context, bind, raw(), argc, argv); });
}

Result<void> Function::try_set_name(std::string_view name) const {
  return try_define(key<"name">, property(name).configurable());
}

Result<void> Function::try_set_length(int length) const {
  if (length < 0) return Error::range("the length of a function is not negative");
  return try_define(key<"length">, property(length).configurable());
}

bool Function::is_constructor() const noexcept {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  return static_cast<bool>(entry) && ::JS_IsConstructor(realm->context, raw()) != 0;
}

Result<void> Function::try_set_instance_prototype(const Object& prototype) const {
  return try_set(key<"prototype">, prototype);
}

}  // namespace quip
