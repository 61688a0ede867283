// expect: a coroutine of quip can await tasks, promises, sleep
#include <quip/quip.hpp>

quip::Task<> wait() { co_await std::string("text"); }
