/* JS_ToCStringLen2 does not give the string back when there is no memory for the UTF-8 form. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  JSValue text = JS_NewString(context, "\xc3\xa4\xc3\xb6\xc3\xbc and a text of some length");
  arm();
  JS_FreeCString(context, JS_ToCString(context, text));
  disarm();
  JS_FreeValue(context, text);
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
