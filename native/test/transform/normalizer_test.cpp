#include "transform/normalizer.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/kernel_table.h"
#include "test/check.h"

namespace {

using namespace pixtok;

TEST("the table follows torchvision's order of float operations") {
  transform::NormalizerOptions options;
  options.mean = {0.485, 0.456, 0.406};
  options.std = {0.229, 0.224, 0.225};
  const kernels::Normalizer normalizer =
      transform::build_normalizer(options, *kernels::supported_tables().front());
  for (int byte = 0; byte < 256; ++byte) {
    volatile float value = static_cast<float>(byte) / 255.0F;
    value = value - 0.485F;
    value = value / 0.229F;
    CHECK(normalizer.table[0][byte] == value);
  }
}

TEST("a fused table follows the torchvision backend of transformers") {
  // transformers 5.24: TorchvisionBackend.rescale_and_normalize
  transform::NormalizerOptions options;
  options.arithmetic = transform::RescaleArithmetic::kFused;
  options.mean = {0.48145466, 0.4578275, 0.40821073};
  options.std = {0.26862954, 0.26130258, 0.27577711};
  for (const kernels::KernelTable* kernels : kernels::supported_tables()) {
    const kernels::Normalizer normalizer = transform::build_normalizer(options, *kernels);
    // by torch 2.15: torch.tensor(mean) * 255.0, torch.tensor(std) * 255.0
    CHECK(normalizer.mean[0] == 122.77094F);
    CHECK(normalizer.std[0] == 68.500534F);
    for (int byte = 0; byte < 256; ++byte) {
      volatile float value = static_cast<float>(byte) - 122.77094F;
      value = value / 68.500534F;
      CHECK(normalizer.table[0][byte] == value);
    }
  }
}

TEST("half precision rounds to nearest even and keeps subnormals") {
  // Values and bit patterns by NumPy: np.float32(x).astype(np.float16).view(np.uint16).
  struct Expected {
    double value;
    std::uint16_t bits;
  };
  const std::vector<Expected> expected = {
      {0.0, 0x0000},      {1.0, 0x3C00},      {-2.5, 0xC100},     {0.1, 0x2E66},
      {65504.0, 0x7BFF},  {65519.0, 0x7BFF},  {65520.0, 0x7C00},  {6.103515625e-05, 0x0400},
      {5.9604645e-08, 1}, {2.9802322e-08, 0}, {8.9406967e-08, 2}, {2049.0, 0x6800},
      {2051.0, 0x6802},   {6.1e-05, 0x03FF},  {0.99998, 0x3C00},
  };
  for (const Expected& one : expected) {
    transform::NormalizerOptions options;
    options.arithmetic = transform::RescaleArithmetic::kHuggingFace;
    options.normalize = false;
    options.rescale_factor = one.value;
    const kernels::Normalizer normalizer =
        transform::build_normalizer(options, *kernels::supported_tables().front());
    CHECK(normalizer.half_table[0][1] == one.bits);
  }
}

TEST("the last divisor, the offset and what is left out come in their order") {
  const kernels::KernelTable& kernels = *kernels::supported_tables().front();
  transform::NormalizerOptions options;
  options.mean = {0.5, 0.25, 0.125};
  options.std = {0.25, 0.5, 2};
  options.last_std = {2, 4, 8};
  const kernels::Normalizer divided = transform::build_normalizer(options, kernels);
  CHECK(divided.table[0][255] == 1 && divided.table[1][255] == 0.375F);
  CHECK(divided.table[2][255] == 0.4375F / 8);

  options = {};
  options.normalize = false;
  options.rescale = false;
  const kernels::Normalizer bytes = transform::build_normalizer(options, kernels);
  for (int byte = 0; byte < 256; ++byte) CHECK(bytes.table[1][byte] == static_cast<float>(byte));
  CHECK(!bytes.arithmetic);

  options.rescale = true;
  options.rescale_factor = 0.125;
  options.offset = 1;
  for (const auto arithmetic :
       {transform::RescaleArithmetic::kHuggingFace, transform::RescaleArithmetic::kFused}) {
    options.arithmetic = arithmetic;
    const kernels::Normalizer offset = transform::build_normalizer(options, kernels);
    for (int byte = 0; byte < 256; ++byte) {
      CHECK(offset.table[2][byte] == static_cast<float>(byte) * 0.125F - 1);
    }
  }
}

TEST("a table of bfloat16 is rounded after each step, as torch's operations on such tensors") {
  transform::NormalizerOptions options;
  options.arithmetic = transform::RescaleArithmetic::kBfloat16;
  options.mean = {0.5, 0.5, 0.5};
  options.std = {0.5, 0.5, 0.5};
  const kernels::Normalizer normalizer =
      transform::build_normalizer(options, *kernels::supported_tables().back());
  // by torch 2.15: (x.to(torch.bfloat16) * (1 / 255) - 0.5) / 0.5, the bits of each
  CHECK(normalizer.half_table[0][0] == 0xBF80);
  CHECK(normalizer.half_table[1][1] == 0xBF7E);
  CHECK(normalizer.half_table[2][100] == 0xBE5C);
  CHECK(normalizer.half_table[0][127] == 0xBB80);
  CHECK(normalizer.half_table[0][200] == 0x3F12);
  CHECK(normalizer.half_table[0][255] == 0x3F80);
  CHECK(!normalizer.arithmetic);
}

}  // namespace
