#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/status.h"
#include "core/thread_pool.h"
#include "transform/image_worker.h"
#include "transform/plan.h"
#include "transform/read_ahead.h"
#include "transform/sample.h"
#include "transform/stage_times.h"

namespace pixtok::transform {

// N samples into N rows of a batch. A sample that fails has its own status and leaves every other
// row alone; what its own row then holds is unspecified.
class BatchJob final : public core::Job {
 public:
  using Finished = std::function<void(BatchJob&)>;

  // `target` has room for `samples.size()` slots and is aligned for the element type; whoever owns
  // it must be kept alive by `finished`, which is called on a pool thread. `workers` has one entry
  // a thread of the pool the job is given to.
  BatchJob(std::shared_ptr<const Plan> plan, std::vector<Sample> samples, std::uint8_t* target,
           std::vector<std::unique_ptr<ImageWorker>>& workers, Finished finished);

  // Files of the same samples, or null. To be called before the job is given to a pool.
  void take_from(std::shared_ptr<FilesAhead> ahead) { ahead_ = std::move(ahead); }

  // By sample; to be read when the job has finished.
  const std::vector<core::Status>& statuses() const { return statuses_; }

  const Plan& plan() const { return *plan_; }

  // With what they took, and with their regions as they were used, for those that have not failed;
  // to be read when the job has finished.
  const std::vector<Sample>& samples() const { return samples_; }

  // What all samples took; to be read when the job has finished.
  StageTimes times() const;

  // By the steady clock; to be read when the job has finished.
  std::int64_t finished_at() const { return finished_at_; }

 protected:
  void run(std::size_t item, std::size_t worker) noexcept override;
  void skip(std::size_t item) noexcept override;
  void finish() noexcept override;

 private:
  const std::shared_ptr<const Plan> plan_;
  std::vector<Sample> samples_;
  std::uint8_t* const target_;
  std::vector<std::unique_ptr<ImageWorker>>& workers_;
  std::vector<core::Status> statuses_;
  Finished finished_;
  std::shared_ptr<FilesAhead> ahead_;
  const std::int64_t created_at_ = steady_nanoseconds();
  std::int64_t finished_at_ = 0;
};

}  // namespace pixtok::transform
