// Libraries that are opened at run time. Other tests leave out what needs one that is not opened,
// so a library that is there and not taken is noticed here alone.

#include <cstdio>
#include <map>
#include <string>

#include "core/platform.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/library_functions.h"
#include "decode/png/zlib_library.h"
#include "decode/webp/webp_library.h"
#include "test/check.h"

namespace {

using namespace pixtok;

// The function of a library, past the code that is tested; null where there is no such library.
template <typename Function>
Function function_of(const core::LibraryHandle& library, const char* name) {
  if (library == nullptr) return nullptr;
  return reinterpret_cast<Function>(core::find_symbol(library.get(), name));
}

core::LibraryHandle loaded(const std::string& path) {
  std::string error;
  return core::LibraryHandle(core::open_library(path, error));
}

TEST("a library whose functions are taken lacks none of them, whichever it is") {
  int one = 1;
  int two = 2;
  int three = 3;
  const std::map<std::string, void*> all = {{"one", &one}, {"two", &two}, {"three", &three}};
  for (const std::string missing : {"none", "one", "two", "three"}) {
    decode::LibraryFunctions functions(
        [&](const char* name) -> void* { return name == missing ? nullptr : all.at(name); });
    int* first = nullptr;
    int* second = nullptr;
    int* third = nullptr;
    functions.take("one", first);
    functions.take("two", second);
    functions.take("three", third);
    CHECK(first == (missing == "one" ? nullptr : &one));
    CHECK(second == (missing == "two" ? nullptr : &two));
    CHECK(third == (missing == "three" ? nullptr : &three));
    CHECK(functions.complete() == (missing == "none"));
  }
}

TEST("libjpeg-turbo is opened where it is there, with the newest interface that it has") {
  const core::LibraryHandle there = loaded(test::jpeg_library());
  if (function_of<void*>(there, "tj3Init") == nullptr) return;
  std::string error;
  const auto library = decode::JpegLibrary::open(test::jpeg_library(), error);
  CHECK(library != nullptr && error.empty());
  if (library == nullptr) return;
  CHECK(library->path() == test::jpeg_library());
  const bool is_newer = function_of<void*>(there, "tj3SetICCProfile") != nullptr;
  CHECK(std::string(library->interface_version()) == (is_newer ? "3.1" : "3.0"));
}

TEST("libwebp is opened where it is there, and says its version") {
  const core::LibraryHandle there = loaded(test::webp_library());
  const auto version = function_of<int (*)()>(there, "WebPGetDecoderVersion");
  if (version == nullptr) return;
  std::string error;
  const auto library = decode::WebpLibrary::open(test::webp_library(), error);
  CHECK(library != nullptr && error.empty());
  if (library == nullptr) return;
  CHECK(library->path() == test::webp_library());
  char text[32];
  std::snprintf(text, sizeof text, "%d.%d.%d", version() / 65536, version() / 256 % 256,
                version() % 256);
  CHECK(library->version() == text);
}

TEST("of libwebp the versions from 1.3.2 to all of 1.6 are known") {
  for (const int version : {0x010302, 0x010303, 0x010400, 0x010500, 0x010600, 0x0106FF}) {
    CHECK(decode::is_known_webp(version));
  }
  for (const int version : {0, 0x000602, 0x010301, 0x0102FF, 0x010700, 0x020000}) {
    CHECK(!decode::is_known_webp(version));
  }
}

TEST("zlib is opened where it is there") {
  const core::LibraryHandle there = loaded(test::zlib_library());
  const auto version = function_of<const char* (*)()>(there, "zlibVersion");
  if (version == nullptr) return;
  std::string error;
  const auto library = decode::ZlibLibrary::open(test::zlib_library(), error);
  CHECK(library != nullptr && error.empty());
  if (library != nullptr) CHECK(std::string(library->version()) == version());
}

TEST("a library of another kind is refused, with what is needed, and so is none at all") {
  std::string error;
  const auto is_refused = [&](const auto& opened, const std::string& path, const char* needed) {
    CHECK(opened == nullptr && !error.empty());
    // a program that opens no libraries says only that
    if (loaded(path) != nullptr) CHECK(error == path + ": " + needed);
    error.clear();
  };
  for (const std::string& path : {test::jpeg_library(), std::string("no-such-library")}) {
    is_refused(decode::WebpLibrary::open(path, error), path,
               "libwebp is needed, this is another library");
    is_refused(decode::ZlibLibrary::open(path, error), path,
               "zlib 1 is needed, this is another library");
  }
  for (const std::string& path : {test::zlib_library(), std::string("no-such-library")}) {
    is_refused(decode::JpegLibrary::open(path, error), path,
               "TurboJPEG 3.0 or newer is needed, this library is older");
  }
}

}  // namespace
