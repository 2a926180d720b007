#include "transform/stage_times.h"

#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"
#include "transform/batch_job.h"

namespace {

using namespace pixtok;
using transform::StageTimes;

constexpr std::int64_t kMicrosecond = 1000;

void work_for(std::int64_t nanoseconds) {
  const std::int64_t end = transform::steady_nanoseconds() + nanoseconds;
  while (transform::steady_nanoseconds() < end) {
  }
}

std::int64_t sum_of(const StageTimes& times) {
  return times.read + times.decode + times.resize + times.normalize;
}

TEST("a clock gives each stage the time until the next one, and all of it to one of them") {
  StageTimes times;
  transform::StageClock clock;
  const std::int64_t before = transform::steady_nanoseconds();
  clock.start(times, &StageTimes::read);
  work_for(20 * kMicrosecond);
  clock.enter(&StageTimes::decode);
  work_for(30 * kMicrosecond);
  clock.enter(&StageTimes::resize);
  work_for(10 * kMicrosecond);
  clock.stop();
  const std::int64_t passed = transform::steady_nanoseconds() - before;
  CHECK(times.read >= 20 * kMicrosecond);
  CHECK(times.decode >= 30 * kMicrosecond);
  CHECK(times.resize >= 10 * kMicrosecond);
  CHECK(times.normalize == 0);
  CHECK(sum_of(times) >= 60 * kMicrosecond && sum_of(times) <= passed);
}

TEST("what is given to another stage is taken from this one, and is no more than it had") {
  for (const std::int64_t given :
       {10 * kMicrosecond, std::int64_t{3600} * 1000 * 1000 * kMicrosecond}) {
    StageTimes times;
    transform::StageClock clock;
    clock.start(times, &StageTimes::resize);
    work_for(20 * kMicrosecond);
    clock.give(&StageTimes::normalize, given);
    CHECK(times.normalize <= given && times.normalize >= 10 * kMicrosecond);
    CHECK(times.resize >= 0);
    CHECK(sum_of(times) >= 20 * kMicrosecond);
  }
}

TEST("rows that are timed stand for all of them") {
  transform::RowTimer timer;
  int worked = 0;
  for (int row = 0; row < 64; ++row) {
    timer.time(1, [&] {
      ++worked;
      if (row % 32 == 8) work_for(2 * kMicrosecond);
    });
  }
  CHECK(worked == 64);
  CHECK(timer.nanoseconds() >= 64 * 2 * kMicrosecond);
  timer.reset();
  for (int row = 0; row < 4; ++row) timer.time(1, [] { work_for(kMicrosecond); });
  CHECK(timer.nanoseconds() >= 4 * kMicrosecond);
  timer.reset();
  timer.time(50, [&] { work_for(7 * kMicrosecond); });
  CHECK(timer.nanoseconds() >= 7 * kMicrosecond);
  timer.reset();
  CHECK(timer.nanoseconds() == 0);
}

TEST("a batch says what its images took and how many bytes they had") {
  auto plan = std::make_shared<transform::Plan>();
  plan->geometry.width = plan->geometry.output_width = 8;
  plan->geometry.height = plan->geometry.output_height = 8;
  const kernels::KernelTable& kernels = *kernels::supported_tables().back();
  std::vector<std::unique_ptr<transform::ImageWorker>> workers;
  workers.push_back(std::make_unique<transform::ImageWorker>(kernels, std::nullopt));
  std::vector<transform::Sample> samples(2);
  for (transform::Sample& sample : samples) {
    sample.image = transform::FileSample{test::data_folder() + "/images/gif-still.gif", {}};
  }
  std::vector<float> target(2 * plan->slot_bytes() / sizeof(float));
  std::promise<void> finished;
  const std::int64_t before = transform::steady_nanoseconds();
  const auto job = std::make_shared<transform::BatchJob>(
      plan, std::move(samples), reinterpret_cast<std::uint8_t*>(target.data()), workers,
      [&finished](transform::BatchJob&) { finished.set_value(); });
  core::ThreadPool pool(1);
  pool.submit(job);
  finished.get_future().wait();
  const std::int64_t passed = transform::steady_nanoseconds() - before;
  for (const core::Status& status : job->statuses()) {
    const std::string code = std::to_string(static_cast<int>(status.code));
    if (!status.ok()) test::fail(__FILE__, __LINE__, "code " + code + ": " + status.message);
  }
  const StageTimes times = job->times();
  CHECK(times.read > 0 && times.decode > 0 && times.resize > 0 && times.normalize > 0);
  // one thread, one image after the other: the second waits for the first
  CHECK(sum_of(times) <= passed);
  CHECK(times.queued >= sum_of(job->samples()[0].times));
  CHECK(times.file_bytes == 2 * job->samples()[0].times.file_bytes && times.file_bytes > 0);
  CHECK(times.pixel_bytes > 0 && times.pixel_bytes % 6 == 0);
  CHECK(job->finished_at() >= before && job->finished_at() <= before + passed);
}

}  // namespace
