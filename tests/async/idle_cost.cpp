// What a runtime costs that waits: `idle_cost LOOP [SECONDS]` waits on a timer in that loop, and
// fails if the process did anything meanwhile.
#include "loops.hpp"
#include "support/system.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

quip::Task<> wait(double seconds) {
  co_await quip::sleep(
      std::chrono::duration_cast<quip::Clock::duration>(std::chrono::duration<double>(seconds)));
}

bool waits_for_free(quip::test::TestLoop& loop, double seconds) {
  quip::Runtime runtime;
  const quip::Context context(runtime);
  loop.attach(runtime);
  context.with([](quip::Ctx ctx) { ctx.globals().set("wait", &wait); });
  const auto run = [&](const char* script, double time) {
    const auto promise = context.with([&](quip::Ctx ctx) {
      ctx.globals().set("time", time);
      return ctx.eval<quip::Promise<>>(script);
    });
    loop.run_while([&] { return promise.state() == quip::PromiseState::pending; });
  };
  run("wait(time)", 0.01);  // what is made at the first use is there from here on
  const quip::test::Usage before = quip::test::usage_of_process();
  const auto begin = quip::Clock::now();
  run("wait(time)", seconds);
  const std::chrono::duration<double> waited = quip::Clock::now() - begin;
  const quip::test::Usage after = quip::test::usage_of_process();
  const double cpu_ms = after.cpu_ms - before.cpu_ms;
  const long switches = after.waits - before.waits;
  std::printf("waited %.3f s: %.2f ms of CPU, %ld context switches\n", waited.count(), cpu_ms,
              switches);
  return waited.count() >= seconds && cpu_ms < 20 && switches < 20;
}

}  // namespace

bool quip::test::is_gc_stress() noexcept { return false; }

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "Own";
  for (const auto& kind : quip::test::loop_kinds()) {
    if (kind.name == name) {
      return waits_for_free(*kind.make(), argc > 2 ? std::atof(argv[2]) : 2) ? 0 : 1;
    }
  }
  std::fprintf(stderr, "idle_cost: there is no loop %s\n", name.c_str());
  return 2;
}
