/* The parser does not give back constants and atoms of bytecode that was cut short for want of
   memory (emit_push_const, js_dbuf_realloc). */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue warm = evaluate("1");
  JS_FreeValue(context, warm);
  arm();
  JS_FreeValue(context, evaluate("var text = 12345.5 * 2n ** 100n + 67890.5; text"));
  disarm();
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
