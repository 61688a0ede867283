/* The parser does not give the text of a regular expression back when there is no memory for it
   (js_parse_regexp). */
#include "failing_malloc.h"

static int attempt(void) {
  begin();
  arm();
  JS_FreeValue(context, evaluate("/a regular expression that is rather long/g"));
  disarm();
  end();
  return went_well;
}

int main(void) { return find_fault(&attempt, left_memory); }
