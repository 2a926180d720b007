// The memory's own rate: bytes in memory to float32 in batch buffers by a plain loop, which is all
// that a packed set can leave to be done.
//
//   memory_benchmark --threads N --images N --rows N --batches N --seconds S
//
// Images are of 3 x 224 x 224; `rows` of them are a batch, and `batches` batches are written in
// turn. Every loop that this CPU has is timed for S seconds. Prints a JSON array.

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

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/aligned_buffer.h"
#include "core/cpu_features.h"
#include "core/platform.h"
#include "kernels/target_region.h"

namespace {

using pixtok::core::AlignedBytes;

constexpr std::size_t kPlane = 224 * 224;
constexpr std::size_t kImage = 3 * kPlane;
constexpr float kScale = 0.0171F;
constexpr float kOffset = -2.1F;

// The values of one plane of bytes. Precondition: both are aligned for the widest vectors.
using Loop = void (*)(const std::uint8_t* bytes, float* values);

// The compiler's own vectors, as wide as the CPU has them.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif
void ordinary_stores(const std::uint8_t* bytes, float* values) {
  for (std::size_t i = 0; i < kPlane; ++i) {
    values[i] = static_cast<float>(bytes[i]) * kScale + kOffset;
  }
}

#if defined(__x86_64__)

PIXTOK_BEGIN_TARGET("avx2,fma")
// Around the caches: what is written does not have to be read first.
void streaming_stores_avx2(const std::uint8_t* bytes, float* values) {
  const __m256 scale = _mm256_set1_ps(kScale);
  const __m256 offset = _mm256_set1_ps(kOffset);
  for (std::size_t i = 0; i < kPlane; i += 8) {
    const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + i));
    const __m256 wide = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight));
    _mm256_stream_ps(values + i, _mm256_add_ps(_mm256_mul_ps(wide, scale), offset));
  }
  _mm_sfence();
}
PIXTOK_END_TARGET

PIXTOK_BEGIN_TARGET("avx512f")
void streaming_stores_avx512(const std::uint8_t* bytes, float* values) {
  const __m512 scale = _mm512_set1_ps(kScale);
  const __m512 offset = _mm512_set1_ps(kOffset);
  for (std::size_t i = 0; i < kPlane; i += 16) {
    const __m128i sixteen = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + i));
    const __m512 wide =
        _mm512_maskz_cvtepi32_ps(0xFFFF, _mm512_maskz_cvtepu8_epi32(0xFFFF, sixteen));
    _mm512_stream_ps(values + i, _mm512_add_ps(_mm512_mul_ps(wide, scale), offset));
  }
  _mm_sfence();
}
PIXTOK_END_TARGET

#endif

struct NamedLoop {
  const char* name;
  Loop run;
};

std::vector<NamedLoop> supported_loops() {
  std::vector<NamedLoop> loops = {{"ordinary stores", ordinary_stores}};
#if defined(__x86_64__)
  const pixtok::core::CpuFeatures cpu = pixtok::core::detect_cpu_features();
  if (cpu.avx2) loops.push_back({"streaming stores, avx2", streaming_stores_avx2});
  if (cpu.avx512) loops.push_back({"streaming stores, avx512", streaming_stores_avx512});
#endif
  return loops;
}

std::map<std::string, double> read_options(int count, char** arguments) {
  std::map<std::string, double> options;
  for (int i = 1; i + 1 < count; i += 2) options[arguments[i]] = std::atof(arguments[i + 1]);
  for (const char* name : {"--threads", "--images", "--rows", "--batches", "--seconds"}) {
    if (!(options[name] > 0)) throw std::runtime_error(std::string(name) + " is missing");
  }
  return options;
}

std::vector<AlignedBytes> allocate(std::size_t count, std::size_t bytes) {
  std::vector<AlignedBytes> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    blocks.push_back(pixtok::core::allocate_aligned(bytes));
    // as pixtok's own batches have it
    pixtok::core::advise_huge_pages(blocks.back().get(), bytes);
    for (std::size_t byte = 0; byte < bytes; ++byte) {
      blocks.back()[byte] = static_cast<std::uint8_t>(byte * 7 + i);
    }
  }
  return blocks;
}

struct Memory {
  std::vector<AlignedBytes> images;
  std::vector<AlignedBytes> batches;
  std::size_t rows;
};

struct Report {
  std::size_t images;
  double seconds;
};

Report measure(const Memory& memory, Loop loop, std::size_t threads, double least) {
  using Clock = std::chrono::steady_clock;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(least);
  const auto work = [&] {
    while (Clock::now() < end) {
      const std::size_t i = next++;
      const std::uint8_t* bytes = memory.images[i % memory.images.size()].get();
      const AlignedBytes& batch = memory.batches[i / memory.rows % memory.batches.size()];
      float* row = reinterpret_cast<float*>(batch.get()) + i % memory.rows * kImage;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        loop(bytes + channel * kPlane, row + channel * kPlane);
      }
      ++done;
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < threads; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  return {done.load(), std::chrono::duration<double>(Clock::now() - start).count()};
}

}  // namespace

int main(int count, char** arguments) {
  try {
    auto options = read_options(count, arguments);
    Memory memory;
    memory.rows = static_cast<std::size_t>(options["--rows"]);
    memory.images = allocate(static_cast<std::size_t>(options["--images"]), kImage);
    memory.batches = allocate(static_cast<std::size_t>(options["--batches"]),
                              memory.rows * kImage * sizeof(float));
    const char* separator = "[";
    for (const NamedLoop& loop : supported_loops()) {
      const Report report = measure(
          memory, loop.run, static_cast<std::size_t>(options["--threads"]), options["--seconds"]);
      std::printf("%s{\"name\": \"%s\", \"images\": %zu, \"seconds\": %.6f}", separator, loop.name,
                  report.images, report.seconds);
      separator = ",\n";
    }
    std::printf("]\n");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
