#include "transform/operations/colours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "transform/operations/blend.h"
#include "transform/operations/luma.h"

namespace pixtok::transform {

namespace {

struct Colour {
  std::uint8_t red;
  std::uint8_t green;
  std::uint8_t blue;
};

struct Hsv {
  std::uint8_t hue;
  std::uint8_t saturation;
  std::uint8_t value;
};

// Pillow's order of float and double operations, as in rgb2hsv_row.
Hsv hsv_of(const Colour& colour) {
  const auto [red, green, blue] = colour;
  const int most = std::max({red, green, blue});
  const int least = std::min({red, green, blue});
  const auto value = static_cast<std::uint8_t>(most);
  if (most == least) return {0, 0, value};
  const auto range = static_cast<float>(most - least);
  const auto distance = [&](int channel) { return static_cast<float>(most - channel) / range; };
  float hue = 0.0F;
  if (red == most) {
    hue = distance(blue) - distance(green);
  } else if (green == most) {
    hue = static_cast<float>(2.0 + static_cast<double>(distance(red)) -
                             static_cast<double>(distance(blue)));
  } else {
    hue = static_cast<float>(4.0 + static_cast<double>(distance(green)) -
                             static_cast<double>(distance(red)));
  }
  double turn = static_cast<double>(hue) / 6.0 + 1.0;  // 5/6 to 11/6
  if (turn >= 1.0) turn -= 1.0;
  const auto part = static_cast<double>(static_cast<float>(turn));
  const auto saturation = static_cast<double>(range / static_cast<float>(most));
  return {static_cast<std::uint8_t>(std::min(part * 255.0, 255.0)),
          static_cast<std::uint8_t>(saturation * 255.0), value};
}

// Where each hue lies: in a sixth of the circle, and how far into it.
struct HuePlace {
  int sixth;
  double part;
};

std::array<HuePlace, 256> hue_places() {
  std::array<HuePlace, 256> places{};
  for (int hue = 0; hue < 256; ++hue) {
    const double sixths = static_cast<double>(static_cast<float>(hue)) * 6.0 / 255.0;
    const double sixth = std::floor(sixths);
    places[static_cast<std::size_t>(hue)] = {
        static_cast<int>(sixth) % 6, static_cast<double>(static_cast<float>(sixths - sixth))};
  }
  return places;
}

std::uint8_t rounded(double value) { return static_cast<std::uint8_t>(value + 0.5); }

// hsv2rgb
Colour rgb_of(const Hsv& hsv, const std::array<HuePlace, 256>& places) {
  const std::uint8_t v = hsv.value;
  if (hsv.saturation == 0) return {v, v, v};
  const auto [sixth, part] = places[hsv.hue];
  const auto saturation = static_cast<double>(static_cast<float>(hsv.saturation / 255.0));
  const std::uint8_t p = rounded(v * (1.0 - saturation));
  // between the two, falling in every second sixth and rising in the others
  const double share = sixth % 2 == 0 ? 1.0 - part : part;
  const std::uint8_t between = rounded(v * (1.0 - saturation * share));
  switch (sixth) {
    case 0:
      return {v, between, p};
    case 1:
      return {between, v, p};
    case 2:
      return {p, v, between};
    case 3:
      return {p, between, v};
    case 4:
      return {between, p, v};
    default:
      return {v, p, between};
  }
}

}  // namespace

void make_grey(const ByteImage& image) {
  const std::size_t count = image.plane_bytes();
  std::uint8_t* const red = image.plane(0);
  const std::uint8_t* const green = image.plane(1);
  const std::uint8_t* const blue = image.plane(2);
  for (std::size_t i = 0; i < count; ++i) red[i] = luma(red[i], green[i], blue[i]);
  std::memcpy(image.plane(1), red, count);
  std::memcpy(image.plane(2), red, count);
}

void change_saturation(const ByteImage& image, double factor) {
  // a part of a plane at a time, so that the grey values need no memory of their own
  constexpr std::size_t kPart = 1024;
  const auto share = static_cast<float>(factor);
  const std::size_t count = image.plane_bytes();
  std::array<std::uint8_t, kPart> grey;
  for (std::size_t start = 0; start < count; start += kPart) {
    const std::size_t size = std::min(kPart, count - start);
    const std::uint8_t* const red = image.plane(0) + start;
    const std::uint8_t* const green = image.plane(1) + start;
    const std::uint8_t* const blue = image.plane(2) + start;
    for (std::size_t i = 0; i < size; ++i) grey[i] = luma(red[i], green[i], blue[i]);
    for (int channel = 0; channel < 3; ++channel) {
      std::uint8_t* const values = image.plane(channel) + start;
      for (std::size_t i = 0; i < size; ++i) values[i] = blend(grey[i], values[i], share);
    }
  }
}

void turn_hue(const ByteImage& image, double factor) {
  static const std::array<HuePlace, 256> places = hue_places();
  const auto turn = static_cast<std::uint8_t>(static_cast<int>(factor * 255));
  const std::size_t count = image.plane_bytes();
  std::uint8_t* const red = image.plane(0);
  std::uint8_t* const green = image.plane(1);
  std::uint8_t* const blue = image.plane(2);
  for (std::size_t i = 0; i < count; ++i) {
    Hsv hsv = hsv_of({red[i], green[i], blue[i]});
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + turn);
    const Colour turned = rgb_of(hsv, places);
    red[i] = turned.red;
    green[i] = turned.green;
    blue[i] = turned.blue;
  }
}

}  // namespace pixtok::transform
