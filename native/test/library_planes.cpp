#include "test/library_planes.h"

#include "decode/jpeg/jpeg_decompressor.h"
#include "decode/jpeg/jpeg_planes.h"

namespace pixtok::test {

std::vector<std::uint8_t> visible_bytes(const core::PixelView& pixels) {
  std::vector<std::uint8_t> bytes;
  const int planes = pixels.format == core::PixelFormat::kPlanarRgb ? 1 : 3;
  for (int i = 0; i < planes; ++i) {
    const bool half_width = i > 0 && core::has_half_width_chroma(pixels.format);
    const bool half_height = i > 0 && core::has_half_height_chroma(pixels.format);
    const int width = half_width ? (pixels.width + 1) / 2 : pixels.width;
    const int height = half_height ? (pixels.height + 1) / 2 : pixels.height;
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row =
          pixels.planes[i].data + static_cast<std::size_t>(y) * pixels.planes[i].stride;
      bytes.insert(bytes.end(), row, row + width);
    }
  }
  return bytes;
}

std::optional<std::vector<std::uint8_t>> library_planes(const decode::JpegLibrary& library,
                                                        core::Bytes file,
                                                        const core::PixelView& like) {
  decode::JpegDecompressor decompressor(library, file.data, file.size);
  if (!decompressor.read_header()) return std::nullopt;
  if (decompressor.get(decode::turbojpeg::kJpegWidth) != like.width ||
      decompressor.get(decode::turbojpeg::kJpegHeight) != like.height) {
    return std::nullopt;
  }
  decode::JpegPlanes planes;
  planes.reserve(like.format, like.width, like.height);
  if (!decompressor.decompress_planes(planes)) return std::nullopt;
  return visible_bytes(planes.view());
}

}  // namespace pixtok::test
