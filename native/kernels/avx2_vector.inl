// Included in a target region, inside the namespace of the instruction set: what the algorithms of
// the x86 kernels (colour/x86.inl and others) are written in. All of it works on each 128-bit lane
// by itself unless it says otherwise.

namespace {

using Vector = __m256i;
using Floats = __m256;

constexpr int kVectorBytes = 32;
constexpr int kLanes = 2;
constexpr int kFloatCount = 8;

inline Vector zeros() { return _mm256_setzero_si256(); }
inline Vector all8(int value) { return _mm256_set1_epi8(static_cast<char>(value)); }
inline Vector all16(int value) { return _mm256_set1_epi16(static_cast<short>(value)); }
inline Vector all32(int value) { return _mm256_set1_epi32(value); }

inline Vector load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}
inline void store(void* to, Vector value) { _mm256_storeu_si256(static_cast<__m256i*>(to), value); }
// Past the caches. Precondition: aligned to kVectorBytes.
inline void stream(void* to, Vector value) {
  _mm256_stream_si256(static_cast<__m256i*>(to), value);
}
// Sixteen bytes a lane.
inline Vector load_lanes(const std::uint8_t* row, const std::int32_t* offsets) {
  const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + offsets[0]));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + offsets[1]));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}
inline void store_lanes(std::uint8_t* row, const std::int32_t* offsets, Vector value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(row + offsets[0]), _mm256_castsi256_si128(value));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(row + offsets[1]),
                   _mm256_extracti128_si256(value, 1));
}
// The same sixteen bytes in every lane.
inline Vector repeat_lane(const std::int8_t* lane) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lane)));
}
// Eight bytes a lane, widened to 16 bits.
inline Vector load_wide_lanes(const std::uint8_t* row, const std::int32_t* offsets) {
  const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + offsets[0]));
  const __m128i high = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + offsets[1]));
  return _mm256_cvtepu8_epi16(_mm_unpacklo_epi64(low, high));
}

inline Vector low8(Vector a, Vector b) { return _mm256_unpacklo_epi8(a, b); }
inline Vector high8(Vector a, Vector b) { return _mm256_unpackhi_epi8(a, b); }
inline Vector low16(Vector a, Vector b) { return _mm256_unpacklo_epi16(a, b); }
inline Vector high16(Vector a, Vector b) { return _mm256_unpackhi_epi16(a, b); }
inline Vector low32(Vector a, Vector b) { return _mm256_unpacklo_epi32(a, b); }
inline Vector high32(Vector a, Vector b) { return _mm256_unpackhi_epi32(a, b); }
inline Vector low64(Vector a, Vector b) { return _mm256_unpacklo_epi64(a, b); }
inline Vector high64(Vector a, Vector b) { return _mm256_unpackhi_epi64(a, b); }
inline Vector shuffle8(Vector a, Vector indices) { return _mm256_shuffle_epi8(a, indices); }

inline Vector add16(Vector a, Vector b) { return _mm256_add_epi16(a, b); }
inline Vector sub16(Vector a, Vector b) { return _mm256_sub_epi16(a, b); }
// Unsigned numbers.
inline Vector add_saturated16(Vector a, Vector b) { return _mm256_adds_epu16(a, b); }
inline Vector largest16(Vector a, Vector b) { return _mm256_max_epu16(a, b); }
inline Vector absolute16(Vector a) { return _mm256_abs_epi16(a); }
// The low halves of the products.
inline Vector multiply16(Vector a, Vector b) { return _mm256_mullo_epi16(a, b); }
inline Vector add32(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
inline Vector sub32(Vector a, Vector b) { return _mm256_sub_epi32(a, b); }
inline Vector either(Vector a, Vector b) { return _mm256_or_si256(a, b); }
template <int kBits>
inline Vector left16(Vector a) {
  return _mm256_slli_epi16(a, kBits);
}
template <int kBits>
inline Vector right16(Vector a) {
  return _mm256_srli_epi16(a, kBits);
}
template <int kBits>
inline Vector left32(Vector a) {
  return _mm256_slli_epi32(a, kBits);
}
template <int kBits>
inline Vector arithmetic_right32(Vector a) {
  return _mm256_srai_epi32(a, kBits);
}
// By a number of bits that is only known when the program runs.
using Shift = __m128i;
inline Shift shift_by(int bits) { return _mm_cvtsi32_si128(bits); }
inline Vector arithmetic_right32(Vector a, Shift shift) { return _mm256_sra_epi32(a, shift); }
// (a * b + 2^14) >> 15
inline Vector multiply_round16(Vector a, Vector b) { return _mm256_mulhrs_epi16(a, b); }
inline Vector multiply_add16(Vector a, Vector b) { return _mm256_madd_epi16(a, b); }
// Unsigned bytes by signed ones.
inline Vector multiply_add8(Vector a, Vector b) { return _mm256_maddubs_epi16(a, b); }

inline Vector pack32(Vector a, Vector b) { return _mm256_packs_epi32(a, b); }
inline Vector pack16(Vector a, Vector b) { return _mm256_packus_epi16(a, b); }

// Lanes a0 a1 and b0 b1 as a0 b0 a1 b1, which is the order in memory.
inline void store_zipped(std::uint8_t* to, Vector a, Vector b) {
  store(to, _mm256_permute2x128_si256(a, b, 0x20));
  store(to + kVectorBytes, _mm256_permute2x128_si256(a, b, 0x31));
}

// Whether an unsigned number is larger than `most`.
inline bool any_above16(Vector a, int most) {
  const Vector above = _mm256_subs_epu16(a, all16(most));
  return _mm256_testz_si256(above, above) == 0;
}

// Eight bytes of each lane to a row, and the other eight to the next.
//
//   a       a0 a1   b0 b1      in eights of bytes, two a lane
//   rows    a0 b0   a1 b1
inline void store_block_rows(std::uint8_t* to, std::size_t stride, Vector a) {
  const __m256i rows = _mm256_permute4x64_epi64(a, 0xD8);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(rows));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + stride), _mm256_extracti128_si256(rows, 1));
}

inline Floats all_floats(float value) { return _mm256_set1_ps(value); }
// Reads kFloatCount bytes.
inline Floats load_floats(const std::uint8_t* from) {
  return _mm256_cvtepi32_ps(
      _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
}
inline Floats subtract(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
inline Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
inline Floats multiply_add(Floats a, Floats b, Floats c) { return _mm256_fmadd_ps(a, b, c); }
inline void store_floats(float* to, Floats value) { _mm256_storeu_ps(to, value); }
// Past the caches. Precondition: aligned to kVectorBytes.
inline void stream_floats(float* to, Floats value) { _mm256_stream_ps(to, value); }
inline void store_halves(std::uint16_t* to, Floats value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm256_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
// a0 b0 c0 a1 b1 c1 ... over three vectors, across lanes.
struct ThreeFloats {
  Floats parts[3];
};
inline ThreeFloats interleave(Floats a, Floats b, Floats c) {
  // Part k has at place i the value (8k + i) / 3 of vector (8k + i) % 3.
  const __m256i first = _mm256_setr_epi32(0, 0, 0, 1, 1, 1, 2, 2);
  const __m256i second = _mm256_setr_epi32(2, 3, 3, 3, 4, 4, 4, 5);
  const __m256i third = _mm256_setr_epi32(5, 5, 6, 6, 6, 7, 7, 7);
  const auto mixed = [&](__m256 x, __m256 y, __m256 z, __m256i places) {
    // x at places 0, 3, 6, y at 1, 4, 7, z at 2, 5
    return _mm256_blend_ps(_mm256_blend_ps(_mm256_permutevar8x32_ps(x, places),
                                           _mm256_permutevar8x32_ps(y, places), 0x92),
                           _mm256_permutevar8x32_ps(z, places), 0x24);
  };
  return {{mixed(a, b, c, first), mixed(c, a, b, second), mixed(b, c, a, third)}};
}

}  // namespace
