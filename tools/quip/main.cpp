// quip FILE [ARGUMENTS]: runs an ES module, or a bundle of them.
// quip compile FILE...: makes a bundle.
#include "compile.hpp"
#include "modules.hpp"
#include "report.hpp"
#include <quip/quip.hpp>

#include <web/facts.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

namespace quip::program {

namespace {

constexpr int success = 0;
constexpr int failure = 1;
constexpr int wrong_usage = 2;

constexpr std::string_view usage =
    "usage: quip [options] FILE [ARGUMENTS]\n"
    "       quip compile [options] FILE...\n";

constexpr std::string_view help =
    R"(Runs an ES module. It may import others by relative and absolute paths, and await at the top level.
A FILE that `quip compile` made has all its modules in it.

  compile        compiles FILEs and what they import: see quip compile --help. (A FILE of that name
                 is ./compile.)
  -h, --help     this text
  -v, --version  the versions of quip and of the JavaScript engine
  --             what follows is FILE, even if it starts with a dash

Globals, besides those of the language:
  scriptArgs     an array: FILE, then ARGUMENTS, as they were given
  console        log, info, debug, dir, group, count, time (standard output);
                 error, warn, assert, trace (standard error)
  setTimeout, setInterval, setImmediate, and clearTimeout and so on; queueMicrotask
  EventTarget, Event, CustomEvent, AbortController, AbortSignal, DOMException, TextEncoder,
  TextDecoder, performance, structuredClone

Exit status: 0 when all has run; 1 after an uncaught exception, an unhandled promise rejection, a
FILE that cannot be read, or a top-level await that never settles; 2 for wrong usage.
)";

/// What the command line asks for.
struct CommandLine {
  std::string file;
  std::vector<std::string> script_arguments;  ///< the file first
};

/// A rejected promise that nobody listens to yet.
struct Rejection {
  Value promise;
  Error error;
  Place place;
};

/// The engine and all that scripts see of the program.
class Program {
 public:
  explicit Program(std::string name) : name_(std::move(name)) {}

  /// Imports ask the bundle first.
  void use(const Bundle& bundle) { modules_.use(bundle); }
  /// Runs the module and everything that it leaves to do; returns the exit status.
  int run(const ModuleSource& source, const std::vector<std::string>& arguments) {
    const bool begun = context_.with([&](Ctx ctx) {
      modules_.install(runtime_);
      web::install(ctx);
      ctx.globals().set("scriptArgs", arguments);
      runtime_.set_rejection_handler(
          [this](Ctx at, const Value& promise, const Value&, bool handled) {
            hear_rejection(at, promise, handled);
          });
      runtime_.set_unhandled_rejection_handler(ignore_unhandled_rejections);
      runtime_.set_error_handler([this](const Error& error) {
        if (status_ == success) report(error, "uncaught exception", place_of(error, modules_));
      });
      const Result<Module> module = Module::try_declare(ctx, source, name_, true);
      const Result<Promise<>> main = module ? module->try_evaluate() : module.error();
      if (!main) {
        report(main.error(), "uncaught exception", place_of(main.error(), modules_));
        return false;
      }
      main_ = *main;
      return true;
    });
    if (begun) run_loop();
    if (status_ == success && main_.state() == PromiseState::pending) {
      print_error(name_ + ": top-level await never settled: nothing is left that could do it\n");
      status_ = failure;
    }
    // handles of the script's values go before the engine does
    rejections_.clear();
    inner_.reset();
    return status_;
  }

 private:
  void run_loop() {
    // what the module itself has left to do, before any timer
    for (bool has_job = true; has_job;) {
      const Result<bool> ran = runtime_.try_execute_pending_job();
      has_job = !ran || *ran;
      const Error* error = ran ? nullptr : &ran.error();
      if (!has_job || error != nullptr) {
        if (!context_.with([&](Ctx) { return finish_turn(error); })) return;
      }
    }
    for (bool has_more = true; has_more;) {
      const std::optional<Clock::time_point> next = runtime_.next_timer();
      // nobody should wait for output while we sleep
      if (next && *next > Clock::now() && !runtime_.is_job_pending()) std::fflush(stdout);
      const Result<bool> ran = runtime_.try_run_one();
      const Error* error = ran ? nullptr : &ran.error();
      has_more = context_.with([&](Ctx) { return finish_turn(error); }) && (!ran || *ran);
    }
  }

  void hear_rejection(const Ctx& ctx, const Value& promise, bool handled) {
    if (handled) {
      std::erase_if(rejections_, [&](const Rejection& r) { return r.promise == promise; });
      return;
    }
    const std::string stack = web::current_stack(ctx);
    const Result<Value> outcome = promise.as<Promise<>>().try_result();
    if (outcome) return;
    // For a value that is no Error an engine knows the place now or never; and when it does not, a
    // script that rejects a promise itself is running right now.
    Place place = place_of(outcome.error(), modules_);
    if (place.file.empty()) place = first_place(stack);
    // Of a module that throws, the engine tells twice: first of an inner promise, to which nobody
    // can listen, and right behind it of the promise that import() or the program has.
    const Value reason = outcome.error().value();
    if (stack.empty() && inner_ && inner_->error.value() == reason) {
      if (place.line == 0) place = inner_->place;
      std::erase_if(rejections_, [&](const Rejection& r) { return r.promise == inner_->promise; });
    }
    Rejection rejection{promise, outcome.error(), std::move(place)};
    inner_ = stack.empty() ? std::optional(rejection) : std::nullopt;
    rejections_.push_back(std::move(rejection));
  }

  /// After every callback and its jobs. False ends the program.
  bool finish_turn(const Error* error) {
    if (status_ != success) return false;
    if (error != nullptr) report(*error, "uncaught exception", place_of(*error, modules_));
    if (error == nullptr && !main_settled_ && main_.state() != PromiseState::pending) {
      main_settled_ = true;
      const Result<Value> outcome = main_.try_result();
      if (!outcome) report_main(outcome.error());
    }
    if (error == nullptr) {
      for (const Rejection& rejection : rejections_) {
        report(rejection.error, "unhandled promise rejection", rejection.place);
      }
      rejections_.clear();
    }
    return status_ == success;
  }

  /// The module's own promise is rejected with what its body threw.
  void report_main(const Error& error) {
    Place place;
    for (const Rejection& rejection : rejections_) {
      if (rejection.error.value() == error.value()) place = rejection.place;
    }
    if (place.file.empty() && error.value().is_error()) place = place_of(error, modules_);
    // an engine may have told of an inner promise of the module too
    std::erase_if(rejections_, [&](const Rejection& rejection) {
      return rejection.promise == main_ || rejection.error.value() == error.value();
    });
    report(error, "uncaught exception", place);
  }

  void report(const Error& error, std::string_view what, Place place) {
    status_ = failure;
    std::string note;
    if (place.file.empty()) place.file = name_;
    if (place.line == 0 && !error.value().is_error()) {
      std::tie(place, note) = suspects(modules_, name_);
    }
    print_error(describe_error(error, place, what) + note);
  }

  std::string name_;
  Runtime runtime_{{.stack_size = std::size_t{4} << 20}};
  Context context_{runtime_};
  Modules modules_;
  Promise<> main_;
  bool main_settled_ = false;
  std::vector<Rejection> rejections_;
  std::optional<Rejection> inner_;  ///< the last one, if no script was running
  int status_ = success;
};

/// The command line, or the exit status when it asks for something else.
std::optional<CommandLine> parse(const std::vector<std::string>& arguments, int& status) {
  std::size_t i = 0;
  for (; i < arguments.size() && arguments[i].size() > 1 && arguments[i].front() == '-'; ++i) {
    const std::string& option = arguments[i];
    if (option == "--") {
      ++i;
      break;
    }
    status = success;
    if (option == "-h" || option == "--help") {
      std::fwrite(usage.data(), 1, usage.size(), stdout);
      std::fwrite(help.data(), 1, help.size(), stdout);
      return std::nullopt;
    }
    if (option == "-v" || option == "--version") {
      std::printf("quip %s (%s)\n", QUIP_PROGRAM_VERSION, Runtime::engine().c_str());
      return std::nullopt;
    }
    print_error("quip: unknown option " + option + "\n" + std::string(usage) +
                "Try: quip --help\n");
    status = wrong_usage;
    return std::nullopt;
  }
  if (i == arguments.size()) {
    print_error("quip: no FILE is given\n" + std::string(usage) + "Try: quip --help\n");
    status = wrong_usage;
    return std::nullopt;
  }
  const auto first = arguments.begin() + static_cast<std::ptrdiff_t>(i);
  return CommandLine{*first, {first, arguments.end()}};
}

/// Whether the file begins as bundles do. What is no regular file cannot be read twice.
bool is_bundle(const std::filesystem::path& path) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) return false;
  std::array<char, 16> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return Bundle::is_bundle(std::as_bytes(std::span(start)));
}

int run_bundle(const CommandLine& line, const std::filesystem::path& path) {
  const Result<Bundle> bundle = Bundle::try_open(path);
  const Result<ModuleSource> entry = bundle ? (*bundle)(bundle->entry()) : bundle.error();
  if (!entry) {
    print_error("quip: " + entry.error().message() + "\n");
    return failure;
  }
  Program program{std::string(bundle->entry())};
  program.use(*bundle);
  return program.run(*entry, line.script_arguments);
}

int main(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments.front() == "compile") {
    return compile({arguments.begin() + 1, arguments.end()});
  }
  int status = success;
  const std::optional<CommandLine> line = parse(arguments, status);
  if (!line) return status;
  namespace fs = std::filesystem;
  std::error_code problem;
  const fs::path path = fs::canonical(line->file, problem);
  if (!problem && fs::is_directory(path)) problem = std::make_error_code(std::errc::is_a_directory);
  if (problem) {
    print_error("quip: cannot read " + line->file + ": " + problem.message() + "\n");
    return failure;
  }
  if (is_bundle(path)) return run_bundle(*line, path);
  const Result<std::string> source = ScriptLoader().any_extension()(path.generic_string());
  if (!source) {
    print_error("quip: cannot read " + line->file + "\n");
    return failure;
  }
  return Program(path.generic_string()).run(*source, line->script_arguments);
}

}  // namespace

}  // namespace quip::program

int main(int argc, char** argv) {
  int status = 1;
  try {
    status = quip::program::main({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& exception) {
    quip::program::print_error(std::string("quip: ") + exception.what() + "\n");
  }
  std::fflush(stdout);
  return status;
}
