/* Function.prototype.bind: the finalizer of a bound function reads what is not there yet when there
   is no memory for the arguments. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue bind = evaluate("(() => (function () {}).bind(null, 1))");
  arm();
  JS_FreeValue(context, JS_Call(context, bind, JS_UNDEFINED, 0, NULL));
  disarm();
  JS_FreeValue(context, bind);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
