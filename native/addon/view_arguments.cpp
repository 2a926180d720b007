#include "addon/view_arguments.h"

#include <cstdint>
#include <utility>

#include "addon/byte_arrays.h"
#include "core/limits.h"

namespace pixtok::addon {

namespace {

// In the order in which src/image/views/native-views.ts writes them.
enum Field {
  kFrom,
  kCropLeft,
  kCropTop,
  kCropWidth,
  kCropHeight,
  kResizedWidth,
  kResizedHeight,
  kWindowLeft,
  kWindowTop,
  kFillRed,
  kFillGreen,
  kFillBlue,
  kWidth,
  kHeight,
  kOffset,  // -1: its bytes are kept
  kCellWidth,
  kCellHeight,
  kAcross,
  kDown,
  kBlock,
  kCopies,
  kRowStride,
  kPlaneStride,
  kCellStride,
  kCubic,  // 0 or 1
  kFields
};

// The numbers of one view.
class Numbers {
 public:
  Numbers(Napi::Env env, const double* numbers) : env_(env), numbers_(numbers) {}

  std::int64_t integer(Field field, std::int64_t least, std::int64_t most) const {
    const double number = numbers_[field];
    if (!(number >= static_cast<double>(least) && number <= static_cast<double>(most))) {
      throw Napi::RangeError::New(env_, "views: out of range");
    }
    return static_cast<std::int64_t>(number);
  }

  int place(Field field) const {
    return static_cast<int>(integer(field, -core::kMaxSide, core::kMaxSide));
  }

  int side(Field field) const { return static_cast<int>(integer(field, 0, core::kMaxSide)); }

  std::uint8_t byte(Field field) const {
    return static_cast<std::uint8_t>(integer(field, 0, UINT8_MAX));
  }

  std::size_t size(Field field) const {
    return static_cast<std::size_t>(integer(field, 0, INT64_C(1) << 53));
  }

 private:
  Napi::Env env_;
  const double* numbers_;
};

transform::View read_view(const Numbers& numbers) {
  transform::View view;
  view.from = static_cast<int>(numbers.integer(kFrom, -1, INT32_MAX));
  view.crop = {numbers.side(kCropLeft), numbers.side(kCropTop), numbers.side(kCropWidth),
               numbers.side(kCropHeight)};
  view.resized_width = numbers.side(kResizedWidth);
  view.resized_height = numbers.side(kResizedHeight);
  view.window = {numbers.place(kWindowLeft),
                 numbers.place(kWindowTop),
                 {numbers.byte(kFillRed), numbers.byte(kFillGreen), numbers.byte(kFillBlue)}};
  view.width = numbers.side(kWidth);
  view.height = numbers.side(kHeight);
  const bool kept = numbers.integer(kOffset, -1, INT64_C(1) << 53) < 0;
  if (kept) return view;
  view.offset = numbers.size(kOffset);
  transform::Cells& cells = view.cells.emplace();
  cells.width = numbers.side(kCellWidth);
  cells.height = numbers.side(kCellHeight);
  cells.across = numbers.side(kAcross);
  cells.down = numbers.side(kDown);
  cells.block = numbers.side(kBlock);
  cells.copies = numbers.side(kCopies);
  cells.row_stride = numbers.size(kRowStride);
  cells.plane_stride = numbers.size(kPlaneStride);
  cells.cell_stride = numbers.size(kCellStride);
  view.cubic = numbers.integer(kCubic, 0, 1) == 1;
  return view;
}

Napi::Float64Array float64_array(const Napi::Object& region, const char* name) {
  return require_array(region.Get(name), napi_float64_array, name).As<Napi::Float64Array>();
}

}  // namespace

std::shared_ptr<const transform::Views> read_views(Napi::Object region) {
  auto views = std::make_shared<transform::Views>();
  const Napi::Float64Array numbers = float64_array(region, "views");
  for (std::size_t i = 0; i + kFields <= numbers.ElementLength(); i += kFields) {
    views->views.push_back(read_view(Numbers(region.Env(), numbers.Data() + i)));
  }
  const Napi::Float64Array zeros = float64_array(region, "zeros");
  for (std::size_t i = 0; i + 2 <= zeros.ElementLength(); i += 2) {
    const auto bytes = [&](std::size_t at) {
      const double number = zeros.Data()[at];
      if (!(number >= 0 && number <= 0x1p53)) {
        throw Napi::RangeError::New(region.Env(), "zeros: out of range");
      }
      return static_cast<std::size_t>(number);
    };
    views->zeros.push_back({bytes(i), bytes(i + 1)});
  }
  return views;
}

}  // namespace pixtok::addon
