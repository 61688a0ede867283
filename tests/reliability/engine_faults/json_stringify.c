/* JSON.stringify loses an element of an array when there is no memory for the text of its index. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue value = evaluate("[{}, {}]");
  arm();
  JS_FreeValue(context, JS_JSONStringify(context, value, JS_UNDEFINED, JS_UNDEFINED));
  disarm();
  JS_FreeValue(context, value);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
