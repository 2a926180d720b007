#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "decode/jpeg/huffman_table.h"
#include "decode/jpeg/jpeg_input.h"

namespace pixtok::decode {

// What a step of libjpeg's comes to.
enum class JpegStep {
  kDone,
  kSuspended,  // more of the file is needed; the step is to be tried again with it
  kBroken,     // libjpeg gives up
};

struct JpegComponent {
  int id = 0;
  int across = 0;  // sampling factors
  int down = 0;
  int quantization = 0;  // number of its table
  int dc_table = 0;
  int ac_table = 0;
  bool quantized = false;  // its table was there when its first scan began
};

struct QuantizationTable {
  std::array<std::uint16_t, 64> values{};  // in zigzag order
  bool defined = false;
};

// What a start-of-frame segment says.
struct JpegFrame {
  enum class Coding { kSequential, kProgressive, kLossless };

  Coding coding = Coding::kSequential;
  bool arithmetic = false;  // else Huffman codes
  int precision = 0;
  int width = 0;
  int height = 0;
  std::vector<JpegComponent> components;

  // Pixels of a block across and down.
  int block_side() const { return coding == Coding::kLossless ? 1 : 8; }
};

// What a start-of-scan segment says.
struct JpegScanHeader {
  std::vector<std::size_t> components;  // of the frame
  int first = 0;                        // coefficients, in zigzag order
  int last = 0;
  int high_bit = 0;  // successive approximation
  int low_bit = 0;
};

// The segments of a file as libjpeg-turbo 3.1 reads them (jdmarker.c), and what they leave behind.
class JpegMarkers {
 public:
  static constexpr std::size_t kTables = 4;

  explicit JpegMarkers(JpegInput& input) : input_(input) {}

  // As far as the next scan or the end of the image.
  JpegStep read_to_scan();
  bool at_end_of_image() const { return at_end_of_image_; }

  // For another image in the same file, which inherits this one's tables.
  void start_over();

  // What stands between two intervals of a scan; where it is not what is expected, libjpeg's guess
  // at where to go on.
  JpegStep read_restart();

  // The marker that ended a scan's data and has not been read, or 0.
  int unread = 0;

  bool has_frame() const { return has_frame_; }
  JpegFrame frame;
  JpegScanHeader scan;
  int scans = 0;
  int restart_interval = 0;
  bool jfif = false;
  std::optional<int> adobe_transform;
  bool warned = false;  // libjpeg warns of something that has been read
  std::array<QuantizationTable, kTables> quantization;
  std::array<HuffmanTable, kTables> dc_tables;
  std::array<HuffmanTable, kTables> ac_tables;

 private:
  JpegStep find_first();
  JpegStep find_next();
  JpegStep read_segment(int marker);
  JpegStep read_frame(JpegFrame::Coding coding, bool arithmetic = false);
  JpegStep read_scan_header();
  JpegStep read_huffman_tables();
  JpegStep read_quantization_tables();
  JpegStep read_arithmetic_conditioning();
  JpegStep read_restart_interval();
  JpegStep read_application(int marker);
  JpegStep skip_segment();

  JpegInput& input_;
  bool started_ = false;
  bool has_frame_ = false;
  bool at_end_of_image_ = false;
  int next_restart_ = 0;
};

}  // namespace pixtok::decode
