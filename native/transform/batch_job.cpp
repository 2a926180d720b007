#include "transform/batch_job.h"

#include <utility>

namespace pixtok::transform {

BatchJob::BatchJob(std::shared_ptr<const Plan> plan, std::vector<Sample> samples,
                   std::uint8_t* target, std::vector<std::unique_ptr<ImageWorker>>& workers,
                   Finished finished)
    : Job(samples.size()),
      plan_(std::move(plan)),
      samples_(std::move(samples)),
      target_(target),
      workers_(workers),
      statuses_(samples_.size()),
      finished_(std::move(finished)) {}

void BatchJob::run(std::size_t item, std::size_t worker) noexcept {
  Sample& sample = samples_[item];
  sample.times.queued = steady_nanoseconds() - created_at_;
  std::uint8_t* slot = target_ + item * plan_->slot_bytes();
  statuses_[item] = workers_[worker]->prepare(sample, *plan_, slot, ahead_.get(), item);
}

void BatchJob::skip(std::size_t item) noexcept {
  statuses_[item].code = core::StatusCode::kCancelled;
  if (ahead_ != nullptr) ahead_->skip(item);
}

void BatchJob::finish() noexcept {
  finished_at_ = steady_nanoseconds();
  finished_(*this);
}

StageTimes BatchJob::times() const {
  StageTimes sum;
  for (const Sample& sample : samples_) sum += sample.times;
  return sum;
}

}  // namespace pixtok::transform
