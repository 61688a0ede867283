// The containers behind TypedData. Private to src/.
#pragma once

#include <quip/core/user_data.hpp>

#include <memory>
#include <vector>

namespace quip::detail {

/// Objects by their types, in the order in which they came.
class DataList {
 public:
  DataList() = default;
  DataList(const DataList&) = delete;
  DataList& operator=(const DataList&) = delete;
  ~DataList() {
    while (!all_.empty()) {
      const Kept last = std::move(all_.back());  // what ends may look at those that are left
      all_.pop_back();
    }
  }
  /// The object of a type; null when there is none.
  [[nodiscard]] std::shared_ptr<void> find(const std::type_info& type) const noexcept;
  /// Puts an object there and gives the one before out, which may be null. May throw bad_alloc.
  std::shared_ptr<void> put(DataType type, std::shared_ptr<void> object);
  std::shared_ptr<void> extract(const std::type_info& type) noexcept;
  void trace(Tracer& tracer) const;

 private:
  struct Kept {
    DataType type;
    std::shared_ptr<void> object;
  };
  std::vector<Kept> all_;
};

}  // namespace quip::detail
