#include "decode/gif/gif_decoder.h"

#include <algorithm>
#include <cstring>

#include "decode/file_signature.h"
#include "decode/most_file_bytes.h"

namespace pixtok::decode {

namespace {

using core::Status;

// Of the canvas: what is behind them are other frames, or nothing.
constexpr std::uint64_t kMostBytesPerPixel = 16;

std::int64_t pixels_of(const GifFrame& frame) {
  return static_cast<std::int64_t>(frame.width) * frame.height;
}

// Rows in the order in which they are stored.
struct Pass {
  int first;
  int step;
};
constexpr Pass kInterlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

}  // namespace

bool GifDecoder::reads(core::Bytes start) const { return is_gif(start.data, start.size); }

std::uint64_t GifDecoder::most_bytes(core::Bytes start, std::int64_t max_pixels) const {
  GifFrame frame;
  if (!read_gif_frame(start, frame).ok()) return kMostFileBytes;
  const std::int64_t pixels = pixels_of(frame);
  return most_file_bytes(pixels, max_pixels,
                         kMostBytesPerPixel * static_cast<std::uint64_t>(pixels));
}

Status GifDecoder::open(core::Bytes file, ImageSize& size) {
  file_ = file;
  const Status status = read_gif_frame(file, frame_);
  size = {frame_.width, frame_.height};
  return status;
}

Status GifDecoder::decode(int, core::PixelView& pixels) {
  const std::size_t area =
      static_cast<std::size_t>(frame_.frame_width) * static_cast<std::size_t>(frame_.frame_height);
  std::uint8_t* indices = indices_.reserve(area + GifStrings::kOverhang);
  const Status status = strings_.unpack(file_, frame_, indices);
  if (!status.ok()) return status;
  const bool is_canvas = frame_.frame_width == frame_.width &&
                         frame_.frame_height == frame_.height && !frame_.interlaced;
  pixels = {is_canvas ? indices : place_rows(indices), frame_.width, frame_.height,
            core::PixelFormat::kIndexed, true};
  pixels.palette = &frame_.palette;
  return Status::success();
}

const std::uint8_t* GifDecoder::place_rows(const std::uint8_t* indices) {
  const auto width = static_cast<std::size_t>(frame_.width);
  const auto row_bytes = static_cast<std::size_t>(frame_.frame_width);
  std::uint8_t* canvas = canvas_.reserve(static_cast<std::size_t>(pixels_of(frame_)));
  std::memset(canvas, frame_.background, static_cast<std::size_t>(pixels_of(frame_)));
  std::uint8_t* corner = canvas + static_cast<std::size_t>(frame_.top) * width + frame_.left;
  const auto place = [&](Pass pass) {
    for (int y = pass.first; y < frame_.frame_height; y += pass.step, indices += row_bytes) {
      std::memcpy(corner + static_cast<std::size_t>(y) * width, indices, row_bytes);
    }
  };
  if (frame_.interlaced) {
    for (const Pass& pass : kInterlaced) place(pass);
  } else {
    place({0, 1});
  }
  return canvas;
}

void GifDecoder::trim(std::size_t keep_at_most) {
  indices_.trim(keep_at_most);
  canvas_.trim(keep_at_most);
}

}  // namespace pixtok::decode
