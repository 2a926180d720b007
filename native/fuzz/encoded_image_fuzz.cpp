// A file's bytes, as any plan makes a row of them: header, decoder, orientation, geometry, resize,
// normalize. The plan is at the end of the input.

#include <vector>

#include "fuzz/drawn_plan.h"
#include "fuzz/prepared.h"

using namespace pixtok;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const transform::Plan plan = fuzz::draw_plan(input);
  const transform::Region region = fuzz::draw_region(input);
  const auto file = input.ConsumeRemainingBytes<std::uint8_t>();
  fuzz::require_same_row(
      [&] {
        return transform::Sample{transform::EncodedSample{file.data(), file.size(), nullptr},
                                 region};
      },
      plan);
  return 0;
}
