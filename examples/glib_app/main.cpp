// A program that lives in a GLib main loop, and whose script says which other programs run and
// when: GIO starts them and tells when they have ended, which settles the script's promises.
//
//     glib_app <folder of this example>
#include <quip/async/glib.hpp>
#include <quip/quip.hpp>

#include <gio/gio.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Unref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};
template <class T>
using Ref = std::unique_ptr<T, Unref>;

/// What a script gets of a program that has ended: { status, output }.
struct Outcome {
  int status = 0;  ///< what the program returned; -1 when a signal ended it
  std::string output;
};

/// A program that runs, as scripts see it: `new Process(words, input)`.
class Process {
 public:
  Process(quip::Ctx ctx, const std::vector<std::string>& words, std::optional<std::string> input)
      : process_(begin(words)), outcome_(ctx) {
    g_subprocess_communicate_utf8_async(process_.get(), input ? input->c_str() : nullptr, nullptr,
                                        &ended, new quip::Deferred<Outcome>(outcome_));
  }
  /// Ends it, if it has not ended.
  void kill() { g_subprocess_force_exit(process_.get()); }
  /// A promise of its outcome.
  [[nodiscard]] quip::Promise<Outcome> outcome() const { return outcome_.promise(); }

 private:
  static Ref<GSubprocess> begin(const std::vector<std::string>& words) {
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    argv.push_back(nullptr);
    GError* error = nullptr;
    const auto flags = static_cast<GSubprocessFlags>(G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    Ref<GSubprocess> process(g_subprocess_newv(argv.data(), flags, &error));
    if (process == nullptr) throw quip::glib_error(error);
    return process;
  }
  /// A GAsyncReadyCallback: the main loop calls it, whatever has become of the Process meanwhile.
  static void ended(GObject* of, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<quip::Deferred<Outcome>> outcome(
        static_cast<quip::Deferred<Outcome>*>(data));
    GSubprocess* process = G_SUBPROCESS(of);
    g_autofree char* text = nullptr;
    GError* error = nullptr;
    if (g_subprocess_communicate_utf8_finish(process, result, &text, nullptr, &error) == FALSE) {
      outcome->reject(quip::glib_error(error));
      return;
    }
    const bool returned = g_subprocess_get_if_exited(process) != FALSE;
    outcome->resolve(Outcome{returned ? g_subprocess_get_exit_status(process) : -1,
                             text == nullptr ? "" : text});
  }
  Ref<GSubprocess> process_;
  quip::Deferred<Outcome> outcome_;
};

void define(quip::ClassDef<Process>& def) {
  def.constructor<quip::Ctx, std::vector<std::string>, std::optional<std::string>>()
      .method<&Process::kill>()
      .property<&Process::outcome>();
}

quip::Task<> sleep_ms(int ms) { co_await quip::sleep(std::chrono::milliseconds(ms)); }

/// The main loop ends with the script.
quip::Task<> quit_after(quip::Promise<> script, GMainLoop* loop) {
  const quip::Result<quip::Value> result = co_await script.as_result();
  if (!result) std::printf("the script failed: %s\n", result.error().what());
  g_main_loop_quit(loop);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: glib_app FOLDER-OF-THE-EXAMPLE\n");
    return 2;
  }
  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  int ticks = 0;  // of the program's own timer, which scripts do not hold up
  const auto tick = [](gpointer count) -> gboolean {
    ++*static_cast<int*>(count);
    return G_SOURCE_CONTINUE;
  };
  g_timeout_add(5, tick, &ticks);
  {
    quip::Runtime runtime;
    const quip::Context context(runtime);
    runtime.set_executor(quip::glib_executor());
    context.with([&](quip::Ctx ctx) {
      const quip::Object globals = ctx.globals();
      globals.set("print", [](const std::string& line) { std::printf("%s\n", line.c_str()); });
      globals.set("Process", quip::Instance<Process>::constructor(ctx));
      globals.set("sleep", &sleep_ms);
      ctx.eval_file(std::string(argv[1]) + "/jobs.js");
      (void)ctx.spawn(quit_after(globals["main"].call<quip::Promise<>>(), loop));
    });
    g_main_loop_run(loop);
  }
  g_main_loop_unref(loop);
  std::printf("the program's timer went on: %s\n", ticks > 5 ? "yes" : "no");
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
