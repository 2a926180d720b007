#include "transform/image_worker.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/mapped_file.h"
#include "core/pixel_view.h"
#include "core/storage_clock.h"
#include "decode/bmp/bmp_decoder.h"
#include "decode/gif/gif_decoder.h"
#include "decode/image_fault.h"
#include "decode/jpeg/jpeg_decoder.h"
#include "decode/netpbm/netpbm_decoder.h"
#include "decode/png/png_decoder.h"
#include "decode/qoi/qoi_decoder.h"
#include "decode/tga/tga_decoder.h"
#include "decode/webp/webp_decoder.h"
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

// Of an image after it is turned.
void write_size(int width, int height, int orientation, std::uint8_t* slot) {
  if (orientation >= 5) std::swap(width, height);
  const std::int32_t size[] = {width, height};
  std::memcpy(slot, size, sizeof size);
}

Status declined() { return Status::failure(StatusCode::kDeclined, ""); }

}  // namespace

ImageWorker::ImageWorker(const kernels::KernelTable& kernels, std::optional<JpegChoice> jpeg,
                         std::shared_ptr<const decode::ZlibLibrary> zlib,
                         std::shared_ptr<const decode::WebpLibrary> webp)
    : kernels_(kernels) {
  if (jpeg) {
    decoders_.push_back(
        std::make_unique<decode::JpegDecoder>(std::move(jpeg->library), kernels.idct));
  }
  decoders_.push_back(std::make_unique<decode::GifDecoder>());
  if (zlib != nullptr) {
    decoders_.push_back(std::make_unique<decode::PngDecoder>(std::move(zlib), kernels.unfilter));
  }
  if (webp != nullptr) {
    decoders_.push_back(std::make_unique<decode::WebpDecoder>(std::move(webp)));
  }
  decoders_.push_back(std::make_unique<decode::BmpDecoder>());
  decoders_.push_back(std::make_unique<decode::NetpbmDecoder>());
  decoders_.push_back(std::make_unique<decode::QoiDecoder>());
  // What has no signature comes last.
  decoders_.push_back(std::make_unique<decode::TgaDecoder>());
}

Status ImageWorker::prepare(Sample& sample, const Plan& plan, std::uint8_t* slot, FilesAhead* ahead,
                            std::size_t item) noexcept {
  Status status;
  storage_time_.reset();
  clock_.start(sample.times, &StageTimes::read);
  if (ahead != nullptr && !sample.mapped.empty()) wait_for_pages(sample, *ahead, item);
  try {
    Region& region = sample.region;
    if (const auto* file = std::get_if<FileSample>(&sample.image)) {
      status = prepare_file(*file, region, plan, slot, ahead, item);
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
  ground_.trim(kKeptScratchBytes);
  converted_.trim(kKeptScratchBytes);
  turned_.trim(kKeptScratchBytes);
  scratch_.trim(kKeptScratchBytes);
  views_.trim(kKeptScratchBytes);
  for (const auto& decoder : decoders_) decoder->trim(kKeptScratchBytes);
  clock_.stop();
  if (ahead != nullptr && status.ok()) {
    const StageTimes& times = sample.times;
    ahead->note(storage_time_, times.decode + times.resize + times.normalize);
  }
  return status;
}

// Here and not while the image is prepared, where the wait would be taken for work.
void ImageWorker::wait_for_pages(const Sample& sample, FilesAhead& ahead, std::size_t item) {
  const FilesAhead::Pages pages = ahead.await_pages(item);
  if (pages == FilesAhead::Pages::kTouched) return;
  if (sample.is_alone) core::advise_will_need(sample.mapped.data, sample.mapped.size);
  if (pages == FilesAhead::Pages::kLeft) return;
  const core::StorageClock clock;
  core::touch_pages(sample.mapped);
  storage_time_ = clock.nanoseconds();
}

Status ImageWorker::prepare_file(const FileSample& sample, Region& region, const Plan& plan,
                                 std::uint8_t* slot, FilesAhead* ahead, std::size_t item) {
  std::optional<decode::ReadFile> before;
  if (ahead != nullptr) before = ahead->take(item);
  Status status;
  if (before) {
    status = read(sample, plan, &*before);
  } else {
    const core::StorageClock clock;
    status = read(sample, plan, nullptr);
    storage_time_ = clock.nanoseconds();
  }
  if (!status.ok()) return status;
  return prepare_encoded(reader_.data(), reader_.size(), region, plan, slot);
}

// `before`: what was read of the file, if it was.
Status ImageWorker::read(const FileSample& sample, const Plan& plan, decode::ReadFile* before) {
  if (before != nullptr) {
    reader_.open(std::move(*before));
  } else {
    const Status opened = reader_.open(sample.path, sample.range);
    if (!opened.ok()) return opened;
  }
  const decode::ImageDecoder* decoder = decoder_of({reader_.data(), reader_.size()});
  if (decoder == nullptr) return declined();
  const Status status = read_rest(*decoder, plan);
  clock_.times().file_bytes += static_cast<std::int64_t>(reader_.size());
  return status;
}

// As much as an image of its size can have.
Status ImageWorker::read_rest(const decode::ImageDecoder& decoder, const Plan& plan) {
  const auto most_bytes = [&] {
    return decoder.most_bytes({reader_.data(), reader_.size()}, plan.max_pixels);
  };
  const std::uint64_t ordinary = most_bytes();
  const Status status = reader_.read_first(ordinary);
  if (!status.ok() || reader_.size() < ordinary) return status;
  const std::uint64_t most = most_bytes();
  return most > ordinary ? reader_.read_first(most) : status;
}

decode::ImageDecoder* ImageWorker::decoder_of(core::Bytes start) {
  const auto found = std::find_if(decoders_.begin(), decoders_.end(),
                                  [&](const auto& decoder) { return decoder->reads(start); });
  return found == decoders_.end() ? nullptr : found->get();
}

Status ImageWorker::prepare_encoded(const std::uint8_t* file, std::size_t size, Region& region,
                                    const Plan& plan, std::uint8_t* slot) {
  clock_.enter(&StageTimes::decode);
  if (size == 0) return Status::failure(StatusCode::kEmptyFile, "the file is empty");
  decode::ImageDecoder* decoder = decoder_of({file, size});
  if (decoder == nullptr) return declined();
  decode::ImageSize stored;
  Status status = decoder->open({file, size}, stored);
  if (!status.ok()) return status;
  const auto [width, height] = stored;
  if (static_cast<std::int64_t>(width) * height > plan.max_pixels) {
    return decode::too_many_pixels(width, height, plan.max_pixels);
  }
  const int orientation = plan.exif_orientation ? decoder->orientation() : 1;
  if (plan.purpose == Purpose::kSizes) {
    write_size(width, height, orientation, slot);
    return Status::success();
  }
  const bool whole = region.is_whole() && !plan.augmentation;
  const int shrink =
      plan.fast_decode && whole ? decode_shrink(width, height, orientation, plan) : 1;
  core::PixelView pixels;
  status = decoder->decode(shrink, pixels);
  if (!status.ok()) return status;
  clock_.times().pixel_bytes += std::int64_t{3} * pixels.width * pixels.height;
  return prepare_pixels(pixels, orientation, region, plan, slot);
}

Status ImageWorker::prepare_pixels(const core::PixelView& pixels, int orientation, Region& region,
                                   const Plan& plan, std::uint8_t* slot) {
  if (plan.purpose == Purpose::kSizes) {
    write_size(pixels.width, pixels.height, plan.exif_orientation ? orientation : 1, slot);
    return Status::success();
  }
  clock_.enter(&StageTimes::resize);
  core::PixelView upright = plan.white_ground ? on_white(pixels, ground_) : pixels;
  if (plan.exif_orientation && orientation != 1) {
    const bool converts =
        core::has_half_width_chroma(pixels.format) || core::has_half_height_chroma(pixels.format);
    if (converts) upright = to_planar_rgb(upright, kernels_, scratch_.source, converted_);
    upright = orient(upright, orientation, turned_);
  }
  if (plan.purpose == Purpose::kViews) {
    return prepare_views(upright, *region.views, plan, kernels_, views_, scratch_, slot);
  }
  if (plan.augmentation) {
    const Status drawn =
        draw(*plan.augmentation, plan.geometry, upright.width, upright.height, region);
    if (!drawn.ok()) return drawn;
  }
  const Status prepared = prepare_image(upright, region, plan, kernels_, scratch_, slot);
  clock_.give(&StageTimes::normalize, scratch_.normalizing.nanoseconds());
  return prepared;
}

}  // namespace pixtok::transform
