// The bytes of a message. Only message_writer.cpp writes them, only message_reader.cpp reads them,
// both in this process: no bytes from elsewhere come to the reader. Private to src/.
#pragma once

#include "../value/shared_memory.hpp"
#include <quip/core/lifetime.hpp>
#include <quip/value/value.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quip::detail {

/// What stands before each value. Objects are numbered in the order in which they begin; what they
/// contain follows them up to an `end`, objects in it in their full length.
enum class Mark : unsigned char {
  undefined,
  null,
  no,
  yes,
  int32,      ///< 4 bytes
  number,     ///< a double
  string,     ///< its size (4 bytes), and text as the engine gives it: UTF-8 with lone surrogates
  bigint,     ///< whether it is negative (1), how many words (4), and these
  reference,  ///< an object's number (4)
  object,     ///< content: keys, each with its value
  array,      ///< its length (4); content as of an object
  map,        ///< content: keys and values in turn
  set,        ///< content: values
  date,       ///< a double
  regexp,     ///< source and flags, each as size and text
  error,      ///< its class as a string, message and stack as values; content: its cause
  dom_exception,  ///< name and message as strings, stack as a value
  boxed,          ///< the primitive value
  buffer,         ///< size (8), most (8), the bytes; `most` is 0 for what has one size for ever
  transferred_buffer,  ///< its place in MessageData::buffers (4), most (8)
  shared_buffer,       ///< its place in MessageData::shared (4), size (8)
  typed_array,         ///< engine::Kind (1), offset (8), length (8), and the buffer as a value
  data_view,           ///< offset and length as doubles, and the buffer as a value
  new_key,             ///< a key that is numbered: size and text
  known_key,           ///< its number (4)
  index_key,           ///< an array index (4)
  end,
};

struct MessageData {
  std::string bytes;
  std::vector<std::unique_ptr<Memory>> buffers;  // null once they were taken
  std::vector<SharedMemory> shared;
  bool is_taken = false;
};

/// Writes a value to an empty message; the thread has entered the runtime. Throws std::bad_alloc.
Result<void> write_message(Realm* realm, const Value& value, const std::vector<Value>& transfer,
                           MessageData& to);
/// The value; the thread has entered the runtime. Throws std::bad_alloc.
Result<Value> read_message(Realm* realm, MessageData& from);

}  // namespace quip::detail
