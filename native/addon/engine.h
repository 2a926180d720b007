#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "core/thread_pool.h"
#include "kernels/kernel_table.h"
#include "transform/image_worker.h"

namespace pixtok::addon {

// A thread pool and what its threads work with.
class Engine {
 public:
  // `copies_samples`: see read_samples().
  Engine(std::size_t threads, const kernels::KernelTable& kernels,
         const std::optional<transform::JpegChoice>& jpeg,
         const std::shared_ptr<const decode::ZlibLibrary>& zlib,
         const std::shared_ptr<const decode::WebpLibrary>& webp, bool copies_samples)
      : copies_samples_(copies_samples),
        workers_(make_workers(threads, kernels, jpeg, zlib, webp)),
        read_ahead_(threads),
        pool_(threads) {}

  bool copies_samples() const { return copies_samples_; }

  core::ThreadPool& pool() { return pool_; }
  std::vector<std::unique_ptr<transform::ImageWorker>>& workers() { return workers_; }
  transform::ReadAhead& read_ahead() { return read_ahead_; }

 private:
  static std::vector<std::unique_ptr<transform::ImageWorker>> make_workers(
      std::size_t threads, const kernels::KernelTable& kernels,
      const std::optional<transform::JpegChoice>& jpeg,
      const std::shared_ptr<const decode::ZlibLibrary>& zlib,
      const std::shared_ptr<const decode::WebpLibrary>& webp) {
    std::vector<std::unique_ptr<transform::ImageWorker>> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.push_back(std::make_unique<transform::ImageWorker>(kernels, jpeg, zlib, webp));
    }
    return workers;
  }

  const bool copies_samples_;
  std::vector<std::unique_ptr<transform::ImageWorker>> workers_;
  transform::ReadAhead read_ahead_;
  core::ThreadPool pool_;  // last: its threads end before what they use
};

}  // namespace pixtok::addon
