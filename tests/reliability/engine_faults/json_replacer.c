/* JSON.stringify takes a list of names that was cut short for want of memory for the whole list. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue value = evaluate("({ a: 1, b: 2 })");
  JSValue names = evaluate("['a', 'b']");
  arm();
  JSValue text = JS_JSONStringify(context, value, names, JS_UNDEFINED);
  disarm();
  if (JS_IsException(text)) return went_well;
  const char* utf8 = JS_ToCString(context, text);
  return utf8 == NULL || strcmp(utf8, "{\"a\":1,\"b\":2}") == 0 ? went_well : went_wrong;
}

int main(void) { return find_fault(&attempt, went_wrong); }
