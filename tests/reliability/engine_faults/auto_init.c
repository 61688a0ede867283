/* A built-in that is made at its first use is undefined for ever when there was no memory for it
   (JS_AutoInitProperty). */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue prototype = evaluate("Array.prototype");
  arm();
  JSValue first = JS_GetPropertyStr(context, prototype, "join");
  disarm();
  if (!JS_IsException(first)) return went_well;
  JS_FreeValue(context, JS_GetException(context));
  return JS_IsUndefined(JS_GetPropertyStr(context, prototype, "join")) ? went_wrong : went_well;
}

int main(void) { return find_fault(&attempt, went_wrong); }
