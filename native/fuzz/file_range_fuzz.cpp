// Ranges of a file, as the index of a shard or a Parquet footer gives them.

#include <fuzzer/FuzzedDataProvider.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "decode/file_reader.h"
#include "fuzz/require.h"

using namespace pixtok;

namespace {

constexpr std::size_t kFileBytes = 1000;

std::uint8_t byte_at(std::size_t i) { return static_cast<std::uint8_t>(i * 7 + i / 256); }

// Removed again when the process ends.
struct KnownFile {
  KnownFile() {
    const int file = mkstemp(path.data());
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < kFileBytes; ++i) bytes.push_back(byte_at(i));
    REQUIRE(file >= 0 && write(file, bytes.data(), bytes.size()) == ssize_t{kFileBytes});
    close(file);
  }
  ~KnownFile() { unlink(path.c_str()); }

  std::string path = (std::filesystem::temp_directory_path() / "pixtok-fuzz-XXXXXX").string();
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const KnownFile file;
  static decode::FileReader reader;
  FuzzedDataProvider input(data, size);
  const auto number = [&input] {
    return input.ConsumeBool() ? input.ConsumeIntegralInRange<std::uint64_t>(0, 2 * kFileBytes)
                               : input.ConsumeIntegral<std::uint64_t>();
  };
  decode::FileRange range;
  range.offset = number();
  if (input.ConsumeBool()) range.length = number();
  const bool inside = range.offset < kFileBytes && range.length.value_or(1) > 0 &&
                      range.length.value_or(0) <= kFileBytes - range.offset;
  const core::Status opened = reader.open(file.path, range);
  REQUIRE(opened.ok() == inside);
  if (!inside) return 0;
  const auto most = input.ConsumeIntegralInRange<std::uint64_t>(1, 2 * kFileBytes);
  REQUIRE(reader.read_first(most).ok());
  REQUIRE(reader.size() == std::min(most, range.length.value_or(kFileBytes - range.offset)));
  for (std::size_t i = 0; i < reader.size(); ++i) {
    REQUIRE(reader.data()[i] == byte_at(static_cast<std::size_t>(range.offset) + i));
  }
  reader.close();
  return 0;
}
