// The global structuredClone (HTML 2.7.10).
#pragma once

#include <quip/core/context.hpp>

namespace quip::web {

/// Defines structuredClone in the context: quip::structured_clone, with an object of options whose
/// `transfer` lists ArrayBuffers that the clone gets and the original loses. What cannot be cloned
/// or transferred is a DOMException "DataCloneError" that says where it is. Throws Error when
/// memory is short.
void install_structured_clone(const Ctx& ctx);

}  // namespace quip::web
