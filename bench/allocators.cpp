// quip's default allocator beside hand-written C on malloc: what most programs do. The same C is
// the second variant of each row; the third is quip on malloc as well.
#include "conversions.hpp"
#include "rows.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace bench {

namespace {

using quip::Allocator;

/// The bar of each row, by the engine. Where an engine has pools of its own the default is malloc,
/// and only what quip adds is left.
constexpr bool has_own_pools = engine::has_new_array_from;  // quickjs-ng
constexpr double bar(double otherwise) { return has_own_pools ? 1.08 : otherwise; }

struct Player {
  int id;
  double score;
  bool active;
  std::string name;
  std::int64_t stamp;
};

/// A runtime and a context of quip's on an allocator, kept by the rows; with room, as both sides of
/// the other rows have.
struct Host {
  explicit Host(std::shared_ptr<Allocator> allocator)
      : runtime(quip::RuntimeOptions{.allocator = std::move(allocator)}),
        context(runtime),
        room(context.with([](const quip::Ctx& ctx) { return ctx.raw(); })) {}
  quip::Runtime runtime;
  quip::Context context;
  Room room;
};

/// The same in C: of its own, as how much there is decides how often garbage is collected.
struct PlainC {
  CHost host;
  Room room{host.context()};
};

/// Runs with the host entered, once for each batch.
template <class Batch>
Run inside(const std::shared_ptr<Host>& host, Batch batch) {
  return [host, batch = std::move(batch)](std::int64_t n) {
    host->context.with([&](const quip::Ctx& ctx) { batch(ctx, n); });
  };
}

Run script(const std::shared_ptr<Host>& host, const char* source) {
  const auto loop =
      host->context.with([&](const quip::Ctx& ctx) { return ctx.eval<quip::Function>(source); });
  return inside(host, [loop](const quip::Ctx&, std::int64_t n) {
    loop.call<void>(static_cast<std::int32_t>(n));
  });
}
Run script(CHost& host, const char* source) {
  JSContext* ctx = host.context();
  JSValue loop = host.eval(source);
  return [=](std::int64_t n) {
    JSValue count = engine::int32(static_cast<std::int32_t>(n));
    JS_FreeValue(ctx, checked(JS_Call(ctx, loop, engine::undefined(), 1, &count), "loop"));
  };
}

constexpr const char* construct_and_collect =
    "(function(n){class P{constructor(x,y){this.x=x;this.y=y;}}"
    "for(var i=0;i<n;i++){var a=new P(i,{v:i}),b=new P(a,[i]);a.other=b;}})";
constexpr const char* text_list =
    "(function(n){for(var i=0;i<n;i++){var a=[];for(var k=0;k<100;k++)a.push('text '+k+i);}})";

Run awaits(const std::shared_ptr<Host>& host) {
  const auto loop = host->context.with([](const quip::Ctx& ctx) {
    return ctx.eval<quip::Function>(
        "(function(n){(async function(){for(var i=0;i<n;i++)await (async function(){return i;})();"
        "})()})");
  });
  return [host, loop](std::int64_t n) {
    host->context.with([&](const quip::Ctx&) { loop.call<void>(static_cast<std::int32_t>(n)); });
    host->runtime.run();
  };
}
Run awaits(CHost& host) {
  const Run start = script(host,
                           "(function(n){(async function(){for(var i=0;i<n;i++)"
                           "await (async function(){return i;})();})()})");
  JSRuntime* rt = host.runtime();
  return [=](std::int64_t n) {
    start(n);
    JSContext* job = nullptr;
    while (JS_ExecutePendingJob(rt, &job) > 0) {
    }
  };
}

Run records(const std::shared_ptr<Host>& host) {
  return inside(host, [](const quip::Ctx& ctx, std::int64_t n) {
    const Player player{7, 1.5, true, "hello world", 1700000000000};
    for (std::int64_t i = 0; i < n; ++i) {
      const quip::Value value(ctx, player);
      keep(&value);
    }
  });
}
Run records(CHost& host) {
  JSContext* ctx = host.context();
  const JSAtom atoms[] = {host.own_atom("id"), host.own_atom("score"), host.own_atom("active"),
                          host.own_atom("name"), host.own_atom("stamp")};
  // the shapes stay, as long as an object has them
  for (std::size_t count = 0; count <= std::size(atoms); ++count) {
    JSValue object = host.own(JS_NewObject(ctx));
    for (std::size_t i = 0; i < count; ++i) {
      engine::define(ctx, object, atoms[i], engine::undefined());
    }
  }
  return [=](std::int64_t n) {
    const std::string name = "hello world";
    for (std::int64_t i = 0; i < n; ++i) {
      JSValue object = checked(JS_NewObject(ctx), "object");
      engine::define(ctx, object, atoms[0], JS_NewInt32(ctx, 7));
      engine::define(ctx, object, atoms[1], JS_NewFloat64(ctx, 1.5));
      engine::define(ctx, object, atoms[2], JS_NewBool(ctx, true));
      engine::define(ctx, object, atoms[3], JS_NewStringLen(ctx, name.data(), name.size()));
      engine::define(ctx, object, atoms[4], JS_NewInt64(ctx, 1700000000000));
      keep(object);
      JS_FreeValue(ctx, object);
    }
  };
}

Run owning(const std::shared_ptr<PlainC>& c, Run run) {
  return [c, run = std::move(run)](std::int64_t n) { run(n); };
}

Run starts(std::shared_ptr<Allocator> (*make)()) {
  return [make](std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const quip::Runtime runtime({.allocator = make()});
      const quip::Context context(runtime);
      keep(&context);
    }
  };
}
void start_c(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    JSRuntime* runtime = JS_NewRuntime();
    JSContext* context = JS_NewContext(runtime);
    keep(context);
    JS_FreeContext(context);
    JS_FreeRuntime(runtime);
  }
}

void add(Rows& rows, std::string name, double limit, std::int64_t batch, Run quip, Run c,
         Run on_malloc) {
  rows.push_back(
      {std::move(name),
       limit,
       batch,
       {{"quip", std::move(quip)}, {"c", std::move(c)}, {"malloc", std::move(on_malloc)}}});
}

}  // namespace

void add_allocator_rows(Rows& rows, const Sides&) {
  const auto fast = std::make_shared<Host>(nullptr);
  const auto plain = std::make_shared<Host>(std::make_shared<quip::MallocAllocator>());
  const auto plain_c = std::make_shared<PlainC>();
  CHost& c = plain_c->host;
  // many, as it is by chance how many collections fall into a few
  add(rows, "default_construct_collect", bar(0.90), 20000, script(fast, construct_and_collect),
      owning(plain_c, script(c, construct_and_collect)), script(plain, construct_and_collect));
  add(rows, "default_text_list", bar(0.85), 10, script(fast, text_list),
      owning(plain_c, script(c, text_list)), script(plain, text_list));
  add(rows, "default_record_out", bar(0.85), 1000, records(fast), owning(plain_c, records(c)),
      records(plain));
  add(rows, "default_await", bar(0.85), 1000, awaits(fast), owning(plain_c, awaits(c)),
      awaits(plain));
  add(rows, "default_startup", bar(0.80), 3, starts([] { return std::shared_ptr<Allocator>(); }),
      start_c, starts([]() -> std::shared_ptr<Allocator> {
        return std::make_shared<quip::MallocAllocator>();
      }));
}

}  // namespace bench
