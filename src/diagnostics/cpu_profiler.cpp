#include "../core/core_state.hpp"
#include "diagnostics.hpp"
#include <quip/diagnostics/cpu_profiler.hpp>

#include <new>
#include <ranges>
#include <utility>

namespace quip {

namespace detail {

namespace {
constexpr std::size_t root = 0;
constexpr std::size_t program = 1;
}  // namespace

Sampler::Sampler(std::chrono::nanoseconds interval, bool is_inside)
    : interval_(interval), counted_(Clock::now()), is_inside_(is_inside) {
  profile_.start = counted_.time_since_epoch();
  profile_.nodes.resize(1);
  profile_.nodes[root].function = "(root)";
  child(root, "(program)");
}

void Sampler::count(Clock::time_point now) noexcept {
  (is_inside_ ? inside_ : outside_) += now - counted_;
  counted_ = now;
}

void Sampler::add_sample(std::size_t node, std::chrono::nanoseconds duration) {
  profile_.samples.push_back({node, duration});
  ++profile_.nodes[node].hits;
  profile_.nodes[node].self += duration;
  profile_.duration += duration;
}

void Sampler::entered() noexcept {
  const std::scoped_lock guard(lock_);
  if (is_over_) return;
  count(Clock::now());
  is_inside_ = true;
  if (outside_ < interval_ || outside_.count() == 0) return;
  try {
    add_sample(program, outside_);
    outside_ = {};
  } catch (const std::bad_alloc&) {
    // later, then
  }
}

void Sampler::left() noexcept {
  const std::scoped_lock guard(lock_);
  if (is_over_) return;
  count(Clock::now());
  is_inside_ = false;
}

void Sampler::polled(engine::StackReader& reader) noexcept {
  {
    const std::scoped_lock guard(lock_);
    if (is_over_) return;
    count(Clock::now());
    if (inside_ < interval_) return;
  }
  // may free objects, and so run a destructor that stops the profiler
  const engine::StackReader::Outcome outcome = reader.read(frames_);
  const std::scoped_lock guard(lock_);
  if (is_over_) return;
  try {
    add_sample(node_of(frames_, outcome), inside_);
    inside_ = {};
  } catch (const std::bad_alloc&) {
    // the next sample has this one's time
  }
}

std::size_t Sampler::node_of(const std::vector<engine::Frame>& frames,
                             engine::StackReader::Outcome outcome) {
  using Outcome = engine::StackReader::Outcome;
  if (outcome == Outcome::unreadable) return child(root, "(unknown)");
  if (frames.empty()) return program;
  std::size_t node = outcome == Outcome::truncated ? child(root, "(truncated)") : root;
  for (const engine::Frame& frame : std::views::reverse(frames)) node = child(node, frame);
  return node;
}

std::size_t Sampler::child(std::size_t parent, const char* name) {
  engine::Frame frame;
  frame.function = name;
  return child(parent, frame);
}

std::size_t Sampler::child(std::size_t parent, const engine::Frame& frame) {
  Key key(parent, frame.function, frame.file, frame.first_line, frame.first_column);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const std::size_t made = profile_.nodes.size();
  CpuProfile::Node node;
  node.function = frame.function.empty() ? "(anonymous)" : frame.function;
  node.file = frame.file;
  node.line = frame.first_line;
  node.column = frame.first_column;
  profile_.nodes.push_back(std::move(node));
  try {
    profile_.nodes[parent].children.push_back(made);
    known_.emplace(std::move(key), made);
  } catch (const std::bad_alloc&) {
    std::vector<std::size_t>& children = profile_.nodes[parent].children;
    if (!children.empty() && children.back() == made) children.pop_back();
    profile_.nodes.pop_back();
    throw;
  }
  return made;
}

CpuProfile Sampler::finish() {
  const std::scoped_lock guard(lock_);
  if (is_over_) throw Error::plain("the profiler was stopped already");
  count(Clock::now());
  add_sample(program, outside_ + inside_);
  is_over_ = true;
  // children lie behind their parents
  std::vector<CpuProfile::Node>& nodes = profile_.nodes;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    nodes[i].total = nodes[i].self;
    for (const std::size_t place : nodes[i].children) nodes[i].total += nodes[place].total;
  }
  known_.clear();
  return std::move(profile_);
}

}  // namespace detail

CpuProfiler::CpuProfiler(detail::Within within, CpuProfilerOptions options) {
  if (options.interval.count() < 0) {
    throw Error::range("the interval of a CpuProfiler is less than 0");
  }
  const detail::Work work(within.core());
  detail::CoreState& core = detail::CoreState::of(within.core());
  if (core.closing) throw RuntimeGone();
  detail::Diagnostics& diagnostics = detail::Diagnostics::of(core);
  if (diagnostics.sampler != nullptr && !diagnostics.sampler->is_over()) {
    throw Error::plain("a CpuProfiler is looking at this runtime already");
  }
  diagnostics.reader(core);
  // this Work is one of those that the depth counts
  sampler_ = std::make_shared<detail::Sampler>(options.interval, core.depth > 1);
  diagnostics.sampler = sampler_;
}

CpuProfiler& CpuProfiler::operator=(CpuProfiler&& other) noexcept {
  CpuProfiler moved(std::move(other));
  std::swap(sampler_, moved.sampler_);
  return *this;
}

CpuProfiler::~CpuProfiler() {
  if (sampler_ != nullptr) sampler_->abandon();
}

CpuProfile CpuProfiler::stop() {
  if (sampler_ == nullptr) throw Error::plain("this CpuProfiler was moved from");
  return sampler_->finish();
}

}  // namespace quip
