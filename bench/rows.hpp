// The suite: which rows there are. Each function adds the rows of one file.
#pragma once

#include "c_host.hpp"
#include "row.hpp"
#include <quip/quip.hpp>

namespace bench {

/// Both sides that a row is made with. The thread has entered quip's runtime, as it has wherever
/// a script is at work.
struct Sides {
  quip::Ctx ctx;
  CHost& c;
  quip::Runtime& runtime;
};

void add_allocator_rows(Rows& rows, const Sides& sides);
void add_async_rows(Rows& rows, const Sides& sides);
void add_call_rows(Rows& rows, const Sides& sides);
void add_property_rows(Rows& rows, const Sides& sides);
void add_string_rows(Rows& rows, const Sides& sides);
void add_conversion_rows(Rows& rows, const Sides& sides);
void add_record_rows(Rows& rows, const Sides& sides);
void add_buffer_rows(Rows& rows, const Sides& sides);
void add_bundle_rows(Rows& rows, const Sides& sides);
void add_error_rows(Rows& rows, const Sides& sides);
void add_class_rows(Rows& rows, const Sides& sides);
void add_lifetime_rows(Rows& rows, const Sides& sides);

inline Rows all_rows(const Sides& sides) {
  Rows rows;
  add_call_rows(rows, sides);
  add_property_rows(rows, sides);
  add_string_rows(rows, sides);
  add_conversion_rows(rows, sides);
  add_record_rows(rows, sides);
  add_buffer_rows(rows, sides);
  add_class_rows(rows, sides);
  add_lifetime_rows(rows, sides);
  add_bundle_rows(rows, sides);
  add_error_rows(rows, sides);
  add_async_rows(rows, sides);
  add_allocator_rows(rows, sides);
  return rows;
}

/// A script's loop around a function that quip bound.
inline Run quip_loop(const quip::Ctx& ctx, const char* loop, const quip::Function& function,
                     const quip::Value& argument = {}) {
  auto driver = ctx.eval<quip::Function>(loop);
  Run run = script_loop(ctx.raw(), driver.raw(), function.raw(), argument.raw());
  return [=](std::int64_t n) {
    keep(&driver), keep(&function), keep(&argument);  // the handles own what the loop borrows
    run(n);
  };
}

}  // namespace bench
