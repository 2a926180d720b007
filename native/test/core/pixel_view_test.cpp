#include "core/pixel_view.h"

#include <cstdint>
#include <vector>

#include "test/check.h"

namespace {

using namespace pixtok;
using core::PixelFormat;

TEST("pixels are padded where 64 bytes of their memory are behind them, and not with 63") {
  const std::vector<std::uint8_t> memory(1000);
  constexpr std::size_t kOffset = 7;
  struct Case {
    PixelFormat format;
    std::size_t bytes;  // of 5 x 3 pixels
  };
  for (const Case& one : {Case{PixelFormat::kGrey, 15}, Case{PixelFormat::kGreyAlpha, 30},
                          Case{PixelFormat::kRgb, 45}, Case{PixelFormat::kRgba, 60},
                          Case{PixelFormat::kCmyk, 60}, Case{PixelFormat::kInvertedCmyk, 60},
                          Case{PixelFormat::kGrey16, 30}, Case{PixelFormat::kPlanarRgb, 45}}) {
    CHECK(core::bytes_of_pixels(one.format, 5, 3) == one.bytes);
    for (const std::size_t behind : {0, 1, 63, 64, 65}) {
      const core::Bytes all{memory.data(), kOffset + one.bytes + behind};
      const core::PixelView view = core::pixels_in(all, kOffset, one.format, 5, 3);
      CHECK(view.padded == (behind >= 64));
      CHECK(view.data == memory.data() + kOffset);
      CHECK(view.width == 5 && view.height == 3 && view.format == one.format);
    }
  }
}

TEST("planes of an image lie one behind the other") {
  const std::vector<std::uint8_t> memory(200);
  const core::PixelView view =
      core::pixels_in({memory.data(), memory.size()}, 10, PixelFormat::kPlanarRgb, 5, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(view.planes[i].data == memory.data() + 10 + 15 * i);
    CHECK(view.planes[i].stride == 5);
  }
}

}  // namespace
