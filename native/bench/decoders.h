#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/bytes.h"

namespace pixtok::bench {

// Files to pixels, for one thread, with memory that is used again. Whether a file was decoded.
using Decode = std::function<bool(core::Bytes file)>;

// Makes a Decode for each thread that wants one.
using MakeDecode = std::function<Decode()>;

// Of these names:
//   libjpeg-turbo         to RGB, with its own upsampling and colour conversion
//   libjpeg-turbo-planes  to the planes that a file stores, where it stores some
//   baseline              the project's own decoder of baseline JPEG, to planes; needs no library
//   libwebp               to RGB
// `library` is a path or name that the system's loader finds. Throws std::runtime_error.
MakeDecode decoder_of(const std::string& name, const std::string& library);

}  // namespace pixtok::bench
