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
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/benchmark_input.h"
#include "decode/jpeg/jpeg_decompressor.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/jpeg/jpeg_planes.h"

namespace {

using namespace pixtok;
using Bytes = std::vector<std::uint8_t>;

enum class Output { kRgb, kPlanes };

Output parse_output(const std::string& name) {
  if (name == "rgb") return Output::kRgb;
  if (name == "planes") return Output::kPlanes;
  throw std::runtime_error("--output is rgb or planes, not " + name);
}

// The format of the planes that a file stores; nothing where they cannot be had.
std::optional<core::PixelFormat> planes_format(const decode::JpegDecompressor& decompressor) {
  switch (decompressor.get(decode::turbojpeg::kSubsampling)) {
    case decode::turbojpeg::kGreyOnly:
      return core::PixelFormat::kPlanarRgb;
    case decode::turbojpeg::k444:
      return core::PixelFormat::kYcc444;
    case decode::turbojpeg::k422:
      return core::PixelFormat::kYcc422;
    case decode::turbojpeg::k440:
      return core::PixelFormat::kYcc440;
    case decode::turbojpeg::k420:
      return core::PixelFormat::kYcc420;
    default:
      return std::nullopt;
  }
}

// For one thread, with memory that is used again.
class Decoder {
 public:
  explicit Decoder(const decode::JpegLibrary& library) : library_(library) {}

  bool decode(const Bytes& file, Output output) {
    decode::JpegDecompressor decompressor(library_, file.data(), file.size());
    if (!decompressor.read_header()) return false;
    const int width = decompressor.get(decode::turbojpeg::kJpegWidth);
    const int height = decompressor.get(decode::turbojpeg::kJpegHeight);
    const auto format = planes_format(decompressor);
    if (output == Output::kRgb || !format) {
      std::uint8_t* target =
          packed_.reserve(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
      return decompressor.decompress(target, decode::turbojpeg::kPixelRgb);
    }
    planes_.reserve(*format, width, height);
    return decompressor.decompress_planes(planes_);
  }

 private:
  const decode::JpegLibrary& library_;
  decode::JpegPlanes planes_;
  core::ScratchBuffer packed_;
};

double decode_all(const std::vector<Bytes>& files, Output output, std::list<Decoder>& decoders) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  const auto work = [&](Decoder& decoder) {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      if (!decoder.decode(files[i], output)) failed = true;
    }
  };
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (Decoder& decoder : decoders) threads.emplace_back(work, std::ref(decoder));
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (failed) throw std::runtime_error("a file could not be decoded");
  return seconds.count();
}

void run(int count, char** arguments) {
  const auto options = bench::read_options(
      count, arguments, {"--library", "--threads", "--epochs", "--output", "--list"});
  std::string error;
  const auto library = decode::JpegLibrary::open(options.at("--library"), error);
  if (library == nullptr) throw std::runtime_error(error);
  const std::vector<Bytes> files = bench::read_files(options.at("--list"));
  const Output output = parse_output(options.at("--output"));
  const int threads = std::stoi(options.at("--threads"));
  const int epochs = std::stoi(options.at("--epochs"));
  std::list<Decoder> decoders;
  for (int i = 0; i < threads; ++i) decoders.emplace_back(*library);
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
