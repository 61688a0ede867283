#include <quip/convert/tuple.hpp>

namespace quip::detail {

Result<std::vector<Value>> exact_elements(ValueRef value, std::size_t count) {
  // no part of it is looked at yet: what the elements are like is not a problem of theirs
  auto elements = from_js<std::vector<Value>>(ValueRef(value.context(), value.raw()));
  if (elements && elements->size() != count) {
    return wrong_element_count(count, elements->size());
  }
  return elements;
}

}  // namespace quip::detail
