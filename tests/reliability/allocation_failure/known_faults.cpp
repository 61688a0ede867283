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
const std::vector<KnownFault> of_quickjs = {
    {Outcome::crash, "JS_ThrowError2",
     "with no memory for an error it makes another, until the stack ends"},
    {Outcome::crash, "build_backtrace", "an error that found no memory for its stack is used on"},
    {Outcome::crash, "resize_properties", "an object that cannot grow is freed while it is used"},
    {Outcome::crash, "JS_NewContextRaw", "intrinsics that find no memory are used all the same"},
    {Outcome::crash, "JS_SetPropertyFunctionList",
     "intrinsics that find no memory are used all the same"},
    {Outcome::crash, "async_func_init", "the frame of a generator is freed before it is made"},
    {Outcome::crash, "js_bound_function_finalizer",
     "a bound function is freed before it knows its function"},
    {Outcome::crash, "js_parse_statement_or_decl", "the parser goes on after a failure"},
    {Outcome::crash, "js_parse_postfix_expr", "the parser goes on after a failure"},
    {Outcome::crash, "js_parse_function_decl2", "the parser goes on after a failure"},
    {Outcome::crash, "js_free_function_def", "atoms of bytecode that is cut short are freed"},
    {Outcome::crash, "js_create_function", "bytecode that is cut short is taken for whole"},
    {Outcome::leak, "JS_SetPropertyFunctionList", "an atom is not given back"},
    {Outcome::leak, "JS_ToCStringLen2", "the string is not given back"},
    {Outcome::leak, "JS_SetPrototypeInternal", "the prototype is not given back"},
    {Outcome::leak, "string_buffer_end", "the text is not given back"},
    {Outcome::leak, "js_create_function", "constants and atoms of the function are not given back"},
    {Outcome::wrong, "JS_AutoInitProperty",
     "a built-in that finds no memory is undefined for ever"},
    {Outcome::broken, "JS_AutoInitProperty",
     "a built-in that finds no memory is undefined for ever"},
};

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
