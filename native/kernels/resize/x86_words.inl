// Included in a target region after the instruction set's vectors: both passes by 16-bit
// multiply-adds. A weight is high * 2^15 + low, both parts 16-bit and low not negative: two sums of
// 16-bit products, joined at the end modulo 2^32, are exactly the one sum of 32-bit products.

constexpr int kLowBits = 15;

struct WordSums {
  Vector high;
  Vector low;

  // `values` are 16-bit lanes.
  inline void add(Vector values, Vector high_weights, Vector low_weights) {
    high = add32(high, multiply_add16(values, high_weights));
    low = add32(low, multiply_add16(values, low_weights));
  }

  inline Vector joined() const { return add32(left32<kLowBits>(high), low); }
};

// 32-bit sums of four vectors as bytes: place 16 * lane + 4 * vector + i of the result is place i
// of a lane.
inline Vector packed_bytes(const Vector (&sums)[4]) {
  const auto byte = [&](int i) { return arithmetic_right32<kPrecisionBits>(sums[i]); };
  return pack16(pack32(byte(0), byte(1)), pack32(byte(2), byte(3)));
}

// Horizontal pass. The taps of kVectorBytes output positions are packed together, in the order that
// packed_bytes() undoes. Of each vector of sums:
//
//   offsets  where in the row each lane's bytes are loaded
//   steps    for each step over the taps: indices of a shuffle (but kWide), high and low parts of
//            the weights
//
// kNarrow and kSliding: position 16 * lane + 4 * r + i is 32-bit place i of vector r, and a step is
// two of its taps. The bytes are loaded once where all of the four positions' windows lie within 16
// bytes, otherwise for each step, two bytes further on. kWide: position 16 * lane + 4 * r + i is
// all of a lane, and a step is eight of its taps; the places of a lane are added up at the end.
enum Form { kNarrow, kSliding, kWide };

constexpr int kLaneBytes = 16;
constexpr int kNarrowTaps = 2;
constexpr int kWideTaps = 8;

// The last step of a lane may load this far behind its first byte without leaving the padding.
constexpr int kMostSlidingTaps = core::kTailPadding - kLaneBytes;

inline std::int32_t word_pair(std::int32_t even, std::int32_t odd) {
  return static_cast<std::int32_t>((static_cast<std::uint32_t>(odd) << 16) |
                                   (static_cast<std::uint32_t>(even) & 0xFFFFU));
}

// Weight k of a position, zero where there is none.
inline std::int32_t weight_at(const AxisTaps& taps, int position, int k) {
  return position < taps.size && k >= 0 && k < taps.taps ? taps.weights_of(position)[k] : 0;
}

inline int last_position(const AxisTaps& taps, int position) {
  return position < taps.size ? position : taps.size - 1;
}

// Where the bytes of four neighbouring positions begin.
inline std::int32_t first_of_four(const AxisTaps& taps, int position) {
  std::int32_t first = taps.first[last_position(taps, position)];
  for (int i = 1; i < 4; ++i) {
    const std::int32_t other = taps.first[last_position(taps, position + i)];
    first = other < first ? other : first;
  }
  return first;
}

// Bytes from the first one of four positions' windows to the last of the first `taps` of each.
inline int widest_window(const AxisTaps& taps, int most_taps) {
  int widest = 0;
  for (int position = 0; position < taps.size; position += 4) {
    const std::int32_t first = first_of_four(taps, position);
    for (int i = 0; i < 4; ++i) {
      const int at = last_position(taps, position + i);
      const int count = taps.count[at] < most_taps ? taps.count[at] : most_taps;
      const int width = taps.first[at] + count - first;
      widest = width > widest ? width : widest;
    }
  }
  return widest;
}

inline Form form_of(const AxisTaps& taps) {
  if (widest_window(taps, taps.taps) <= kLaneBytes) return kNarrow;
  const bool slides =
      taps.taps <= kMostSlidingTaps && widest_window(taps, kNarrowTaps) <= kLaneBytes;
  return slides ? kSliding : kWide;
}

struct PackedLayout {
  int sets;     // of kVectorBytes positions
  int vectors;  // a set
  int steps;    // a vector
  int parts;    // vectors of memory a step

  PackedLayout(const AxisTaps& taps, int form)
      : sets((taps.size + kVectorBytes - 1) / kVectorBytes),
        vectors(form == kWide ? 16 : 4),
        steps(form == kWide ? (taps.taps + kWideTaps - 1) / kWideTaps
                            : (taps.taps + kNarrowTaps - 1) / kNarrowTaps),
        parts(form == kWide ? 2 : 3) {}

  std::size_t step_bytes() const { return static_cast<std::size_t>(steps) * parts * kVectorBytes; }
  std::size_t offset_bytes() const {
    return core::round_up(static_cast<std::size_t>(sets) * vectors * kLanes * 4, kVectorBytes);
  }
  std::size_t bytes() const { return offset_bytes() + sets * vectors * step_bytes(); }
};

// Both parts of two weights, in a 32-bit place of two vectors of memory.
inline void pack_weights(std::uint8_t* at, int place, std::int32_t even, std::int32_t odd) {
  constexpr std::int32_t low_mask = (1 << kLowBits) - 1;
  auto* high = reinterpret_cast<std::int32_t*>(at);
  auto* low = reinterpret_cast<std::int32_t*>(at + kVectorBytes);
  high[place] = word_pair(even >> kLowBits, odd >> kLowBits);
  low[place] = word_pair(even & low_mask, odd & low_mask);
}

inline void pack_shuffled(const AxisTaps& taps, const PackedLayout& layout, bool slides,
                          std::uint8_t* memory) {
  constexpr std::uint8_t kZero = 0x80;
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  for (int set = 0; set < layout.sets; ++set) {
    for (int vector = 0; vector < 4; ++vector) {
      const auto position = [&](int lane) {
        return set * kVectorBytes + kLaneBytes * lane + 4 * vector;
      };
      for (int lane = 0; lane < kLanes; ++lane) *offset++ = first_of_four(taps, position(lane));
      for (int step = 0; step < layout.steps; ++step, at += 3 * kVectorBytes) {
        for (int place = 0; place < kVectorBytes / 4; ++place) {
          const int first = position(place / 4);
          const int output = first + place % 4;
          const int k = kNarrowTaps * step;
          const int source = taps.first[last_position(taps, output)] - first_of_four(taps, first) +
                             (slides ? 0 : k);
          // Each byte is followed by a zero byte. Taps without a weight may point anywhere.
          const std::uint8_t indices[] = {static_cast<std::uint8_t>(source & 15), kZero,
                                          static_cast<std::uint8_t>((source + 1) & 15), kZero};
          for (int i = 0; i < 4; ++i) at[4 * place + i] = indices[i];
          pack_weights(at + kVectorBytes, place, weight_at(taps, output, k),
                       weight_at(taps, output, k + 1));
        }
      }
    }
  }
}

inline void pack_wide(const AxisTaps& taps, const PackedLayout& layout, std::uint8_t* memory) {
  auto* offset = reinterpret_cast<std::int32_t*>(memory);
  std::uint8_t* at = memory + layout.offset_bytes();
  // Windows near the source's end begin further left, with zero weights in front, lest reading
  // leaves the padding behind it.
  const int last_first = taps.source_end - taps.source_begin +
                         static_cast<int>(core::kTailPadding) - layout.steps * kWideTaps;
  const auto window = [&](int output) {
    const std::int32_t first = taps.first[last_position(taps, output)];
    return first > last_first ? (last_first > 0 ? last_first : 0) : first;
  };
  for (int set = 0; set < layout.sets; ++set) {
    for (int vector = 0; vector < 16; ++vector) {
      const auto output_of = [&](int lane) {
        return set * kVectorBytes + kLaneBytes * lane + vector;
      };
      for (int lane = 0; lane < kLanes; ++lane) *offset++ = window(output_of(lane));
      for (int step = 0; step < layout.steps; ++step, at += 2 * kVectorBytes) {
        for (int place = 0; place < kVectorBytes / 4; ++place) {
          const int output = output_of(place / 4);
          const int shift = taps.first[last_position(taps, output)] - window(output);
          const int k = kWideTaps * step + 2 * (place % 4) - shift;
          pack_weights(at, place, weight_at(taps, output, k), weight_at(taps, output, k + 1));
        }
      }
    }
  }
}

// The number of steps where it is known, so that loops are unrolled; 0 for any.
template <int kSteps, bool kSlides>
void resample_shuffled(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                       const AxisTaps& taps) {
  const PackedLayout layout(taps, kNarrow);
  const int steps = kSteps > 0 ? kSteps : layout.steps;
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* set_steps = packed + layout.offset_bytes();
  for (int set = 0; set < layout.sets; ++set) {
    for (int row = 0; row < rows; ++row) {
      Vector sums[4];
      const std::uint8_t* at = set_steps;
#pragma GCC unroll 4
      for (int vector = 0; vector < 4; ++vector) {
        const std::int32_t* lanes = offsets + vector * kLanes;
        const std::uint8_t* source = sources[row];
        Vector bytes = load_lanes(source, lanes);
        WordSums sum{zeros(), all32(kRounding)};
#pragma GCC unroll 4
        for (int step = 0; step < steps; ++step, at += 3 * kVectorBytes) {
          if (kSlides && step > 0) bytes = load_lanes(source += kNarrowTaps, lanes);
          sum.add(shuffle8(bytes, load(at)), load(at + kVectorBytes), load(at + 2 * kVectorBytes));
        }
        sums[vector] = sum.joined();
      }
      store(targets[row] + set * kVectorBytes, packed_bytes(sums));
    }
    offsets += 4 * kLanes;
    set_steps += 4 * layout.step_bytes();
  }
}

// Place i of each lane: the sum of the lane's places of vector i.
inline Vector sums_of_lanes(const Vector (&vectors)[4]) {
  const auto halved = [&](Vector a, Vector b) { return add32(low32(a, b), high32(a, b)); };
  const Vector first = halved(vectors[0], vectors[1]);
  const Vector second = halved(vectors[2], vectors[3]);
  return add32(low64(first, second), high64(first, second));
}

inline void resample_wide(const std::uint8_t* const* sources, std::uint8_t* const* targets,
                          int rows, const AxisTaps& taps) {
  const PackedLayout layout(taps, kWide);
  const std::uint8_t* packed = taps.packed.data();
  const auto* offsets = reinterpret_cast<const std::int32_t*>(packed);
  const std::uint8_t* set_steps = packed + layout.offset_bytes();
  for (int set = 0; set < layout.sets; ++set) {
    for (int row = 0; row < rows; ++row) {
      Vector sums[4];
      const std::uint8_t* at = set_steps;
      for (int four = 0; four < 4; ++four) {
        Vector parts[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          const std::int32_t* lanes = offsets + (4 * four + i) * kLanes;
          WordSums sum{zeros(), zeros()};
          const std::uint8_t* source = sources[row];
          for (int step = 0; step < layout.steps; ++step, at += 2 * kVectorBytes) {
            sum.add(load_wide_lanes(source, lanes), load(at), load(at + kVectorBytes));
            source += kWideTaps;
          }
          parts[i] = sum.joined();
        }
        sums[four] = add32(sums_of_lanes(parts), all32(kRounding));
      }
      store(targets[row] + set * kVectorBytes, packed_bytes(sums));
    }
    offsets += 16 * kLanes;
    set_steps += 16 * layout.step_bytes();
  }
}

void pack_taps(AxisTaps& taps) {
  const Form form = form_of(taps);
  taps.packed_form = form;
  const PackedLayout layout(taps, form);
  std::uint8_t* memory = taps.packed.reserve(layout.bytes());
  if (form == kWide) return pack_wide(taps, layout, memory);
  pack_shuffled(taps, layout, form == kSliding, memory);
}

void resample_rows(const std::uint8_t* const* sources, std::uint8_t* const* targets, int rows,
                   const AxisTaps& taps) {
  if (taps.packed_form == kWide) return resample_wide(sources, targets, rows, taps);
  if (taps.packed_form == kSliding) {
    return resample_shuffled<0, true>(sources, targets, rows, taps);
  }
  switch ((taps.taps + kNarrowTaps - 1) / kNarrowTaps) {
    case 1:
      return resample_shuffled<1, false>(sources, targets, rows, taps);
    case 2:
      return resample_shuffled<2, false>(sources, targets, rows, taps);
    case 3:
      return resample_shuffled<3, false>(sources, targets, rows, taps);
    default:
      return resample_shuffled<0, false>(sources, targets, rows, taps);
  }
}

// Vertical pass, two rows a step.
template <int kCount>
void resample_counted_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  const int count = kCount > 0 ? kCount : source.count;
  const Vector zero = zeros();
  for (std::ptrdiff_t column = 0; column < bytes; column += kVectorBytes) {
    WordSums sums[4] = {{zero, all32(kRounding)},
                        {zero, all32(kRounding)},
                        {zero, all32(kRounding)},
                        {zero, all32(kRounding)}};
    for (int k = 0; k < count; k += 2) {
      // With an odd count the last row stands for the missing one, with weight zero.
      const int other = k + 1 < count ? k + 1 : k;
      const std::int32_t even = source.weights[k];
      const std::int32_t odd = k + 1 < count ? source.weights[k + 1] : 0;
      const Vector high = all32(word_pair(even >> kLowBits, odd >> kLowBits));
      const Vector low =
          all32(word_pair(even & ((1 << kLowBits) - 1), odd & ((1 << kLowBits) - 1)));
      const Vector a = load(source.rows[k] + column);
      const Vector b = load(source.rows[other] + column);
      // a0 b0 a1 b1 ... as 16-bit lanes, four columns of each lane a vector
      const Vector ab = low8(a, b);
      const Vector cd = high8(a, b);
      sums[0].add(low8(ab, zero), high, low);
      sums[1].add(high8(ab, zero), high, low);
      sums[2].add(low8(cd, zero), high, low);
      sums[3].add(high8(cd, zero), high, low);
    }
    const Vector joined[4] = {sums[0].joined(), sums[1].joined(), sums[2].joined(),
                              sums[3].joined()};
    store(target + column, packed_bytes(joined));
  }
}

void resample_columns(const WeightedRows& source, std::uint8_t* target, int bytes) {
  switch (source.count) {
    case 1:
      return resample_counted_columns<1>(source, target, bytes);
    case 2:
      return resample_counted_columns<2>(source, target, bytes);
    case 3:
      return resample_counted_columns<3>(source, target, bytes);
    case 4:
      return resample_counted_columns<4>(source, target, bytes);
    case 5:
      return resample_counted_columns<5>(source, target, bytes);
    case 6:
      return resample_counted_columns<6>(source, target, bytes);
    default:
      return resample_counted_columns<0>(source, target, bytes);
  }
}
