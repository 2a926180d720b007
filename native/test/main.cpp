#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "decode/webp/webp_library.h"
#include "test/check.h"
#include "test/system_zlib.h"

namespace pixtok::test {

namespace {

std::uint64_t chosen_seed = 0;
int chosen_cases = 400;
bool stops_at_failure = false;
int failures_of_test = 0;
std::string chosen_data = "test/data";
std::string chosen_library =
#if defined(__aarch64__)
    "node_modules/@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-arm64/libturbojpeg.so.0";
#else
    "node_modules/@julusian/jpeg-turbo/prebuilds/jpeg-turbo-linux-x64/libturbojpeg.so.0";
#endif

std::string chosen_zlib = system_zlib_name();
std::string chosen_webp =
#if defined(_WIN32)
    "build/platforms/win32-x64/libwebpdecoder.dll";
#elif defined(__aarch64__)
    "build/platforms/linux-arm64/libwebpdecoder.so.3";
#else
    "build/platforms/linux-x64/libwebpdecoder.so.3";
#endif

}  // namespace

std::vector<TestCase>& test_cases() {
  static std::vector<TestCase> cases;
  return cases;
}

Registration::Registration(const char* name, void (*body)()) {
  test_cases().push_back({name, body});
}

void fail(const char* file, int line, const char* what) {
  ++failures_of_test;
  if (failures_of_test <= 5) std::printf("    %s:%d: %s\n", file, line, what);
}

void fail(const char* file, int line, const std::string& what) { fail(file, line, what.c_str()); }

std::uint64_t seed() { return chosen_seed; }

int random_cases() { return chosen_cases; }

const std::string& data_folder() { return chosen_data; }

const std::string& jpeg_library() { return chosen_library; }

const std::string& zlib_library() { return chosen_zlib; }

const std::string& webp_library() { return chosen_webp; }

int run_all() {
  int failed = 0;
  for (const TestCase& test : test_cases()) {
    failures_of_test = 0;
    try {
      test.body();
    } catch (const std::exception& error) {
      fail("exception", 0, error.what());
    }
    std::printf("%s %s\n", failures_of_test == 0 ? "ok    " : "FAILED", test.name);
    if (failures_of_test != 0) ++failed;
    if (failed != 0 && stops_at_failure) return 1;
  }
  std::printf("%d passed, %d failed\n", static_cast<int>(test_cases().size()) - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace pixtok::test

int main(int count, char** arguments) {
  using namespace pixtok::test;
  chosen_seed =
      static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  for (int i = 1; i + 1 < count; ++i) {
    if (std::strcmp(arguments[i], "--seed") == 0) {
      chosen_seed = std::strtoull(arguments[i + 1], nullptr, 10);
    }
    if (std::strcmp(arguments[i], "--cases") == 0) chosen_cases = std::atoi(arguments[i + 1]);
    if (std::strcmp(arguments[i], "--stop") == 0) stops_at_failure = true;
    if (std::strcmp(arguments[i], "--data") == 0) chosen_data = arguments[i + 1];
    if (std::strcmp(arguments[i], "--jpeg-library") == 0) chosen_library = arguments[i + 1];
    if (std::strcmp(arguments[i], "--zlib") == 0) chosen_zlib = arguments[i + 1];
    if (std::strcmp(arguments[i], "--webp") == 0) chosen_webp = arguments[i + 1];
  }
  std::printf("seed %llu\n", static_cast<unsigned long long>(chosen_seed));
  std::string error;
  if (zlib_at(zlib_library(), error) == nullptr) {
    std::printf("PNG files are not tested: %s\n", error.c_str());
  }
  if (pixtok::decode::WebpLibrary::open(webp_library(), error) == nullptr) {
    std::printf("WebP files are not decoded: %s\n", error.c_str());
  }
  return run_all();
}
