#include "decode/jpeg_decoder.h"

#include <new>
#include <string>
#include <utility>

#include "decode/image_header.h"

namespace pixtok::decode {

namespace {

using core::PixelFormat;
using core::Status;
using core::StatusCode;

// Chroma that is not larger than this is repeated by libjpeg instead of interpolated.
constexpr int kMostRepeatedChroma = 2;

}  // namespace

// A file that is being read by libjpeg-turbo. A new one for every file: a decompressor that is used
// again keeps the Huffman and quantization tables of the file before, and lends them to a file that
// has none. It costs half a microsecond.
class JpegDecoder::Decompressor {
 public:
  // Throws std::bad_alloc.
  Decompressor(const JpegLibrary& library, const std::uint8_t* file, std::size_t size)
      : library_(library),
        file_(file),
        size_(size),
        handle_(library.init(turbojpeg::kInitDecompress)) {
    if (handle_ == nullptr) throw std::bad_alloc();
  }

  ~Decompressor() { library_.destroy(handle_); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  Status read_header() {
    return library_.decompress_header(handle_, file_, size_) == 0 ? Status::success() : failure();
  }

  // Precondition: 2, 4 or 8, which every version of the library can do.
  void shrink_by(int denominator) { (void)library_.set_scaling_factor(handle_, {1, denominator}); }

  Status decompress(std::uint8_t* target, int pixel_format) {
    const int result = library_.decompress8(handle_, file_, size_, target, 0, pixel_format);
    return result == 0 ? Status::success() : failure();
  }

  Status decompress_planes(std::uint8_t** planes, int* strides) {
    const int result = library_.decompress_to_yuv_planes8(handle_, file_, size_, planes, strides);
    return result == 0 ? Status::success() : failure();
  }

  int get(turbojpeg::Parameter parameter) const { return library_.get(handle_, parameter); }

 private:
  // After a call that did not return 0. Pillow forgives what libjpeg-turbo warns of, but for one
  // thing: a file that ends before its picture does. Only the first warning's text is kept by the
  // library, so behind another warning the end-of-image marker is looked for.
  Status failure() const {
    const std::string message = library_.get_error_string(handle_);
    if (message.find("Premature end of JPEG file") != std::string::npos ||
        !has_end_of_image(file_, size_)) {
      return Status::failure(StatusCode::kTruncatedImage, "the JPEG file is truncated");
    }
    if (library_.get_error_code(handle_) == turbojpeg::kFatal) {
      return Status::failure(StatusCode::kCorruptImage, "the JPEG file is corrupt: " + message);
    }
    return Status::success();
  }

  const JpegLibrary& library_;
  const std::uint8_t* file_;
  std::size_t size_;
  turbojpeg::Handle handle_;
};

JpegDecoder::JpegDecoder(std::shared_ptr<const JpegLibrary> library)
    : library_(std::move(library)) {}

JpegDecoder::JpegDecoder(JpegDecoder&&) noexcept = default;
JpegDecoder::~JpegDecoder() = default;

Status JpegDecoder::open(const std::uint8_t* file, std::size_t size, std::int64_t max_pixels) {
  decompressor_ = std::make_unique<Decompressor>(*library_, file, size);
  const Status status = decompressor_->read_header();
  if (!status.ok()) return status;
  if (width() <= 0 || height() <= 0) {
    return Status::failure(StatusCode::kCorruptImage, "the JPEG file holds no picture");
  }
  if (decompressor_->get(turbojpeg::kPrecision) != 8 ||
      decompressor_->get(turbojpeg::kLossless) == 1) {
    return Status::failure(StatusCode::kDeclined, "");
  }
  if (static_cast<std::int64_t>(width()) * height() > max_pixels) {
    return too_many_pixels(width(), height(), max_pixels);
  }
  return status;
}

int JpegDecoder::width() const { return decompressor_->get(turbojpeg::kJpegWidth); }
int JpegDecoder::height() const { return decompressor_->get(turbojpeg::kJpegHeight); }

void JpegDecoder::close() { decompressor_.reset(); }

Status JpegDecoder::decode(JpegOutput output, int shrink, core::PixelView& pixels) {
  if (output == JpegOutput::kPlanesWherePossible && shrink == 1) {
    const Status status = decode_planes(pixels);
    if (status.code != StatusCode::kDeclined) return status;
  }
  return decode_packed(shrink, pixels);
}

// kDeclined, with the decompressor as it was, for pictures that are not given as planes.
Status JpegDecoder::decode_planes(core::PixelView& pixels) {
  const Status declined = Status::failure(StatusCode::kDeclined, "");
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool grey = colorspace == turbojpeg::kGrey;
  if (!grey && colorspace != turbojpeg::kYcbcr) return declined;
  PixelFormat format = PixelFormat::kPlanarRgb;
  bool half_width = false;
  bool half_height = false;
  switch (decompressor_->get(turbojpeg::kSubsampling)) {
    case turbojpeg::kGreyOnly:
      break;
    case turbojpeg::k444:
      format = PixelFormat::kYcc444;
      break;
    case turbojpeg::k422:
      format = PixelFormat::kYcc422;
      half_width = true;
      break;
    case turbojpeg::k440:
      format = PixelFormat::kYcc440;
      half_height = true;
      break;
    case turbojpeg::k420:
      format = PixelFormat::kYcc420;
      half_width = half_height = true;
      break;
    default:
      return declined;
  }
  const int width = this->width();
  const int height = this->height();
  const int chroma_width = half_width ? (width + 1) / 2 : width;
  const int chroma_height = half_height ? (height + 1) / 2 : height;
  if (grey != (format == PixelFormat::kPlanarRgb)) return declined;
  if (half_width && chroma_width <= kMostRepeatedChroma) return declined;

  // Planes that are subsampled against come with even sides.
  const std::size_t luma_stride =
      core::round_up(half_width ? 2 * chroma_width : width, core::kAlignment);
  const std::size_t chroma_stride = core::round_up(chroma_width, core::kAlignment);
  const std::size_t luma_bytes = luma_stride * (half_height ? 2 * chroma_height : height);
  const std::size_t chroma_bytes = grey ? 0 : chroma_stride * chroma_height;
  // In front of each plane and behind the last one there is room that is read, but does not matter.
  constexpr std::size_t kGap = core::kTailPadding;
  std::uint8_t* memory = pixels_.reserve(3 * kGap + luma_bytes + 2 * chroma_bytes);
  std::uint8_t* planes[3] = {memory + kGap, memory + 2 * kGap + luma_bytes,
                             memory + 3 * kGap + luma_bytes + chroma_bytes};
  int strides[3] = {static_cast<int>(luma_stride), static_cast<int>(chroma_stride),
                    static_cast<int>(chroma_stride)};
  const Status status = decompressor_->decompress_planes(planes, strides);
  if (!status.ok()) return status;
  pixels = {nullptr, width, height, format, true};
  for (int i = 0; i < 3; ++i) {
    const int plane = grey ? 0 : i;
    pixels.planes[i] = {planes[plane], static_cast<std::size_t>(strides[plane])};
  }
  return status;
}

Status JpegDecoder::decode_packed(int shrink, core::PixelView& pixels) {
  const int colorspace = decompressor_->get(turbojpeg::kColorspace);
  const bool cmyk = colorspace == turbojpeg::kCmyk || colorspace == turbojpeg::kYcck;
  const auto format = cmyk ? PixelFormat::kInvertedCmyk : PixelFormat::kRgb;
  const int width = (this->width() + shrink - 1) / shrink;
  const int height = (this->height() + shrink - 1) / shrink;
  if (shrink > 1) decompressor_->shrink_by(shrink);
  std::uint8_t* target =
      pixels_.reserve(static_cast<std::size_t>(core::bytes_per_pixel(format)) *
                      static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const Status status =
      decompressor_->decompress(target, cmyk ? turbojpeg::kPixelCmyk : turbojpeg::kPixelRgb);
  if (status.ok()) pixels = {target, width, height, format, true};
  return status;
}

}  // namespace pixtok::decode
