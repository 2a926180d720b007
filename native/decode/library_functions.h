#pragma once

#include <type_traits>
#include <utility>

namespace pixtok::decode {

// Takes functions of a library that is opened at run time. `Find` gives the address that belongs to
// a name, or null.
template <typename Find>
class LibraryFunctions {
 public:
  explicit LibraryFunctions(Find find) : find_(std::move(find)) {}

  template <typename Function>
  void take(const char* name, Function& function) {
    static_assert(std::is_pointer_v<Function>);
    function = reinterpret_cast<Function>(find_(name));
    if (function == nullptr) complete_ = false;
  }

  // Whether the library has had all of them.
  bool complete() const { return complete_; }

 private:
  Find find_;
  bool complete_ = true;
};

}  // namespace pixtok::decode
