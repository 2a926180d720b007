#include "transform/batch_job.h"

#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"

namespace {

using namespace pixtok;

constexpr int kSide = 8;

std::shared_ptr<transform::Plan> tiny_plan() {
  auto plan = std::make_shared<transform::Plan>();
  plan->geometry.width = plan->geometry.output_width = kSide;
  plan->geometry.height = plan->geometry.output_height = kSide;
  plan->type = kernels::ElementType::kUint8;
  plan->layout = kernels::Layout::kHwc;
  return plan;
}

// An image of one pixel; `pixel` must outlive it.
transform::RawSample one_colour(std::vector<std::uint8_t>& pixel, std::uint8_t value) {
  pixel.assign(3, value);
  transform::RawSample sample{};
  sample.pixels = {pixel.data(), 1, 1, core::PixelFormat::kRgb, false};
  sample.orientation = 1;
  return sample;
}

struct Batch {
  std::vector<std::uint8_t> target;
  std::shared_ptr<transform::BatchJob> job;
  std::promise<void> finished;
};

TEST("batches on several threads fill each row from its own sample") {
  constexpr std::size_t kRows = 50;
  const auto plan = tiny_plan();
  std::vector<std::unique_ptr<transform::ImageWorker>> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(std::make_unique<transform::ImageWorker>(*kernels::supported_tables().back(),
                                                               std::nullopt));
  }
  core::ThreadPool pool(workers.size());
  std::vector<std::vector<std::uint8_t>> pixels(kRows);
  std::vector<Batch> batches(8);
  for (Batch& batch : batches) {
    std::vector<transform::Sample> samples(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      if (row % 10 == 3) {
        samples[row].image = transform::FileSample{"no such file", {}};
      } else {
        samples[row].image = one_colour(pixels[row], static_cast<std::uint8_t>(row));
      }
    }
    batch.target.assign(kRows * plan->slot_bytes(), 255);
    batch.job = std::make_shared<transform::BatchJob>(
        plan, std::move(samples), batch.target.data(), workers,
        [&batch](transform::BatchJob&) { batch.finished.set_value(); });
  }
  for (Batch& batch : batches) pool.submit(batch.job);
  for (Batch& batch : batches) {
    batch.finished.get_future().wait();
    for (std::size_t row = 0; row < kRows; ++row) {
      const bool missing = row % 10 == 3;
      const core::StatusCode code = batch.job->statuses()[row].code;
      CHECK(code == (missing ? core::StatusCode::kFileNotFound : core::StatusCode::kOk));
      const std::uint8_t expected = missing ? 255 : static_cast<std::uint8_t>(row);
      for (std::size_t i = 0; i < plan->slot_bytes(); ++i) {
        CHECK(batch.target[row * plan->slot_bytes() + i] == expected);
      }
    }
  }
}

TEST("rows of a batch that is given up say so") {
  const auto plan = tiny_plan();
  std::vector<std::unique_ptr<transform::ImageWorker>> workers;
  workers.push_back(
      std::make_unique<transform::ImageWorker>(*kernels::supported_tables().back(), std::nullopt));
  core::ThreadPool pool(1);
  pool.stop();  // nothing is started any more
  std::vector<std::uint8_t> pixel;
  std::vector<transform::Sample> samples(3);
  for (transform::Sample& sample : samples) sample.image = one_colour(pixel, 1);
  Batch batch;
  batch.target.resize(3 * plan->slot_bytes());
  batch.job = std::make_shared<transform::BatchJob>(
      plan, std::move(samples), batch.target.data(), workers,
      [&batch](transform::BatchJob&) { batch.finished.set_value(); });
  pool.submit(batch.job);
  batch.finished.get_future().wait();
  for (const core::Status& status : batch.job->statuses()) {
    CHECK(status.code == core::StatusCode::kCancelled);
  }
}

TEST("sizes are those of the turned image where its orientation counts") {
  std::vector<std::uint8_t> pixels(3 * 3 * 2);
  transform::ImageWorker worker(kernels::chosen(), std::nullopt);
  transform::Plan plan;
  plan.purpose = transform::Purpose::kSizes;
  for (const bool counts : {false, true}) {
    plan.exif_orientation = counts;
    for (const int orientation : {1, 4, 5, 8}) {
      transform::RawSample raw{};
      raw.pixels = {pixels.data(), 3, 2, core::PixelFormat::kRgb, false};
      raw.orientation = orientation;
      transform::Sample sample{std::move(raw), {}};
      std::array<std::int32_t, 2> size{};
      CHECK(worker.prepare(sample, plan, reinterpret_cast<std::uint8_t*>(size.data())).ok());
      const bool is_turned = counts && orientation >= 5;
      CHECK(size[0] == (is_turned ? 2 : 3) && size[1] == (is_turned ? 3 : 2));
    }
  }
}

}  // namespace
