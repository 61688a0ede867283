#include <quip/function/function.hpp>
#include <quip/web/abort.hpp>
#include <quip/web/dom_exception.hpp>
#include <quip/web/events.hpp>
#include <quip/web/performance.hpp>
#include <quip/web/structured_clone.hpp>
#include <quip/web/text.hpp>
#include <quip/web/timers.hpp>
#include <quip/web/web.hpp>

#include <string_view>

namespace quip::web {

namespace {

/// As Web IDL defines the interfaces of a global (3.7.3).
template <class T>
void define_class(const Ctx& ctx, std::string_view name) {
  ctx.globals().define(name, property(Instance<T>::constructor(ctx)).writable().configurable());
}

void install_performance(const Ctx& ctx) {
  const Object globals = ctx.globals();
  define_class<Performance>(ctx, "Performance");
  // an engine's own may count from when the machine was started
  globals.define("performance",
                 property(Instance<Performance>::make(ctx)).writable().enumerable().configurable());
}

}  // namespace

void install(const Ctx& ctx, const Options& options) {
  const detail::Entry entry(ctx.realm());
  if (!entry) detail::refusal(ctx.realm()).raise();
  (void)Performance::now();  // the time origin, if this is the first use of it
  if (options.events || options.abort || options.structured_clone) DOMException::install(ctx);
  if (options.events || options.abort) {
    define_class<EventTarget>(ctx, "EventTarget");
    define_class<Event>(ctx, "Event");
  }
  if (options.events) define_class<CustomEvent>(ctx, "CustomEvent");
  if (options.abort) {
    define_class<AbortSignal>(ctx, "AbortSignal");
    define_class<AbortController>(ctx, "AbortController");
  }
  if (options.text) {
    define_class<TextEncoder>(ctx, "TextEncoder");
    define_class<TextDecoder>(ctx, "TextDecoder");
  }
  if (options.performance) install_performance(ctx);
  if (options.structured_clone) install_structured_clone(ctx);
  if (options.timers) install_timers(ctx);
  if (options.microtasks) install_microtasks(ctx);
  if (options.console) install_console(ctx, options.print);
}

Result<void> try_install(const Ctx& ctx, const Options& options) {
  try {
    install(ctx, options);
    return {};
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

}  // namespace quip::web
