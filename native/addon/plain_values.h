#pragma once

#include <napi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

// Values of objects that src/native makes. What has another type is an error of this package: it is
// thrown to JavaScript.
namespace pixtok::addon {

// In the order of transform::Filter.
inline constexpr const char* kFilters[] = {"nearest", "box",     "bilinear",
                                           "hamming", "bicubic", "lanczos"};

inline double number(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) {
    throw Napi::TypeError::New(object.Env(), std::string(name) + ": expected a number");
  }
  return value.As<Napi::Number>().DoubleValue();
}

inline std::int64_t integer(const Napi::Object& object, const char* name, std::int64_t least,
                            std::int64_t most) {
  const double value = number(object, name);
  if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most))) {
    throw Napi::RangeError::New(object.Env(), std::string(name) + ": out of range");
  }
  return static_cast<std::int64_t>(value);
}

// The value of an enum by its name. `names` are in the order of the enum's values.
template <typename Enum, std::size_t N>
Enum named(const Napi::Object& object, const char* name, const char* const (&names)[N]) {
  const Napi::Value value = object.Get(name);
  if (value.IsString()) {
    const std::string given = value.As<Napi::String>().Utf8Value();
    for (std::size_t i = 0; i < N; ++i) {
      if (given == names[i]) return static_cast<Enum>(i);
    }
  }
  throw Napi::TypeError::New(object.Env(), std::string(name) + ": not one of the known names");
}

inline bool flag(const Napi::Object& object, const char* name) {
  return object.Get(name).ToBoolean().Value();
}

template <std::size_t N>
std::array<double, N> numbers(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray() || value.As<Napi::Array>().Length() != N) {
    throw Napi::TypeError::New(object.Env(),
                               std::string(name) + ": expected " + std::to_string(N) + " numbers");
  }
  std::array<double, N> read{};
  for (std::uint32_t i = 0; i < N; ++i) {
    read[i] = value.As<Napi::Array>().Get(i).ToNumber().DoubleValue();
  }
  return read;
}

template <std::size_t N>
std::array<int, N> integers(const Napi::Object& object, const char* name, int least, int most) {
  std::array<int, N> read{};
  const std::array<double, N> values = numbers<N>(object, name);
  for (std::size_t i = 0; i < N; ++i) {
    if (!(values[i] >= least && values[i] <= most)) {
      throw Napi::RangeError::New(object.Env(), std::string(name) + ": out of range");
    }
    read[i] = static_cast<int>(values[i]);
  }
  return read;
}

inline std::array<std::uint8_t, 3> colour(const Napi::Object& object, const char* name) {
  const std::array<int, 3> values = integers<3>(object, name, 0, 255);
  return {static_cast<std::uint8_t>(values[0]), static_cast<std::uint8_t>(values[1]),
          static_cast<std::uint8_t>(values[2])};
}

}  // namespace pixtok::addon
