// As avx2_vector.inl, for 512-bit vectors: AVX-512 F, BW, DQ and VL.

namespace {

using Vector = __m512i;
using Floats = __m512;

constexpr int kVectorBytes = 64;
constexpr int kLanes = 4;
constexpr int kFloatCount = 16;

inline Vector zeros() { return _mm512_setzero_si512(); }
inline Vector all8(int value) { return _mm512_set1_epi8(static_cast<char>(value)); }
inline Vector all16(int value) { return _mm512_set1_epi16(static_cast<short>(value)); }
inline Vector all32(int value) { return _mm512_set1_epi32(value); }

inline Vector load(const void* from) { return _mm512_loadu_si512(from); }
inline void store(void* to, Vector value) { _mm512_storeu_si512(to, value); }
// Past the caches. Precondition: aligned to kVectorBytes.
inline void stream(void* to, Vector value) {
  _mm512_stream_si512(static_cast<__m512i*>(to), value);
}
// Sixteen bytes a lane.
inline Vector load_lanes(const std::uint8_t* row, const std::int32_t* offsets) {
  const auto lane = [&](int i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + offsets[i]));
  };
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(lane(0)), lane(1), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(lane(2)), lane(3), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}
inline void store_lanes(std::uint8_t* row, const std::int32_t* offsets, Vector value) {
  const auto lane = [&](int i) { return reinterpret_cast<__m128i*>(row + offsets[i]); };
  _mm_storeu_si128(lane(0), _mm512_castsi512_si128(value));
  _mm_storeu_si128(lane(1), _mm512_extracti32x4_epi32(value, 1));
  _mm_storeu_si128(lane(2), _mm512_extracti32x4_epi32(value, 2));
  _mm_storeu_si128(lane(3), _mm512_extracti32x4_epi32(value, 3));
}
// The same sixteen bytes in every lane.
inline Vector repeat_lane(const std::int8_t* lane) {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lane)));
}
// Eight bytes a lane, widened to 16 bits.
inline Vector load_wide_lanes(const std::uint8_t* row, const std::int32_t* offsets) {
  const auto lane = [&](int i) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + offsets[i]));
  };
  const __m128i low = _mm_unpacklo_epi64(lane(0), lane(1));
  const __m128i high = _mm_unpacklo_epi64(lane(2), lane(3));
  return _mm512_cvtepu8_epi16(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1));
}

inline Vector low8(Vector a, Vector b) { return _mm512_unpacklo_epi8(a, b); }
inline Vector high8(Vector a, Vector b) { return _mm512_unpackhi_epi8(a, b); }
inline Vector low16(Vector a, Vector b) { return _mm512_unpacklo_epi16(a, b); }
inline Vector high16(Vector a, Vector b) { return _mm512_unpackhi_epi16(a, b); }
inline Vector low32(Vector a, Vector b) { return _mm512_unpacklo_epi32(a, b); }
inline Vector high32(Vector a, Vector b) { return _mm512_unpackhi_epi32(a, b); }
inline Vector low64(Vector a, Vector b) { return _mm512_unpacklo_epi64(a, b); }
inline Vector high64(Vector a, Vector b) { return _mm512_unpackhi_epi64(a, b); }
inline Vector shuffle8(Vector a, Vector indices) { return _mm512_shuffle_epi8(a, indices); }

inline Vector add16(Vector a, Vector b) { return _mm512_add_epi16(a, b); }
inline Vector sub16(Vector a, Vector b) { return _mm512_sub_epi16(a, b); }
// Unsigned numbers.
inline Vector add_saturated16(Vector a, Vector b) { return _mm512_adds_epu16(a, b); }
inline Vector largest16(Vector a, Vector b) { return _mm512_max_epu16(a, b); }
inline Vector absolute16(Vector a) { return _mm512_abs_epi16(a); }
// The low halves of the products.
inline Vector multiply16(Vector a, Vector b) { return _mm512_mullo_epi16(a, b); }
inline Vector add32(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
inline Vector sub32(Vector a, Vector b) { return _mm512_sub_epi32(a, b); }
inline Vector either(Vector a, Vector b) { return _mm512_or_si512(a, b); }
template <int kBits>
inline Vector left16(Vector a) {
  return _mm512_slli_epi16(a, kBits);
}
template <int kBits>
inline Vector right16(Vector a) {
  return _mm512_srli_epi16(a, kBits);
}
template <int kBits>
inline Vector left32(Vector a) {
  return _mm512_slli_epi32(a, kBits);
}
template <int kBits>
inline Vector arithmetic_right32(Vector a) {
  return _mm512_srai_epi32(a, kBits);
}
// By a number of bits that is only known when the program runs.
using Shift = __m128i;
inline Shift shift_by(int bits) { return _mm_cvtsi32_si128(bits); }
inline Vector arithmetic_right32(Vector a, Shift shift) { return _mm512_sra_epi32(a, shift); }
// (a * b + 2^14) >> 15
inline Vector multiply_round16(Vector a, Vector b) { return _mm512_mulhrs_epi16(a, b); }
inline Vector multiply_add16(Vector a, Vector b) { return _mm512_madd_epi16(a, b); }
// Unsigned bytes by signed ones.
inline Vector multiply_add8(Vector a, Vector b) { return _mm512_maddubs_epi16(a, b); }

inline Vector pack32(Vector a, Vector b) { return _mm512_packs_epi32(a, b); }
inline Vector pack16(Vector a, Vector b) { return _mm512_packus_epi16(a, b); }

// Lanes a0 a1 a2 a3 and b0 b1 b2 b3 as a0 b0 a1 b1 a2 b2 a3 b3, which is the order in memory.
inline void store_zipped(std::uint8_t* to, Vector a, Vector b) {
  store(to, _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b));
  store(to + kVectorBytes,
        _mm512_permutex2var_epi64(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b));
}

// Whether an unsigned number is larger than `most`.
inline bool any_above16(Vector a, int most) { return _mm512_cmpgt_epu16_mask(a, all16(most)) != 0; }

// Eight bytes of each lane to a row, and the other eight to the next.
//
//   a       a0 a1   b0 b1   c0 c1   d0 d1      in eights of bytes, two a lane
//   rows    a0 b0   c0 d0   a1 b1   c1 d1
inline void store_block_rows(std::uint8_t* to, std::size_t stride, Vector a) {
  const __m512i rows = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), a);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(rows));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + stride), _mm512_extracti64x4_epi64(rows, 1));
}

inline Floats all_floats(float value) { return _mm512_set1_ps(value); }
// Reads kFloatCount bytes.
inline Floats load_floats(const std::uint8_t* from) {
  return _mm512_cvtepi32_ps(
      _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
}
inline Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
inline Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
inline Floats multiply_add(Floats a, Floats b, Floats c) { return _mm512_fmadd_ps(a, b, c); }
inline void store_floats(float* to, Floats value) { _mm512_storeu_ps(to, value); }
// Past the caches. Precondition: aligned to kVectorBytes.
inline void stream_floats(float* to, Floats value) { _mm512_stream_ps(to, value); }
inline void store_halves(std::uint16_t* to, Floats value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                      _mm512_cvtps_ph(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
// a0 b0 c0 a1 b1 c1 ... over three vectors, across lanes.
struct ThreeFloats {
  Floats parts[3];
};
inline ThreeFloats interleave(Floats a, Floats b, Floats c) {
  // Part k has at place i the value (16k + i) / 3 of vector (16k + i) % 3; 16 more stands for b
  // where two are picked from, and the third is filled in where its turn is.
  const auto mixed = [&](__m512 x, __m512 y, __m512 z, __m512i of_x_and_y, __m512i of_z,
                         __mmask16 z_places) {
    return _mm512_mask_permutexvar_ps(_mm512_permutex2var_ps(x, of_x_and_y, y), z_places, of_z, z);
  };
  return {
      {mixed(a, b, c, _mm512_setr_epi32(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5),
             _mm512_setr_epi32(0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0), 0x4924),
       mixed(b, c, a, _mm512_setr_epi32(5, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10),
             _mm512_setr_epi32(0, 0, 6, 0, 0, 7, 0, 0, 8, 0, 0, 9, 0, 0, 10, 0), 0x4924),
       mixed(c, a, b, _mm512_setr_epi32(10, 27, 0, 11, 28, 0, 12, 29, 0, 13, 30, 0, 14, 31, 0, 15),
             _mm512_setr_epi32(0, 0, 11, 0, 0, 12, 0, 0, 13, 0, 0, 14, 0, 0, 15, 0), 0x4924)}};
}

}  // namespace
