#include "dictionary.hpp"
#include <quip/convert/sequence.hpp>
#include <quip/function/function.hpp>
#include <quip/value/clone.hpp>
#include <quip/web/dom_exception.hpp>
#include <quip/web/structured_clone.hpp>

#include <vector>

namespace quip::web {

namespace {

Result<Value> clone(const Ctx& ctx, const Value& value, const Opt<Value>& given) {
  const Result<Dictionary> options =
      Dictionary::of(given.value_or(Value()), "StructuredSerializeOptions");
  if (!options) return options.error();
  Result<Value> list = options->get(key<"transfer">);
  if (!list) return list;
  std::vector<Value> transferred;
  if (!list->is_undefined()) {
    Result<std::vector<Object>> objects = list->try_as<std::vector<Object>>();
    if (!objects) {
      if (objects.error().kind() != ErrorKind::conversion) return std::move(objects).error();
      return Error::type("member transfer is not a sequence of objects");
    }
    transferred.assign(objects->begin(), objects->end());
  }
  Result<Value> cloned = try_structured_clone(ctx, value, transferred);
  if (cloned) return cloned;
  const Error& error = cloned.error();
  // not one that a script's getter threw
  if (error.kind() != ErrorKind::usage || !error.is("DataCloneError")) return cloned;
  return DOMException::error(ctx, error.message(), error.name());
}

}  // namespace

void install_structured_clone(const Ctx& ctx) {
  // what cannot be cloned is told by one
  DOMException::install(ctx);
  ctx.globals().define("structuredClone",
                       property([](Ctx at, const Value& value, const Opt<Value>& options) {
                         return clone(at, value, options);
                       })
                           .writable()
                           .enumerable()
                           .configurable());
}

}  // namespace quip::web
