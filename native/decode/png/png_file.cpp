#include "decode/png/png_file.h"

#include <algorithm>
#include <cstring>

#include "core/limits.h"
#include "decode/file_numbers.h"
#include "decode/file_signature.h"

namespace pixtok::decode {

namespace {

using core::Bytes;

constexpr std::size_t kSignature = 8;
constexpr std::size_t kBeforeContents = 8;  // length and name
constexpr std::size_t kChecksum = 4;
constexpr std::size_t kHeaderBytes = 13;
// Of a text or a profile, when it is unpacked (Pillow's MAX_TEXT_CHUNK).
constexpr std::size_t kMostText = std::size_t{1} << 20;

struct Chunk {
  const std::uint8_t* name = nullptr;
  Bytes contents;

  bool is(const char* other) const { return std::memcmp(name, other, 4) == 0; }
  // A decoder that does not know it may pass over it (5.4): its first letter is a small one.
  bool is_ancillary() const { return (name[0] & 0x20) != 0; }
  bool is_named() const {
    return std::all_of(name, name + 4, [](std::uint8_t letter) {
      return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    });
  }
};

// The chunks of a file, from the first on.
class Chunks {
 public:
  explicit Chunks(Bytes file) : file_(file), at_(kSignature) {}

  std::size_t at() const { return at_; }
  bool is_at_end() const { return at_ == file_.size; }

  // False where the next one is not there, or not whole.
  bool take(Chunk& chunk) {
    if (file_.size - at_ < kBeforeContents) return false;
    const std::uint8_t* start = file_.data + at_;
    const std::size_t length = big32(start);
    const std::size_t behind = file_.size - at_ - kBeforeContents;
    if (behind < kChecksum || length > behind - kChecksum) return false;
    chunk = {start + 4, {start + kBeforeContents, length}};
    at_ += kBeforeContents + length + kChecksum;
    return chunk.is_named();
  }

 private:
  Bytes file_;
  std::size_t at_;
};

bool has_right_checksum(const Chunk& chunk, const ZlibLibrary& library) {
  const Bytes contents = chunk.contents;
  const auto size = static_cast<unsigned int>(contents.size + 4);  // its length has 32 bits
  return size >= 4 && library.crc32(0, chunk.name, size) == big32(contents.data + contents.size);
}

bool is_depth(int depth, PngColour colour) {
  switch (colour) {
    case PngColour::kGrey:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case PngColour::kIndexed:
      return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case PngColour::kRgb:
    case PngColour::kGreyAlpha:
    case PngColour::kRgba:
      return depth == 8 || depth == 16;
  }
  return false;
}

bool read_header(Bytes contents, PngHeader& header) {
  if (contents.size != kHeaderBytes) return false;
  const std::uint32_t width = big32(contents.data);
  const std::uint32_t height = big32(contents.data + 4);
  if (width == 0 || height == 0 || width > core::kMaxSide || height > core::kMaxSide) return false;
  header.width = static_cast<int>(width);
  header.height = static_cast<int>(height);
  header.depth = contents.data[8];
  header.colour = static_cast<PngColour>(contents.data[9]);
  header.interlaced = contents.data[12] == 1;
  return is_depth(header.depth, header.colour) && contents.data[10] == 0 &&
         contents.data[11] == 0 && contents.data[12] <= 1;
}

// The part in front of the next zero, which is taken as well; null where there is none.
std::optional<Bytes> take_word(Bytes& contents) {
  if (contents.empty()) return std::nullopt;
  const void* zero = std::memchr(contents.data, 0, contents.size);
  if (zero == nullptr) return std::nullopt;
  const Bytes word{contents.data, static_cast<std::size_t>(static_cast<const std::uint8_t*>(zero) -
                                                           contents.data)};
  contents = contents.from(word.size + 1);
  return word;
}

bool equal(Bytes word, const char* text) {
  return word.size == std::strlen(text) && std::memcmp(word.data, text, word.size) == 0;
}

class Reading {
 public:
  Reading(Bytes file, Inflater& inflater, core::ScratchBuffer& scratch, PngFile& png)
      : chunks_(file), inflater_(inflater), scratch_(scratch), png_(png) {}

  bool read() {
    Chunk chunk;
    if (!chunks_.take(chunk) || !chunk.is("IHDR") || !is_whole(chunk) ||
        !read_header(chunk.contents, png_.header)) {
      return false;
    }
    std::size_t start = chunks_.at();
    for (;; start = chunks_.at()) {
      if (!chunks_.take(chunk)) return false;
      if (chunk.is("IDAT")) break;
      if (!is_whole(chunk) || !accept(chunk)) return false;
    }
    png_.data = start;
    for (; chunk.is("IDAT"); ++png_.data_chunks) {
      png_.data_bytes += chunk.contents.size;
      if (!chunks_.take(chunk)) return false;
    }
    return has_colours() && read_tail(chunk);
  }

 private:
  bool is_whole(const Chunk& chunk) const { return has_right_checksum(chunk, inflater_.library()); }

  // Up to the end, or the next frame of an animation, behind which Pillow does not read. It asks
  // for no checksums here.
  bool read_tail(Chunk chunk) {
    while (!chunk.is("IEND") && !chunk.is("fcTL")) {
      if (!chunk.is("tIME") && !accept_metadata(chunk)) return false;
      if (!chunks_.take(chunk)) return false;
    }
    if (chunk.is("fcTL") && frames_ <= (has_frame_ ? 1U : 0U)) return false;
    return is_end_of_file(chunk);
  }

  // A file with anything behind its last chunk may be longer than what was read of it.
  bool is_end_of_file(Chunk chunk) {
    while (!chunk.is("IEND")) {
      if (!chunks_.take(chunk)) return false;
    }
    return chunks_.is_at_end();
  }

  // In front of the pixels.
  bool accept(const Chunk& chunk) {
    const Bytes contents = chunk.contents;
    if (chunk.is("PLTE")) return accept_palette(contents);
    if (chunk.is("tRNS")) return accept_transparency(contents);
    if (chunk.is("acTL")) return accept_animation(contents);
    if (chunk.is("fcTL")) return accept_frame(contents);
    if (chunk.is("fdAT")) return false;
    if (chunk.is("gAMA")) return contents.size >= 4;
    if (chunk.is("sRGB")) return contents.size >= 1;
    if (chunk.is("pHYs")) return contents.size >= 9;
    if (chunk.is("cHRM")) return contents.size >= 32;
    if (chunk.is("iCCP")) return accept_packed(contents);
    if (accept_metadata(chunk)) return true;
    return chunk.is_ancillary() && !is_metadata(chunk);
  }

  static bool is_metadata(const Chunk& chunk) {
    return chunk.is("tEXt") || chunk.is("zTXt") || chunk.is("iTXt") || chunk.is("eXIf");
  }

  // What may say how the image is turned.
  bool accept_metadata(const Chunk& chunk) {
    if (chunk.is("tEXt")) return accept_text(chunk.contents);
    if (chunk.is("zTXt")) return accept_packed(chunk.contents);
    if (chunk.is("iTXt")) return accept_international(chunk.contents);
    if (!chunk.is("eXIf") || png_.exif.data != nullptr) return false;
    png_.exif = chunk.contents;
    return true;
  }

  bool accept_palette(Bytes contents) {
    if (png_.header.colour == PngColour::kGrey || png_.header.colour == PngColour::kGreyAlpha ||
        has_palette_ || contents.empty() || contents.size % 3 != 0 || contents.size > 3 * 256) {
      return false;
    }
    has_palette_ = true;
    if (png_.header.colour != PngColour::kIndexed) return true;  // a suggestion
    png_.colours = static_cast<int>(contents.size / 3);
    for (auto& colour : png_.palette) colour = {0, 0, 0, 255};
    for (std::size_t i = 0; i < contents.size; ++i) {
      png_.palette[i / 3][i % 3] = contents.data[i];
    }
    return true;
  }

  bool accept_transparency(Bytes contents) {
    const bool once = !has_transparency_;
    has_transparency_ = true;
    if (!once || png_.header.colour != PngColour::kIndexed || contents.empty() ||
        contents.size > static_cast<std::size_t>(png_.colours)) {
      return false;
    }
    for (std::size_t i = 0; i < contents.size; ++i) png_.palette[i][3] = contents.data[i];
    return true;
  }

  bool has_colours() {
    const auto [width, height, depth, colour, interlaced] = png_.header;
    if (colour == PngColour::kIndexed) return has_palette_;
    if (colour != PngColour::kGrey || depth >= 8) return true;
    const int levels = 1 << depth;
    png_.colours = levels;
    for (int level = 0; level < levels; ++level) {
      const auto grey = static_cast<std::uint8_t>(level * 255 / (levels - 1));
      png_.palette[static_cast<std::size_t>(level)] = {grey, grey, grey, 255};
    }
    return true;
  }

  bool accept_animation(Bytes contents) {
    if (contents.size < 8 || frames_ > 0) return false;
    frames_ = big32(contents.data);
    return frames_ > 0 && frames_ <= 0x80000000U;
  }

  // The pixels are its first frame: one that is the whole image.
  bool accept_frame(Bytes contents) {
    if (contents.size < 26 || has_frame_) return false;
    has_frame_ = true;
    const std::uint8_t* field = contents.data;
    return big32(field) == 0 && big32(field + 4) == static_cast<std::uint32_t>(png_.header.width) &&
           big32(field + 8) == static_cast<std::uint32_t>(png_.header.height) &&
           big32(field + 12) == 0 && big32(field + 16) == 0;
  }

  static bool says_orientation(Bytes key) {
    return equal(key, "eXIf") || equal(key, "exif") || equal(key, "Raw profile type exif") ||
           equal(key, "XML:com.adobe.xmp");
  }

  static bool accept_text(Bytes contents) {
    const std::optional<Bytes> key = take_word(contents);
    return key && !says_orientation(*key);
  }

  // A key, how it is packed, and what is packed.
  bool accept_packed(Bytes contents) {
    const std::optional<Bytes> key = take_word(contents);
    return key && !says_orientation(*key) && !contents.empty() && contents.data[0] == 0 &&
           unpacks(contents.from(1));
  }

  bool accept_international(Bytes contents) {
    const std::optional<Bytes> key = take_word(contents);
    if (!key || contents.size < 2) return false;
    const bool is_packed = contents.data[0] != 0;
    const bool is_known = contents.data[1] == 0;
    contents = contents.from(2);
    const bool has_text = take_word(contents) && take_word(contents);  // language, translated key
    if (!has_text) return false;
    if (is_packed) return is_known && !says_orientation(*key) && unpacks(contents);
    if (equal(*key, "XML:com.adobe.xmp")) {
      if (png_.xmp.data != nullptr) return false;
      png_.xmp = contents;
      return true;
    }
    return !says_orientation(*key);
  }

  bool unpacks(Bytes packed) {
    return inflater_.fits(packed, scratch_.reserve(kMostText), kMostText);
  }

  Chunks chunks_;
  Inflater& inflater_;
  core::ScratchBuffer& scratch_;
  PngFile& png_;
  bool has_palette_ = false;
  bool has_transparency_ = false;
  bool has_frame_ = false;
  std::uint32_t frames_ = 0;
};

}  // namespace

int PngHeader::bits_per_pixel() const {
  switch (colour) {
    case PngColour::kRgb:
      return 3 * depth;
    case PngColour::kGreyAlpha:
      return 2 * depth;
    case PngColour::kRgba:
      return 4 * depth;
    case PngColour::kGrey:
    case PngColour::kIndexed:
      break;
  }
  return depth;
}

bool read_png_file(Bytes file, Inflater& inflater, core::ScratchBuffer& scratch, PngFile& png) {
  png = {};
  return is_png(file.data, file.size) && Reading(file, inflater, scratch, png).read();
}

std::optional<PngHeader> read_png_header(Bytes start) {
  PngHeader header;
  Chunk chunk;
  if (!is_png(start.data, start.size) || !Chunks(start).take(chunk) || !chunk.is("IHDR") ||
      !read_header(chunk.contents, header)) {
    return std::nullopt;
  }
  return header;
}

Bytes png_data(Bytes file, const PngFile& png, core::ScratchBuffer& compressed) {
  if (png.data_chunks == 1) return {file.data + png.data + kBeforeContents, png.data_bytes};
  std::uint8_t* joined = compressed.reserve(png.data_bytes);
  std::uint8_t* to = joined;
  const std::uint8_t* chunk = file.data + png.data;
  for (std::size_t i = 0; i < png.data_chunks; ++i) {
    const std::size_t length = big32(chunk);
    std::memcpy(to, chunk + kBeforeContents, length);
    to += length;
    chunk += kBeforeContents + length + kChecksum;
  }
  return {joined, png.data_bytes};
}

}  // namespace pixtok::decode
