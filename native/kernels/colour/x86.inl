// Included in a target region after the instruction set's vectors: the colour kernels.

#include "kernels/x86_interleaved.inl"

namespace {

void split_rgb(const std::uint8_t* pixels, int width, std::uint8_t* const* planes) {
  if (width < kVectorBytes) return kScalarColour.split_rgb(pixels, width, planes);
  for (int x = 0; x < width; x += kVectorBytes) {
    // The last step goes back over pixels already done rather than past the row's end.
    if (x + kVectorBytes > width) x = width - kVectorBytes;
    const Parts split = load_interleaved(pixels + kPixelBytes * x);
    for (int channel = 0; channel < 3; ++channel) store(planes[channel] + x, split.parts[channel]);
  }
}

void ycc_to_rgb(const std::uint8_t* luma, const std::uint8_t* cb, const std::uint8_t* cr, int width,
                std::uint8_t* const* planes) {
  // Chroma is taken twice, c = 2 * (sample - 128). Then (c * 22971 + 2^14) >> 15 is
  // ((sample - 128) * 91881 + 2^15) >> 16 for all 256 samples, and 29033 does the same for 116130.
  const Vector zero = zeros();
  const Vector center = all16(256);
  const Vector to_red = all16(22971);
  const Vector to_blue = all16(29033);
  const Vector to_green = all32((-23401 * 65536) | (-11277 & 0xFFFF));  // Cb in the low half
  const Vector half = all32(1 << 15);
  for (int x = 0; x < width; x += kVectorBytes) {
    const Vector y_bytes = load(luma + x);
    const Vector cb_bytes = load(cb + x);
    const Vector cr_bytes = load(cr + x);
    Vector red[2];
    Vector green[2];
    Vector blue[2];
    // In each lane, bytes become numbers of 16 bits, eight of the lower half (part 0) and eight of
    // the upper.
    //
    //   y_bytes           y0 y1 .. y15
    //   y                 y0 .. y7,  or y8 .. y15
    //   pairs             b0 r0 b1 r1 b2 r2 b3 r3  and  b4 r4 .. b7 r7, for one multiply-add each
    //   pack32(..)        their sums 0 to 7 again
    const auto convert = [&](int part, Vector y, Vector blueness, Vector redness) {
      const Vector c_blue = sub16(left16<1>(blueness), center);
      const Vector c_red = sub16(left16<1>(redness), center);
      red[part] = add16(y, multiply_round16(c_red, to_red));
      blue[part] = add16(y, multiply_round16(c_blue, to_blue));
      const auto sum = [&](Vector pairs) {
        return arithmetic_right32<16>(add32(multiply_add16(pairs, to_green), half));
      };
      green[part] = add16(y, pack32(sum(low16(c_blue, c_red)), sum(high16(c_blue, c_red))));
    };
    convert(0, low8(y_bytes, zero), low8(cb_bytes, zero), low8(cr_bytes, zero));
    convert(1, high8(y_bytes, zero), high8(cb_bytes, zero), high8(cr_bytes, zero));
    store(planes[0] + x, pack16(red[0], red[1]));
    store(planes[1] + x, pack16(green[0], green[1]));
    store(planes[2] + x, pack16(blue[0], blue[1]));
  }
}

// 3 * a + b of each byte, the lower and the upper eight of a lane.
struct Sums {
  Vector low;
  Vector high;

  inline Sums(Vector a, Vector b)
      : low(multiply_add8(low8(a, b), all16(0x0103))),
        high(multiply_add8(high8(a, b), all16(0x0103))) {}
};

// Two bytes a 16-bit lane, the even place in the lower one.
inline Vector zipped(Vector even, Vector odd) { return either(even, left16<8>(odd)); }

void upsample_across(const std::uint8_t* row, int width, std::uint8_t* target) {
  const Vector one = all16(1);
  const Vector two = all16(2);
  for (int x = 0; x < width; x += kVectorBytes) {
    const Vector here = load(row + x);
    const Sums before(here, load(row + x - 1));
    const Sums after(here, load(row + x + 1));
    const auto quarter = [&](Vector sum, Vector bias) { return right16<2>(add16(sum, bias)); };
    const Vector low = zipped(quarter(before.low, one), quarter(after.low, two));
    const Vector high = zipped(quarter(before.high, one), quarter(after.high, two));
    store_zipped(target + 2 * x, low, high);
  }
}

void upsample_both(const std::uint8_t* near_row, const std::uint8_t* far_row, int width,
                   std::uint8_t* target) {
  const Vector seven = all16(7);
  const Vector eight = all16(8);
  const auto sums = [&](int x) { return Sums(load(near_row + x), load(far_row + x)); };
  for (int x = 0; x < width; x += kVectorBytes) {
    const Sums before = sums(x - 1);
    const Sums here = sums(x);
    const Sums after = sums(x + 1);
    const auto sixteenth = [&](Vector middle, Vector side, Vector bias) {
      const Vector three = add16(middle, left16<1>(middle));
      return right16<4>(add16(add16(three, bias), side));
    };
    const Vector low =
        zipped(sixteenth(here.low, before.low, eight), sixteenth(here.low, after.low, seven));
    const Vector high =
        zipped(sixteenth(here.high, before.high, eight), sixteenth(here.high, after.high, seven));
    store_zipped(target + 2 * x, low, high);
  }
}

void upsample_down(const std::uint8_t* near_row, const std::uint8_t* far_row, int bias, int width,
                   std::uint8_t* target) {
  const Vector biases = all16(bias);
  for (int x = 0; x < width; x += kVectorBytes) {
    const Sums sums(load(near_row + x), load(far_row + x));
    store(target + x,
          pack16(right16<2>(add16(sums.low, biases)), right16<2>(add16(sums.high, biases))));
  }
}

}  // namespace
