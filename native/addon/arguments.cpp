#include "addon/arguments.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "addon/augmentation_options.h"
#include "addon/byte_arrays.h"
#include "addon/plain_values.h"
#include "addon/view_arguments.h"
#include "core/limits.h"
#include "core/platform.h"
#include "transform/normalizer.h"

namespace pixtok::addon {

namespace {

using core::kMaxSide;

constexpr const char* kPixelFormats[] = {"grey", "grey-alpha",    "rgb",    "rgba",
                                         "cmyk", "inverted-cmyk", "grey16", "planar-rgb"};
constexpr const char* kConventions[] = {"torchvision", "huggingface", "huggingface-torchvision"};
constexpr const char* kResizeModes[] = {"none", "fixed", "shortestEdge", "longestEdge",
                                        "fitWithin"};
constexpr const char* kResamplers[] = {"pillow13", "pillow12", "torch"};
constexpr const char* kTypes[] = {"float32", "float16", "uint8"};
constexpr const char* kLayouts[] = {"chw", "hwc"};
constexpr const char* kArithmetics[] = {"torchvision", "huggingface", "fused", "bfloat16"};
constexpr const char* kPurposes[] = {"images", "views", "sizes"};

core::AlignedBytes copy_of(const std::uint8_t* data, std::size_t size) {
  core::AlignedBytes copy = core::allocate_aligned(size + core::kTailPadding);
  // those of a mapped file at once, and not page by page; other memory is there
  core::advise_will_need(data, size);
  std::memcpy(copy.get(), data, size);
  return copy;
}

transform::RawSample read_raw_sample(const Napi::Object& object, bool copy) {
  const Napi::Uint8Array bytes = require_bytes(object.Get("data"), "data");
  const int width = static_cast<int>(integer(object, "width", 1, kMaxSide));
  const int height = static_cast<int>(integer(object, "height", 1, kMaxSide));
  const auto format = named<core::PixelFormat>(object, "format", kPixelFormats);
  transform::RawSample sample{};
  sample.orientation = static_cast<int>(integer(object, "orientation", 1, 8));
  const std::size_t needed = core::bytes_of_pixels(format, width, height);
  if (bytes.ByteLength() < needed) {
    throw Napi::RangeError::New(object.Env(), "data: too short for its width and height");
  }
  const std::size_t offset = bytes.ByteOffset();
  const core::Bytes memory{bytes.Data() - offset, bytes.ArrayBuffer().ByteLength()};
  sample.pixels = core::pixels_in(memory, offset, format, width, height);
  if (copy) {
    sample.copy = copy_of(bytes.Data(), needed);
    const core::Bytes copied{sample.copy.get(), needed + core::kTailPadding};
    sample.pixels = core::pixels_in(copied, 0, format, width, height);
  }
  return sample;
}

transform::EncodedSample read_encoded_sample(const Napi::Uint8Array& bytes, bool copy) {
  transform::EncodedSample sample{bytes.Data(), bytes.ByteLength(), nullptr};
  if (copy && sample.size > 0) {
    sample.copy = copy_of(sample.data, sample.size);
    sample.data = sample.copy.get();
  }
  return sample;
}

core::FileVersion read_file_version(const Napi::Object& object, std::int64_t most) {
  const Napi::Value modified = object.Get("modified");
  if (!modified.IsBigInt()) throw Napi::TypeError::New(object.Env(), "modified: expected a bigint");
  bool is_whole = false;
  return {static_cast<std::uint64_t>(integer(object, "size", 0, most)),
          modified.As<Napi::BigInt>().Int64Value(&is_whole)};
}

transform::FileSample read_file_range(const Napi::Object& object) {
  constexpr std::int64_t most = INT64_C(1) << 53;
  transform::FileSample sample{object.Get("path").ToString().Utf8Value(), {}};
  sample.range.offset = static_cast<std::uint64_t>(integer(object, "offset", 0, most));
  sample.range.length = static_cast<std::uint64_t>(integer(object, "length", 0, most));
  const Napi::Value version = object.Get("version");
  if (version.IsObject())
    sample.range.version = read_file_version(version.As<Napi::Object>(), most);
  return sample;
}

transform::Sample read_sample(const Napi::Value& value, bool copy) {
  if (value.IsString()) {
    return {transform::FileSample{value.As<Napi::String>().Utf8Value(), {}}, {}};
  }
  if (value.IsTypedArray()) {
    const Napi::Uint8Array bytes = require_bytes(value, "sample");
    transform::Sample sample{read_encoded_sample(bytes, copy), {}};
    if (!copy) sample.mapped = bytes_of(bytes);
    return sample;
  }
  if (value.IsObject()) {
    const Napi::Object object = value.As<Napi::Object>();
    if (object.Has("path")) return {read_file_range(object), {}};
    transform::RawSample raw = read_raw_sample(object, copy);
    const bool copied = raw.copy != nullptr;
    transform::Sample sample{std::move(raw), {}};
    if (!copied) sample.mapped = bytes_of(require_bytes(object.Get("data"), "data"));
    return sample;
  }
  throw Napi::TypeError::New(value.Env(), "sample: expected a path, bytes or pixels");
}

transform::Region read_region(const Napi::Value& value) {
  transform::Region region;
  if (!value.IsObject()) return region;
  const Napi::Object object = value.As<Napi::Object>();
  if (object.Has("views")) {
    region.views = read_views(object);
    return region;
  }
  if (!object.Get("crop").IsNull()) {
    const std::array<int, 4> crop = integers<4>(object, "crop", 0, kMaxSide);
    region.crop = {crop[0], crop[1], crop[2], crop[3]};
  }
  if (!object.Get("box").IsNull()) {
    const std::array<double, 4> box = numbers<4>(object, "box");
    region.left = static_cast<float>(box[0]);
    region.top = static_cast<float>(box[1]);
    region.right = static_cast<float>(box[2]);
    region.bottom = static_cast<float>(box[3]);
  }
  if (!object.Get("window").IsNull()) {
    const std::array<int, 2> window = integers<2>(object, "window", -kMaxSide, kMaxSide);
    region.window = {window[0], window[1], colour(object, "fill")};
  }
  region.flip = flag(object, "flip");
  region.operations = read_operations(object.Get("operations"));
  return region;
}

transform::Geometry read_geometry(const Napi::Object& options) {
  const auto side = [&options](const char* name) {
    return static_cast<int>(integer(options, name, 0, kMaxSide));
  };
  transform::Geometry geometry;
  geometry.convention = named<transform::Convention>(options, "convention", kConventions);
  geometry.resize = named<transform::ResizeMode>(options, "resize", kResizeModes);
  geometry.width = side("width");
  geometry.height = side("height");
  geometry.shortest = side("shortest");
  geometry.longest = side("longest");
  geometry.crop_width = side("cropWidth");
  geometry.crop_height = side("cropHeight");
  geometry.center_crop = geometry.crop_width > 0 && geometry.crop_height > 0;
  geometry.pad = flag(options, "pad");
  geometry.output_width = static_cast<int>(integer(options, "outputWidth", 1, kMaxSide));
  geometry.output_height = static_cast<int>(integer(options, "outputHeight", 1, kMaxSide));
  return geometry;
}

}  // namespace

transform::Plan read_plan(Napi::Object options) {
  transform::Plan plan;
  plan.purpose = named<transform::Purpose>(options, "purpose", kPurposes);
  plan.geometry = read_geometry(options);
  plan.exif_orientation = flag(options, "exifOrientation");
  plan.fast_decode = flag(options, "fastDecode");
  plan.white_ground = flag(options, "whiteGround");
  plan.augmentation = read_augmentation(options.Get("augmentation"));
  plan.filter = named<transform::Filter>(options, "filter", kFilters);
  plan.resampler = named<transform::Resampler>(options, "resampler", kResamplers);
  if (!transform::has_filter(plan.resampler, plan.filter)) {
    throw Napi::TypeError::New(options.Env(), "filter: not one that the resampler has");
  }
  plan.type = named<kernels::ElementType>(options, "type", kTypes);
  plan.layout = named<kernels::Layout>(options, "layout", kLayouts);
  plan.blue_first = flag(options, "blueFirst");
  plan.max_pixels = integer(options, "maxPixels", 1, INT64_C(1) << 53);
  transform::NormalizerOptions normalizer;
  normalizer.arithmetic = named<transform::RescaleArithmetic>(options, "arithmetic", kArithmetics);
  normalizer.rescale = flag(options, "rescale");
  normalizer.rescale_factor = number(options, "rescaleFactor");
  normalizer.offset = number(options, "offset");
  normalizer.normalize = flag(options, "normalize");
  normalizer.mean = numbers<3>(options, "mean");
  normalizer.std = numbers<3>(options, "std");
  normalizer.last_std = numbers<3>(options, "lastStd");
  plan.normalizer = transform::build_normalizer(normalizer, kernels::chosen());
  return plan;
}

std::vector<transform::Sample> read_samples(Napi::Array array, Napi::Value regions, bool copy) {
  std::vector<transform::Sample> samples;
  const std::uint32_t length = array.Length();
  samples.reserve(length);
  for (std::uint32_t i = 0; i < length; ++i) {
    const Napi::HandleScope scope(array.Env());
    samples.push_back(read_sample(array.Get(i), copy));
    if (regions.IsArray()) samples.back().region = read_region(regions.As<Napi::Array>().Get(i));
  }
  return samples;
}

void read_random_keys(Napi::Object random, std::vector<transform::Sample>& samples) {
  constexpr std::int64_t most = INT64_C(1) << 53;
  core::RandomKey key;
  key.seed = static_cast<std::uint64_t>(integer(random, "seed", 0, most));
  key.epoch = static_cast<std::uint64_t>(integer(random, "epoch", 0, most));
  const Napi::Value indices = random.Get("indices");
  if (!indices.IsArray() || indices.As<Napi::Array>().Length() != samples.size()) {
    throw Napi::TypeError::New(random.Env(), "indices: expected one for each sample");
  }
  for (std::uint32_t i = 0; i < samples.size(); ++i) {
    const Napi::HandleScope scope(random.Env());
    const double index = indices.As<Napi::Array>().Get(i).ToNumber().DoubleValue();
    key.index = static_cast<std::uint64_t>(std::max(0.0, index));
    samples[i].region.key = key;
  }
}

}  // namespace pixtok::addon
