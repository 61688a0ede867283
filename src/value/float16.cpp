#include <quip/value/float16.hpp>

namespace quip {

Result<Float16> Convert<Float16>::from_js(ValueRef value) {
  if (Float16 out; quick(value.raw(), out)) return out;
  return Error::conversion("number", describe(value));
}

}  // namespace quip
