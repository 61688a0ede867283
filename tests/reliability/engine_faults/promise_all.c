/* Promise.allSettled does not give an element back when there is no memory for the function that
   waits for it. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue call = evaluate("const p = [{}, Promise.resolve(1)]; () => { Promise.allSettled(p) }");
  arm();
  JS_FreeValue(context, JS_Call(context, call, JS_UNDEFINED, 0, NULL));
  disarm();
  JS_FreeValue(context, call);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
