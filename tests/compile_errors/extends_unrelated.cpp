// expect: extends<Base>: the class does not derive from Base
#include <quip/class/class_def.hpp>

struct Base {};
void define(quip::ClassDef<Base>& def) { def.constructor<>(); }
struct Box {};
void define(quip::ClassDef<Box>& def) { def.extends<Base>(); }
