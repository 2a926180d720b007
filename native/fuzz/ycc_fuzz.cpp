// Planes of an AVIF image to RGB, for all that its colour properties may say.

#include <fuzzer/FuzzedDataProvider.h>

#include <cstring>
#include <vector>

#include "decode/ycc_to_rgb.h"
#include "fuzz/require.h"

using namespace pixtok;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  constexpr int kBits[] = {8, 10, 12};
  const int matrix = input.ConsumeIntegralInRange<int>(-1, 20);
  if (!decode::is_known_matrix(matrix)) return 0;
  decode::YccImage image;
  image.matrix = static_cast<decode::YccMatrix>(matrix);
  image.channels = input.ConsumeBool() ? 4 : 3;
  image.width = input.ConsumeIntegralInRange<int>(1, 70);
  image.height = input.ConsumeIntegralInRange<int>(1, 70);
  image.bits = input.PickValueInArray(kBits);
  image.full_range = input.ConsumeBool();
  image.grey = input.ConsumeBool();
  image.half_width = input.ConsumeBool();
  image.half_height = input.ConsumeBool();
  const auto bytes = input.ConsumeRemainingBytes<std::uint8_t>();
  const std::size_t pixels =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  // 16-bit elements, for their alignment; of 8-bit samples, two in each.
  const std::size_t wanted = pixels * static_cast<std::size_t>(image.channels);
  std::vector<std::uint16_t> samples(image.bits == 8 ? (wanted + 1) / 2 : wanted);
  auto* target = reinterpret_cast<std::uint8_t*>(samples.data());
  for (std::size_t i = 0; i < 2 * samples.size() && !bytes.empty(); ++i) {
    target[i] = bytes[i % bytes.size()];
  }
  image.samples = samples.data();
  std::vector<std::uint8_t> first(3 * pixels, 0x00);
  std::vector<std::uint8_t> second(3 * pixels, 0xFF);
  decode::ycc_to_rgb(image, first.data());
  decode::ycc_to_rgb(image, second.data());
  REQUIRE(first == second);
  return 0;
}
