// The platforms that pixtok is published for, as npm calls them.

export const platforms = [
  { name: "linux-x64", os: "linux", cpu: "x64", libc: "glibc", library: "libturbojpeg.so.0" },
  { name: "linux-arm64", os: "linux", cpu: "arm64", libc: "glibc", library: "libturbojpeg.so.0" },
  { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl", library: "libturbojpeg.so.0" },
  {
    name: "linux-arm64-musl",
    os: "linux",
    cpu: "arm64",
    libc: "musl",
    library: "libturbojpeg.so.0",
  },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64", library: "libturbojpeg.dylib" },
  { name: "darwin-x64", os: "darwin", cpu: "x64", library: "libturbojpeg.dylib" },
  { name: "win32-x64", os: "win32", cpu: "x64", library: "libturbojpeg.dll" },
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
