// Included after an instruction set's vectors (in its target region, where it has one): the stores
// of numbers into a batch.

namespace {

// Division by a constant without a division: the product with a reciprocal in two parts, which is
// rounded once. Whether that equals a division is checked on all 256 bytes.
struct Divisor {
  Floats high;
  Floats low;

  explicit Divisor(float value) {
    const double reciprocal = 1.0 / static_cast<double>(value);
    high = all_floats(static_cast<float>(reciprocal));
    low = all_floats(
        static_cast<float>(reciprocal - static_cast<double>(static_cast<float>(reciprocal))));
  }

  inline Floats divide(Floats dividend) const {
    return multiply_add(dividend, high, multiply(dividend, low));
  }
};

// ((byte / full_scale) - mean) / std
struct ChannelArithmetic {
  Divisor full_scale;
  Divisor std;
  Floats mean;

  ChannelArithmetic(const Normalizer& normalizer, int channel)
      : full_scale(normalizer.full_scale),
        std(normalizer.std[channel]),
        mean(all_floats(normalizer.mean[channel])) {}

  inline Floats normalize(const std::uint8_t* bytes) const {
    return std.divide(subtract(full_scale.divide(load_floats(bytes)), mean));
  }
};

struct Arithmetic {
  ChannelArithmetic channels[3];

  explicit Arithmetic(const Normalizer& normalizer)
      : channels{{normalizer, 0}, {normalizer, 1}, {normalizer, 2}} {}
};

// Calls `step(x)` for every kFloatCount pixels of a row. The last step goes back over pixels
// already done rather than past the row's end. Precondition: width >= kFloatCount.
template <typename Step>
inline void for_each_step(int width, const Step& step) {
  int x = 0;
  for (; x + kFloatCount <= width; x += kFloatCount) step(x);
  if (x < width) step(width - kFloatCount);
}

// The table's work, where arithmetic does not match it.
inline bool is_for_table(const Normalizer& normalizer, int width) {
  return !normalizer.arithmetic || width < kFloatCount;
}

void store_float32_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  if (is_for_table(normalizer, width)) {
    return kScalarNormalize.store(ElementType::kFloat32, Layout::kChw)(planes, width, normalizer,
                                                                       target, plane);
  }
  for (int channel = 0; channel < 3; ++channel) {
    const ChannelArithmetic arithmetic(normalizer, channel);
    const std::uint8_t* row = planes[channel];
    float* to = static_cast<float*>(target) + channel * plane;
    // A batch is larger than the caches: what is written there would only displace pixels. No fence
    // follows: the atomic subtraction that ends an item (Job::unfinished_) has a lock prefix, which
    // orders streaming stores as well.
    const bool aligned = reinterpret_cast<std::uintptr_t>(to) % kVectorBytes == 0;
    if (aligned && width % kFloatCount == 0) {
      for_each_step(width, [&](int x) { stream_floats(to + x, arithmetic.normalize(row + x)); });
    } else {
      for_each_step(width, [&](int x) { store_floats(to + x, arithmetic.normalize(row + x)); });
    }
  }
}

void store_float32_cell(const std::uint8_t* rows, std::size_t stride, int width, int height,
                        const Normalizer& normalizer, int channel, float* target) {
  if (!normalizer.arithmetic) {
    return kScalarNormalize.store_cell(rows, stride, width, height, normalizer, channel, target);
  }
  const ChannelArithmetic arithmetic(normalizer, channel);
  for (int y = 0; y < height; ++y, rows += stride, target += width) {
    // what is written past a row's end, the next row writes over
    for (int x = 0; x < width; x += kFloatCount) {
      store_floats(target + x, arithmetic.normalize(rows + x));
    }
  }
}

void store_float16_chw(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  if (is_for_table(normalizer, width)) {
    return kScalarNormalize.store(ElementType::kFloat16, Layout::kChw)(planes, width, normalizer,
                                                                       target, plane);
  }
  for (int channel = 0; channel < 3; ++channel) {
    const ChannelArithmetic arithmetic(normalizer, channel);
    const std::uint8_t* row = planes[channel];
    std::uint16_t* to = static_cast<std::uint16_t*>(target) + channel * plane;
    for_each_step(width, [&](int x) { store_halves(to + x, arithmetic.normalize(row + x)); });
  }
}

inline ThreeFloats normalized_pixels(const std::uint8_t* const* planes, int x,
                                     const Arithmetic& arithmetic) {
  return interleave(arithmetic.channels[0].normalize(planes[0] + x),
                    arithmetic.channels[1].normalize(planes[1] + x),
                    arithmetic.channels[2].normalize(planes[2] + x));
}

void store_float32_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  if (is_for_table(normalizer, width)) {
    return kScalarNormalize.store(ElementType::kFloat32, Layout::kHwc)(planes, width, normalizer,
                                                                       target, plane);
  }
  const Arithmetic arithmetic(normalizer);
  for_each_step(width, [&](int x) {
    const ThreeFloats pixels = normalized_pixels(planes, x, arithmetic);
    float* to = static_cast<float*>(target) + 3 * x;
    for (int part = 0; part < 3; ++part) store_floats(to + part * kFloatCount, pixels.parts[part]);
  });
}

void store_float16_hwc(const std::uint8_t* const* planes, int width, const Normalizer& normalizer,
                       void* target, std::size_t plane) {
  if (is_for_table(normalizer, width)) {
    return kScalarNormalize.store(ElementType::kFloat16, Layout::kHwc)(planes, width, normalizer,
                                                                       target, plane);
  }
  const Arithmetic arithmetic(normalizer);
  for_each_step(width, [&](int x) {
    const ThreeFloats pixels = normalized_pixels(planes, x, arithmetic);
    std::uint16_t* to = static_cast<std::uint16_t*>(target) + 3 * x;
    for (int part = 0; part < 3; ++part) store_halves(to + part * kFloatCount, pixels.parts[part]);
  });
}

bool arithmetic_matches(const Normalizer& normalizer) {
  for (int channel = 0; channel < 3; ++channel) {
    const ChannelArithmetic arithmetic(normalizer, channel);
    for (int byte = 0; byte < 256; byte += kFloatCount) {
      std::uint8_t bytes[16];  // load_floats reads as many in the widest vectors
      for (int i = 0; i < 16; ++i) bytes[i] = static_cast<std::uint8_t>(byte + i);
      float values[kFloatCount];
      store_floats(values, arithmetic.normalize(bytes));
      if (std::memcmp(values, &normalizer.table[channel][byte], sizeof values) != 0) return false;
    }
  }
  return true;
}

}  // namespace
