// The decoder of our own against libjpeg-turbo, to planes, by one thread: files in memory, decoded
// by one way after the other, several times; of each way the fastest time counts for a file.
//
//   baseline_benchmark --library PATH --rounds N --list FILE
//
// FILE has one path a line. Prints one JSON object: milliseconds of processor time an image.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/benchmark_input.h"
#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg/jpeg_decompressor.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/jpeg/jpeg_planes.h"
#include "kernels/kernel_table.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

double milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

void decode_by_library(const decode::JpegLibrary& library, core::Bytes file,
                       const core::PixelView& like, decode::JpegPlanes& planes) {
  decode::JpegDecompressor decompressor(library, file.data, file.size);
  if (!decompressor.read_header()) throw std::runtime_error("libjpeg-turbo complains");
  planes.reserve(like.format, like.width, like.height);
  if (!decompressor.decompress_planes(planes)) throw std::runtime_error("not decoded");
}

template <typename Work>
void time(double& best, Work work) {
  const double start = milliseconds();
  work();
  best = std::min(best, milliseconds() - start);
}

void run(int count, char** arguments) {
  const auto options = bench::read_options(count, arguments, {"--library", "--rounds", "--list"});
  std::string error;
  const auto library = decode::JpegLibrary::open(options.at("--library"), error);
  if (library == nullptr) throw std::runtime_error(error);
  const std::vector<Bytes> files = bench::read_files(options.at("--list"));
  const int rounds = std::stoi(options.at("--rounds"));
  decode::BaselineDecoder decoder(kernels::chosen().idct);
  decode::JpegPlanes planes;
  double by_library = 0;
  double by_own = 0;
  std::size_t given_up = 0;
  for (const Bytes& bytes : files) {
    const core::Bytes file{bytes.data(), bytes.size()};
    const auto decodes = [&] { return decoder.open(file) && decoder.decode(); };
    if (!decodes()) {
      ++given_up;
      continue;
    }
    const core::PixelView like = decoder.pixels();
    double best_by_library = std::numeric_limits<double>::max();
    double best_by_own = best_by_library;
    for (int round = 0; round < rounds; ++round) {
      time(best_by_own, [&] { (void)decodes(); });
      time(best_by_library, [&] { decode_by_library(*library, file, like, planes); });
    }
    by_library += best_by_library;
    by_own += best_by_own;
  }
  const double images = static_cast<double>(files.size() - given_up);
  std::printf("{\"images\":%.0f,\"givenUp\":%zu,\"library\":%.4f,\"own\":%.4f,\"gain\":%.3f}\n",
              images, given_up, by_library / images, by_own / images, by_library / by_own);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "baseline_benchmark: %s\n", error.what());
    return 1;
  }
}
