/* JS_NewContextRaw frees the context that it has put into the runtime's list of objects when there
   is no memory for the prototypes of the classes. */
#include "failing_malloc.h"

static int attempt(void) {
  runtime = JS_NewRuntime2(&heap, NULL);
  arm();
  context = JS_NewContextRaw(runtime);
  disarm();
  if (context != NULL) return went_well;
  JS_RunGC(runtime);
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
