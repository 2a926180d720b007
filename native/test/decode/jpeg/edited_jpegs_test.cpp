// JPEG files with one edit at a limit of a segment, a table or a scan, and what Pillow says of each
// (test/goldens/make_edited_jpegs.py).

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "decode/file_signature.h"
#include "decode/jpeg/jpeg_header.h"
#include "decode/jpeg/jpeg_verdict.h"
#include "test/check.h"
#include "test/golden_lines.h"
#include "test/guarded_bytes.h"
#include "test/images.h"
#include "test/transform/golden_images.h"

namespace {

using namespace pixtok;
using core::StatusCode;
using test::FileBytes;
using test::GoldenLine;

struct EditedJpeg {
  GoldenLine line;
  FileBytes file;
};

FileBytes bytes_of(const std::string& hex) {
  FileBytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::vector<EditedJpeg> edited_jpegs() {
  const FileBytes all = test::read_image("damaged/edited-jpegs.bin");
  std::map<std::string, FileBytes> whole;
  std::vector<EditedJpeg> edited;
  for (const GoldenLine& line : test::data_lines("damaged/edited-jpegs.jsonl")) {
    if (line.has("whole")) {
      const auto from = all.begin() + line.integer("at");
      whole[line.text("whole")] = FileBytes(from, from + line.integer("bytes"));
      continue;
    }
    FileBytes file = whole.at(line.text("of"));
    const auto at = file.begin() + line.integer("at");
    const FileBytes added = bytes_of(line.text("added"));
    const auto behind = file.erase(at, at + line.integer("removed"));
    file.insert(behind, added.begin(), added.end());
    edited.push_back({line, file});
  }
  CHECK(edited.size() > 4000);
  return edited;
}

TEST("an edited JPEG file opens where it opens in Pillow, and nothing behind it is read") {
  for (const EditedJpeg& edited : edited_jpegs()) {
    const test::GuardedBytes guarded(edited.file);
    const core::Bytes file{guarded.data(), guarded.size()};
    decode::JpegHeader header;
    const bool opens = decode::is_jpeg(file.data, file.size) &&
                       decode::read_jpeg_header(file, header).ok() &&
                       decode::jpeg_verdict(file).ok();
    if (opens != edited.line.has("rgb")) test::fail(__FILE__, __LINE__, edited.line.json());
  }
}

TEST("an edited JPEG file that is decoded has Pillow's pixels") {
  if (!test::has_library_of_goldens()) return;
  test::GoldenWorker worker;
  int compared = 0;
  for (const EditedJpeg& edited : edited_jpegs()) {
    const GoldenLine& pillow = edited.line;
    transform::Plan plan =
        test::plan_to(pillow.integer("size.0", 23), pillow.integer("size.1", 17));
    plan.geometry.resize = transform::ResizeMode::kNone;
    const test::FileOutcome ours = worker.prepared_file(edited.file, plan);
    if (ours.code == StatusCode::kDeclined) continue;
    const bool opens = pillow.has("rgb");
    if (!opens ? ours.code == StatusCode::kOk
               : test::sha256(ours.slot.data(), ours.slot.size()).substr(0, 32) !=
                     pillow.text("rgb")) {
      test::fail(__FILE__, __LINE__, pillow.json());
    }
    if (opens) ++compared;
  }
  CHECK(compared > 1000);
}

}  // namespace
