// Scratch memory of a large image that is not to be kept.

#include <cstddef>
#include <vector>

#include "core/aligned_buffer.h"
#include "test/check.h"
#include "transform/operations/apply_operations.h"
#include "transform/prepare_image.h"
#include "transform/view.h"
#include "transform/white_ground.h"

namespace {

using namespace pixtok;
using core::ScratchBuffer;

constexpr std::size_t kBytes = 1000;

template <typename Scratch>
void check_let_go(Scratch& scratch, const std::vector<ScratchBuffer*>& buffers) {
  for (ScratchBuffer* buffer : buffers) buffer->reserve(kBytes);
  scratch.trim(kBytes);
  for (const ScratchBuffer* buffer : buffers) CHECK(buffer->data() != nullptr);
  scratch.trim(kBytes - 1);
  for (const ScratchBuffer* buffer : buffers) CHECK(buffer->data() == nullptr);
}

TEST("every buffer for an image's rows, cells and operations is let go of beyond a size") {
  transform::PrepareScratch scratch;
  auto& [source, shortened, row, cells, resample, operations, normalizing] = scratch;
  check_let_go(scratch,
               {&source.chroma, &source.guarded, &source.shifted, &shortened, &row, &cells.rows,
                &cells.cell, &cells.run, &resample.staged, &resample.ring, &resample.row,
                &resample.flipped, &operations.image, &operations.other, &operations.values});
}

TEST("every buffer for views, and for a white ground, is let go of beyond a size") {
  transform::ViewScratch views;
  views.kept.resize(3);
  check_let_go(views, {&views.kept[0], &views.kept[1], &views.kept[2], &views.planar});
  transform::GroundScratch ground;
  check_let_go(ground, {&ground.pixels});
}

}  // namespace
