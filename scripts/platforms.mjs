// The platforms that pixtok is published for, as npm calls them.

const linux = { os: "linux", library: "libturbojpeg.so.0", webpLibrary: "libwebpdecoder.so.3" };
const darwin = {
  os: "darwin",
  library: "libturbojpeg.dylib",
  webpLibrary: "libwebpdecoder.3.dylib",
};
const windows = { os: "win32", library: "libturbojpeg.dll", webpLibrary: "libwebpdecoder.dll" };

export const platforms = [
  { name: "linux-x64", cpu: "x64", libc: "glibc", ...linux },
  { name: "linux-arm64", cpu: "arm64", libc: "glibc", ...linux },
  { name: "linux-x64-musl", cpu: "x64", libc: "musl", ...linux },
  { name: "linux-arm64-musl", cpu: "arm64", libc: "musl", ...linux },
  { name: "darwin-arm64", cpu: "arm64", ...darwin },
  { name: "darwin-x64", cpu: "x64", ...darwin },
  { name: "win32-x64", cpu: "x64", ...windows },
];

/** @throws {Error} where there is no package for the machine that this runs on. */
export function thisPlatform() {
  const { glibcVersionRuntime } = process.report.getReport().header;
  const libc = glibcVersionRuntime === undefined ? "musl" : "glibc";
  const found = platforms.find(
    (platform) =>
      platform.os === process.platform &&
      platform.cpu === process.arch &&
      (platform.libc === undefined || platform.libc === libc),
  );
  if (found === undefined) throw new Error(`no package for ${process.platform}-${process.arch}`);
  return found;
}
