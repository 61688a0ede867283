// A client that asks the example's server for some pages: what its test runs.
#pragma once

#include <quip/async/boost_asio.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <ostream>
#include <string>

namespace example {

struct Question {
  boost::beast::http::verb method;
  const char* target;
  const char* body;
};

/// All questions on one connection; prints status and body of each answer.
inline boost::asio::awaitable<void> check(boost::asio::ip::tcp::endpoint server,
                                          std::ostream& out) {
  namespace http = boost::beast::http;
  static constexpr Question questions[] = {
      {http::verb::get, "/hello", ""},
      {http::verb::get, "/sleep?ms=20", ""},
      {http::verb::get, "/sleep?ms=soon", ""},
      {http::verb::get, "/file?name=note%2etxt", ""},
      {http::verb::get, "/file?name=../server.cpp", ""},
      {http::verb::post, "/sum", "[1, 2, 3.5]"},
      {http::verb::post, "/sum", "{}"},
      {http::verb::get, "/nowhere", ""},
      {http::verb::get, "/hello", ""},
  };
  boost::asio::ip::tcp::socket socket(co_await boost::asio::this_coro::executor);
  co_await socket.async_connect(server, boost::asio::use_awaitable);
  boost::beast::flat_buffer buffer;
  for (const Question& question : questions) {
    http::request<http::string_body> request(question.method, question.target, 11);
    request.set(http::field::host, "127.0.0.1");
    request.keep_alive(true);
    request.body() = question.body;
    request.prepare_payload();
    co_await http::async_write(socket, request, boost::asio::use_awaitable);
    http::response<http::string_body> response;
    co_await http::async_read(socket, buffer, response, boost::asio::use_awaitable);
    out << question.target << ' ' << response.result_int() << ' ' << response.body();
    if (!response.body().ends_with('\n')) out << '\n';
  }
}

}  // namespace example
