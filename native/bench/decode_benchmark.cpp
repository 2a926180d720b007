// The rate of libjpeg-turbo alone: files in memory, one decompressor a thread.
//
//   decode_benchmark --library PATH --threads N --epochs N --output rgb|planes --list FILE
//
// "rgb" is with the library's own upsampling and colour conversion; "planes" are those that the
// file stores, where it stores some. FILE has one path a line. Prints one JSON object.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <list>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "decode/jpeg_decoder.h"
#include "decode/jpeg_library.h"
#include "transform/plan.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

std::map<std::string, std::string> read_options(int count, char** arguments) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = arguments[i + 1];
  for (const char* name : {"--library", "--threads", "--epochs", "--output", "--list"}) {
    if (options.count(name) == 0) throw std::runtime_error(std::string(name) + " is missing");
  }
  return options;
}

decode::JpegOutput parse_output(const std::string& name) {
  if (name == "rgb") return decode::JpegOutput::kPacked;
  if (name == "planes") return decode::JpegOutput::kPlanesWherePossible;
  throw std::runtime_error("--output is rgb or planes, not " + name);
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
  if (files.empty()) throw std::runtime_error("no files in " + list);
  return files;
}

double decode_all(const std::vector<Bytes>& files, decode::JpegOutput output,
                  std::list<decode::JpegDecoder>& decoders) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&](decode::JpegDecoder& decoder) {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      core::PixelView pixels;
      const Bytes& file = files[i];
      const core::Bytes bytes{file.data(), file.size()};
      decode::JpegHeader header;
      if (!decode::read_jpeg_header(bytes, header).ok() || !decoder.open(bytes, header).ok() ||
          !decoder.decode(output, 1, pixels).ok()) {
        failed = true;
      }
    }
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (decode::JpegDecoder& decoder : decoders) threads.emplace_back(work, std::ref(decoder));
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (failed) throw std::runtime_error("a file could not be decoded");
  return seconds.count();
}

void run(int count, char** arguments) {
  const auto options = read_options(count, arguments);
  std::string error;
  const auto library = decode::JpegLibrary::open(options.at("--library"), error);
  if (library == nullptr) throw std::runtime_error(error);
  const std::vector<Bytes> files = read_files(options.at("--list"));
  const decode::JpegOutput output = parse_output(options.at("--output"));
  const int threads = std::stoi(options.at("--threads"));
  const int epochs = std::stoi(options.at("--epochs"));
  std::list<decode::JpegDecoder> decoders;
  for (int i = 0; i < threads; ++i) decoders.emplace_back(library);
  decode_all(files, output, decoders);  // warm-up: scratch memory grows
  std::printf("{\"threads\":%d,\"images\":%zu,\"epochs\":[", threads, files.size());
  for (int epoch = 0; epoch < epochs; ++epoch) {
    std::printf("%s{\"seconds\":%.6f}", epoch == 0 ? "" : ",", decode_all(files, output, decoders));
  }
  std::printf("]}\n");
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
