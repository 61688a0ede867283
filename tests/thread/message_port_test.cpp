// Channels between runtimes: order, threads, closing, and runtimes that end first.
#include "support/js.hpp"
#include <quip/quip.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

class Ports : public JsTest {
 protected:
  std::pair<MessagePort, MessagePort> ports = MessageChannel::make();
  MessagePort& here = ports.first;
  MessagePort& there = ports.second;
  /// Listens, and keeps what it hears as text, up to "end".
  void listen(std::vector<std::string>& heard) {
    with([&](Ctx ctx) {
      here.on_message(ctx, [&heard, port = here](Ctx, const Value& value) {
        heard.push_back(value.to_display_string());
        if (heard.back() == "end") port.close();
      });
    });
  }
};

TEST_F(Ports, MessagesComeInOrder) {
  std::vector<std::string> heard;
  EXPECT_TRUE(there.post(eval("'before'")));
  listen(heard);
  for (int i = 0; i < 3; ++i) with([&](Ctx ctx) { EXPECT_TRUE(there.post(ctx, i)); });
  EXPECT_TRUE(heard.empty());  // the loop delivers
  EXPECT_TRUE(there.post(eval("'end'")));
  runtime.run();
  EXPECT_EQ(heard, (std::vector<std::string>{"before", "0", "1", "2", "end"}));
  EXPECT_FALSE(here.is_open());
  EXPECT_FALSE(there.is_open());
  EXPECT_FALSE(there.post(eval("1")));
}

TEST_F(Ports, JobsOfOneMessageRunBeforeTheNext) {
  with([&](Ctx ctx) {
    ctx.eval("globalThis.log = []");
    const Function f = ctx.eval<Function>(
        "v => { log.push('m' + v); Promise.resolve().then(() => log.push('j' + v)) }");
    here.on_message(ctx, [f](Ctx, const Value& value) { f.call(value); });
    there.post(ctx, 1);
    there.post(ctx, 2);
  });
  there.close();
  runtime.run();
  expect_eval("log.join()", "string", "m1,j1,m2,j2");
}

TEST_F(Ports, FromOtherThreadsBothWays) {
  // each side is a runtime on a thread of its own; numbers go there, are doubled and come back
  std::thread other([port = std::move(there)] {
    Runtime far;
    const Context context(far);
    context.with([&](Ctx ctx) {
      port.on_message(ctx,
                      [port](Ctx ctx, const Value& value) { port.post(ctx, value.as<int>() * 2); });
    });
    far.run();  // until the other side closes
  });
  int sum = 0;
  int left = 50;
  with([&](Ctx ctx) {
    here.on_message(ctx, [&](Ctx, const Value& value) {
      sum += value.as<int>();
      if (--left == 0) here.close();
    });
    for (int i = 0; i < 50; ++i) here.post(ctx, i);
  });
  runtime.run();
  other.join();
  EXPECT_EQ(sum, 49 * 50);
}

TEST_F(Ports, ManySendersKeepTheirOwnOrder) {
  constexpr int senders = 4;
  constexpr int each = 100;
  std::vector<int> last(senders, -1);
  int count = 0;
  with([&](Ctx ctx) {
    here.on_message(ctx, [&](Ctx, const Value& value) {
      const auto pair = value.as<std::vector<int>>();
      EXPECT_EQ(pair[1], last[static_cast<std::size_t>(pair[0])] + 1);
      last[static_cast<std::size_t>(pair[0])] = pair[1];
      ++count;
    });
  });
  std::vector<std::thread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([port = there, sender] {
      Runtime far;
      const Context context(far);
      context.with([&](Ctx ctx) {
        for (int i = 0; i < each; ++i) port.post(ctx, std::vector<int>{sender, i});
      });
    });
  }
  there = MessagePort();  // the last of them closes it
  runtime.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, senders * each);
}

TEST_F(Ports, TheLastHandleOfTheOtherSideEndsTheLoop) {
  std::vector<std::string> heard;
  listen(heard);
  with([&](Ctx ctx) { there.post(ctx, "last"); });
  there = MessagePort();
  EXPECT_TRUE(here.is_open());  // there is something to hear yet
  runtime.run();
  EXPECT_EQ(heard, std::vector<std::string>{"last"});
  EXPECT_FALSE(here.is_open());
}

TEST_F(Ports, ListeningToAClosedOne) {
  there.close();
  EXPECT_FALSE(here.is_open());
  with([&](Ctx ctx) { here.on_message(ctx, [](Ctx, const Value&) {}); });
  runtime.run();  // finds out that nothing will come
  const Result<void> again =
      with([&](Ctx ctx) { return here.try_on_message(ctx, [](Ctx, const Value&) {}); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message(), "the port is closed");
  EXPECT_FALSE(with([&](Ctx ctx) { return MessagePort().try_on_message(ctx, {}); }));
  EXPECT_FALSE(MessagePort().post(Message()));
}

TEST_F(Ports, AnotherHandlerAndNone) {
  std::vector<std::string> heard;
  auto alive = std::make_shared<int>(0);
  with([&](Ctx ctx) {
    here.on_message(ctx, [alive](Ctx, const Value&) { FAIL(); });
    there.post(ctx, 1);
  });
  EXPECT_EQ(alive.use_count(), 2);
  listen(heard);
  EXPECT_EQ(alive.use_count(), 1);
  runtime.poll();
  EXPECT_EQ(heard, std::vector<std::string>{"1"});
  with([&](Ctx ctx) { here.on_message(ctx, {}); });
  with([&](Ctx ctx) { there.post(ctx, 2); });
  runtime.run();  // nothing holds it
  EXPECT_EQ(heard.size(), 1U);
  listen(heard);
  there.close();
  runtime.run();
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "2"}));
}

TEST_F(Ports, OneRuntimeListens) {
  std::vector<std::string> heard;
  listen(heard);
  Runtime other;
  const Context context(other);
  const Result<void> second =
      context.with([&](Ctx ctx) { return here.try_on_message(ctx, [](Ctx, const Value&) {}); });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(), "the port listens in another runtime already");
  context.with([&](Ctx ctx) { here.on_message(ctx, {}); });  // not its own
  with([&](Ctx ctx) { there.post(ctx, "end"); });
  runtime.run();
  EXPECT_EQ(heard, std::vector<std::string>{"end"});
}

TEST_F(Ports, WhatAHandlerThrowsComesOutOfTheLoop) {
  with([&](Ctx ctx) {
    here.on_message(
        ctx, [](Ctx ctx, const Value& value) { ctx.eval("throw " + value.as<std::string>()); });
    there.post(ctx, "new RangeError('far')");
    there.post(ctx, "5");
  });
  const Result<void> first = runtime.try_run();
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().name(), "RangeError");
  EXPECT_EQ(runtime.try_run().error().message(), "5");  // what is behind it stays
  here.close();
  runtime.run();
}

TEST_F(Ports, ClosedInsideOfItsHandler) {
  int heard = 0;
  auto alive = std::make_shared<int>(0);
  with([&](Ctx ctx) {
    here.on_message(ctx, [&, alive](Ctx, const Value&) {
      ++heard;
      here.close();
      EXPECT_GT(alive.use_count(), 1);  // it still runs
    });
    there.post(ctx, 1);
    there.post(ctx, 2);
  });
  runtime.run();
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(Ports, ClosedOnAnotherThread) {
  auto alive = std::make_shared<int>(0);
  with([&](Ctx ctx) { here.on_message(ctx, [alive](Ctx, const Value&) {}); });
  std::thread closer([port = here] { port.close(); });
  runtime.run();
  closer.join();
  EXPECT_FALSE(there.is_open());
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(Ports, TheListeningRuntimeEndsFirst) {
  auto alive = std::make_shared<int>(0);
  {
    Runtime brief;
    const Context context(brief);
    context.with([&](Ctx ctx) {
      here.on_message(ctx, [alive, kept = ctx.eval("({})"), port = here](Ctx, const Value&) {});
      there.post(ctx, 1);
    });
    EXPECT_EQ(alive.use_count(), 2);
  }
  EXPECT_EQ(alive.use_count(), 1);
  EXPECT_FALSE(here.is_open());
  EXPECT_FALSE(there.post(Message()));
}

TEST_F(Ports, ARuntimeEndsInsideOfItsHandler) {
  auto brief = std::make_unique<Runtime>();
  auto context = std::make_unique<Context>(*brief);
  context->with([&](Ctx ctx) {
    here.on_message(ctx, [&](Ctx, const Value&) { brief.reset(); });
    there.post(ctx, 1);
    there.post(ctx, 2);
  });
  context.reset();
  Runtime& running = *brief;
  EXPECT_FALSE(running.try_run());
  EXPECT_EQ(brief, nullptr);
  EXPECT_FALSE(there.is_open());
}

TEST_F(Ports, RuntimesEndWhileOthersPost) {
  for (int i = 0; i < 5; ++i) {
    auto [inside, outside] = MessageChannel::make();
    std::atomic<bool> is_over = false;
    std::thread poster([&, port = outside] {
      while (!is_over) (void)port.post(Message());
    });
    {
      Runtime brief;
      const Context context(brief);
      int heard = 0;
      context.with([&, port = inside](Ctx ctx) {
        port.on_message(ctx, [&](Ctx, const Value&) { ++heard; });
      });
      while (heard < 3) brief.run_one();
    }
    is_over = true;
    poster.join();
    EXPECT_FALSE(outside.is_open());
  }
}

TEST_F(Ports, BuffersGoAlong) {
  std::string heard;
  with([&](Ctx ctx) {
    here.on_message(ctx, [&](Ctx, const Value& value) {
      heard = std::to_string(value.as<ArrayBuffer>().size());
    });
    const Value buffer = ctx.eval("new ArrayBuffer(1234)");
    EXPECT_TRUE(there.try_post(buffer, {.transfer = {buffer}}).value());
    EXPECT_TRUE(buffer.as<ArrayBuffer>().is_detached());
    EXPECT_FALSE(there.try_post(ctx.eval("() => 1")));
  });
  there.close();
  runtime.run();
  EXPECT_EQ(heard, "1234");
}

}  // namespace
}  // namespace quip::test
