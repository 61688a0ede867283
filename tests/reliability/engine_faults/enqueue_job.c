/* A reaction to a promise is forgotten, and nobody is told, when there is no memory to queue it
   (JS_EnqueueJob in perform_promise_then). */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue then = evaluate(
      "var done = false; const p = Promise.resolve(1); p.then(() => {});"
      "() => { p.then(() => { done = true }) }");
  JSContext* of_job = NULL;
  while (JS_ExecutePendingJob(runtime, &of_job) > 0) {
  }
  arm();
  JSValue outcome = JS_Call(context, then, JS_UNDEFINED, 0, NULL);
  disarm();
  if (JS_IsException(outcome)) return went_well;
  while (JS_ExecutePendingJob(runtime, &of_job) > 0) {
  }
  return JS_ToBool(context, evaluate("done")) ? went_well : went_wrong;
}

int main(void) { return find_fault(&attempt, went_wrong); }
