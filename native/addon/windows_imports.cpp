// Node-API on Windows: compiled there alone, in place of an import library for node.exe.
//
// An import library names the program that its functions are in, and under any other name (bun.exe,
// electron.exe) the addon could not be loaded. So the pointers that calls of imported functions go
// through are defined here, and filled from the program that loads the addon.

#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>

namespace {

using Function = int (*)();

// For functions that the engine does not have: napi_generic_failure.
int missing() { return 9; }

}  // namespace

// node_api_functions.inc is made of the .def files of node-api-headers by CMake.
extern "C" {
#define PIXTOK_NODE_API_FUNCTION(name) Function __imp_##name = missing;
#include "node_api_functions.inc"
#undef PIXTOK_NODE_API_FUNCTION
}

namespace {

class Engine {
 public:
  Engine()
      : modules_{GetModuleHandleW(nullptr), GetModuleHandleW(L"node.dll"),
                 GetModuleHandleW(L"libnode.dll"), GetModuleHandleW(L"nw.dll")} {}

  void find(const char* name, Function& function) const {
    for (const HMODULE module : modules_) {
      const FARPROC found = module == nullptr ? nullptr : GetProcAddress(module, name);
      if (found == nullptr) continue;
      function = reinterpret_cast<Function>(reinterpret_cast<void*>(found));
      return;
    }
  }

 private:
  HMODULE modules_[4];  // the program first, then libraries that programs have their engine in
};

// While the addon is being loaded, before the engine calls it.
struct Resolution {
  Resolution() {
    const Engine engine;
#define PIXTOK_NODE_API_FUNCTION(name) engine.find(#name, __imp_##name);
#include "node_api_functions.inc"
#undef PIXTOK_NODE_API_FUNCTION
  }
};

const Resolution resolution;

}  // namespace
