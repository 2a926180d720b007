#include "decode/qoi/qoi_decoder.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "decode/file_signature.h"
#include "decode/image_fault.h"
#include "decode/most_file_bytes.h"

namespace pixtok::decode {

namespace {

using core::Status;

constexpr std::uint64_t kMostPixelBytes = 5;

// Red, green, blue and alpha.
using Pixel = std::array<std::uint8_t, 4>;

// Of those that were seen, one for each place.
constexpr std::size_t kPlaces = 64;
using SeenPixels = std::array<Pixel, kPlaces>;

// QOI specification 1.0.
constexpr std::uint8_t kRgb = 0xFE;
constexpr std::uint8_t kRgba = 0xFF;
enum Kind { kIndex, kDifference, kLuma, kRun };

std::size_t place_of(const Pixel& pixel) {
  return (pixel[0] * 3U + pixel[1] * 5U + pixel[2] * 7U + pixel[3] * 11U) % kPlaces;
}

std::uint8_t plus(std::uint8_t value, int difference) {
  return static_cast<std::uint8_t>(value + difference);
}

// How many bytes follow the first one.
std::size_t bytes_behind(std::uint8_t first) {
  if (first == kRgb) return 3;
  if (first == kRgba) return 4;
  return first >> 6 == kLuma ? 1 : 0;
}

// Precondition: not of a run, and the bytes behind the first one are there.
Pixel next_pixel(const std::uint8_t* at, const Pixel& last, const SeenPixels& seen) {
  const std::uint8_t first = at[0];
  if (first == kRgb) return {at[1], at[2], at[3], last[3]};
  if (first == kRgba) return {at[1], at[2], at[3], at[4]};
  if (first >> 6 == kIndex) return seen[first & 63];
  if (first >> 6 == kDifference) {
    return {plus(last[0], (first >> 4 & 3) - 2), plus(last[1], (first >> 2 & 3) - 2),
            plus(last[2], (first & 3) - 2), last[3]};
  }
  const int green = (first & 63) - 32;
  return {plus(last[0], green + (at[1] >> 4) - 8), plus(last[1], green),
          plus(last[2], green + (at[1] & 15) - 8), last[3]};
}

Status unpack_pixels(core::Bytes file, std::size_t bands, std::size_t count, std::uint8_t* target) {
  SeenPixels seen{};
  Pixel pixel = {0, 0, 0, 255};
  std::size_t at = std::min(QoiHeader::kBytes, file.size);
  for (std::size_t done = 0; done < count;) {
    if (at == file.size) return truncated("it ends before its pixels do");
    const std::uint8_t first = file.data[at];
    const std::size_t behind = bytes_behind(first);
    if (file.size - at - 1 < behind) return truncated("it ends before its pixels do");
    std::size_t run = 1;
    if (first >> 6 == kRun && behind == 0) {
      run = std::min<std::size_t>((first & 63) + std::size_t{1}, count - done);
    } else {
      pixel = next_pixel(file.data + at, pixel, seen);
      seen[place_of(pixel)] = pixel;
    }
    at += 1 + behind;
    for (std::size_t i = 0; i < run; ++i, target += bands) {
      std::memcpy(target, pixel.data(), bands);
    }
    done += run;
  }
  return Status::success();
}

}  // namespace

bool QoiDecoder::reads(core::Bytes start) const { return is_qoi(start.data, start.size); }

std::uint64_t QoiDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  QoiHeader header;
  if (!read_qoi_header(start, header).ok()) return kMostFileBytes;
  const std::int64_t pixels = std::int64_t{header.width} * header.height;
  return most_file_bytes(pixels, max_pixels,
                         QoiHeader::kBytes + kMostPixelBytes * static_cast<std::uint64_t>(pixels));
}

Status QoiDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  const Status status = read_qoi_header(file, header_);
  size = {header_.width, header_.height};
  return status;
}

Status QoiDecoder::decode(int, core::PixelView& pixels) {
  const auto format = header_.has_alpha ? core::PixelFormat::kRgba : core::PixelFormat::kRgb;
  const auto bands = static_cast<std::size_t>(core::bytes_per_pixel(format));
  const std::size_t bytes = core::bytes_of_pixels(format, header_.width, header_.height);
  std::uint8_t* target = memory_.reserve(bytes);
  pixels = {target, header_.width, header_.height, format, true};
  return unpack_pixels(file_, bands, bytes / bands, target);
}

}  // namespace pixtok::decode
