/* JSON.stringify does not give a value back when there is no memory for its text. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue value = evaluate("({ a: [1.5, 2, null], b: { c: true } })");
  arm();
  JS_FreeValue(context, JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED));
  disarm();
  JS_FreeValue(context, value);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
