/* JS_SetPrototype does not give the prototype back when there is no memory for the object's shape.
 */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue both = evaluate("[{ a: 1 }, { a: 2 }]");
  JSValue object = JS_GetPropertyUint32(context, both, 0);
  JSValue prototype = JS_NewObject(context);
  arm();
  JS_SetPrototype(context, object, prototype);
  disarm();
  JS_FreeValue(context, prototype);
  JS_FreeValue(context, object);
  JS_FreeValue(context, both);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
