#pragma once

#include "core/status.h"

namespace pixtok::addon {

// The `code` of a PixtokError, listed for users in src/shared/errors.ts. Precondition: not kOk.
inline const char* error_code(core::StatusCode code) {
  using core::StatusCode;
  switch (code) {
    case StatusCode::kOk:
      break;
    case StatusCode::kDeclined:
      return "DECLINED";
    case StatusCode::kCancelled:
      return "CANCELLED";
    case StatusCode::kFileNotFound:
      return "FILE_NOT_FOUND";
    case StatusCode::kNotAFile:
      return "NOT_A_FILE";
    case StatusCode::kFileUnreadable:
      return "FILE_UNREADABLE";
    case StatusCode::kEmptyFile:
      return "EMPTY_FILE";
    case StatusCode::kCorruptImage:
      return "CORRUPT_IMAGE";
    case StatusCode::kTruncatedImage:
      return "TRUNCATED_IMAGE";
    case StatusCode::kTooManyPixels:
      return "TOO_MANY_PIXELS";
    case StatusCode::kUnsupportedFormat:
      return "UNSUPPORTED_FORMAT";
    case StatusCode::kDoesNotFit:
      return "DOES_NOT_FIT";
    case StatusCode::kSourceChanged:
      return "SOURCE_CHANGED";
    case StatusCode::kOutOfMemory:
      return "OUT_OF_MEMORY";
    case StatusCode::kOutOfFileDescriptors:
      return "OUT_OF_FILE_DESCRIPTORS";
    case StatusCode::kStorageFailed:
      return "STORAGE_FAILED";
  }
  return "";
}

}  // namespace pixtok::addon
