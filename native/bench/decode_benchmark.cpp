// The rate of a decoder alone: files in memory, each decoded by one of the threads.
//
//   decode_benchmark DECODER LIBRARY THREADS SECONDS LIST...
//
// DECODER is a name of decoders.h. A LIST has one path a line. Its files are decoded in turn, once
// uncounted and then for SECONDS, at least once. Prints a JSON array: images and seconds of each
// list.

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

// Seconds that it takes to decode every file once.
double decode_all(const std::vector<File>& files, const std::vector<bench::Decode>& decoders) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&](const bench::Decode& decode) {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      if (!decode({files[i].data(), files[i].size()})) failed = true;
    }
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (const bench::Decode& decode : decoders) threads.emplace_back(work, std::ref(decode));
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (failed) throw std::runtime_error("a file could not be decoded");
  return seconds.count();
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
    decode_all(files, decoders);  // warm-up: scratch memory grows
    double seconds = 0;
    std::size_t images = 0;
    do {
      seconds += decode_all(files, decoders);
      images += files.size();
    } while (seconds < least_seconds);
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
