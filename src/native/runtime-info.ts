import { createRequire } from "node:module";
import { type Resampler, STANDARD_RESAMPLER } from "./resampler.js";
import { runtime } from "./runtime.js";
import { sharpVersion } from "./sharp.js";

/** What is in use, for logs and bug reports. */
export interface RuntimeInfo {
  /** Version of pixtok. */
  version: string;
  /** Instruction set of the kernels in use. */
  kernel: string;
  /** Instruction sets that this CPU could use, slowest first. */
  kernels: string[];
  /**
   * What decodes JPEG files that `own` does not. `zlib` and `webp` are about PNG and WebP. GIF, BMP, Netpbm, TGA and
   * QOI are always decoded by pixtok itself, the rest by sharp.
   */
  decoder: {
    /** Whether the common kinds of JPEG are decoded by pixtok itself: unless PIXTOK_DECODER is sharp. */
    own: boolean;
    /** "sharp" where libjpeg-turbo cannot be opened, or by PIXTOK_DECODER. */
    name: "libjpeg-turbo" | "sharp";
    /** The newest interface that libjpeg-turbo offers; the version of sharp. */
    version: string;
    /** File of the library, where it is opened by pixtok. */
    library?: string;
    /**
     * Version of the zlib in Node by which PNG files that are whole are decoded by pixtok itself. Left out where the
     * program has none to give, or PIXTOK_DECODER is sharp: sharp decodes them, to the same pixels.
     */
    zlib?: string;
    /**
     * The libwebp by which WebP files are decoded in pixtok's threads. Left out where none can be opened, or
     * PIXTOK_DECODER is sharp: sharp decodes them, to the same pixels.
     */
    webp?: {
      /** Of libwebp. */
      version: string;
      /** Its file, or the name by which the system finds it. */
      library: string;
    };
  };
  /** Version of sharp; "not found" where it cannot be loaded. */
  sharp: string;
  /** Whose resize an ImageProcessor follows that is not given another. */
  resampler: Resampler;
  /** Number of threads that prepare images, where a loader is given none. */
  threads: number;
}

/** Version of pixtok. */
export function packageVersion(): string {
  return (createRequire(import.meta.url)("../../package.json") as { version: string }).version;
}

/**
 * Version, kernel, decoder and threads in use.
 *
 * The environment variables `PIXTOK_KERNEL` (scalar, avx2, avx512, avx512vnni, neon), `PIXTOK_DECODER` (auto,
 * native, sharp) and `PIXTOK_THREADS` force a choice; they are read once, on first use.
 *
 * @throws {RangeError} when such a variable has a value that cannot be used.
 * @throws {PixtokError} ADDON_NOT_FOUND, DECODER_NOT_FOUND
 */
export function runtimeInfo(): RuntimeInfo {
  const { addon, kernel, jpeg, webp, defaultThreads } = runtime();
  const own = jpeg !== null;
  const library = jpeg?.library ?? null;
  const zlib = own ? addon.zlibVersion() : null;
  const decoder: RuntimeInfo["decoder"] =
    library === null
      ? { own, name: "sharp", version: sharpVersion() }
      : { own, name: "libjpeg-turbo", version: library.version, library: library.path };
  return {
    version: packageVersion(),
    kernel,
    kernels: addon.supportedKernels(),
    decoder: {
      ...decoder,
      ...(zlib !== null && { zlib }),
      ...(webp !== null && { webp: { version: webp.version, library: webp.path } }),
    },
    sharp: sharpVersion(),
    resampler: STANDARD_RESAMPLER,
    threads: defaultThreads,
  };
}
