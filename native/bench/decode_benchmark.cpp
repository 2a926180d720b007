// The rate of a decoder alone: files in memory, each decoded by one of the threads.
//
//   decode_benchmark DECODER LIBRARY THREADS SECONDS LIST...
//
// DECODER is a name of decoders.h. A LIST has one path a line. All of its files are decoded in
// turn, once uncounted and then as often as it takes SECONDS. Prints a JSON array: images and
// seconds of each list.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/decoders.h"

namespace {

using namespace pixtok;
using File = std::vector<std::uint8_t>;

constexpr int kLeastArguments = 6;

std::vector<File> read_files(const std::string& list) {
  std::vector<File> files;
  std::ifstream lines(list);
  for (std::string path; std::getline(lines, path);) {
    if (path.empty()) continue;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (files.empty()) throw std::runtime_error("no files in " + list);
  return files;
}

struct Run {
  std::size_t images;
  double seconds;
};

// Every file once, and all of them again until the seconds are over. No thread waits for the others
// before the end.
Run decode_all(const std::vector<File>& files, const std::vector<bench::Decode>& decoders,
               double least_seconds) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> end{SIZE_MAX};
  std::atomic<bool> failed{false};
  const auto start = Clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  const auto work = [&](const bench::Decode& decode) {
    for (std::size_t i = next++; i < end; i = next++) {
      const std::size_t at = i % files.size();
      if (i > 0 && at == 0 && elapsed() >= least_seconds) {
        end = std::min(end.load(), i);
        break;
      }
      if (!decode({files[at].data(), files[at].size()})) failed = true;
    }
  };
  std::vector<std::thread> threads;
  for (const bench::Decode& decode : decoders) threads.emplace_back(work, std::ref(decode));
  for (std::thread& thread : threads) thread.join();
  const double seconds = elapsed();
  if (failed) throw std::runtime_error("a file could not be decoded");
  return {end, seconds};
}

void run(int count, char** arguments) {
  if (count < kLeastArguments) {
    throw std::runtime_error("expected DECODER LIBRARY THREADS SECONDS LIST...");
  }
  const bench::MakeDecode make_decode = bench::decoder_of(arguments[1], arguments[2]);
  const double least_seconds = std::stod(arguments[4]);
  std::vector<bench::Decode> decoders;
  for (int i = 0; i < std::stoi(arguments[3]); ++i) decoders.push_back(make_decode());
  for (int at = kLeastArguments - 1; at < count; ++at) {
    const std::vector<File> files = read_files(arguments[at]);
    decode_all(files, decoders, 0);  // warm-up: scratch memory grows
    const auto [images, seconds] = decode_all(files, decoders, least_seconds);
    std::printf("%c{\"images\":%zu,\"seconds\":%.6f}", at == kLeastArguments - 1 ? '[' : ',',
                images, seconds);
  }
  std::printf("]\n");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run(count, arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "decode_benchmark: %s\n", error.what());
    return 1;
  }
}
