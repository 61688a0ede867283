#include "core_state.hpp"
#include "parts.hpp"
#include <quip/core/custom_context.hpp>

#include <array>
#include <string>

namespace quip {

namespace detail {

namespace {

struct PartName {
  const char* tag;     // of the type in quip::intrinsic
  const char* global;  // what a script misses
};
constexpr std::array<PartName, static_cast<std::size_t>(engine::Part::count_)> part_names{{
    {"Date", "Date"},
    {"Eval", "eval"},
    {"StringNormalize", "String.prototype.normalize"},
    {"RegExpCompiler", "regular expressions"},
    {"RegExp", "RegExp"},
    {"Json", "JSON"},
    {"Proxy", "Proxy"},
    {"MapSet", "Map"},
    {"TypedArrays", "ArrayBuffer"},
    {"Promise", "Promise"},
    {"WeakRef", "WeakRef"},
    {"BigInt", "BigInt"},
    {"Performance", "performance"},
    {"DomException", "DOMException"},
    {"Base64", "atob"},
}};

struct Global {
  std::string_view name;
  engine::Part part;
};
constexpr std::array globals{
    Global{"Date", engine::Part::date},
    Global{"RegExp", engine::Part::regexp},
    Global{"JSON", engine::Part::json},
    Global{"Proxy", engine::Part::proxy},
    Global{"Map", engine::Part::map_set},
    Global{"Set", engine::Part::map_set},
    Global{"ArrayBuffer", engine::Part::typed_arrays},
    Global{"SharedArrayBuffer", engine::Part::typed_arrays},
    Global{"Uint8Array", engine::Part::typed_arrays},
    Global{"DataView", engine::Part::typed_arrays},
    Global{"Promise", engine::Part::promise},
    Global{"WeakRef", engine::Part::weak_ref},
    Global{"BigInt", engine::Part::bigint},
    Global{"DOMException", engine::Part::dom_exception},
};

bool lacks(const Realm* realm, engine::Part part) noexcept {
  return (realm->lacks & engine::bit(part)) != 0;
}

JSValue throw_missing(JSContext* ctx, std::string_view what, engine::Part part) noexcept {
  return ::JS_ThrowTypeError(ctx, "this context has no '%.*s': it was made without intrinsic::%s",
                             static_cast<int>(what.size()), what.data(),
                             part_names[static_cast<std::size_t>(part)].tag);
}

}  // namespace

bool has_part(Realm* realm, engine::Part part) noexcept {
  if (!lacks(realm, part)) [[likely]] {
    return true;
  }
  throw_missing(realm->context, part_names[static_cast<std::size_t>(part)].global, part);
  return false;
}

JSValue throw_no_intrinsic(Realm* realm, std::string_view path) noexcept {
  const std::string_view global = path.substr(0, path.find('.'));
  for (const Global& known : globals) {
    if (known.name == global && lacks(realm, known.part)) {
      return throw_missing(realm->context, global, known.part);
    }
  }
  return ::JS_ThrowTypeError(realm->context, "this context has no '%.*s'",
                             static_cast<int>(path.size()), path.data());
}

std::string names_of(std::uint32_t parts) {
  std::string names;
  for (std::size_t i = 0; i < part_names.size(); ++i) {
    if ((parts & engine::bit(static_cast<engine::Part>(i))) == 0) continue;
    names += names.empty() ? "" : ", ";
    names += std::string("intrinsic::") + part_names[i].tag;
  }
  return names;
}

}  // namespace detail

Intrinsics Ctx::intrinsics() const noexcept {
  return Intrinsics(engine::parts_available & ~realm_->lacks);
}

}  // namespace quip
