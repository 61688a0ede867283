// Runtimes in a GLib main loop. Not a part of quip.hpp: it needs GLib (2.36 or newer), and who
// includes it links that.
#pragma once

#include <quip/async/executor.hpp>
#include <quip/core/error.hpp>

#include <glib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

namespace quip {

/// GLib's error as one of JavaScript.
/// @param error is freed.
inline Error glib_error(GError* error) {
  const std::unique_ptr<GError, void (*)(GError*)> freed(error, &g_error_free);
  return Error::plain(error->message);
}

namespace detail {

/// What the loop has to call for an executor; its sources share it with that.
struct GlibWorks {
  using Work = std::function<void()>;

  /// What was posted until now.
  void run_posted() noexcept {
    std::unique_lock guard(lock);
    for (std::size_t left = posted.size(); left > 0 && !posted.empty(); --left) {
      Work work = std::move(posted.front());
      posted.pop_front();
      guard.unlock();
      work();
      work = nullptr;
      guard.lock();
    }
  }
  void run_timed() noexcept {
    Work work;
    {
      const std::scoped_lock guard(lock);
      work.swap(timed);
    }
    if (work != nullptr) work();
  }

  std::mutex lock;
  std::deque<Work> posted;
  Work timed;
};

/// A source that calls a function when its time has come, and then has none. It may be given one
/// from any thread, and be destroyed on any.
class GlibSource {
 public:
  using Function = void (GlibWorks::*)() noexcept;

  GlibSource(GMainContext* context, int priority, std::shared_ptr<GlibWorks> works,
             Function function) {
    auto own = std::make_unique<Target>(Target{std::move(works), function});
    source_ = g_source_new(&functions, sizeof(GSource));
    g_source_set_priority(source_, priority);
    g_source_set_name(source_, "quip");
    const auto call = [](gpointer target) noexcept -> gboolean {
      const Target& called = *static_cast<Target*>(target);
      const std::shared_ptr<GlibWorks> keep = called.works;
      (*keep.*called.function)();
      return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(source_, call, own.release(),
                          [](gpointer target) noexcept { delete static_cast<Target*>(target); });
    g_source_attach(source_, context);
  }
  GlibSource(const GlibSource&) = delete;
  GlibSource& operator=(const GlibSource&) = delete;
  ~GlibSource() {
    g_source_destroy(source_);
    g_source_unref(source_);
  }

  /// @param time of g_get_monotonic_time, in microseconds: 0 for now, -1 for never.
  void set_time(std::int64_t time) noexcept { g_source_set_ready_time(source_, time); }

 private:
  struct Target {
    std::shared_ptr<GlibWorks> works;
    Function function;
  };
  static gboolean dispatch(GSource* source, GSourceFunc callback, gpointer target) {
    // another source's callback may have changed it since GLib looked
    const gint64 time = g_source_get_ready_time(source);
    if (time < 0 || time > g_source_get_time(source)) return G_SOURCE_CONTINUE;
    g_source_set_ready_time(source, -1);
    return callback(target);
  }
  static inline GSourceFuncs functions = {nullptr, nullptr, &dispatch, nullptr, nullptr, nullptr};
  GSource* source_ = nullptr;
};

class GlibExecutor final : public Executor {
 public:
  GlibExecutor(GMainContext* context, int priority)
      : context_(g_main_context_ref(context != nullptr ? context : g_main_context_default())),
        posted_(context_.get(), priority, works_, &GlibWorks::run_posted),
        timed_(context_.get(), priority, works_, &GlibWorks::run_timed) {}
  GlibExecutor(const GlibExecutor&) = delete;
  GlibExecutor& operator=(const GlibExecutor&) = delete;
  ~GlibExecutor() override {
    std::deque<GlibWorks::Work> dropped;
    GlibWorks::Work dropped_too;
    const std::scoped_lock guard(works_->lock);
    dropped.swap(works_->posted);
    dropped_too.swap(works_->timed);
  }

  void post(std::function<void()> work) override {
    {
      const std::scoped_lock guard(works_->lock);
      works_->posted.push_back(std::move(work));
    }
    posted_.set_time(0);
  }
  void post_after(Clock::duration delay, std::function<void()> work) override {
    const bool is_any = work != nullptr;
    {
      const std::scoped_lock guard(works_->lock);
      works_->timed.swap(work);
    }
    timed_.set_time(is_any ? time_after(delay) : -1);
  }
  [[nodiscard]] bool owns_thread() const noexcept override {
    return g_main_context_is_owner(context_.get()) != FALSE;
  }

 private:
  /// Never too early: GLib's clock counts whole microseconds.
  static std::int64_t time_after(Clock::duration delay) noexcept {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(delay).count();
    return g_get_monotonic_time() + (us > 0 ? us : 0) + 2;
  }
  struct Unref {
    void operator()(GMainContext* context) const noexcept { g_main_context_unref(context); }
  };
  std::unique_ptr<GMainContext, Unref> context_;
  std::shared_ptr<GlibWorks> works_ = std::make_shared<GlibWorks>();
  GlibSource posted_;
  GlibSource timed_;
};

}  // namespace detail

/// Has a GLib main context drive one runtime, whoever iterates it (g_main_loop_run, an application
/// of GIO or GTK):
///
///     runtime.set_executor(quip::glib_executor());
///     context.eval("main()");
///     g_main_loop_run(loop);
///
/// A GMainLoop does not end by itself; have a script, or a reaction to its promise, quit it.
///
/// Callbacks of GIO settle promises. They come in the context that was the thread's default when
/// the operation was begun:
///
///     using Text = quip::Deferred<std::string>;
///     Text read_text(const quip::Ctx& ctx, const std::string& path) {
///       const Text text(ctx);
///       GFile* file = g_file_new_for_path(path.c_str());
///       g_file_load_contents_async(file, nullptr, [](GObject* of, GAsyncResult* result, gpointer
///       data) {
///         const std::unique_ptr<Text> text(static_cast<Text*>(data));
///         g_autofree char* bytes = nullptr;
///         gsize size = 0;
///         GError* error = nullptr;
///         if (g_file_load_contents_finish(G_FILE(of), result, &bytes, &size, nullptr, &error)) {
///           text->resolve(std::string(bytes, size));
///         } else {
///           text->reject(quip::glib_error(error));
///         }
///       }, new Text(text));
///       g_object_unref(file);
///       return text;
///     }
///
/// The executor keeps the context alive. The loop and the runtime may end in either order, each
/// also while the other is there. What a script does is one dispatch of a source, of some 10 ms at
/// most unless a single call takes longer; until it returns, a nested main loop does not call the
/// runtime.
///
/// @param context null for the default one.
/// @param priority of the sources. As long as they have something to do, sources that have less
///   (greater numbers) wait: scripts that compute for long let GTK draw with
///   G_PRIORITY_DEFAULT_IDLE.
/// @return made and used from any thread; a context may drive many runtimes, each by an executor of
///   its own.
inline std::shared_ptr<Executor> glib_executor(GMainContext* context = nullptr,
                                               int priority = G_PRIORITY_DEFAULT) {
  return std::make_shared<detail::GlibExecutor>(context, priority);
}

}  // namespace quip
