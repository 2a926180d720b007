// Included in a target region after the instruction set's vectors: sixteen interleaved pixels of
// every lane, 48 bytes, to planes and back.

namespace {

constexpr int kPixelBytes = 3;
constexpr int kGroupBytes = 48;
constexpr std::int8_t kNo = -1;  // byte, but 0

// [channel][part]: where the channel's bytes of sixteen pixels are in a 16-byte part of the 48.
constexpr std::int8_t kFromInterleaved[3][3][16] = {
    {{0, 3, 6, 9, 12, 15, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, kNo, 2, 5, 8, 11, 14, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, 1, 4, 7, 10, 13}},
    {{1, 4, 7, 10, 13, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, 0, 3, 6, 9, 12, 15, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, 2, 5, 8, 11, 14}},
    {{2, 5, 8, 11, 14, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, 1, 4, 7, 10, 13, kNo, kNo, kNo, kNo, kNo, kNo},
     {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo, 0, 3, 6, 9, 12, 15}},
};

// [part][channel]: which of the channel's bytes are where in a part.
constexpr std::int8_t kToInterleaved[3][3][16] = {
    {{0, kNo, kNo, 1, kNo, kNo, 2, kNo, kNo, 3, kNo, kNo, 4, kNo, kNo, 5},
     {kNo, 0, kNo, kNo, 1, kNo, kNo, 2, kNo, kNo, 3, kNo, kNo, 4, kNo, kNo},
     {kNo, kNo, 0, kNo, kNo, 1, kNo, kNo, 2, kNo, kNo, 3, kNo, kNo, 4, kNo}},
    {{kNo, kNo, 6, kNo, kNo, 7, kNo, kNo, 8, kNo, kNo, 9, kNo, kNo, 10, kNo},
     {5, kNo, kNo, 6, kNo, kNo, 7, kNo, kNo, 8, kNo, kNo, 9, kNo, kNo, 10},
     {kNo, 5, kNo, kNo, 6, kNo, kNo, 7, kNo, kNo, 8, kNo, kNo, 9, kNo, kNo}},
    {{kNo, 11, kNo, kNo, 12, kNo, kNo, 13, kNo, kNo, 14, kNo, kNo, 15, kNo, kNo},
     {kNo, kNo, 11, kNo, kNo, 12, kNo, kNo, 13, kNo, kNo, 14, kNo, kNo, 15, kNo},
     {10, kNo, kNo, 11, kNo, kNo, 12, kNo, kNo, 13, kNo, kNo, 14, kNo, kNo, 15}},
};

struct Parts {
  Vector parts[3];
};

// Part i: the bytes picked from all three vectors.
inline Parts picked(const Parts& from, const std::int8_t (&indices)[3][3][16]) {
  Parts result;
  for (int i = 0; i < 3; ++i) {
    const auto pick = [&](int j) { return shuffle8(from.parts[j], repeat_lane(indices[i][j])); };
    result.parts[i] = either(either(pick(0), pick(1)), pick(2));
  }
  return result;
}

// Offsets of part `part` of each lane's group.
struct GroupOffsets {
  std::int32_t lanes[kLanes];

  explicit GroupOffsets(int part) {
    for (int lane = 0; lane < kLanes; ++lane) lanes[lane] = kGroupBytes * lane + 16 * part;
  }
};

// Reads kVectorBytes pixels.
inline Parts load_interleaved(const std::uint8_t* pixels) {
  Parts from;
  for (int part = 0; part < 3; ++part) {
    from.parts[part] = load_lanes(pixels, GroupOffsets(part).lanes);
  }
  return picked(from, kFromInterleaved);
}

inline void store_interleaved(std::uint8_t* pixels, const Parts& planes) {
  const Parts to = picked(planes, kToInterleaved);
  for (int part = 0; part < 3; ++part) {
    store_lanes(pixels, GroupOffsets(part).lanes, to.parts[part]);
  }
}

}  // namespace
