/* JS_ThrowError2: with no memory for an error, the engine makes another one, until the stack ends.
 */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue call = evaluate("(function () { null.property })");
  arm();
  JS_FreeValue(context, JS_Call(context, call, JS_UNDEFINED, 0, NULL));
  disarm();
  JS_FreeValue(context, call);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
