#include "known_faults.hpp"

#include <vector>

namespace quip::test {
namespace {

const std::vector<KnownFault> of_quickjs_ng = {
    {Outcome::crash, "JS_NewContextRaw",
     "the context stays in the list of objects when its prototypes find no memory"},
    {Outcome::crash, "js_bound_function_finalizer",
     "a bound function is freed before it knows its function"},
    {Outcome::crash, "js_parse_class", "the parser goes on after a failure"},
    {Outcome::crash, "js_create_function", "bytecode that is cut short is taken for whole"},
    {Outcome::leak, "JS_ToCStringLen2", "the string is not given back"},
    {Outcome::leak, "js_json_to_str", "an element is not given back"},
    {Outcome::leak, "js_array_buffer_transfer", "the bytes are not given back"},
    {Outcome::leak, "js_load_module_fulfilled", "the module's namespace is not given back"},
    {Outcome::leak, "JS_SetPrototypeInternal", "the prototype is not given back"},
    {Outcome::leak, "js_create_function", "constants and atoms of the function are not given back"},
    {Outcome::leak, "js_promise_all", "the element of the list is not given back"},
    {Outcome::leak, "js_parse_regexp", "the expression's text is not given back"},
    {Outcome::leak, "emit_push_const", "the constant is not given back"},
    {Outcome::leak, "js_dbuf_realloc", "bytecode that is cut short holds atoms that are not freed"},
    {Outcome::wrong, "JS_JSONStringify", "a replacer list that is cut short goes unnoticed"},
    {Outcome::wrong, "JS_SetPropertyInternal2", "a property that finds no memory is left out"},
    {Outcome::wrong, "JS_EnqueueJob", "a reaction that finds no memory is forgotten"},
    {Outcome::wrong, "JS_AutoInitProperty",
     "a built-in that finds no memory is undefined for ever"},
    {Outcome::broken, "JS_AutoInitProperty",
     "a built-in that finds no memory is undefined for ever"},
};
const std::vector<KnownFault> of_quickjs = {};

/// Whether a text such as "f < g < h" has the name.
bool names(std::string_view functions, std::string_view name) noexcept {
  for (;;) {
    const std::size_t end = functions.find(" < ");
    if (functions.substr(0, end) == name) return true;
    if (end == std::string_view::npos) return false;
    functions.remove_prefix(end + 3);
  }
}

}  // namespace

std::span<const KnownFault> known_faults() noexcept {
  return engine::family == engine::Family::quickjs ? of_quickjs : of_quickjs_ng;
}

int known_fault(const Report& report) noexcept {
  const std::span<const KnownFault> faults = known_faults();
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].outcome == report.outcome && names(report.engine.data(), faults[i].function)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace quip::test
