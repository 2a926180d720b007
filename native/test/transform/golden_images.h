#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "decode/jpeg/jpeg_library.h"
#include "decode/png/zlib_library.h"
#include "decode/webp/webp_library.h"
#include "test/golden_lines.h"
#include "test/images.h"
#include "transform/image_worker.h"

// Images of the tests' data through the whole core, for lines of goldens that name one.
namespace pixtok::test {

// By the names of Pillow's filters.
transform::Filter filter_of(const std::string& name);

// Bytes of the fixed size, row by row.
transform::Plan plan_to(int width, int height);

// Whether a line's image is of a format that is decoded here.
bool is_decoded(const GoldenLine& line);

// Whether libjpeg-turbo is there, and is that of the goldens, which are of x86: its code for NEON
// gives other pixels where coefficients are larger than an encoder makes them.
bool has_library_of_goldens();

// Fails where there is something and it is not what is expected.
void check_hash(const std::optional<std::string>& actual, const std::string& expected,
                const std::string& what);

struct FileOutcome {
  core::StatusCode code;
  std::string message;
  std::vector<std::uint8_t> slot;
};

class GoldenWorker {
 public:
  GoldenWorker();

  // What becomes of an image file in memory.
  FileOutcome prepared_file(const FileBytes& file, const transform::Plan& plan,
                            const transform::Region& region = {});

  // What becomes of an image of the data. Nothing where it is neither JPEG, PNG nor WebP, whatever
  // its name, where libjpeg-turbo, zlib or libwebp would be needed and is not there, and for the
  // PNG files that are declined.
  std::optional<std::vector<std::uint8_t>> prepared(const std::string& image,
                                                    const transform::Plan& plan,
                                                    const transform::Region& region = {});

  // Its hash, or why there is none.
  std::optional<std::string> hash_of(const std::string& image, const transform::Plan& plan,
                                     const transform::Region& region = {});

  // Of RGB pixels in memory.
  std::string hash_of_pixels(const std::vector<std::uint8_t>& rgb, int width, int height,
                             const transform::Plan& plan, const transform::Region& region);

 private:
  std::string message_;  // of the last image
  std::shared_ptr<const decode::JpegLibrary> library_;
  std::shared_ptr<const decode::ZlibLibrary> zlib_;
  std::shared_ptr<const decode::WebpLibrary> webp_;
  std::optional<transform::ImageWorker> worker_;
};

}  // namespace pixtok::test
