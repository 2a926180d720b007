// The decoder of our own against libjpeg-turbo, to planes, by one thread: files in memory, decoded
// by one way after the other, several times; of each way the fastest time counts for a file.
//
//   baseline_benchmark --library PATH --rounds N --list FILE
//
// FILE has one path a line. Prints one JSON object: milliseconds of processor time an image.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "decode/jpeg/baseline_decoder.h"
#include "decode/jpeg_decompressor.h"
#include "decode/jpeg_library.h"
#include "decode/jpeg_planes.h"
#include "kernels/kernel_table.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

std::map<std::string, std::string> read_options(int count, char** arguments) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = arguments[i + 1];
  for (const char* name : {"--library", "--rounds", "--list"}) {
    if (options.count(name) == 0) throw std::runtime_error(std::string(name) + " is missing");
  }
  return options;
}

std::vector<Bytes> read_files(const std::string& list) {
  std::vector<Bytes> files;
  std::ifstream lines(list);
  for (std::string path; std::getline(lines, path);) {
    if (path.empty()) continue;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (files.size() % 2 == 1) files.pop_back();
  if (files.empty()) throw std::runtime_error("two files are needed in " + list);
  return files;
}

core::Bytes view_of(const Bytes& file) { return {file.data(), file.size()}; }

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
  std::uint8_t* memory[] = {planes.plane(0), planes.plane(1), planes.plane(2)};
  int strides[] = {static_cast<int>(planes.stride(0)), static_cast<int>(planes.stride(1)),
                   static_cast<int>(planes.stride(2))};
  if (!decompressor.decompress_planes(memory, strides)) throw std::runtime_error("not decoded");
}

template <typename Work>
void time(double& best, Work work) {
  const double start = milliseconds();
  work();
  best = std::min(best, milliseconds() - start);
}

void run(int count, char** arguments) {
  const auto options = read_options(count, arguments);
  std::string error;
  const auto library = decode::JpegLibrary::open(options.at("--library"), error);
  if (library == nullptr) throw std::runtime_error(error);
  const std::vector<Bytes> files = read_files(options.at("--list"));
  const int rounds = std::stoi(options.at("--rounds"));
  decode::BaselineDecoder first(kernels::chosen().idct);
  decode::BaselineDecoder second(kernels::chosen().idct);
  decode::JpegPlanes planes;
  double by_library = 0;
  double alone = 0;
  double in_turns = 0;
  std::size_t given_up = 0;
  for (std::size_t i = 0; i < files.size(); i += 2) {
    const core::Bytes pair[] = {view_of(files[i]), view_of(files[i + 1])};
    const auto decodes = [&](core::Bytes file) { return first.open(file) && first.decode(); };
    if (!decodes(pair[0]) || !decodes(pair[1])) {
      ++given_up;
      continue;
    }
    constexpr double kNever = 1e9;
    double best_by_library[] = {kNever, kNever};
    double best_alone[] = {kNever, kNever};
    double best_in_turns = kNever;
    for (int round = 0; round < rounds; ++round) {
      for (int j = 0; j < 2; ++j) {
        time(best_alone[j], [&] { (void)decodes(pair[j]); });
        const core::PixelView like = first.pixels();
        time(best_by_library[j], [&] { decode_by_library(*library, pair[j], like, planes); });
      }
      time(best_in_turns, [&] {
        (void)first.open(pair[0]);
        (void)second.open(pair[1]);
        decode::BaselineDecoder::decode_in_turns(first, second);
      });
    }
    by_library += best_by_library[0] + best_by_library[1];
    alone += best_alone[0] + best_alone[1];
    in_turns += best_in_turns;
  }
  const double images = static_cast<double>(files.size() - 2 * given_up);
  std::printf(
      "{\"images\":%.0f,\"pairsGivenUp\":%zu,\"library\":%.4f,\"alone\":%.4f,\"inTurns\":%.4f,"
      "\"aloneGain\":%.3f,\"inTurnsGain\":%.3f}\n",
      images, given_up, by_library / images, alone / images, in_turns / images, by_library / alone,
      by_library / in_turns);
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
