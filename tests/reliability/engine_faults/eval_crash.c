/* The compiler (resolve_variables, resolve_labels) reads bytecode that was cut short for want of
   memory as if it were whole. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  arm();
  JS_FreeValue(context, evaluate("var a = 1 + 2; a * 3"));
  disarm();
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
