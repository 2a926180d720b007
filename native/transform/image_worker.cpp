#include "transform/image_worker.h"

#include <algorithm>
#include <utility>

#include "core/pixel_view.h"
#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_header.h"
#include "transform/geometry.h"
#include "transform/orient.h"
#include "transform/source_rows.h"

namespace pixtok::transform {

namespace {

using core::Status;
using core::StatusCode;

// Scratch memory beyond this is given back after the image that needed it: 48 megapixels of RGB.
constexpr std::size_t kKeptScratchBytes = std::size_t{144} << 20;

// How much smaller Pillow's Image.draft makes an image that is to be resized: as small as it can
// be without being smaller than the resized one.
int decode_shrink(int width, int height, int orientation, const Plan& plan) {
  if (orientation >= 5) std::swap(width, height);
  Placement placement;
  if (!place(plan.geometry, width, height, placement).ok()) return 1;
  const int ratio = std::min(width / placement.resized_width, height / placement.resized_height);
  for (const int shrink : {8, 4, 2}) {
    if (ratio >= shrink) return shrink;
  }
  return 1;
}

Status declined() { return Status::failure(StatusCode::kDeclined, ""); }

}  // namespace

ImageWorker::ImageWorker(const kernels::KernelTable& kernels, std::optional<JpegChoice> jpeg)
    : kernels_(kernels) {
  if (jpeg) jpeg_.emplace(std::move(jpeg->library), kernels.idct);
}

Status ImageWorker::prepare(Sample& sample, const Plan& plan, std::uint8_t* slot) noexcept {
  Status status;
  try {
    Region& region = sample.region;
    if (const auto* file = std::get_if<FileSample>(&sample.image)) {
      status = prepare_file(*file, region, plan, slot);
    } else if (const auto* encoded = std::get_if<EncodedSample>(&sample.image)) {
      status = prepare_encoded(encoded->data, encoded->size, region, plan, slot);
    } else {
      const auto& raw = std::get<RawSample>(sample.image);
      status = prepare_pixels(raw.pixels, raw.orientation, region, plan, slot);
    }
  } catch (...) {
    // Nothing is thrown but for want of memory. The message is added where there is some again.
    status.code = StatusCode::kOutOfMemory;
  }
  reader_.close();
  reader_.trim(kKeptScratchBytes);
  converted_.trim(kKeptScratchBytes);
  turned_.trim(kKeptScratchBytes);
  scratch_.trim(kKeptScratchBytes);
  if (jpeg_) {
    jpeg_->close();
    jpeg_->trim(kKeptScratchBytes);
  }
  return status;
}

Status ImageWorker::prepare_file(const FileSample& sample, Region& region, const Plan& plan,
                                 std::uint8_t* slot) {
  Status status = reader_.open(sample.path, sample.range);
  if (!status.ok()) return status;
  if (!jpeg_ || !decode::is_jpeg(reader_.data(), reader_.size())) return declined();
  status = read_jpeg(plan);
  if (!status.ok()) return status;
  return prepare_encoded(reader_.data(), reader_.size(), region, plan, slot);
}

// As much as a JPEG file of its size can have.
Status ImageWorker::read_jpeg(const Plan& plan) {
  const Status status = reader_.read_first(decode::kMostJpegBytes);
  if (!status.ok() || reader_.size() < decode::kMostJpegBytes) return status;
  const std::uint64_t most =
      decode::most_jpeg_bytes({reader_.data(), reader_.size()}, plan.max_pixels);
  return most > reader_.size() ? reader_.read_first(most) : status;
}

Status ImageWorker::prepare_encoded(const std::uint8_t* file, std::size_t size, Region& region,
                                    const Plan& plan, std::uint8_t* slot) {
  if (size == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  if (!jpeg_ || !decode::is_jpeg(file, size)) return declined();
  decode::JpegHeader header;
  Status status = decode::read_jpeg_header({file, size}, header);
  if (!status.ok()) return status;
  if (static_cast<std::int64_t>(header.width) * header.height > plan.max_pixels) {
    return decode::too_many_pixels(header.width, header.height, plan.max_pixels);
  }
  status = jpeg_->open({file, size}, header);
  if (!status.ok()) return status;
  const int orientation = plan.exif_orientation ? header.orientation() : 1;
  const bool whole = region.is_whole() && !plan.augmentation;
  const int shrink =
      plan.fast_decode && whole ? decode_shrink(header.width, header.height, orientation, plan) : 1;
  core::PixelView pixels;
  status = jpeg_->decode(decode::JpegOutput::kPlanesWherePossible, shrink, pixels);
  if (!status.ok()) return status;
  return prepare_pixels(pixels, orientation, region, plan, slot);
}

Status ImageWorker::prepare_pixels(const core::PixelView& pixels, int orientation, Region& region,
                                   const Plan& plan, std::uint8_t* slot) {
  core::PixelView upright = pixels;
  if (plan.exif_orientation && orientation != 1) {
    const bool converts =
        core::has_half_width_chroma(pixels.format) || core::has_half_height_chroma(pixels.format);
    if (converts) upright = to_planar_rgb(pixels, kernels_, scratch_.source, converted_);
    upright = orient(upright, orientation, turned_);
  }
  if (plan.augmentation) {
    const Status drawn =
        draw(*plan.augmentation, plan.geometry, upright.width, upright.height, region);
    if (!drawn.ok()) return drawn;
  }
  return prepare_image(upright, region, plan, kernels_, scratch_, slot);
}

}  // namespace pixtok::transform
