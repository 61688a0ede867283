// A script that reads files while it waits for others: libuv's threads do the work, its loop runs
// the script, and what scripts call returns promises.
//
//     uv_files <folder of this example>
#include <quip/async/uv.hpp>
#include <quip/quip.hpp>

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

/// A request to libuv. It is on its own until libuv has answered: the coroutine that waits for it
/// may be gone by then, with its runtime.
template <class T>
struct Request {
  using Result = std::function<T(Request&)>;
  Request(std::string what, Result make) : name(std::move(what)), result(std::move(make)) {
    uv.data = this;
  }
  static void answer(uv_fs_t* uv) {
    const std::unique_ptr<Request> self(static_cast<Request*>(uv->data));
    if (uv->result < 0) {
      self->done.fail(quip::uv_error(static_cast<int>(uv->result), self->name));
    } else {
      self->done.set(self->result(*self));
    }
    uv_fs_req_cleanup(uv);
  }

  uv_fs_t uv{};
  std::string name;
  Result result;  // of a request that did not fail
  std::vector<std::byte> bytes;
  quip::Completion<T> done;
};

quip::Completion<uv_file> open(uv_loop_t* loop, const std::string& path) {
  auto* request = new Request<uv_file>(
      "open '" + path + "'", [](auto& opened) { return static_cast<uv_file>(opened.uv.result); });
  const auto done = request->done;
  uv_fs_open(loop, &request->uv, path.c_str(), UV_FS_O_RDONLY, 0, &Request<uv_file>::answer);
  return done;
}

using Bytes = std::vector<std::byte>;

/// At most so many bytes from there on; none at the end of the file.
quip::Completion<Bytes> read(uv_loop_t* loop, uv_file file, std::size_t offset, std::size_t size) {
  auto* request = new Request<Bytes>("read", [](auto& of) {
    of.bytes.resize(static_cast<std::size_t>(of.uv.result));
    return std::move(of.bytes);
  });
  const auto done = request->done;
  request->bytes.resize(size);
  const uv_buf_t buffer =
      uv_buf_init(reinterpret_cast<char*>(request->bytes.data()), static_cast<unsigned>(size));
  uv_fs_read(loop, &request->uv, file, &buffer, 1, static_cast<std::int64_t>(offset),
             &Request<Bytes>::answer);
  return done;
}

/// Closes the file also when the coroutine ends before its time.
struct OpenFile {
  explicit OpenFile(uv_file opened) : file(opened) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    uv_fs_t request;
    uv_fs_close(nullptr, &request, file, nullptr);
    uv_fs_req_cleanup(&request);
  }
  uv_file file;
};

quip::Task<Bytes> read_file(uv_loop_t* loop, std::string path) {
  const OpenFile opened(co_await open(loop, path));
  Bytes all;
  for (;;) {
    const Bytes part = co_await read(loop, opened.file, all.size(), 4096);
    if (part.empty()) co_return all;
    all.insert(all.end(), part.begin(), part.end());
  }
}

/// What a script sees of a folder's entry: { name, isFolder }.
struct Entry {
  std::string name;
  bool isFolder = false;
};

quip::Task<std::vector<Entry>> list(uv_loop_t* loop, std::string path) {
  using Entries = std::vector<Entry>;
  auto* request = new Request<Entries>("list '" + path + "'", [](auto& of) {
    Entries entries;
    uv_dirent_t entry{};
    while (uv_fs_scandir_next(&of.uv, &entry) >= 0) {
      entries.push_back({entry.name, entry.type == UV_DIRENT_DIR});
    }
    return entries;
  });
  const auto done = request->done;
  uv_fs_scandir(loop, &request->uv, path.c_str(), 0, &Request<Entries>::answer);
  co_return co_await done;
}

bool run(uv_loop_t* loop, const std::string& folder) {
  quip::Runtime runtime;
  const quip::Context context(runtime);
  runtime.set_executor(quip::uv_executor(loop));
  const auto walked = context.with([&](quip::Ctx ctx) {
    const quip::Object globals = ctx.globals();
    globals.set("print", [](const std::string& line) { std::printf("%s\n", line.c_str()); });
    globals.set("list", [loop](std::string path) { return list(loop, std::move(path)); });
    globals.set("read", [loop](std::string path) { return read_file(loop, std::move(path)); });
    ctx.eval_file(folder + "/walk.js");
    return globals["main"].call<quip::Promise<>>(folder + "/data");
  });
  uv_run(loop, UV_RUN_DEFAULT);  // until nothing is left to do or to wait for
  (void)walked.result();         // throws what the script threw
  return walked.state() == quip::PromiseState::fulfilled;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: uv_files FOLDER-OF-THE-EXAMPLE\n");
    return 2;
  }
  uv_loop_t loop;
  uv_loop_init(&loop);
  const bool fine = run(&loop, argv[1]);
  uv_run(&loop, UV_RUN_DEFAULT);  // libuv closes the executor's handles
  return fine && uv_loop_close(&loop) == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
