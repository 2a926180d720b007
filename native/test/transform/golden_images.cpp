#include "test/transform/golden_images.h"

#include <utility>

#include "core/pixel_view.h"
#include "decode/file_signature.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/system_zlib.h"

namespace pixtok::test {

namespace {

constexpr const char* kFilters[] = {"nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"};

}  // namespace

transform::Filter filter_of(const std::string& name) {
  for (int i = 0; i < 6; ++i) {
    if (name == kFilters[i]) return static_cast<transform::Filter>(i);
  }
  return transform::Filter::kBilinear;
}

transform::Plan plan_to(int width, int height) {
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = width;
  plan.geometry.height = plan.geometry.output_height = height;
  plan.type = kernels::ElementType::kUint8;
  plan.layout = kernels::Layout::kHwc;
  return plan;
}

bool is_decoded(const GoldenLine& line) {
  const std::string image = line.text("image");
  return image.find(".jpg") != std::string::npos || image.find(".png") != std::string::npos ||
         image.find(".webp") != std::string::npos;
}

void check_hash(const std::optional<std::string>& actual, const std::string& expected,
                const std::string& what) {
  if (actual && *actual != expected) fail(__FILE__, __LINE__, what);
}

bool has_library_of_goldens() {
#if defined(__aarch64__) || defined(_M_ARM64)
  return false;
#else
  std::string error;
  return decode::JpegLibrary::open(jpeg_library(), error) != nullptr;
#endif
}

GoldenWorker::GoldenWorker() {
  std::string error;
  library_ = decode::JpegLibrary::open(jpeg_library(), error);
  zlib_ = zlib_at(zlib_library(), error);
  webp_ = decode::WebpLibrary::open(webp_library(), error);
  worker_.emplace(kernels::chosen(), transform::JpegChoice{library_}, zlib_, webp_);
}

FileOutcome GoldenWorker::prepared_file(const FileBytes& file, const transform::Plan& plan,
                                        const transform::Region& region) {
  transform::Sample sample{transform::EncodedSample{file.data(), file.size(), nullptr}, region};
  std::vector<std::uint8_t> slot(plan.slot_bytes());
  const core::Status status = worker_->prepare(sample, plan, slot.data());
  return {status.code, status.message, std::move(slot)};
}

std::optional<std::vector<std::uint8_t>> GoldenWorker::prepared(const std::string& image,
                                                                const transform::Plan& plan,
                                                                const transform::Region& region) {
  message_.clear();
  const FileBytes file = read_image(image);
  const bool is_png = decode::is_png(file.data(), file.size());
  const bool is_webp = decode::is_webp(file.data(), file.size());
  if (is_webp && webp_ == nullptr) return std::nullopt;
  if (!is_png && !is_webp && !decode::is_jpeg(file.data(), file.size())) return std::nullopt;
  FileOutcome outcome = prepared_file(file, plan, region);
  if ((library_ == nullptr || is_png) && outcome.code == core::StatusCode::kDeclined) {
    return std::nullopt;
  }
  message_ = outcome.message;
  return std::move(outcome.slot);
}

std::optional<std::string> GoldenWorker::hash_of(const std::string& image,
                                                 const transform::Plan& plan,
                                                 const transform::Region& region) {
  const std::optional<std::vector<std::uint8_t>> slot = prepared(image, plan, region);
  if (!slot) return std::nullopt;
  return message_.empty() ? sha256(slot->data(), slot->size()) : message_;
}

std::string GoldenWorker::hash_of_pixels(const std::vector<std::uint8_t>& rgb, int width,
                                         int height, const transform::Plan& plan,
                                         const transform::Region& region) {
  const core::PixelView pixels{rgb.data(), width, height, core::PixelFormat::kRgb, false};
  transform::Sample sample{transform::RawSample{pixels, 1, nullptr}, region};
  std::vector<std::uint8_t> slot(plan.slot_bytes());
  const core::Status status = worker_->prepare(sample, plan, slot.data());
  return status.ok() ? sha256(slot.data(), slot.size()) : status.message;
}

}  // namespace pixtok::test
