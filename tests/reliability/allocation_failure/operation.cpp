#include "operation.hpp"

#include "injector.hpp"

#include <utility>

namespace quip::test {

void expect_text(const std::string& text, std::string_view expected) {
  if (text == expected) return;
  static std::string kept;
  kept = text;
  throw WrongResult{kept.c_str()};
}

RuntimeOptions World::options() {
  RuntimeOptions made;
  made.allocator = std::make_shared<InjectingAllocator>();
  return made;
}

Runtime& World::runtime() {
  if (!runtime_) {
    runtime_.emplace(options());
    runtime_->set_unhandled_rejection_handler(
        [this](Ctx, const Error&, const Value&) { was_told_ = true; });
    runtime_->set_error_handler([this](const Error&) { was_told_ = true; });
  }
  return *runtime_;
}

const Context& World::context() {
  if (!context_) context_.emplace(runtime());
  return *context_;
}

Ctx World::ctx() { return Ctx(context().handle().realm()); }

void World::check() {
  if (!runtime_) return;
  // what the operation left to do; it may fail for what the operation failed for
  for (int i = 0; i < 100 && runtime_->is_job_pending(); ++i) {
    (void)runtime_->try_execute_pending_job();
  }
  runtime_->run_gc();
  if (!context_) return;
  const Result<int> sum = ctx().try_eval<int>("1 + 1");
  if (!sum || *sum != 2) throw WrongResult{"1 + 1 fails afterwards"};
  const Result<std::string> text =
      ctx().try_eval<std::string>("[1, 2, 3].map(x => ({ x })).map(o => o.x * 2).join()");
  if (!text || *text != "2,4,6") throw WrongResult{"a script fails afterwards"};
  runtime_->run_gc();
}

void World::end() noexcept {
  context_.reset();
  runtime_.reset();
}

const std::vector<std::pair<std::string_view, Operations>>& all_operations() {
  static const std::vector<std::pair<std::string_view, Operations>> all = {
      {"runtimes and contexts", core_operations()},
      {"scripts", script_operations()},
      {"errors", error_operations()},
      {"values", value_operations()},
      {"objects", object_operations()},
      {"buffers", buffer_operations()},
      {"conversions", conversion_operations()},
      {"structs", record_operations()},
      {"functions", function_operations()},
      {"classes", class_operations()},
      {"modules", module_operations()},
      {"promises", promise_operations()},
      {"coroutines", task_operations()},
      {"web, JSON and clones", web_operations()},
  };
  return all;
}

}  // namespace quip::test
