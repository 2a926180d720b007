#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pixtok::test {

struct TestCase {
  const char* name;
  void (*body)();
};

// Every test of the program, in the order of registration.
std::vector<TestCase>& test_cases();

// Notes a failure of the running test; the test goes on.
void fail(const char* file, int line, const char* what);
void fail(const char* file, int line, const std::string& what);

struct Registration {
  Registration(const char* name, void (*body)());
};

// From the command line (--seed N), otherwise from the clock; printed at the start.
std::uint64_t seed();

// How many random cases a test makes: --cases N, 400 if not given.
int random_cases();

// The folder with the tests' images: --data FOLDER, test/data if not given.
const std::string& data_folder();

// libturbojpeg: --jpeg-library FILE. Without it, and without the one of this machine in
// node_modules, what needs it is not tested.
const std::string& jpeg_library();

// zlib: --zlib FILE, the system's if not given. Without it PNG files are not tested.
const std::string& zlib_library();

// libwebp: --webp FILE, what scripts/build-platforms.mjs --webp has built if not given. Without it
// WebP files are not decoded, and what needs that is not tested.
const std::string& webp_library();

}  // namespace pixtok::test

#define PIXTOK_JOIN_INNER(a, b) a##b
#define PIXTOK_JOIN(a, b) PIXTOK_JOIN_INNER(a, b)

#define TEST(name)                                                                     \
  static void PIXTOK_JOIN(test_body_, __LINE__)();                                     \
  static const ::pixtok::test::Registration PIXTOK_JOIN(test_registration_, __LINE__)( \
      name, PIXTOK_JOIN(test_body_, __LINE__));                                        \
  static void PIXTOK_JOIN(test_body_, __LINE__)()

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::pixtok::test::fail(__FILE__, __LINE__, #condition))
