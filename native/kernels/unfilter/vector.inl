// Included in a target region, or where there is none, after Lanes and what works on them: the
// filters, a pixel at a time.
//
// Eight bytes from a pixel on are held in eight lanes of 16 bits. Of three bytes a pixel, where
// r1 g1 b1 is the pixel, and what follows it is not looked at:
//
//   memory   r1 g1 b1 r2 g2 b2 r3 g3
//   lanes    r1 g1 b1 r2 g2 b2 r3 g3      lane = byte, upper half 0
//
// A pixel waits for the one on its left: a chain of some ten instructions. A CPU could do several
// such chains at once. So two rows are done in turns, the lower one a pixel behind the upper:
//
//   upper   . . . . . . X
//   lower   . . . . . Y          Y needs the pixel above it and that one's left: both are
//                                still in registers

namespace {

alignas(16) constexpr std::uint8_t kNothing[16] = {};

// A row above which all is known, or nothing is there.
struct Above {
  const std::uint8_t* row;
  std::size_t advance;  // bytes from a pixel to the next
};

template <int kFilter>
inline Lanes undone(Lanes filtered, Lanes left, Lanes above, Lanes corner) {
  if (kFilter == kSub) return add_bytes(filtered, left);
  if (kFilter == kAverage) return add_bytes(filtered, half_of_sum(left, above));
  return add_bytes(filtered, paeth_predictor(left, above, corner));
}

// Writes over bytes of the next pixel.
template <int kStep>
inline void store_pixel(std::uint8_t* to, Lanes pixel) {
  const std::uint64_t bytes = narrowed(pixel);
  std::memcpy(to, &bytes, kStep == 3 ? 4 : kStep == 6 ? 8 : kStep);
}
template <int kStep>
inline void store_last_pixel(std::uint8_t* to, Lanes pixel) {
  const std::uint64_t bytes = narrowed(pixel);
  std::memcpy(to, &bytes, kStep);
}

template <int kStep, int kFilter>
void undo_row(const std::uint8_t* from, Above above, std::size_t bytes, std::uint8_t* row) {
  Lanes left = widened(kNothing);
  Lanes corner = left;
  const std::uint8_t* over = above.row;
  std::size_t i = 0;
  const auto next = [&] {
    const Lanes up = widened(over);
    left = undone<kFilter>(widened(from + i), left, up, corner);
    corner = up;
    over += above.advance;
  };
  for (; i + kStep < bytes; i += kStep) {
    next();
    store_pixel<kStep>(row + i, left);
  }
  next();
  store_last_pixel<kStep>(row + i, left);
}

// Undoes two rows, one behind the other in `from`, with the lower one's filter type between them.
template <int kStep, int kUpper, int kLower>
void undo_two_rows(const std::uint8_t* from, Above above, std::size_t bytes, std::uint8_t* row) {
  const std::uint8_t* from_lower = from + bytes + 1;
  std::uint8_t* lower_row = row + bytes;
  const Lanes nothing = widened(kNothing);
  Lanes corner = nothing;  // of the upper row's pixel
  Lanes upper = nothing;
  Lanes upper_left = nothing;  // corner of the lower row's pixel
  Lanes lower = nothing;
  const std::uint8_t* over = above.row;
  const auto next_upper = [&](std::size_t at) {
    const Lanes up = widened(over);
    upper = undone<kUpper>(widened(from + at), upper, up, corner);
    corner = up;
    over += above.advance;
  };
  // Precondition: `upper` is the pixel above it.
  const auto next_lower = [&](std::size_t at) {
    lower = undone<kLower>(widened(from_lower + at), lower, upper, upper_left);
    upper_left = upper;
  };
  next_upper(0);
  std::size_t i = 0;
  for (; i + kStep < bytes; i += kStep) {
    store_pixel<kStep>(row + i, upper);
    next_lower(i);
    store_pixel<kStep>(lower_row + i, lower);
    next_upper(i + kStep);
  }
  store_last_pixel<kStep>(row + i, upper);
  next_lower(i);
  store_last_pixel<kStep>(lower_row + i, lower);
}

inline bool is_chain(std::uint8_t filter) {
  return filter == kSub || filter == kAverage || filter == kPaeth;
}

// None, Up: a byte does not wait for another of its row.
void undo_wide(std::uint8_t filter, const std::uint8_t* from, Above above, std::size_t bytes,
               std::uint8_t* row) {
  if (filter == kNone || above.advance == 0) {
    std::memcpy(row, from, bytes);
    return;
  }
  const std::uint8_t* over = above.row;
  for (std::size_t i = 0; i < bytes; ++i) row[i] = static_cast<std::uint8_t>(from[i] + over[i]);
}

using UndoRow = void (*)(const std::uint8_t* from, Above above, std::size_t bytes,
                         std::uint8_t* row);

// By filter type, of those that are chains.
template <int kStep>
UndoRow one_row(std::uint8_t filter) {
  switch (filter) {
    case kSub:
      return undo_row<kStep, kSub>;
    case kAverage:
      return undo_row<kStep, kAverage>;
    default:
      return undo_row<kStep, kPaeth>;
  }
}

template <int kStep, int kUpper>
UndoRow two_rows(std::uint8_t lower) {
  switch (lower) {
    case kSub:
      return undo_two_rows<kStep, kUpper, kSub>;
    case kAverage:
      return undo_two_rows<kStep, kUpper, kAverage>;
    default:
      return undo_two_rows<kStep, kUpper, kPaeth>;
  }
}

template <int kStep>
UndoRow two_rows(std::uint8_t upper, std::uint8_t lower) {
  switch (upper) {
    case kSub:
      return two_rows<kStep, kSub>(lower);
    case kAverage:
      return two_rows<kStep, kAverage>(lower);
    default:
      return two_rows<kStep, kPaeth>(lower);
  }
}

template <int kStep>
void unfilter_pixels(const FilteredRows& rows) {
  const std::size_t bytes = rows.row_bytes;
  const std::uint8_t* from = rows.filtered;
  std::uint8_t* row = rows.target;
  Above above = {kNothing, 0};
  for (std::size_t y = 0; y < rows.rows;) {
    const std::uint8_t filter = *from;
    const bool has_lower = y + 1 < rows.rows;
    std::size_t done = 1;
    if (!is_chain(filter)) {
      undo_wide(filter, from + 1, above, bytes, row);
    } else if (has_lower && is_chain(from[bytes + 1])) {
      two_rows<kStep>(filter, from[bytes + 1])(from + 1, above, bytes, row);
      done = 2;
    } else {
      one_row<kStep>(filter)(from + 1, above, bytes, row);
    }
    y += done;
    from += done * (bytes + 1);
    row += done * bytes;
    above = {row - bytes, kStep};
  }
}

void unfilter(const FilteredRows& rows) {
  switch (rows.step) {
    case 1:
      return unfilter_pixels<1>(rows);
    case 2:
      return unfilter_pixels<2>(rows);
    case 3:
      return unfilter_pixels<3>(rows);
    case 4:
      return unfilter_pixels<4>(rows);
    case 6:
      return unfilter_pixels<6>(rows);
    default:
      return unfilter_pixels<8>(rows);
  }
}

}  // namespace
