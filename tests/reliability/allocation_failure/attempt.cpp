#include "attempt.hpp"

#include <fcntl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>

// Of sanitizers; null without one.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*callback)());

namespace quip::test {

std::string_view to_string(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::counts:
      return "counts";
    case Outcome::result:
      return "result";
    case Outcome::error:
      return "error";
    case Outcome::wrong:
      return "wrong result";
    case Outcome::broken:
      return "broken";
    case Outcome::leak:
      return "leak";
    case Outcome::crash:
      return "crash";
    case Outcome::hang:
      return "hang";
  }
  return "?";
}

std::vector<std::size_t> Sampling::of(std::size_t allocations) const {
  std::vector<std::size_t> chosen;
  for (std::size_t k = 1; k <= std::min(first, allocations); ++k) chosen.push_back(k);
  if (allocations > first) {
    const std::size_t others = allocations - first;
    const std::size_t count = std::min(spread, others);
    for (std::size_t i = 1; i <= count; ++i) chosen.push_back(first + others * i / count);
  }
  return chosen;
}

namespace attempts {

/// The attempt that this process makes, for when it dies.
Report current;
int report_to = -1;
bool is_traced = false;
bool prints = false;

/// All that is known of a traced attempt, on standard output.
void print() {
  std::printf("%s, %u failures: %s\n", std::string(to_string(current.outcome)).c_str(),
              current.failures, current.details.data());
  std::printf("the first of them:\n");
  for (const std::string& name : functions(injector::first_failure())) {
    std::printf("    %s\n", name.c_str());
  }
  if (current.outcome != Outcome::leak) return;
  for (const Stack& stack : injector::left_blocks()) {
    std::printf("left:\n");
    for (const std::string& name : functions(stack)) std::printf("    %s\n", name.c_str());
  }
}

void put(std::array<char, 600>& to, const Stack& stack) noexcept {
  std::array<std::string_view, 8> names;
  const std::size_t count = engine_functions(stack, names.data(), names.size());
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = names[i].substr(0, 60);
    if (i > 0) at += static_cast<std::size_t>(std::snprintf(&to[at], to.size() - at, " < "));
    std::memcpy(&to[at], name.data(), name.size());
    at += name.size();
  }
  to[at] = '\0';
}

/// All functions of the program, unreadable ones too: this may run in a signal handler.
void put(std::array<char, 1400>& to, const char* what, const Stack& stack) noexcept {
  std::size_t at = std::strlen(to.data());
  at += static_cast<std::size_t>(std::snprintf(&to[at], to.size() - at, "%s", what));
  for (std::size_t i = 0; i < stack.size && at + 1 < to.size(); ++i) {
    const std::string_view name = function_at(static_cast<char*>(stack.frames[i]) - 1);
    if (is_plumbing(name)) continue;
    const auto size = static_cast<int>(name.size());
    at += static_cast<std::size_t>(
        std::snprintf(&to[at], to.size() - at, " < %.*s", size, name.data()));
    at = std::min(at, to.size() - 1);
  }
}

void send() noexcept {
  if (report_to >= 0) (void)!::write(report_to, &current, sizeof current);
}

/// What is known of a fault that shows only when all is destroyed.
void put_origin() noexcept {
  put(current.engine, injector::first_failure());
  put(current.details, "failed in", injector::first_failure());
}

[[noreturn]] void die(const char* how, Outcome outcome) noexcept {
  injector::disarm();
  current.failures = static_cast<std::uint32_t>(injector::failures());
  const Stack stack = Stack::here();
  current.outcome = outcome;
  put(current.engine, stack);
  const std::string_view where = current.engine.data();
  if (where.starts_with("JS_FreeRuntime")) current.outcome = Outcome::leak;  // it asserts that
  // who frees an object is rarely who damaged it
  if (where.starts_with("JS_FreeRuntime") || where.starts_with("JS_RunGC") ||
      where.ends_with("__JS_FreeValueRT")) {
    current.shows_late = true;
    if (is_traced) put_origin();
  }
  put(current.details, how, stack);
  send();
  if (prints) print();
  std::fflush(stdout);
  ::_exit(0);
}

void on_signal(int signal) {
  if (signal == SIGALRM) die("hangs in", Outcome::hang);
  die(signal == SIGSEGV   ? "SIGSEGV in"
      : signal == SIGABRT ? "SIGABRT in"
                          : "a signal in",
      Outcome::crash);
}
void on_sanitizer() { die("the sanitizer's report in", Outcome::crash); }

void watch() {
  static std::array<char, 1U << 17U> stack_of_handlers;
  const stack_t stack{
      .ss_sp = stack_of_handlers.data(), .ss_flags = 0, .ss_size = stack_of_handlers.size()};
  ::sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = &on_signal;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGALRM}) {
    ::sigaction(signal, &action, nullptr);
  }
  if (&__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(&on_sanitizer);
}

/// A hang ends after so many seconds.
void set_timer(int seconds) {
  const itimerval value{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  ::setitimer(ITIMER_REAL, &value, nullptr);
}

void note(Outcome outcome, const char* what) noexcept {
  current.outcome = outcome;
  std::snprintf(current.details.data(), current.details.size(), "%s; ", what);
}

/// Runs the operation with the plan armed.
void run_armed(const Operation& operation, World& world, const std::function<void()>& run) {
  const auto armed = [&] {
    try {
      injector::arm(current.plan);
      run();
      injector::disarm();
    } catch (...) {
      injector::disarm();
      throw;
    }
  };
  try {
    if (operation.where == Where::inside) {
      world.context().with([&](Ctx) { armed(); });
    } else {
      armed();
    }
    current.outcome = Outcome::result;
  } catch (const WrongResult& wrong) {
    note(Outcome::wrong, wrong.what);
    if (world.was_told() && injector::failures() > 0) current.outcome = Outcome::error;
  } catch (const Error& error) {
    note(Outcome::error, error.what());
    current.is_out_of_memory = error.kind() == ErrorKind::out_of_memory;
  } catch (const std::bad_alloc&) {
    note(Outcome::error, "std::bad_alloc");
    current.is_out_of_memory = true;
  } catch (const std::exception& exception) {
    note(Outcome::wrong, exception.what());
  }
  current.failures = static_cast<std::uint32_t>(injector::failures());
  if (current.outcome == Outcome::error && current.failures == 0) current.outcome = Outcome::wrong;
}

/// Makes the attempt that `current` says, in a world of its own.
void make(const Operation& operation) {
  std::array<std::size_t, heap_count> before{};
  for (std::size_t heap = 0; heap < heap_count; ++heap) {
    before[heap] = injector::outstanding(static_cast<Heap>(heap));
  }
  set_timer(30);
  try {
    World world;
    std::function<void()> run = operation.prepare(world);
    run_armed(operation, world, run);
    try {
      if (current.plan.first % 2 == 0) run = nullptr;  // now and then with its handles alive
      world.check();
    } catch (const WrongResult& wrong) {
      if (current.outcome <= Outcome::error) note(Outcome::broken, wrong.what);
    }
    if (current.plan.first % 3 == 0) world.end();  // now and then before its handles
    run = nullptr;
  } catch (const WrongResult& wrong) {
    note(Outcome::wrong, wrong.what);
  } catch (const std::exception& exception) {
    note(Outcome::wrong, exception.what());
  }
  set_timer(0);
  current.shows_late = current.outcome > Outcome::error;
  if (current.shows_late) {
    if (is_traced) put_origin();
    return;
  }
  for (std::size_t heap = 0; heap < heap_count; ++heap) {
    const std::size_t now = injector::outstanding(static_cast<Heap>(heap));
    // what is made once in a process stays
    if (now <= before[heap] || (heap != 0 && current.is_cold)) continue;
    std::array<char, 80> text{};
    std::snprintf(text.data(), text.size(), "%zu blocks of %s left; ", now - before[heap],
                  heap == 0 ? "the engine's heap" : "C++");
    note(Outcome::leak, text.data());
    current.shows_late = true;
    if (!is_traced) return;
    put_origin();
    for (const Stack& stack : injector::left_blocks()) put(current.details, "; left by", stack);
    return;
  }
}

/// The operation twice without a failure: afterwards, what is made once is there.
std::array<std::uint32_t, heap_count> warm_up(const Operation& operation) {
  (void)Error::from(std::make_exception_ptr(std::bad_alloc())).what();  // whose text stays
  std::array<std::uint32_t, heap_count> allocations{};
  for (std::size_t heap = 0; heap < heap_count; ++heap) {
    current.plan = {.heap = static_cast<Heap>(heap)};
    make(operation);
    if (current.outcome != Outcome::result && !(heap == 0 && current.outcome == Outcome::leak)) {
      send();  // an operation that fails without any cause
      ::_exit(1);
    }
    allocations[heap] = static_cast<std::uint32_t>(injector::disarm());
  }
  return allocations;
}

std::vector<Plan> plans(const std::array<std::uint32_t, heap_count>& allocations,
                        const Sampling& sampling) {
  std::vector<Plan> all;
  for (std::size_t heap = 0; heap < heap_count; ++heap) {
    for (const bool and_after : {false, true}) {
      for (const std::size_t k : sampling.of(allocations[heap])) {
        all.push_back({static_cast<Heap>(heap), k, and_after});
      }
    }
  }
  return all;
}

void begin(std::uint32_t number, const Plan& plan) {
  current = Report();
  current.operation = number;
  current.plan = plan;
}

}  // namespace attempts

using attempts::current;

template <class Child>
void Attempts::in_child(const Child& child, const Told& told) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  std::fflush(nullptr);
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    attempts::report_to = ends[1];
    attempts::watch();
    child();
    ::_exit(0);
  }
  ::close(ends[1]);
  Report report;
  std::size_t size = 0;
  for (;;) {
    const ssize_t got =
        ::read(ends[0], reinterpret_cast<char*>(&report) + size, sizeof report - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
    if (size == sizeof report) {
      told(report);
      size = 0;
    }
  }
  ::close(ends[0]);
  ::waitpid(process, nullptr, 0);
}

namespace {
// what the processes of one operation told, as a function without state hears it
std::vector<Report> heard;
void hear(const Report& report) { heard.push_back(report); }
}  // namespace

std::size_t Attempts::run_from(std::size_t next) {
  heard.clear();
  const bool counts = next == 0;
  in_child(
      [&] {
        attempts::begin(number_, {});
        const auto allocations = attempts::warm_up(operation_);
        if (counts) {
          allocations_ = allocations;
          attempts::begin(number_, {});
          current.outcome = Outcome::counts;
          current.allocations = allocations;
          attempts::send();
        }
        const std::vector<Plan> plans = attempts::plans(allocations_, sampling_);
        for (std::size_t i = next; i < plans.size(); ++i) {
          attempts::begin(number_, plans[i]);
          attempts::make(operation_);
          attempts::send();
        }
      },
      &hear);
  const std::vector<Report> reports = std::exchange(heard, {});
  std::size_t made = 0;
  for (const Report& report : reports) {
    if (report.outcome == Outcome::counts) {
      allocations_ = report.allocations;
      told_(report);
      continue;
    }
    ++made;
    if (report.plan.first == 0) {  // it fails without any cause
      told_(report);
      return static_cast<std::size_t>(-1);
    }
    if (report.shows_late) {
      run_traced(report);
    } else {
      told_(report);
    }
  }
  const std::vector<Plan> all = attempts::plans(allocations_, sampling_);
  if (next + made >= all.size()) return static_cast<std::size_t>(-1);
  if (made == 0) {  // it died without a word
    Report report;
    report.operation = number_;
    report.plan = all[next];
    report.outcome = Outcome::crash;
    told_(report);
    made = 1;
  }
  return next + made;
}

void Attempts::run_traced(const Report& report) {
  heard.clear();
  in_child(
      [&] {
        attempts::begin(number_, {});
        if (!report.is_cold) attempts::warm_up(operation_);
        attempts::is_traced = true;
        injector::trace_blocks();
        attempts::begin(number_, report.plan);
        current.is_cold = report.is_cold;
        attempts::make(operation_);
        attempts::send();
      },
      &hear);
  const std::vector<Report> reports = std::exchange(heard, {});
  told_(reports.empty() ? report : reports.front());
}

void Attempts::run_cold(const Plan& plan) {
  heard.clear();
  in_child(
      [&] {
        attempts::begin(number_, plan);
        current.is_cold = true;
        attempts::make(operation_);
        attempts::send();
      },
      &hear);
  const std::vector<Report> reports = std::exchange(heard, {});
  if (reports.empty()) {
    Report report;
    report.operation = number_;
    report.plan = plan;
    report.is_cold = true;
    report.outcome = Outcome::crash;
    told_(report);
    return;
  }
  const Report& report = reports.front();
  if (report.shows_late) {
    run_traced(report);
  } else {
    told_(report);
  }
}

void Attempts::run() {
  std::size_t next = 0;
  while (next != static_cast<std::size_t>(-1)) next = run_from(next);
  // every allocation counts the first time, when what is made once is made
  const Sampling few{.first = sampling_.first / 8 + 1, .spread = sampling_.spread / 8 + 1};
  for (std::size_t heap = 0; heap < heap_count; ++heap) {
    for (const std::size_t k : few.of(allocations_[heap])) {
      run_cold({static_cast<Heap>(heap), k, false});
    }
  }
}

void attempt_here(const Operation& operation, const Plan& plan) {
  attempts::watch();
  attempts::begin(0, {});
  attempts::warm_up(operation);
  attempts::is_traced = true;
  attempts::prints = true;
  injector::trace_blocks();
  attempts::begin(0, plan);
  attempts::make(operation);
  attempts::print();
}

}  // namespace quip::test
