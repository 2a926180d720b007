#include "test/decode/decoded_image.h"

#include "test/check.h"

namespace pixtok::test {

DecodedImage decoded(decode::ImageDecoder& decoder, core::Bytes file) {
  DecodedImage result;
  decode::ImageSize size;
  result.status = decoder.reads(file) ? decoder.open(file, size)
                                      : core::Status::failure(core::StatusCode::kDeclined, "");
  if (!result.status.ok()) return result;
  result.orientation = decoder.orientation();
  core::PixelView view;
  result.status = decoder.decode(1, view);
  if (!result.status.ok()) return result;
  CHECK(view.width == size.width && view.height == size.height);
  // rows that may not be read beyond are copied one by one
  const bool is_of_file = view.data >= file.data && view.data < file.data + file.size;
  CHECK(view.padded || is_of_file);
  result.format = view.format;
  const std::size_t bytes = core::bytes_of_pixels(view.format, view.width, view.height);
  result.pixels.assign(view.data, view.data + bytes);
  return result;
}

FileBytes damaged_file(const FileBytes& whole, std::size_t kept, int i, std::mt19937_64& random) {
  FileBytes damaged = whole;
  const auto place = [&] { return kept + random() % (damaged.size() - kept); };
  for (int changes = 0; changes < 1 + i % 3; ++changes) {
    damaged[place()] ^= static_cast<std::uint8_t>(1 << random() % 8);
  }
  if (i % 4 == 0) damaged.resize(place());
  return damaged;
}

}  // namespace pixtok::test
