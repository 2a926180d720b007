#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/status.h"
#include "decode/file_reader.h"
#include "decode/image_decoder.h"
#include "decode/jpeg/jpeg_library.h"
#include "decode/png/zlib_library.h"
#include "decode/webp/webp_library.h"
#include "kernels/kernel_table.h"
#include "transform/plan.h"
#include "transform/prepare_image.h"
#include "transform/read_ahead.h"
#include "transform/region.h"
#include "transform/sample.h"
#include "transform/stage_times.h"
#include "transform/view.h"
#include "transform/white_ground.h"

namespace pixtok::transform {

// JPEG files are decoded by this program, and, where it gives up, by libjpeg-turbo if there is one.
struct JpegChoice {
  std::shared_ptr<const decode::JpegLibrary> library;
};

// What one thread needs to take a sample from its file to its row: a reader, decoders and scratch
// memory, all used again, so that nothing is allocated for an image once they have grown.
class ImageWorker {
 public:
  // Without a choice JPEG files are declined, PNG files without zlib, and WebP files without
  // libwebp.
  ImageWorker(const kernels::KernelTable& kernels, std::optional<JpegChoice> jpeg,
              std::shared_ptr<const decode::ZlibLibrary> zlib = nullptr,
              std::shared_ptr<const decode::WebpLibrary> webp = nullptr);

  // Into plan.slot_bytes() at `slot`. kDeclined where the sample is not a file this thread reads.
  // What a plan with augmentation draws is then in the sample's region, and what it took in its
  // times. `ahead`: where its file may have been read before, as this item; null where it has not.
  core::Status prepare(Sample& sample, const Plan& plan, std::uint8_t* slot,
                       FilesAhead* ahead = nullptr, std::size_t item = 0) noexcept;

 private:
  void wait_for_pages(const Sample& sample, FilesAhead& ahead, std::size_t item);
  core::Status prepare_file(const FileSample& sample, Region& region, const Plan& plan,
                            std::uint8_t* slot, FilesAhead* ahead, std::size_t item);
  core::Status read(const FileSample& sample, const Plan& plan, decode::ReadFile* before);
  core::Status read_rest(const decode::ImageDecoder& decoder, const Plan& plan);
  core::Status prepare_encoded(const std::uint8_t* file, std::size_t size, Region& region,
                               const Plan& plan, std::uint8_t* slot);
  core::Status prepare_pixels(const core::PixelView& pixels, int orientation, Region& region,
                              const Plan& plan, std::uint8_t* slot);

  // Null for a file that is of no decoder's format.
  decode::ImageDecoder* decoder_of(core::Bytes start);

  const kernels::KernelTable& kernels_;
  std::vector<std::unique_ptr<decode::ImageDecoder>> decoders_;
  decode::FileReader reader_;
  GroundScratch ground_;
  core::ScratchBuffer converted_;
  core::ScratchBuffer turned_;
  PrepareScratch scratch_;
  StageClock clock_;
  std::optional<std::int64_t> storage_time_;  // of the file, where this thread has read it
  ViewScratch views_;
};

}  // namespace pixtok::transform
