// Where scripts spend their time.
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <optional>
#include <thread>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// Looks at every opportunity: what is found then does not depend on the machine's speed.
constexpr CpuProfilerOptions always{.interval = 0ns};

const CpuProfile::Node* find(const CpuProfile& profile, std::string_view function) {
  for (const CpuProfile::Node& node : profile.nodes) {
    if (node.function == function) return &node;
  }
  return nullptr;
}

const CpuProfile::Node* child(const CpuProfile& profile, const CpuProfile::Node& node,
                              std::string_view function) {
  for (const std::size_t place : node.children) {
    if (profile.nodes[place].function == function) return &profile.nodes[place];
  }
  return nullptr;
}

/// What every profile must be.
void expect_sound(const CpuProfile& profile) {
  ASSERT_GE(profile.nodes.size(), 2U);
  EXPECT_EQ(profile.nodes[0].function, "(root)");
  EXPECT_EQ(profile.nodes[1].function, "(program)");
  std::vector<int> parents(profile.nodes.size(), 0);
  std::chrono::nanoseconds self{0};
  std::size_t hits = 0;
  for (std::size_t i = 0; i < profile.nodes.size(); ++i) {
    const CpuProfile::Node& node = profile.nodes[i];
    std::chrono::nanoseconds total = node.self;
    for (const std::size_t place : node.children) {
      ASSERT_GT(place, i);
      ASSERT_LT(place, profile.nodes.size());
      ++parents[place];
      total += profile.nodes[place].total;
    }
    EXPECT_EQ(node.total, total);
    self += node.self;
    hits += node.hits;
  }
  EXPECT_EQ(parents[0], 0);
  for (std::size_t i = 1; i < parents.size(); ++i) EXPECT_EQ(parents[i], 1);
  std::chrono::nanoseconds sum{0};
  for (const CpuProfile::Sample& sample : profile.samples) {
    ASSERT_LT(sample.node, profile.nodes.size());
    EXPECT_GE(sample.duration.count(), 0);
    sum += sample.duration;
  }
  EXPECT_EQ(sum, profile.duration);
  EXPECT_EQ(self, profile.duration);
  EXPECT_EQ(hits, profile.samples.size());
}

class CpuProfilerTest : public JsTest {
 protected:
  CpuProfile profile_of(std::string_view script, const char* file = "app.js") {
    return with([&](Ctx ctx) {
      CpuProfiler profiler(ctx, always);
      ctx.eval(script, {.filename = file});
      return profiler.stop();
    });
  }
};

constexpr std::string_view busy =
    "function hot(n) {\n"
    "  let sum = 0;\n"
    "  for (let i = 0; i < n; ++i) sum += i;\n"
    "  return sum;\n"
    "}\n"
    "function main() {\n"
    "  let all = 0;\n"
    "  for (let i = 0; i < 20; ++i) all += hot(20000);\n"
    "  return all;\n"
    "}\n"
    "main();";

TEST_F(CpuProfilerTest, FindsTheFunctionThatIsBusyBelowItsCallers) {
  const CpuProfile profile = profile_of(busy);
  expect_sound(profile);
  const CpuProfile::Node* main = find(profile, "main");
  ASSERT_NE(main, nullptr);
  const CpuProfile::Node* hot = child(profile, *main, "hot");
  ASSERT_NE(hot, nullptr);
  // 400,000 loops, and one look for each 10,000
  EXPECT_GT(hot->hits, 20U);
  EXPECT_GT(hot->hits, 4 * main->hits);
  EXPECT_GT(hot->self, 0ns);
  EXPECT_GE(main->total, hot->total);
  EXPECT_EQ(hot->file, "app.js");
  if (hot->line != 0) EXPECT_EQ(hot->line, 1);
  EXPECT_EQ(find(profile, "(unknown)"), nullptr);
}

TEST_F(CpuProfilerTest, LooksNoMoreOftenThanTheInterval) {
  with([](Ctx ctx) {
    CpuProfiler profiler(ctx, {.interval = 1h});
    ctx.eval(busy);
    const CpuProfile profile = profiler.stop();
    expect_sound(profile);
    EXPECT_EQ(profile.samples.size(), 1U);
    EXPECT_EQ(profile.samples.front().node, 1U);
    EXPECT_GT(profile.duration, 0ns);
  });
}

TEST_F(CpuProfilerTest, TheEnginesFunctionsAreChargedToTheirCallers) {
  const CpuProfile profile = profile_of(
      "function sorts() { for (let i = 0; i < 30000; ++i) [3, 1, 2].sort(); }\n"
      "function maps() { return Array.from({ length: 50000 }, function each(_, i) { return i; }); "
      "}\n"
      "sorts(); maps();");
  expect_sound(profile);
  ASSERT_NE(find(profile, "sorts"), nullptr);
  EXPECT_GT(find(profile, "sorts")->total, 0ns);
  const CpuProfile::Node* maps = find(profile, "maps");
  ASSERT_NE(maps, nullptr);
  EXPECT_NE(child(profile, *maps, "from"), nullptr);
}

TEST_F(CpuProfilerTest, RecursionIsATower) {
  const CpuProfile profile = profile_of(
      "function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }\n"
      "function start() { return fib(20); }\nstart();");
  expect_sound(profile);
  const CpuProfile::Node* start = find(profile, "start");
  ASSERT_NE(start, nullptr);
  const CpuProfile::Node* first = child(profile, *start, "fib");
  ASSERT_NE(first, nullptr);
  EXPECT_NE(child(profile, *first, "fib"), nullptr);
}

TEST_F(CpuProfilerTest, VeryDeepStacksKeepTheirInnermostCalls) {
  const CpuProfile profile = profile_of(
      "function down(n) { if (n > 0) return down(n - 1);\n"
      "  let s = 0; for (let i = 0; i < 100000; ++i) s += i; return s; }\n"
      "down(100);");
  expect_sound(profile);
  std::size_t height = 0;
  const CpuProfile::Node* at = find(profile, "down");
  for (; at != nullptr; at = child(profile, *at, "down")) ++height;
  EXPECT_GE(height, 60U);
}

TEST_F(CpuProfilerTest, TimeOutsideOfTheRuntimeIsTheProgrammes) {
  CpuProfiler profiler(runtime, {.interval = 1ms});
  std::this_thread::sleep_for(20ms);
  with([](Ctx ctx) { ctx.eval("1"); });
  std::this_thread::sleep_for(20ms);
  with([](Ctx ctx) { ctx.eval("1"); });
  const CpuProfile profile = profiler.stop();
  expect_sound(profile);
  EXPECT_GE(profile.nodes[1].self, 40ms);
  EXPECT_GE(profile.nodes[1].hits, 2U);
}

TEST_F(CpuProfilerTest, JobsAndGeneratorsAreSeen) {
  with([&](Ctx ctx) {
    CpuProfiler profiler(ctx, always);
    ctx.eval(
        "async function later() { await null; for (let i = 0; i < 200000; ++i); }\n"
        "function* numbers() { for (let i = 0; i < 60000; ++i) yield i; }\n"
        "later(); for (const n of numbers());");
    runtime.run();
    const CpuProfile profile = profiler.stop();
    expect_sound(profile);
    EXPECT_NE(find(profile, "later"), nullptr);
    EXPECT_NE(find(profile, "numbers"), nullptr);
  });
}

// ---- together with what else the engine's question is for --------------------------------------

TEST_F(CpuProfilerTest, DeadlinesAndHandlersWorkAsEver) {
  with([&](Ctx ctx) {
    CpuProfiler profiler(ctx, always);
    {
      const Deadline deadline(ctx, 20ms);
      const Result<Value> result = ctx.try_eval("function spin() { for (;;) {} } spin()");
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().message(), "stopped by a deadline of 20 ms");
    }
    {
      std::stop_source source;
      source.request_stop();
      const StopScope scope(ctx, source.get_token());
      const Result<Value> result = ctx.try_eval("function tokened() { for (;;) {} } tokened()");
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().message(), "stopped by its stop_token");
    }
    int asked = 0;
    runtime.set_interrupt_handler([&] { return ++asked == 5; });
    const Result<Value> result = ctx.try_eval("function handled() { for (;;) {} } handled()");
    runtime.set_interrupt_handler({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
    EXPECT_EQ(asked, 5);
    const CpuProfile profile = profiler.stop();
    expect_sound(profile);
    for (const char* name : {"spin", "tokened", "handled"}) {
      EXPECT_NE(find(profile, name), nullptr) << name;
    }
    expect_eval(ctx, "1 + 1", "number", "2");
  });
}

TEST_F(CpuProfilerTest, ScriptsNeitherNoticeNorDisturbIt) {
  const CpuProfile profile = profile_of(
      "var touched = 0;\n"
      "Error.prepareStackTrace = () => { ++touched; throw 1; };\nError.stackTraceLimit = 0;\n"
      "delete globalThis.Error;\n" +
      std::string(busy));
  expect_sound(profile);
  EXPECT_NE(find(profile, "hot"), nullptr);
  expect_eval(context, "touched", "number", "0");
}

TEST_F(CpuProfilerTest, WhatTheEngineCannotTellIsUnknownAtWorst) {
  const CpuProfile profile = profile_of(
      "Error.prepareStackTrace = () => { for (let i = 0; i < 100000; ++i); return ''; };\n"
      "for (let i = 0; i < 3; ++i) String(new Error('x').stack);\n" +
      std::string(busy));
  expect_sound(profile);
  EXPECT_NE(find(profile, "hot"), nullptr);
}

TEST_F(CpuProfilerTest, ADestructorMayStopIt) {
  std::optional<CpuProfiler> profiler;
  std::optional<CpuProfile> profile;
  with([&](Ctx ctx) {
    const std::shared_ptr<int> witness(new int(0), [&](const int* number) {
      delete number;
      profile = profiler->stop();
    });
    ctx.globals().set("f", [witness] { return *witness; });
  });
  with([&](Ctx ctx) {
    profiler.emplace(ctx, always);
    ctx.eval(std::string(busy) + "\nf.self = f; f = null;");
  });
  runtime.run_gc();
  ASSERT_TRUE(profile);
  expect_sound(*profile);
  EXPECT_NE(find(*profile, "hot"), nullptr);
}

// ---- its life ----------------------------------------------------------------------------------

TEST_F(CpuProfilerTest, ARuntimeHasOneAtATime) {
  with([&](Ctx ctx) {
    CpuProfiler profiler(ctx);
    EXPECT_THROW((void)CpuProfiler(ctx), Error);
    EXPECT_THROW((void)CpuProfiler(runtime), Error);
    Runtime other;
    CpuProfiler elsewhere(other);
    expect_sound(elsewhere.stop());
    expect_sound(profiler.stop());
    CpuProfiler next(context, always);
    ctx.eval(busy);
    const CpuProfile profile = next.stop();
    EXPECT_NE(find(profile, "hot"), nullptr);
  });
  {
    CpuProfiler dropped(runtime);
  }
  CpuProfiler again(runtime);
  expect_sound(again.stop());
}

TEST_F(CpuProfilerTest, StoppedTwiceOrMovedFromIsAnError) {
  CpuProfiler profiler(runtime);
  CpuProfiler moved(std::move(profiler));
  EXPECT_THROW(profiler.stop(), Error);  // NOLINT(bugprone-use-after-move): that is what is tested
  moved.stop();
  EXPECT_THROW(moved.stop(), Error);
  EXPECT_THROW((void)CpuProfiler(runtime, {.interval = -1ns}), Error);
  moved = CpuProfiler(runtime);
  expect_sound(moved.stop());
}

TEST_F(CpuProfilerTest, ItMayOutliveTheRuntime) {
  std::optional<Runtime> mine(std::in_place);
  CpuProfiler profiler(*mine, always);
  Context(*mine).with([](Ctx ctx) { ctx.eval(busy); });
  mine.reset();
  const CpuProfile profile = profiler.stop();
  expect_sound(profile);
  EXPECT_NE(find(profile, "hot"), nullptr);
  Runtime gone;
  const Runtime taken(std::move(gone));
  EXPECT_THROW((void)CpuProfiler(gone), RuntimeGone);  // NOLINT(bugprone-use-after-move)
}

TEST_F(CpuProfilerTest, AnotherThreadMayStopIt) {
  CpuProfiler profiler(runtime, always);
  std::optional<CpuProfile> profile;
  bool stopped = false;
  std::thread thread;
  with([&](Ctx ctx) {
    runtime.set_interrupt_handler([&] {
      if (!thread.joinable()) thread = std::thread([&] { profile = profiler.stop(); });
      return false;
    });
    ctx.eval(busy);
    runtime.set_interrupt_handler({});
    if (thread.joinable()) thread.join();
    stopped = profile.has_value();
  });
  ASSERT_TRUE(stopped);
  expect_sound(*profile);
}

// ---- what others read --------------------------------------------------------------------------

/// What is wrong with a .cpuprofile, as a script.
constexpr std::string_view checker = R"((text) => {
  const profile = JSON.parse(text);
  const wrong = [];
  const nodes = new Map();
  for (const node of profile.nodes) {
    if (!Number.isInteger(node.id) || nodes.has(node.id)) wrong.push('id ' + node.id);
    nodes.set(node.id, node);
    const frame = node.callFrame;
    for (const key of ['functionName', 'scriptId', 'url']) {
      if (typeof frame[key] !== 'string') wrong.push(key);
    }
    for (const key of ['lineNumber', 'columnNumber']) {
      if (!Number.isInteger(frame[key]) || frame[key] < -1) wrong.push(key);
    }
  }
  const parents = new Map();
  for (const node of profile.nodes) {
    for (const id of node.children ?? []) {
      if (!nodes.has(id)) wrong.push('child ' + id);
      if (parents.has(id)) wrong.push('two parents of ' + id);
      parents.set(id, node.id);
    }
  }
  if (parents.size !== nodes.size - 1) wrong.push('not one root');
  for (const id of profile.samples) if (!nodes.has(id)) wrong.push('sample ' + id);
  if (profile.samples.length !== profile.timeDeltas.length) wrong.push('lengths');
  if (profile.timeDeltas.some((delta) => !Number.isInteger(delta) || delta < 0)) wrong.push('delta');
  const sum = profile.timeDeltas.reduce((a, b) => a + b, 0);
  if (sum !== profile.endTime - profile.startTime) wrong.push('sum ' + sum);
  return wrong.join();
})";

TEST_F(CpuProfilerTest, TheCpuprofileIsWhatItsTypeSays) {
  const CpuProfile profile = profile_of(
      std::string(busy) +
          "\nfunction odd() { for (let i = 0; i < 60000; ++i); }\n"
          "Object.defineProperty(odd, 'name', { value: 'a \"b\" \\\\ \\n\\u0001 \\ud800 </script> "
          "\\u00e9' });\nodd();",
      "dir/a \"b\".js");
  const std::string json = profile.to_cpuprofile();
  with([&](Ctx ctx) {
    const auto check = ctx.eval<Function>(checker);
    EXPECT_EQ(check.call<std::string>(json), "");
    const auto hot = ctx.eval<Function>(
        "(text) => { const n = JSON.parse(text).nodes.find((n) => n.callFrame.functionName === "
        "'hot'); return n.callFrame.url + ' ' + (n.hitCount > 0); }");
    EXPECT_EQ(hot.call<std::string>(json), "dir/a \"b\".js true");
    const auto odd = ctx.eval<Function>(
        "(text) => JSON.parse(text).nodes.some((n) => n.callFrame.functionName.startsWith('a "
        "\"b\" \\\\ \\n\\u0001 '))");
    EXPECT_TRUE(odd.call<bool>(json));
    Runtime other;
    CpuProfiler empty(other);
    EXPECT_EQ(check.call<std::string>(empty.stop().to_cpuprofile()), "");
  });
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST_F(CpuProfilerTest, TheFlameGraphIsAWholePicture) {
  const CpuProfile profile =
      profile_of(std::string(busy) +
                 "\nfunction odd() { for (let i = 0; i < 400000; ++i); }\n"
                 "Object.defineProperty(odd, 'name', { value: 'a<b> & \"c\" \\u0001' });\nodd();");
  const std::string svg = profile.to_flame_graph("a <title>");
  EXPECT_THAT(svg, ::testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, ::testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("a &lt;title&gt;"));
  EXPECT_THAT(svg, HasSubstr("<title>hot (app.js"));
  EXPECT_THAT(svg, HasSubstr("a&lt;b&gt; &amp; &quot;c&quot;"));
  EXPECT_EQ(count(svg, "<script"), 0U);
  EXPECT_EQ(count(svg, "<g>"), count(svg, "</g>"));
  EXPECT_EQ(count(svg, "<title>"), count(svg, "<g>"));
  EXPECT_EQ(count(svg, "<text"), count(svg, "</text>"));
  for (const char c : svg) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n');
  EXPECT_THAT(CpuProfile().to_flame_graph(), ::testing::EndsWith("</svg>\n"));
}

}  // namespace
}  // namespace quip::test
