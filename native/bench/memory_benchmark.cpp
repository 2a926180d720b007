// The memory's own rate: bytes in memory to float32 in batch buffers by a plain loop, which is all
// that a packed set can leave to be done.
//
//   memory_benchmark --threads N --pictures N --rows N --batches N --seconds S
//
// Pictures are of 3 x 224 x 224; `rows` of them are a batch, `batches` of which are written in
// turn. Prints one JSON object.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/aligned_buffer.h"

namespace {

constexpr std::size_t kPlane = 224 * 224;
constexpr std::size_t kPicture = 3 * kPlane;

// The compiler's own vectors, as wide as the CPU has them.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif
void normalize(const std::uint8_t* bytes, float* values, float scale, float offset) {
  for (std::size_t i = 0; i < kPlane; ++i) {
    values[i] = static_cast<float>(bytes[i]) * scale + offset;
  }
}

std::map<std::string, double> read_options(int count, char** arguments) {
  std::map<std::string, double> options;
  for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = std::atof(arguments[i + 1]);
  for (const char* name : {"--threads", "--pictures", "--rows", "--batches", "--seconds"}) {
    if (!(options[name] > 0)) throw std::runtime_error(std::string(name) + " is missing");
  }
  return options;
}

std::vector<pixtok::core::AlignedBytes> allocate(std::size_t count, std::size_t bytes) {
  std::vector<pixtok::core::AlignedBytes> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(pixtok::core::allocate_aligned(bytes));
    for (std::size_t byte = 0; byte < bytes; ++byte) {
      blocks.back()[byte] = static_cast<std::uint8_t>(byte * 7 + i);
    }
  }
  return blocks;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    auto options = read_options(count, arguments);
    const auto threads = static_cast<std::size_t>(options["--threads"]);
    const auto rows = static_cast<std::size_t>(options["--rows"]);
    const auto pictures = allocate(static_cast<std::size_t>(options["--pictures"]), kPicture);
    const auto batches =
        allocate(static_cast<std::size_t>(options["--batches"]), rows * kPicture * sizeof(float));

    using Clock = std::chrono::steady_clock;
    std::atomic<std::size_t> next{0};
    std::atomic<std::size_t> done{0};
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration<double>(options["--seconds"]);
    const auto work = [&] {
      while (Clock::now() < end) {
        const std::size_t i = next++;
        const std::uint8_t* bytes = pictures[i % pictures.size()].get();
        auto* batch = reinterpret_cast<float*>(batches[i / rows % batches.size()].get());
        float* row = batch + i % rows * kPicture;
        for (std::size_t channel = 0; channel < 3; ++channel) {
          normalize(bytes + channel * kPlane, row + channel * kPlane, 0.0171F, -2.1F);
        }
        ++done;
      }
    };
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
    for (std::thread& worker : workers) worker.join();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::printf("{\"pictures\": %zu, \"seconds\": %.6f}\n", done.load(), seconds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
