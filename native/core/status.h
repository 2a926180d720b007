#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace pixtok::core {

// What became of one sample. The names that users see are in addon/error_codes.h.
enum class StatusCode : std::uint8_t {
  kOk,
  kDeclined,   // not an error: the caller has another decoder for this sample
  kCancelled,  // the batch was given up before this sample was started
  kFileNotFound,
  kNotAFile,
  kFileUnreadable,
  kEmptyFile,
  kCorruptImage,
  kTruncatedImage,
  kTooManyPixels,
  kUnsupportedFormat,  // a kind of image that is not read
  kDoesNotFit,         // size or region and output do not go together
  kSourceChanged,      // the file is not what it was when it was looked at first
  // Faults of the machine: the sample cannot be judged.
  kOutOfMemory,
  kOutOfFileDescriptors,
  kStorageFailed,
};

struct Status {
  StatusCode code = StatusCode::kOk;
  std::string message;

  bool ok() const { return code == StatusCode::kOk; }

  static Status success() { return {}; }
  static Status failure(StatusCode code, std::string message) { return {code, std::move(message)}; }
};

}  // namespace pixtok::core
