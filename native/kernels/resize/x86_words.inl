// Included in a target region after the instruction set's vectors: both passes by 16-bit
// multiply-adds (word_taps.h). `Sums` is how a weight's parts are added up.

namespace {

using namespace word_taps;

// Two 16-bit values in a 32-bit place, the even one in the lower half.
inline std::int32_t word_pair(std::int32_t even, std::int32_t odd) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(odd) << 16) |
                                   (static_cast<std::uint32_t>(even) & 0xFFFFU));
}

// Weights of kPrecisionBits in a high and a low part.
struct SplitSums {
  static constexpr int kParts = 2;
  static constexpr int kRowsAtOnce = 3;

  struct Weights {
    Vector high;
    Vector low;
  };

  // To the value of a pixel.
  struct Scale {
    explicit Scale(int) {}
    inline Vector operator()(Vector sums) const { return arithmetic_right32<kPrecisionBits>(sums); }
  };

  Vector high;
  Vector low;

  inline void start(Vector value) {
    high = zeros();
    low = value;
  }

  static inline Weights load_weights(const std::uint8_t* at) {
    return {load(at), load(at + kVectorBytes)};
  }
  // The parts of two rows' weights, each as two words.
  static inline void put_pairs(std::int32_t even, std::int32_t odd, std::int32_t* pairs) {
    constexpr std::int32_t low_mask = (1 << kLowBits) - 1;
    pairs[0] = word_pair(even >> kLowBits, odd >> kLowBits);
    pairs[1] = word_pair(even & low_mask, odd & low_mask);
  }
  static inline Weights all_weights(const std::int32_t* pairs) {
    return {all32(pairs[0]), all32(pairs[1])};
  }

  // `values` are 16-bit lanes.
  inline void add(Vector values, const Weights& weights) {
    high = add32(high, multiply_add16(values, weights.high));
    low = add32(low, multiply_add16(values, weights.low));
  }

  inline Vector joined() const { return add32(left32<kLowBits>(high), low); }
};

// Weights of 16 bits, of any precision.
struct ShortSums {
  static constexpr int kParts = 1;
  static constexpr int kRowsAtOnce = 4;

  using Weights = Vector;

  struct Scale {
    Shift shift;

    explicit Scale(int precision) : shift(shift_by(precision)) {}
    inline Vector operator()(Vector sums) const { return arithmetic_right32(sums, shift); }
  };

  Vector sum;

  inline void start(Vector value) { sum = value; }

  static inline Weights load_weights(const std::uint8_t* at) { return load(at); }
  static inline void put_pairs(std::int32_t even, std::int32_t odd, std::int32_t* pairs) {
    pairs[0] = word_pair(even, odd);
  }
  static inline Weights all_weights(const std::int32_t* pairs) { return all32(pairs[0]); }

  inline void add(Vector values, Weights weights) {
    sum = add32(sum, multiply_add16(values, weights));
  }

  inline Vector joined() const { return sum; }
};

// 32-bit sums of four vectors as bytes, in each lane
//
//   sums[0] = p0 p1 p2 p3 ... sums[3] = p12 p13 p14 p15
//   pack32  = p0 p1 p2 p3 p4 p5 p6 p7 (16-bit), p8 ... p15
//   result  = p0 p1 p2 ... p15
template <typename Scale>
inline Vector packed_bytes(const Vector (&sums)[4], const Scale& scale) {
  return pack16(pack32(scale(sums[0]), scale(sums[1])), pack32(scale(sums[2]), scale(sums[3])));
}

// Horizontal pass of kRows rows, which share what is loaded of the taps. kSteps is the number of
// steps where it is known, so that loops are unrolled; 0 for any.
template <typename Sums, int kSteps, bool kSlides, int kRows>
void resample_shuffled_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                            const AxisTaps& taps) {
  constexpr int kStepBytes = (1 + Sums::kParts) * kVectorBytes;
  const int steps = kSteps > 0 ? kSteps : taps.packed.steps;
  const Vector rounding = all32(1 << (taps.precision - 1));
  const typename Sums::Scale scale(taps.precision);
  const std::uint8_t* memory = taps.packed.memory.data();
  const auto* lanes = reinterpret_cast<const std::int32_t*>(memory);
  const std::uint8_t* at = memory + taps.packed.offset_bytes;
  const auto add_step = [&at](const Vector(&bytes)[kRows], Sums(&sums)[kRows]) {
    const Vector indices = load(at);
    const auto weights = Sums::load_weights(at + kVectorBytes);
    at += kStepBytes;
#pragma GCC unroll 4
    for (int row = 0; row < kRows; ++row) sums[row].add(shuffle8(bytes[row], indices), weights);
  };
  for (int group = 0; group < taps.packed.groups; ++group) {
    Vector joined[kRows][4];
    for (int vector = 0; vector < 4; ++vector, lanes += kLanes) {
      Sums sums[kRows];
#pragma GCC unroll 4
      for (int row = 0; row < kRows; ++row) sums[row].start(rounding);
      for (int step = 0; step < steps;) {
        Vector bytes[kRows];
#pragma GCC unroll 4
        for (int row = 0; row < kRows; ++row) {
          bytes[row] = load_lanes(sources[row] + kNarrowTaps * step, lanes);
        }
        if (kSlides) {
          const int end = step + taps.packed.steps_a_load;
          for (; step < end && step < steps; ++step) add_step(bytes, sums);
        } else {
#pragma GCC unroll 4
          for (; step < steps; ++step) add_step(bytes, sums);
        }
      }
#pragma GCC unroll 4
      for (int row = 0; row < kRows; ++row) joined[row][vector] = sums[row].joined();
    }
#pragma GCC unroll 4
    for (int row = 0; row < kRows; ++row) {
      store(targets[row] + group * kVectorBytes, packed_bytes(joined[row], scale));
    }
  }
}

template <typename Sums, int kSteps, bool kSlides>
void resample_shuffled(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                       const AxisTaps& taps) {
  constexpr int kRows = Sums::kRowsAtOnce;
  int row = 0;
  for (; row + kRows <= rows; row += kRows) {
    resample_shuffled_rows<Sums, kSteps, kSlides, kRows>(sources + row, targets + row, taps);
  }
  for (; row < rows; ++row) {
    resample_shuffled_rows<Sums, kSteps, kSlides, 1>(sources + row, targets + row, taps);
  }
}

template <typename Sums>
void resample_wide(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  const Vector rounding = all32(1 << (taps.precision - 1));
  const typename Sums::Scale scale(taps.precision);
  const std::uint8_t* memory = taps.packed.memory.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(memory);
  const std::uint8_t* group_steps = memory + taps.packed.offset_bytes;
  for (int group = 0; group < taps.packed.groups; ++group) {
    for (int row = 0; row < rows; ++row) {
      Vector joined[4];
      const std::uint8_t* at = group_steps;
      for (int four = 0; four < 4; ++four) {
        Vector parts[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          const std::int32_t* lanes = offsets + (4 * four + i) * kLanes;
          Sums sums;
          sums.start(zeros());
          const std::uint8_t* source = sources[row];
          for (int step = 0; step < taps.packed.steps; ++step) {
            sums.add(load_wide_lanes(source, lanes), Sums::load_weights(at));
            source += kWideTaps;
            at += Sums::kParts * kVectorBytes;
          }
          parts[i] = sums.joined();
        }
        joined[four] = add32(sums_of_lanes(parts), rounding);
      }
      store(targets[row] + group * kVectorBytes, packed_bytes(joined, scale));
    }
    offsets += kWideVectors * kLanes;
    group_steps += kWideVectors * taps.packed.step_bytes;
  }
}

template <typename Sums>
void pack_taps(AxisTaps& taps) {
  pack(taps, kVectorBytes, Sums::kParts);
}

template <typename Sums>
void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  if (taps.packed.form == kWide) return resample_wide<Sums>(sources, targets, rows, taps);
  if (taps.packed.form == kSliding) {
    return resample_shuffled<Sums, 0, true>(sources, targets, rows, taps);
  }
  switch (taps.packed.steps) {
    case 1:
      return resample_shuffled<Sums, 1, false>(sources, targets, rows, taps);
    case 2:
      return resample_shuffled<Sums, 2, false>(sources, targets, rows, taps);
    case 3:
      return resample_shuffled<Sums, 3, false>(sources, targets, rows, taps);
    default:
      return resample_shuffled<Sums, 0, false>(sources, targets, rows, taps);
  }
}

// Vertical pass, two rows a step. `pairs` gives the weights of a pair of
// source rows. kCount is the number of source rows where that is known, so that loops are unrolled;
// 0 stands for any number.
template <typename Sums, int kCount, typename Pairs>
void add_columns(const WeightedRows& source, const Pairs& pairs, std::uint8_t* target, int bytes) {
  const int count = kCount > 0 ? kCount : source.count;
  const Vector zero = zeros();
  const Vector rounding = all32(1 << (source.precision - 1));
  const typename Sums::Scale scale(source.precision);
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    Sums sums[4];
    for (Sums& four : sums) four.start(rounding);
    for (int k = 0; k < count; k += 2) {
      // With an odd count the last row stands for the missing one, with weight zero.
      const int other = k + 1 < count ? k + 1 : k;
      const auto weights = Sums::all_weights(pairs(k));
      const Vector a = load(source.rows[k] + column);
      const Vector b = load(source.rows[other] + column);
      // in each lane, of sixteen columns
      //
      //   ab            a0 b0 a1 b1 ... a7 b7
      //   cd            a8 b8 ... a15 b15
      //   low8(ab, 0)   a0 b0 a1 b1 a2 b2 a3 b3, 16 bits each: a place is a column
      const Vector ab = low8(a, b);
      const Vector cd = high8(a, b);
      sums[0].add(low8(ab, zero), weights);
      sums[1].add(high8(ab, zero), weights);
      sums[2].add(low8(cd, zero), weights);
      sums[3].add(high8(cd, zero), weights);
    }
    const Vector joined[4] = {sums[0].joined(), sums[1].joined(), sums[2].joined(),
                              sums[3].joined()};
    store(target + column, packed_bytes(joined, scale));
  }
}

template <typename Sums>
void put_pairs(const WeightedRows& source, int k, std::int32_t* pairs) {
  Sums::put_pairs(source.weights[k], k + 1 < source.count ? source.weights[k + 1] : 0, pairs);
}

template <typename Sums, int kCount>
void resample_counted_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  constexpr int kMost = kCount > 0 ? kCount : 128;
  const int count = kCount > 0 ? kCount : source.count;
  if (count > kMost) {
    std::int32_t pair[Sums::kParts];
    const auto one_by_one = [&](int k) {
      put_pairs<Sums>(source, k, pair);
      return pair;
    };
    return add_columns<Sums, 0>(source, one_by_one, target, bytes);
  }
  std::int32_t pairs[(kMost + 1) / 2 * Sums::kParts];
  const auto pairs_of = [&pairs](int k) { return pairs + k / 2 * Sums::kParts; };
  for (int k = 0; k < count; k += 2) put_pairs<Sums>(source, k, pairs_of(k));
  add_columns<Sums, kCount>(source, pairs_of, target, bytes);
}

template <typename Sums>
void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  switch (source.count) {
    case 1:
      return resample_counted_columns<Sums, 1>(source, target, bytes);
    case 2:
      return resample_counted_columns<Sums, 2>(source, target, bytes);
    case 3:
      return resample_counted_columns<Sums, 3>(source, target, bytes);
    case 4:
      return resample_counted_columns<Sums, 4>(source, target, bytes);
    case 5:
      return resample_counted_columns<Sums, 5>(source, target, bytes);
    case 6:
      return resample_counted_columns<Sums, 6>(source, target, bytes);
    default:
      return resample_counted_columns<Sums, 0>(source, target, bytes);
  }
}

}  // namespace
