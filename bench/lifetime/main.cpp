// Two designs for handles that may outlive their runtime, side by side: docs/design/lifetime.md
// tells what came of it. Both are cut down to what differs; locks and threads are left out of both.
//
//   quip_bench_lifetime                        sizes
//   quip_bench_lifetime --count | --list       see ../measure.sh
#include "row.hpp"
#include <quip/engine/engine.hpp>

#include <iostream>
#include <string_view>
#include <utility>
#include <vector>

namespace {

namespace engine = quip::engine;

// ---- A: a counted link from each handle to its runtime
// -------------------------------------------

/// What handles point to. It ends when the runtime's owner and the last handle are gone.
struct CountedHome {
  JSContext* context = nullptr;
  std::size_t handles = 0;
  bool owner_gone = false;
};

[[gnu::noinline]] void last_handle_gone(CountedHome* home) {
  if (home->owner_gone) std::cerr << "here the bare heap would be freed\n";
}

class CountedHandle {
 public:
  CountedHandle(CountedHome* home, JSValue owned) noexcept : value_(owned), home_(home) {
    ++home->handles;
  }
  CountedHandle(const CountedHandle& other) noexcept
      : CountedHandle(other.home_, engine::duplicate(other.home_->context, other.value_)) {}
  CountedHandle(CountedHandle&& other) noexcept
      : value_(other.value_), home_(std::exchange(other.home_, nullptr)) {}
  CountedHandle& operator=(CountedHandle other) noexcept {
    std::swap(value_, other.value_);
    std::swap(home_, other.home_);
    return *this;
  }
  ~CountedHandle() {
    if (home_ == nullptr) return;
    engine::release(home_->context, value_);
    if (--home_->handles == 0) [[unlikely]] {
      last_handle_gone(home_);
    }
  }

 private:
  JSValue value_;
  CountedHome* home_;
};

// ---- B: a list of all handles, which the runtime's destructor empties
// ----------------------------

class ListedHandle;

struct ListedHome {
  JSContext* context = nullptr;
  ListedHandle* first = nullptr;
};

class ListedHandle {
 public:
  ListedHandle(ListedHome* home, JSValue owned) noexcept : value_(owned), home_(home) { link(); }
  ListedHandle(const ListedHandle& other) noexcept
      : ListedHandle(other.home_, engine::duplicate(other.home_->context, other.value_)) {}
  ListedHandle(ListedHandle&& other) noexcept : value_(other.value_), home_(other.home_) {
    if (home_ != nullptr) take_place(other);
  }
  ListedHandle& operator=(ListedHandle other) noexcept {
    drop();
    value_ = other.value_;
    home_ = other.home_;
    if (home_ != nullptr) take_place(other);
    return *this;
  }
  ~ListedHandle() { drop(); }

  /// What the runtime's destructor does.
  static void empty_all(ListedHome& home) noexcept {
    while (home.first != nullptr) home.first->drop();
  }

 private:
  void link() noexcept {
    previous_ = nullptr;
    next_ = home_->first;
    if (next_ != nullptr) next_->previous_ = this;
    home_->first = this;
  }
  void take_place(ListedHandle& other) noexcept {
    previous_ = other.previous_;
    next_ = other.next_;
    (previous_ != nullptr ? previous_->next_ : home_->first) = this;
    if (next_ != nullptr) next_->previous_ = this;
    other.home_ = nullptr;
  }
  void drop() noexcept {
    if (home_ == nullptr) return;
    (previous_ != nullptr ? previous_->next_ : home_->first) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    engine::release(std::exchange(home_, nullptr)->context, value_);
  }

  JSValue value_;
  ListedHome* home_;
  ListedHandle* previous_ = nullptr;
  ListedHandle* next_ = nullptr;
};

// ---- the operations
// ------------------------------------------------------------------------------

template <class Handle, class Home>
bench::Run create(Home& home) {
  return [&home](std::int64_t n) {
    bench::repeat(n, [&](std::int32_t i) {
      // a number: nothing but the handle itself costs anything
      const Handle handle(&home, engine::int32(i));
      bench::keep(&handle);
    });
  };
}

template <class Handle>
bench::Run copy(const Handle& object) {
  return [&object](std::int64_t n) {
    bench::repeat(n, [&](std::int32_t) {
      const Handle second(object);
      bench::keep(&second);
    });
  };
}

template <class Handle, class Home>
bench::Run move(Home& home) {
  return [&home](std::int64_t n) {
    Handle one(&home, engine::int32(1));
    bench::repeat(n, [&](std::int32_t) {
      Handle other(std::move(one));
      bench::keep(&other);
      one = std::move(other);
      bench::keep(&one);
    });
  };
}

template <class Handle, class Home>
bench::Run grow(Home& home) {
  return [&home](std::int64_t n) {
    bench::repeat(n, [&](std::int32_t) {
      std::vector<Handle> handles;
      for (std::int32_t i = 0; i < 1000; ++i) handles.emplace_back(&home, engine::int32(i));
      bench::keep(handles.data());
    });
  };
}

bench::Row row(const char* name, std::int64_t batch, bench::Run counted, bench::Run listed) {
  return {name, 0, batch, {{"counted", std::move(counted)}, {"listed", std::move(listed)}}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  JSRuntime* runtime = JS_NewRuntime();
  JSContext* context = JS_NewContext(runtime);
  CountedHome counted_home{context, 0, false};
  ListedHome listed_home{context, nullptr};
  {
    const CountedHandle counted(&counted_home, JS_NewObject(context));
    const ListedHandle listed(&listed_home, JS_NewObject(context));
    const bench::Rows rows = {
        row("create_destroy", 1000, create<CountedHandle>(counted_home),
            create<ListedHandle>(listed_home)),
        row("copy_destroy", 1000, copy(counted), copy(listed)),
        row("move_there_and_back", 1000, move<CountedHandle>(counted_home),
            move<ListedHandle>(listed_home)),
        row("vector_grows_to_1000", 10, grow<CountedHandle>(counted_home),
            grow<ListedHandle>(listed_home)),
    };
    if (mode == "--count") {
      bench::count_instructions(rows, argc > 2 ? argv[2] : "");
    } else if (mode == "--list") {
      bench::list_rows(rows, argc > 2 ? argv[2] : "");
    } else {
      std::cout << "bytes in a handle: counted=" << sizeof(CountedHandle)
                << " listed=" << sizeof(ListedHandle) << '\n';
    }
    ListedHandle::empty_all(listed_home);
  }
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
}
