// Errors of both directions.
#include "operation.hpp"

#include <stdexcept>
#include <string>
#include <system_error>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

struct Unusual : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

Operations error_operations() {
  return {
      {"Error::type", none, outside,
       [](World&) {
         return [] {
           const Error error = Error::type("a message that a std::string cannot hold by itself");
           expect(error.is("TypeError"));
           expect(std::string_view(error.what()).ends_with("by itself"));
         };
       }},
      {"Error::conversion with a path", none, outside,
       [](World&) {
         return [] {
           const Error error =
               Error::conversion("a number that is quite long", "a string").at("port").at("s[2]");
           if (error.kind() == ErrorKind::out_of_memory) return;
           expect(error.message().starts_with("s[2].port: expected"));
         };
       }},
      {"Error::named, thrown to a script", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("f => { try { f() } catch (e) { return e.name } }");
         return [call] {
           const auto name = call.call<std::string>(
               [] { throw Error::named("VerySpecialErrorOfThisTest", "with a message"); });
           expect(name == "VerySpecialErrorOfThisTest" || name == "InternalError");
         };
       }},
      {"a long message with NUL, thrown to a script", none, inside,
       [](World& world) {
         const auto call =
             world.eval<Function>("f => { try { f() } catch (e) { return e.message.length } }");
         return [call] {
           const auto size = call.call<std::size_t>(
               [] { throw std::runtime_error(std::string(300, 'x') + "and more"); });
           expect(size == 308 || size == std::string_view("out of memory").size());
         };
       }},
      {"Error::of an Error object", none, inside,
       [](World& world) {
         const Value thrown = world.eval("new RangeError('far', { cause: new Error('inner') })");
         return [thrown] {
           const Error error = Error::of(thrown);
           if (error.kind() == ErrorKind::out_of_memory) return;
           expect(error.is("RangeError") || error.name().empty());
         };
       }},
      {"Error::of another value", none, inside,
       [](World& world) {
         const Value thrown = world.eval("({ toString() { return 'text of its own' } })");
         return [thrown] { (void)Error::of(thrown); };
       }},
      {"Error::from of C++ exceptions", none, outside,
       [](World&) {
         return [] {
           const Error error =
               Error::from(std::make_exception_ptr(std::out_of_range("a message, rather long")));
           expect(error.kind() == ErrorKind::out_of_memory || error.is("RangeError"));
         };
       }},
      {"Error::from of a std::system_error", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("f => { try { f() } catch (e) { return e.code } }");
         return [call] {
           const Value code = call.call([] {
             throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory));
           });
           expect(code.is_undefined() || code.is_number());
         };
       }},
      {"what(), line() and stack() of a thrown error", none, inside,
       [](World& world) {
         const auto call =
             world.eval<Function>("(function thrower() {\n throw new TypeError('x')\n})");
         return [call] {
           const Result<void> outcome = call.try_call<void>();
           expect(!outcome);
           const Error error = outcome.error();
           expect(!std::string_view(error.what()).empty());
           if (error.kind() == ErrorKind::out_of_memory) return;
           (void)error.line();
           (void)error.file();
         };
       }},
      {"cause() and value() of a thrown error", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>(
             "() => { throw new Error('outer', { cause: new TypeError('inner') }) }");
         return [call] {
           const Result<void> outcome = call.try_call<void>();
           expect(!outcome);
           const Error& error = outcome.error();
           if (error.cause() != nullptr) expect(error.cause()->is("TypeError"));
           (void)error.value();
         };
       }},
      {"a thrown value that is no Error object", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("() => { throw { code: 7 } }");
         return [call] { expect(!call.try_call<void>()); };
       }},
      {"a C++ exception through JavaScript and back", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("f => f()");
         return [call] {
           try {
             call.call<void>([] { throw Unusual("the original"); });
           } catch (const Unusual&) {
             return;
           }
           expect(false, "the exception is lost");
         };
       }},
      {"a C++ exception that a script rethrows", none, inside,
       [](World& world) {
         const auto call =
             world.eval<Function>("f => { try { f() } catch (e) { e.seen = true; throw e } }");
         return [call] {
           try {
             call.call<void>([] { throw Unusual("the original"); });
           } catch (const Unusual&) {
             return;
           }
           expect(false, "the exception is lost");
         };
       }},
      {"an Error in a Result of a bound function", none, inside,
       [](World& world) {
         const auto call = world.eval<Function>("f => { try { f() } catch (e) { return e.name } }");
         return [call] {
           const auto name =
               call.call<std::string>([]() -> Result<int> { return Error::range("too far"); });
           expect(name == "RangeError" || name == "InternalError");
         };
       }},
      {"ErrorObject and what it says", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const ErrorObject error = ErrorObject::range_error(ctx, "a message, rather long");
           const std::string name = error.name();
           if (name == "InternalError") return;
           expect(name == "RangeError" && error.message() == "a message, rather long");
           (void)error.stack();
           expect(error.cause().is_undefined());
         };
       }},
      {"ErrorObject::to_error", none, inside,
       [](World& world) {
         const auto thrown = world.eval<ErrorObject>("new TypeError('of a script')");
         return [thrown] {
           const Error error = thrown.to_error();
           expect(error.kind() == ErrorKind::out_of_memory || error.is("TypeError") ||
                  error.name().empty());
         };
       }},
      {"all problems of a conversion", none, inside,
       [](World& world) {
         const Value value = world.eval("['a', 1, {}, 'b']");
         return [value] {
           const Result<std::vector<int>> outcome = value.try_as<std::vector<int>>(Problems::all);
           expect(!outcome);
           if (outcome.error().kind() == ErrorKind::out_of_memory) return;
           expect(outcome.error().problems().size() <= 3);
         };
       }},
  };
}

}  // namespace quip::test
