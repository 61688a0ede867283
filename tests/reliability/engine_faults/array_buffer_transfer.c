/* ArrayBuffer.prototype.transfer loses the bytes when there is no memory for the new buffer. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue transfer = evaluate("const b = new ArrayBuffer(100); () => { b.transfer() }");
  arm();
  JS_FreeValue(context, JS_Call(context, transfer, JS_UNDEFINED, 0, NULL));
  disarm();
  JS_FreeValue(context, transfer);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
