#include <quip/function/description.hpp>

namespace quip {

std::string to_string(const FunctionInfo& function) {
  if (function.signatures.empty()) {
    return function.name + "()";
  }
  std::string text;
  for (const SignatureInfo& signature : function.signatures) {
    text += (text.empty() ? "" : "\n") + function.name + to_string(signature);
  }
  return text;
}

}  // namespace quip
