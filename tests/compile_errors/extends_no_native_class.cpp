// expect: extends<Base>: Base is no native class
#include <quip/class/class_def.hpp>

struct Base {};
struct Box : Base {};
void define(quip::ClassDef<Box>& def) { def.extends<Base>(); }
