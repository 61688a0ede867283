/* JS_NewContext uses what it found no memory for. */
#include "failing_malloc.h"

static int attempt(void) {
  runtime = JS_NewRuntime2(&heap, NULL);
  arm();
  context = JS_NewContext(runtime);
  disarm();
  if (context != NULL) JS_FreeContext(context);
  JS_RunGC(runtime);
  JS_FreeRuntime(runtime);
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
