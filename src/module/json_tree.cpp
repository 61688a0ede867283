#include "json_tree.hpp"

#include <quip/convert/sequence.hpp>
#include <quip/value/json.hpp>
#include <quip/value/object.hpp>

#include <cstddef>
#include <optional>

namespace quip::detail {

namespace {

// Far more than any such file has, and far less than a stack.
constexpr int deepest = 100;

std::optional<Error> read_value(const Value& value, int depth, JsonTree& tree) {
  if (depth > deepest) return Error::range("the JSON text nests too deeply");
  switch (value.type()) {
    case Type::boolean: {
      tree.kind = JsonTree::Kind::boolean;
      Result<bool> truth = value.try_as<bool>();
      if (!truth) return std::move(truth).error();
      tree.truth = *truth;
      return std::nullopt;
    }
    case Type::string: {
      tree.kind = JsonTree::Kind::string;
      Result<std::string> text = value.try_as<std::string>();
      if (!text) return std::move(text).error();
      tree.text = *std::move(text);
      return std::nullopt;
    }
    case Type::array: {
      tree.kind = JsonTree::Kind::array;
      Result<std::vector<Value>> elements = value.try_as<std::vector<Value>>();
      if (!elements) return std::move(elements).error();
      tree.elements.resize(elements->size());
      for (std::size_t i = 0; i < elements->size(); ++i) {
        if (auto failed = read_value((*elements)[i], depth + 1, tree.elements[i])) return failed;
      }
      return std::nullopt;
    }
    case Type::object: {
      tree.kind = JsonTree::Kind::object;
      auto members = value.try_as<Object>().and_then(
          [](const Object& object) { return object.try_entries<std::string, Value>(); });
      if (!members) return std::move(members).error();
      tree.members.resize(members->size());
      for (std::size_t i = 0; i < members->size(); ++i) {
        tree.members[i].name = std::move((*members)[i].first);
        if (auto failed = read_value((*members)[i].second, depth + 1, tree.members[i].value)) {
          return failed;
        }
      }
      return std::nullopt;
    }
    default:
      tree.kind = value.is_null() ? JsonTree::Kind::null : JsonTree::Kind::number;
      return std::nullopt;
  }
}

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const noexcept {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

const std::string* JsonTree::find_text(std::string_view name) const noexcept {
  const JsonTree* found = find(name);
  return found != nullptr && found->is(Kind::string) ? &found->text : nullptr;
}

Result<JsonReader> JsonReader::try_make() {
  Result<Runtime> runtime = Runtime::try_make();
  if (!runtime) return std::move(runtime).error();
  Result<Context> context = Context::try_make_base(*runtime);
  if (!context) return std::move(context).error();
  return JsonReader(*std::move(runtime), *std::move(context));
}

Result<JsonTree> JsonReader::read(std::string_view text, const std::string& name) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return context_.with([&](Ctx ctx) -> Result<JsonTree> {
    Result<Value> value = json::try_parse(ctx, text, name);
    if (!value) {
      // of its own text: the thrown value must not outlive this runtime
      const Error& error = value.error();
      if (!error.is("SyntaxError")) return Error::range(name + ": " + error.message());
      const std::string line = error.line() > 0 ? ':' + std::to_string(error.line()) : "";
      return Error::syntax(name + line + ": " + error.message());
    }
    JsonTree tree;
    if (const std::optional<Error> failed = read_value(*value, 0, tree)) {
      return Error::range(name + ": " + failed->message());
    }
    return tree;
  });
}

}  // namespace quip::detail
