// A runtime and what a program has of it, used at random.
#pragma once

#include <quip/quip.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

namespace quip::soak {

/// C++ objects that know how many of them live.
class Counted {
 public:
  Counted() noexcept { ++alive; }
  Counted(const Counted&) noexcept : Counted() {}
  Counted(Counted&&) noexcept : Counted() {}
  Counted& operator=(const Counted&) noexcept = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --alive; }
  static long live() noexcept { return alive.load(); }

 private:
  inline static std::atomic<long> alive{0};
};

/// Where chance comes from: a seed makes the same run again.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool once_in(std::size_t count) { return below(count) == 0; }
  template <class T>
  T& one_of(std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// What went otherwise than it must.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A runtime with contexts, classes, functions, modules, promises, timers, buffers and handles of
/// all kinds. Each step makes, uses or drops some of it.
class World {
 public:
  explicit World(Random& random);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  /// One step. Throws Failure when its outcome is none of those that it may have.
  void step();
  /// Drops all but the runtime, and collects its garbage: what it holds then is what it holds at
  /// any such time.
  void empty();
  /// Gives up handles that are to outlive the runtime.
  std::vector<Value> take_handles();
  [[nodiscard]] MemoryUsage memory_usage() const { return runtime_->memory_usage(); }

 private:
  using Step = void (World::*)();
  static const std::vector<Step>& steps();

  void make_context();
  void drop_context();
  void use_class();
  void use_functions();
  void use_module();
  void spawn_tasks();
  void settle();
  void use_timers();
  void use_buffers();
  void use_weak_references();
  void convert();
  void throw_across();
  void write_down();
  void drop_elsewhere();
  void use_elsewhere();
  void run_into_time_limit();
  void run_into_memory_limit();
  void run_into_stack_limit();
  void collect();
  void poll();

  Context& context();
  /// Keeps a handle for a while, instead of another if there are many.
  void keep(Value value);
  Value any();

  Random& random_;
  std::unique_ptr<Runtime> runtime_;
  std::vector<Context> contexts_;
  std::vector<Value> kept_;
  std::vector<Deferred<int>> deferreds_;
  std::vector<Completion<int>> completions_;
  std::stop_source stop_;
  std::size_t names_ = 0;
};

}  // namespace quip::soak
