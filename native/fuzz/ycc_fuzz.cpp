// Planes of an AVIF picture to RGB, for all that its colour properties may say.

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
  decode::YccPicture picture;
  picture.matrix = static_cast<decode::YccMatrix>(matrix);
  picture.channels = input.ConsumeBool() ? 4 : 3;
  picture.width = input.ConsumeIntegralInRange<int>(1, 70);
  picture.height = input.ConsumeIntegralInRange<int>(1, 70);
  picture.bits = input.PickValueInArray(kBits);
  picture.full_range = input.ConsumeBool();
  picture.grey = input.ConsumeBool();
  picture.half_width = input.ConsumeBool();
  picture.half_height = input.ConsumeBool();
  const auto bytes = input.ConsumeRemainingBytes<std::uint8_t>();
  const std::size_t pixels =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  // 16-bit elements, for their alignment; of 8-bit samples, two in each.
  const std::size_t wanted = pixels * static_cast<std::size_t>(picture.channels);
  std::vector<std::uint16_t> samples(picture.bits == 8 ? (wanted + 1) / 2 : wanted);
  auto* target = reinterpret_cast<std::uint8_t*>(samples.data());
  for (std::size_t i = 0; i < 2 * samples.size() && !bytes.empty(); ++i) {
    target[i] = bytes[i % bytes.size()];
  }
  picture.samples = samples.data();
  std::vector<std::uint8_t> first(3 * pixels, 0x00);
  std::vector<std::uint8_t> second(3 * pixels, 0xFF);
  decode::ycc_to_rgb(picture, first.data());
  decode::ycc_to_rgb(picture, second.data());
  REQUIRE(first == second);
  return 0;
}
