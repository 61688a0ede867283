// The same classes first used by many threads at once, each with its own runtime: what is made once
// for the process (numbers, base links, atoms' numbers, class ids) is there for all of them. To be
// run under ThreadSanitizer.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/class/class_def.hpp>
#include <quip/class/scripted.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

constexpr int thread_count = 8;

/// Ten classes, each but the first two derived from the one two before it.
template <int Round, int N>
struct Link;
template <int Round, int N>
  requires(N < 2)
struct Link<Round, N> : Counted {
  virtual ~Link() = default;
  virtual int number() { return N; }
  int base_value = 100 + N;
};
template <int Round, int N>
  requires(N >= 2)
struct Link<Round, N> : Link<Round, N - 2> {
  int number() override { return N; }
  int own_value = N;
};
template <int Round, int N>
struct Mixin {
  int mixed = 7;
};
template <int Round, int N>
struct Mixed : Link<Round, N>, Mixin<Round, N> {};

template <int Round, int N>
struct ScriptLink : Scripted<Link<Round, N>> {
  using Scripted<Link<Round, N>>::Scripted;
  int number() override {
    return this->template call_or<&Link<Round, N>::number>(
        [&] { return Link<Round, N>::number(); });
  }
};

template <int Round, int N>
void define(ClassDef<Link<Round, N>>& def) {
  using T = Link<Round, N>;
  auto overridable = def.template overridable<ScriptLink<Round, N>>();
  constexpr std::string_view digits = "0123456789";
  overridable.name(digits.substr(N, 1))
      .template constructor<>()
      .template method<&T::number>("number")
      .method("text", [text = std::string("text")](T&) { return text; });
  if constexpr (N >= 2) {
    overridable.template extends<Link<Round, N - 2>>();
    overridable.template field<&T::own_value>();
  } else {
    overridable.template field<&T::base_value>();
  }
}
template <int Round, int N>
void define(ClassDef<Mixin<Round, N>>& def) {
  def.template field<&Mixin<Round, N>::mixed>();
}
template <int Round, int N>
void define(ClassDef<Mixed<Round, N>>& def) {
  def.template extends<Link<Round, N>>()
      .template implements<Mixin<Round, N>>()
      .template constructor<>()
      .exotic({.get = [](Mixed<Round, N>&, Ctx ctx, const Atom& key) -> std::optional<Value> {
        return key.to_string() == "exotic" ? std::optional(Value(ctx, N)) : std::nullopt;
      }});
}

template <int Round, int N>
void use_one(const Ctx& ctx) {
  ctx.globals().set("Link" + std::to_string(N), Instance<Link<Round, N>>::constructor(ctx));
  ctx.globals().set("Mixed" + std::to_string(N), Instance<Mixed<Round, N>>::constructor(ctx));
  ctx.globals().set("shared" + std::to_string(N),
                    std::shared_ptr<Link<Round, N % 2>>(std::make_shared<Link<Round, N>>()));
  ctx.globals().set("numberOf" + std::to_string(N),
                    [](Link<Round, N % 2>& link) { return link.number(); });
  ctx.globals().set("mixedOf" + std::to_string(N),
                    [](const Mixin<Round, N>& mixin) { return mixin.mixed; });
}

template <int Round, int... N>
void use_all(int thread, std::integer_sequence<int, N...>) {
  Runtime runtime;
  const Context first(runtime);
  const Context second(runtime);
  for (const Context* context : {&first, &second}) {
    context->with([&](Ctx ctx) {
      // each thread in an order of its own
      if (thread % 2 == 0) {
        (use_one<Round, N>(ctx), ...);
      } else {
        (use_one<Round, static_cast<int>(sizeof...(N)) - 1 - N>(ctx), ...);
      }
      const Result<std::string> result = ctx.try_eval<std::string>(R"((() => {
        let wrong = '';
        for (let i = 0; i < 50; i++) {
          for (let n = 0; n < 10; n++) {
            const Link = globalThis['Link' + n], Mixed = globalThis['Mixed' + n], numberOf = globalThis['numberOf' + n];
            const link = new Link(), mixed = new Mixed(), shared = globalThis['shared' + n];
            class Sub extends Link { number() { return super.number() + 1000; } }
            const results = [link.number(), mixed.exotic, mixed.number(), numberOf(link), numberOf(mixed), numberOf(shared),
                             numberOf(new Sub()) - 1000, mixed instanceof Link && n,
                             globalThis['mixedOf' + n](mixed) === 7 && n, link.base_value - 100 - n % 2 + n];
            link.self = link; mixed.self = [link, mixed];
            if (results.some(r => r !== n)) wrong += n + ': ' + results + '\n';
          }
        }
        return wrong;
      })())");
      EXPECT_TRUE(result && result->empty()) << show(result);
    });
  }
  runtime.run_gc();
  // what a thread leases goes with another one
  auto leased =
      first.with([](Ctx ctx) { return ctx.eval<std::shared_ptr<Link<Round, 1>>>("new Link9()"); });
  std::thread([moved = std::move(leased)]() mutable {
    EXPECT_EQ(moved->number(), 9);
    moved.reset();
  }).join();
}

template <int Round>
void use_at_once() {
  const NoneLeft none_left;
  std::latch start(thread_count);
  std::vector<std::thread> threads;
  threads.reserve(thread_count);
  for (int i = 0; i < thread_count; ++i) {
    threads.emplace_back([&start, i] {
      start.arrive_and_wait();
      use_all<Round>(i, std::make_integer_sequence<int, 10>());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ClassThreads, FirstUseByManyAtOnce) { use_at_once<0>(); }
TEST(ClassThreads, AndAgainWithOtherClasses) { use_at_once<1>(); }

}  // namespace
}  // namespace quip::test
