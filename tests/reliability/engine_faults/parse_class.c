/* js_parse_class goes on after it found no memory. */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  arm();
  JS_FreeValue(context, evaluate("class A { #p = 1; static s = 2; get x() { return this.#p } }"));
  disarm();
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, crash); }
