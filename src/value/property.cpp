#include <quip/value/property.hpp>

namespace quip::detail {

bool RawProperty::set_value(JSValue value) noexcept {
  if (engine::is_exception(value)) return false;
  value_ = value;
  flags_ |= JS_PROP_HAS_VALUE;
  return true;
}

bool RawProperty::set_function(JSValue& place, JSValue function, int flag) noexcept {
  if (engine::is_exception(function)) return false;
  // the engine takes what is no function for none
  if (!engine::is_undefined(function) && !engine::is_function(ctx_, function)) {
    engine::release(ctx_, function);
    ::JS_ThrowTypeError(ctx_, "%s", "a getter or setter must be a function");
    return false;
  }
  place = function;
  flags_ |= flag;
  return true;
}

int RawProperty::define(JSValueConst object, JSAtom key) const noexcept {
  return ::JS_DefineProperty(ctx_, object, key, value_, getter_, setter_, flags_ | JS_PROP_THROW);
}

bool describe_property(RawProperty& raw, const PropertyDescriptor& descriptor) noexcept {
  // a Value that nobody set stands for undefined here
  const auto given = [&raw](const Value& value) {
    return value.handle().empty() ? engine::undefined()
                                  : give_handle(raw.context(), value.handle());
  };
  raw.set_flags(JS_PROP_HAS_ENUMERABLE | JS_PROP_HAS_CONFIGURABLE |
                (descriptor.enumerable ? JS_PROP_ENUMERABLE : 0) |
                (descriptor.configurable ? JS_PROP_CONFIGURABLE : 0));
  if (descriptor.is_accessor()) {
    return raw.set_getter(given(descriptor.getter)) && raw.set_setter(given(descriptor.setter));
  }
  raw.set_flags(JS_PROP_HAS_WRITABLE | (descriptor.writable ? JS_PROP_WRITABLE : 0));
  return raw.set_value(given(descriptor.value));
}

}  // namespace quip::detail
