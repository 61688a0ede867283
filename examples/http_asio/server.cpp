// An HTTP/1.1 server of Boost.Asio and Boost.Beast whose handlers are async functions of
// JavaScript, which await what C++ does: timers, and files that a thread reads.
//
//     http_asio <this folder> [port]             serves handlers.mjs; port 0 takes a free one
//     http_asio <this folder> [port] --native    the same pages without JavaScript
//     http_asio <this folder> --check            asks itself for some pages, prints them and ends
#include "client.hpp"
#include <quip/async/boost_asio.hpp>
#include <quip/quip.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;

/// What handlers get and give: plain structs are objects to JavaScript.
struct Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;
  std::string body;
};
struct Reply {
  int status = 200;
  std::string type = "text/plain";
  std::string body;
};
using Handler = std::function<net::awaitable<Reply>(Request)>;

// ---- what C++ does for the handlers
// --------------------------------------------------------------

/// Files of one folder, read by a thread of their own.
class Files {
 public:
  explicit Files(std::filesystem::path folder) : folder_(std::move(folder)) {}

  net::awaitable<std::string> read(std::string name) {
    const std::filesystem::path path = folder_ / std::filesystem::path(name).filename();
    const auto home = co_await net::this_coro::executor;
    co_await net::post(thread_, net::use_awaitable);
    std::ifstream file(path, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(file), {});
    const bool is_there = file.is_open();
    co_await net::post(home, net::use_awaitable);
    if (!is_there) throw std::runtime_error("there is no file " + path.filename().string());
    co_return text;
  }

 private:
  std::filesystem::path folder_;
  net::thread_pool thread_{1};
};

/// The pages of handlers.mjs.
class ScriptHandlers {
 public:
  ScriptHandlers(net::io_context& io, const std::filesystem::path& folder, Files& files)
      : executor_(quip::asio_executor(io)) {
    runtime_.set_executor(executor_);
    runtime_.set_loader(quip::FileResolver(folder), quip::ScriptLoader());
    context_.with([&](quip::Ctx ctx) {
      quip::Object host(ctx);
      // a coroutine of quip and one of Asio: both are promises
      host.set("sleep", [](double ms) -> quip::Task<> {
        co_await quip::sleep(std::chrono::microseconds(static_cast<std::int64_t>(ms * 1000)));
      });
      host.set("readFile", [&files](std::string name) { return files.read(std::move(name)); });
      module_ = ctx.import("./handlers.mjs");
      host_ = std::move(host);
    });
  }

  net::awaitable<Reply> operator()(Request request) {
    if (!handle_) co_await load();
    const quip::Promise<Reply> reply =
        context_.with([&](quip::Ctx) { return handle_->call<quip::Promise<Reply>>(request); });
    co_return co_await quip::async_await(reply);
  }
  /// What the coroutines that call it run on.
  [[nodiscard]] net::any_io_executor strand() const { return executor_->strand(); }

 private:
  net::awaitable<void> load() {
    const quip::Value exports = co_await quip::async_await(module_);
    context_.with([&](quip::Ctx) {
      const auto make = exports.as<quip::Object>().get<quip::Function>("default");
      handle_ = make.call<quip::Function>(host_);
    });
  }

  std::shared_ptr<quip::over_boost_asio::AsioExecutor> executor_;
  quip::Runtime runtime_;
  quip::Context context_{runtime_};
  quip::Promise<> module_;
  quip::Object host_;
  std::optional<quip::Function> handle_;
};

/// The same pages in C++.
net::awaitable<Reply> answer_natively(Request request, Files& files) {
  Reply reply;
  if (request.path == "/hello") {
    reply.body = "Hello, world!\n";
  } else if (request.path == "/sleep") {
    const long ms = std::atol(request.query["ms"].c_str());
    net::steady_timer timer(co_await net::this_coro::executor, std::chrono::milliseconds(ms));
    co_await timer.async_wait(net::use_awaitable);
    reply.body = "slept " + std::to_string(ms) + " ms\n";
  } else if (request.path == "/file") {
    reply.body = co_await files.read(request.query["name"]);
  } else if (request.path == "/sum") {
    double sum = 0;
    std::istringstream list(request.body);
    double number = 0;
    for (char mark = 0; list >> mark >> number;) sum += number;
    std::ostringstream json;
    json << "{\"sum\":" << sum << '}';
    reply.type = "application/json";
    reply.body = json.str();
  } else {
    reply.status = 404;
    reply.body = "no such page\n";
  }
  co_return reply;
}

// ---- HTTP
// ----------------------------------------------------------------------------------------

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

Request parsed(http::request<http::string_body>&& message) {
  Request request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  request.path = target.substr(0, target.find('?'));
  std::string_view rest = target.substr(std::min(target.size(), request.path.size() + 1));
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    const std::string_view name = pair.substr(0, pair.find('='));
    request.query[decoded(name)] = decoded(pair.substr(std::min(pair.size(), name.size() + 1)));
    rest = rest.substr(std::min(rest.size(), pair.size() + 1));
  }
  request.body = std::move(message.body());
  return request;
}

/// What a handler answers; its failure is an answer too.
net::awaitable<Reply> answered(Request request, Handler& handler) {
  Reply reply;
  std::string failure;
  try {
    reply = co_await handler(std::move(request));
    co_return reply;
  } catch (const quip::Error& error) {
    failure = error.message();  // without the stack, which is nobody's business
  } catch (const std::exception& error) {
    failure = error.what();
  }
  reply.status = 500;
  reply.body = failure + "\n";
  co_return reply;
}

/// One connection, with as many requests as the client has.
net::awaitable<void> serve(tcp::socket socket, Handler& handler) {
  boost::beast::flat_buffer buffer;
  bool is_alive = true;
  while (is_alive) {
    http::request<http::string_body> message;
    co_await http::async_read(socket, buffer, message, net::use_awaitable);
    const unsigned version = message.version();
    is_alive = message.keep_alive();
    Request request = parsed(std::move(message));
    Reply reply = co_await answered(std::move(request), handler);
    http::response<http::string_body> response(static_cast<http::status>(reply.status), version);
    response.set(http::field::content_type, reply.type);
    response.keep_alive(is_alive);
    response.body() = std::move(reply.body);
    response.prepare_payload();
    co_await http::async_write(socket, response, net::use_awaitable);
  }
}

net::awaitable<void> listen(tcp::acceptor& acceptor, Handler& handler) {
  const auto executor = co_await net::this_coro::executor;
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(net::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    // a connection ends by an exception: the client's end of it, mostly
    net::co_spawn(executor, serve(std::move(socket), handler), [](const std::exception_ptr&) {});
  }
}

struct Options {
  std::filesystem::path folder;
  unsigned short port = 0;
  bool is_native = false;
  bool is_check = false;
};

void run(const Options& options) {
  net::io_context io(1);
  Files files(options.folder / "files");
  std::optional<ScriptHandlers> scripts;
  net::any_io_executor executor = io.get_executor();
  Handler handler;
  if (options.is_native) {
    handler = [&](Request request) { return answer_natively(std::move(request), files); };
  } else {
    scripts.emplace(io, options.folder, files);
    executor = scripts->strand();
    handler = [&](Request request) { return (*scripts)(std::move(request)); };
  }
  const tcp::endpoint loopback(net::ip::address_v4::loopback(), options.port);
  tcp::acceptor acceptor(executor, loopback);
  net::co_spawn(executor, listen(acceptor, handler), [](const std::exception_ptr&) {});
  if (options.is_check) {
    net::co_spawn(io, example::check(acceptor.local_endpoint(), std::cout),
                  [&](const std::exception_ptr& failure) {
                    acceptor.close();
                    if (failure != nullptr) std::rethrow_exception(failure);
                  });
    io.run();  // it ends when nobody listens and nobody asks
    return;
  }
  net::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](auto, int) { io.stop(); });
  std::cout << "listening on http://127.0.0.1:" << acceptor.local_endpoint().port() << std::endl;
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--native") {
      options.is_native = true;
    } else if (argument == "--check") {
      options.is_check = true;
    } else if (options.folder.empty()) {
      options.folder = argument;
    } else {
      options.port = static_cast<unsigned short>(std::atoi(argv[i]));
    }
  }
  if (options.folder.empty()) {
    std::cerr << "usage: http_asio FOLDER [PORT] [--native] [--check]\n";
    return 2;
  }
  try {
    run(options);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
