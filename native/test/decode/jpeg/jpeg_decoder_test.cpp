// With libjpeg-turbo: what it makes of damaged files, and what is never shown.

#include "decode/jpeg/jpeg_decoder.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/most_file_bytes.h"
#include "kernels/kernel_table.h"
#include "test/check.h"
#include "test/images.h"
#include "test/temporary_folder.h"
#include "transform/image_worker.h"
#include "transform/normalizer.h"

namespace {

using namespace pixtok;
using core::Status;
using core::StatusCode;
using test::FileBytes;

std::shared_ptr<const decode::JpegLibrary> library() {
  static bool reported = false;
  std::string error;
  auto opened = decode::JpegLibrary::open(test::jpeg_library(), error);
  if (opened == nullptr && !reported) std::printf("not tested: %s\n", error.c_str());
  reported = true;
  return opened;
}

transform::Plan plan_of(int width, int height) {
  transform::Plan plan;
  plan.geometry.width = plan.geometry.output_width = width;
  plan.geometry.height = plan.geometry.output_height = height;
  plan.type = kernels::ElementType::kUint8;
  plan.layout = kernels::Layout::kHwc;
  transform::NormalizerOptions options;
  plan.normalizer = transform::build_normalizer(options, kernels::chosen());
  return plan;
}

struct Prepared {
  Status status;
  std::vector<std::uint8_t> bytes;
};

Prepared prepare(transform::ImageWorker& worker, transform::Sample sample,
                 const transform::Plan& plan) {
  Prepared prepared;
  prepared.bytes.resize(plan.slot_bytes());
  prepared.status = worker.prepare(sample, plan, prepared.bytes.data());
  return prepared;
}

Prepared prepare(transform::ImageWorker& worker, const FileBytes& file,
                 const transform::Plan& plan) {
  return prepare(worker, {transform::EncodedSample{file.data(), file.size(), nullptr}, {}}, plan);
}

TEST("a damaged JPEG file is judged as by Pillow, and never shows the image before it") {
  const auto opened = library();
  if (opened == nullptr) return;
  const transform::Plan plan = plan_of(33, 27);
  const FileBytes before[] = {test::read_image("images/jpeg-420.jpg"),
                              test::read_image("images/jpeg-cmyk.jpg")};
  for (const test::DamagedJpeg& damaged : test::damaged_jpegs()) {
    std::optional<Prepared> first;
    for (const FileBytes& other : before) {
      transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
      CHECK(prepare(worker, other, plan).status.ok());
      const Prepared prepared = prepare(worker, damaged.file, plan);
      if (prepared.status.ok() != damaged.opens) test::fail(__FILE__, __LINE__, damaged.name);
      if (prepared.status.ok() && first && first->bytes != prepared.bytes) {
        test::fail(__FILE__, __LINE__, damaged.name + " depends on the image before it");
      }
      first = prepared;
    }
  }
}

TEST("baseline JPEG files are decoded without libjpeg-turbo, to the same, and others declined") {
  const auto opened = library();
  transform::ImageWorker alone(kernels::chosen(), transform::JpegChoice{});
  transform::Plan plan = plan_of(33, 27);
  plan.exif_orientation = true;
  for (const char* name : {"jpeg-420", "jpeg-422", "jpeg-444", "jpeg-grey", "jpeg-restarts",
                           "jpeg-orientation-6", "jpeg-trailing-garbage"}) {
    const FileBytes file = test::read_image("images/" + std::string(name) + ".jpg");
    const Prepared prepared = prepare(alone, file, plan);
    CHECK(prepared.status.ok());
    if (opened == nullptr) continue;
    // Packed pixels are libjpeg-turbo's, upsampled and converted by it.
    decode::JpegDecoder decoder(opened, kernels::chosen().idct);
    decode::ImageSize size;
    CHECK(decoder.open(test::view_of(file), size).ok());
    core::PixelView packed;
    CHECK(decoder.decode(decode::JpegOutput::kPacked, 1, packed).ok() && packed.padded);
    transform::Sample raw{transform::RawSample{packed, decoder.orientation(), nullptr}, {}};
    if (prepare(alone, std::move(raw), plan).bytes != prepared.bytes) {
      test::fail(__FILE__, __LINE__, name);
    }
  }
  for (const char* name : {"jpeg-progressive", "jpeg-cmyk", "jpeg-rgb"}) {
    const FileBytes file = test::read_image("images/" + std::string(name) + ".jpg");
    CHECK(prepare(alone, file, plan).status.code == StatusCode::kDeclined);
  }
}

TEST("an image has the pixels that are decoded of it") {
  const auto opened = library();
  if (opened == nullptr) return;
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const FileBytes file = test::read_image("images/jpeg-420.jpg");  // 150 x 100
  transform::Plan plan = plan_of(33, 27);
  std::vector<std::uint8_t> slot(plan.slot_bytes());
  const auto decoded_bytes = [&] {
    transform::Sample sample{transform::EncodedSample{file.data(), file.size(), nullptr}, {}};
    CHECK(worker.prepare(sample, plan, slot.data()).ok());
    return sample.times.pixel_bytes;
  };
  CHECK(decoded_bytes() == 3 * 150 * 100);
  plan.fast_decode = true;
  CHECK(decoded_bytes() == 3 * 75 * 50);
}

TEST("a JPEG image is shrunk while it is decoded by its turned sides") {
  const auto opened = library();
  if (opened == nullptr) return;
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const FileBytes file = test::read_image("images/jpeg-orientation-6.jpg");  // 60 x 90, turned
  // A quarter would be allowed if 90 were the width, and nothing if 60 were the height.
  transform::Plan plan = plan_of(22, 40);
  plan.exif_orientation = true;
  const Prepared exact = prepare(worker, file, plan);
  plan.fast_decode = true;
  const Prepared fast = prepare(worker, file, plan);
  CHECK(exact.status.ok() && fast.status.ok());
  CHECK(exact.bytes != fast.bytes);  // a half
  plan = plan_of(40, 22);
  plan.exif_orientation = true;
  const Prepared exact_across = prepare(worker, file, plan);
  plan.fast_decode = true;
  CHECK(prepare(worker, file, plan).bytes == exact_across.bytes);  // 60 / 40: as it is
}

TEST("a JPEG image that is augmented is not shrunk while it is decoded") {
  const auto opened = library();
  if (opened == nullptr) return;
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const FileBytes file = test::read_image("images/jpeg-500x375.jpg");
  transform::Plan plan = plan_of(20, 20);
  plan.augmentation.emplace();
  const Prepared exact = prepare(worker, file, plan);
  plan.fast_decode = true;
  const Prepared fast = prepare(worker, file, plan);
  CHECK(exact.status.ok() && fast.bytes == exact.bytes);
  plan.augmentation.reset();
  CHECK(prepare(worker, file, plan).bytes != exact.bytes);
}

TEST("a JPEG image of too many pixels is refused before it is decoded") {
  const auto opened = library();
  if (opened == nullptr) return;
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const FileBytes file = test::read_image("images/jpeg-500x375.jpg");
  transform::Plan plan = plan_of(20, 20);
  plan.max_pixels = 500 * 375;
  CHECK(prepare(worker, file, plan).status.ok());
  plan.max_pixels -= 1;
  CHECK(prepare(worker, file, plan).status.code == StatusCode::kTooManyPixels);
}

TEST("of a file no more is read than a JPEG image of its size can have") {
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "sparse.jpg";
  const FileBytes image = test::read_image("images/jpeg-420.jpg");
  test::write(path, std::string(image.begin(), image.end()));
  // Beyond 2 GiB the C library of Windows resizes nothing.
  std::filesystem::resize_file(path, std::uintmax_t{3} << 29);
  decode::FileReader reader;
  CHECK(reader.open(path.u8string(), {}).ok());
  CHECK(reader.size() == decode::kSignatureBytes);
  CHECK(reader.read_first(decode::kMostFileBytes).ok());
  CHECK(reader.size() == decode::kMostFileBytes);
  const core::Bytes start{reader.data(), reader.size()};
  CHECK(decode::most_jpeg_bytes(start, 178956970) == decode::kMostFileBytes);
  reader.close();
  reader.trim(0);

  const auto opened = library();
  if (opened == nullptr) return;
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const transform::Plan plan = plan_of(33, 27);
  const Prepared sparse = prepare(worker, {transform::FileSample{path.u8string(), {}}, {}}, plan);
  CHECK(sparse.status.ok() && sparse.bytes == prepare(worker, image, plan).bytes);
}

TEST("a large image's file may be large") {
  FileBytes file = test::read_image("broken/huge.jpg");  // 60000 x 60000
  CHECK(decode::most_jpeg_bytes(test::view_of(file), INT64_C(3600000000)) == 57600000000U);
  CHECK(decode::most_jpeg_bytes(test::view_of(file), 178956970) == decode::kMostFileBytes);
}

TEST("files are closed when they have been read") {
  const auto opened = library();
  const test::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "image.jpg";
  const FileBytes image = test::read_image("images/jpeg-1x1.jpg");
  test::write(path, std::string(image.begin(), image.end()));
  transform::ImageWorker worker(kernels::chosen(), transform::JpegChoice{opened});
  const transform::Plan plan = plan_of(4, 4);
  core::FileHandle first = core::kNoFile;
  for (int i = 0; i < 20; ++i) {
    (void)prepare(worker, {transform::FileSample{path.u8string(), {}}, {}}, plan);
    (void)prepare(worker, {transform::FileSample{"no such file", {}}, {}}, plan);
    core::RegularFile file;
    CHECK(file.open(path.u8string()).ok());
    if (first == core::kNoFile) first = file.handle();
    CHECK(file.handle() == first);  // the system gives the lowest that is free
  }
}

}  // namespace
