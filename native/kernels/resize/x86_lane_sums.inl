namespace {

// Place i of each lane: the sum of the lane's places of vector i.
//
//   vectors     a0 a1 a2 a3   b0 b1 b2 b3   c0 c1 c2 c3   d0 d1 d2 d3
//   halved      a0+a2 b0+b2 a1+a3 b1+b3     the same of c and d
//   result      a b c d, each the sum of four
inline Vector sums_of_lanes(const Vector (&vectors)[4]) {
  const auto halved = [&](Vector a, Vector b) { return add32(low32(a, b), high32(a, b)); };
  const Vector first = halved(vectors[0], vectors[1]);
  const Vector second = halved(vectors[2], vectors[3]);
  return add32(low64(first, second), high64(first, second));
}

}  // namespace
