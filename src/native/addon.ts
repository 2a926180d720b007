import type { FileVersion } from "../shared/file-version.js";
import type { Resampler } from "./resampler.js";

/** Opaque values of the addon; only the addon looks inside. */
export type NativeEngine = { readonly __native: "engine" };
export type NativeLibrary = { readonly __native: "library" };
export type NativeWebpLibrary = { readonly __native: "webp library" };
export type NativeFile = { readonly __native: "file" };
export type NativePlan = { readonly __native: "plan" };

/** Pixels as a decoder gives them: rows from top to bottom, without gaps. */
export interface DecodedPixels {
  data: Uint8Array;
  width: number;
  height: number;
  /**
   * 8 bits a channel, but for grey16: 16 bits, of this machine's byte order. planar-rgb: the whole of
   * each channel after the other.
   */
  format: "grey" | "grey-alpha" | "rgb" | "rgba" | "cmyk" | "grey16" | "planar-rgb";
}

export interface NativePixels extends DecodedPixels {
  /** EXIF's, 1 to 8: 1 is upright. */
  orientation: number;
}

/** Red, green and blue. */
type Colour = readonly [number, number, number];

/** native/transform/region.h */
export interface NativeRegion {
  /** [left, top, width, height] */
  crop: readonly [number, number, number, number] | null;
  /** [left, top, right, bottom] */
  box: readonly [number, number, number, number] | null;
  /** [left, top] */
  window: readonly [number, number] | null;
  fill: Colour;
  flip: boolean;
  /** Each its kind and its numbers: native/transform/operations/operation.h. */
  operations: readonly (readonly number[])[];
}

/** In place of a region, for a plan for views: native/addon/view_arguments.cpp names their numbers. */
export interface NativeViews {
  views: Float64Array;
  zeros: Float64Array;
}

/** A file within another one, in bytes. */
export interface NativeRange {
  path: string;
  offset: number;
  length: number;
  version?: FileVersion;
}

export type NativeSample = string | NativeRange | Uint8Array | NativePixels;

/** [row, code, message] */
export type NativeFailure = readonly [number, string, string];

/**
 * native/transform/stage_times.h, of all samples: milliseconds of their threads, how long ago the last one was done (this
 * thread may have been busy), and bytes.
 */
export type NativeTimes = readonly [
  queued: number,
  read: number,
  decode: number,
  resize: number,
  normalize: number,
  since: number,
  fileBytes: number,
  pixelBytes: number,
];

/** `failures` is null when every sample is in its row. */
export type NativeOutcome = readonly [
  failures: readonly NativeFailure[] | null,
  times: NativeTimes,
];

export interface NativeBatch {
  done: Promise<NativeOutcome>;
  cancel(): void;
}

type Range = readonly [number, number];

interface NativeRandomWarp {
  degrees: Range;
  translate: Range | null;
  scale: Range | null;
  shearX: Range | null;
  shearY: Range | null;
  filter: "nearest" | "bilinear" | "bicubic";
  center: Range | null;
  fill: Colour;
}

/** native/transform/operations/random_operations.h; null: not done. */
export interface NativeRandomOperations {
  rotation: NativeRandomWarp | null;
  affine: NativeRandomWarp | null;
  policy: {
    kind: "rand" | "trivial" | "imagenet" | "cifar10" | "svhn";
    numOps: number;
    magnitude: number;
    bins: number;
    filter: NativeRandomWarp["filter"];
    fill: Colour;
  } | null;
  jitter: {
    probability: number;
    brightness: Range | null;
    contrast: Range | null;
    saturation: Range | null;
    hue: Range | null;
  } | null;
  grayscale: number | null;
  blur: { probability: number; kernelSize: Range; sigma: Range } | null;
  erasing: {
    probability: number;
    scale: Range;
    ratio: Range;
    noise: boolean;
    value: Colour;
  } | null;
}

/** native/transform/augmentation.h */
export interface NativeAugmentation extends NativeRandomOperations {
  scale: readonly [number, number] | null;
  ratio: readonly [number, number] | null;
  /** Left, top, right and bottom. */
  padding: readonly [number, number, number, number] | null;
  padIfNeeded: boolean;
  fill: Colour;
  horizontalFlip: number;
}

/** native/transform/mix_rows.h; rows are those of the indices. */
export interface NativeMixRequest {
  mixUp: number | null;
  cutMix: number | null;
  width: number;
  height: number;
  hwc: boolean;
  seed: number;
  epoch: number;
  indices: readonly number[];
}

/** What a plan with augmentation draws from, and where to. */
export interface NativeRandom {
  seed: number;
  epoch: number;
  /** Dataset index of each sample, or another number of its own. */
  indices: readonly number[];
  /** Top, left, height, width and flip of each sample, once the batch is done. */
  drawn: Int32Array;
  /** Operations of each sample, as many as the plan has at most: write_operations() in native/addon. */
  operations: Float64Array | null;
}

/** Names are those of native/addon/arguments.cpp. */
export interface NativePlanOptions {
  /** native/transform/plan.h */
  purpose: "images" | "views" | "sizes";
  convention: "torchvision" | "huggingface" | "huggingface-torchvision";
  resize: "none" | "fixed" | "shortestEdge" | "longestEdge" | "fitWithin";
  width: number;
  height: number;
  shortest: number;
  longest: number;
  cropWidth: number;
  cropHeight: number;
  pad: boolean;
  outputWidth: number;
  outputHeight: number;
  exifOrientation: boolean;
  fastDecode: boolean;
  /** What is transparent is put on white, rather than shown without its alpha. */
  whiteGround: boolean;
  augmentation: NativeAugmentation | null;
  filter: "nearest" | "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";
  resampler: Resampler;
  type: "float32" | "float16" | "uint8";
  layout: "chw" | "hwc";
  blueFirst: boolean;
  maxPixels: number;
  arithmetic: "torchvision" | "huggingface" | "fused" | "bfloat16";
  rescale: boolean;
  rescaleFactor: number;
  offset: number;
  normalize: boolean;
  mean: readonly number[];
  std: readonly number[];
  lastStd: readonly number[];
}

/** What the samples that convertYcc() reads mean: native/decode/ycc_to_rgb.h. */
export interface NativeYccImage {
  channels: number;
  width: number;
  height: number;
  bits: number;
  matrix: number;
  fullRange: boolean;
  grey: boolean;
  halfWidth: boolean;
  halfHeight: boolean;
}

/** native/transform/float_taps.h */
export type NativeFloatFilter =
  | "nearest"
  | "antialiased-bilinear"
  | "antialiased-bicubic"
  | "bilinear"
  | "bilinear-corner-to-corner"
  | "blurred-bilinear";

/** native/transform/float_image.h: in pixels, none negative. */
export interface NativeMirror {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Whether the outermost pixels come twice. */
  readonly repeatsEdge: boolean;
}

/** In this order; null: not done. */
export interface NativeFloatSteps {
  /** Of the source. */
  width: number;
  height: number;
  mirror: NativeMirror | null;
  resize: { width: number; height: number; filter: NativeFloatFilter } | null;
  normalize: { mean: readonly number[]; std: readonly number[] } | null;
}

/** Formats that threads of the addon decode, and nothing else. */
export const nativeFormats = ["gif", "bmp", "netpbm", "qoi", "tga"] as const;

export type NativeFormat = (typeof nativeFormats)[number];

/** Why a file is not opened or read, or an image in it. */
export interface NativeRefusal {
  code: string;
  message: string;
}

/** Rows that begin with a byte; T.4 of one dimension, or where each row says of how many; T.6. */
/** What a TIFF file says of its JPEG strips or tiles. */
export interface NativeTiffJpegLayout {
  columns: number;
  components: number;
  /** Sampling factors of the first component. */
  across: number;
  down: number;
  isYcc: boolean;
  maxPixels: number;
}

export type TiffFaxCoding = "rows" | "group3" | "group3Mixed" | "group4";

/** A library that was opened at run time, or why it was not. */
export interface OpenedLibrary<Library> {
  library?: Library;
  path?: string;
  version?: string;
  error?: string;
}

/** The functions of native/addon/addon.cpp. */
export interface NativeAddon {
  selectKernel(name: string): {
    chosen?: string;
    refused?: "unknown" | "unsupported" | "already";
  };
  supportedKernels(): string[];
  openJpegLibrary(path: string): OpenedLibrary<NativeLibrary>;
  /** Opens libwebp, or its decoder alone. */
  openWebpLibrary(path: string): OpenedLibrary<NativeWebpLibrary>;
  /** The zlib that the running program exports; null where it has none. */
  zlibVersion(): string | null;
  /**
   * Without `jpeg` its threads decode no JPEG; without its library, what the decoder of our own reads. With `png`
   * they decode PNG, where the program has zlib; with `webp`, WebP.
   */
  createEngine(
    threads: number,
    jpeg: { library: NativeLibrary | null } | null,
    png: boolean,
    webp: NativeWebpLibrary | null,
    copySamples: boolean,
  ): NativeEngine;
  /** Images that have to be on their way from storage for an engine's threads not to wait; 0 where storage is quick. */
  imagesUnderWay(engine: NativeEngine): number;
  compilePlan(options: NativePlanOptions): NativePlan;
  /** Where in the array buffer an aligned part begins; the whole of it is going to be written. */
  alignMemory(memory: ArrayBuffer): number;
  /** Bytes of leases that are not released, and of mapped parts of files, before V8 is given reason to look for garbage. */
  setAllowances(ofLeases: number, ofParts: number): void;
  /**
   * A second array buffer over the first bytes of the memory, which keeps all of it from being collected; undefined where
   * the engine has no such array buffers.
   */
  beginLease(memory: ArrayBuffer, bytes: number): ArrayBuffer | undefined;
  /** Detaches a lease and gives its memory; undefined for what is no lease, or not any more. */
  endLease(lease: ArrayBuffer): ArrayBuffer | undefined;
  /** Memory of leases that the garbage collector has found since the last call. */
  takeReturnedMemory(): ArrayBuffer[];
  /** `callback` is called, soon, when there is such memory again. May be called once. */
  onMemoryReturned(callback: () => void): void;
  startBatch(
    engine: NativeEngine,
    plan: NativePlan,
    samples: readonly NativeSample[],
    regions: readonly (NativeRegion | NativeViews | null)[] | null,
    random: NativeRandom | null,
    target: Uint8Array,
    offset: number,
  ): NativeBatch;
  /** Three times 256 counts of the slots `rows`: native/transform/byte_histogram.h. */
  countBytes(
    memory: Uint8Array,
    slotBytes: number,
    rows: readonly number[],
  ): Promise<BigUint64Array>;
  /** Of each row six numbers: native/addon/row_mixing.h. */
  mixRows(memory: Float32Array, request: NativeMixRequest): Promise<Float64Array>;
  /** A file of no more than `mostBytes` as memory. Reading alone: a write ends the process. */
  mapFile(
    path: string,
    mostBytes: number,
  ): { bytes: ArrayBuffer } | { code: string; message: string };
  /** Files are mapped at multiples of so many bytes. */
  mapGranularity(): number;
  /** Addresses that files are mapped at, zeros before; undefined where there are none, or not so many. */
  reserveAddresses(bytes: number): ArrayBuffer | undefined;
  /**
   * Maps a file of so many bytes at reserved addresses, from a multiple of mapGranularity() on: null, or how many it has where these are others.
   * Nobody may be reading what is there.
   */
  mapFileAt(
    addresses: ArrayBuffer,
    offset: number,
    path: string,
    fileBytes: number,
  ): null | { fileBytes: number } | { code: string; message: string };
  /**
   * A part of a file as memory, where the file has `fileBytes`; how many it has where these are others. `beginning` is filled
   * with the first bytes of the same file.
   */
  mapRange(
    path: string,
    fileBytes: number,
    offset: number,
    length: number,
    beginning: Uint8Array,
  ): { bytes: ArrayBuffer } | { fileBytes: number } | { code: string; message: string };
  /** Asks the system for parts of what mapFile(), mapFileAt() or mapRange() has mapped: of each where it begins, and its bytes. Nobody waits. */
  askForPages(file: ArrayBuffer, ranges: Float64Array): void;
  /** Detaches what mapRange() has given, and unmaps it at once. No thread may be reading it. */
  unmapRange(bytes: ArrayBuffer): void;
  /** Opens a regular file, which is to be closed. Of a read as of this, one of many that wait at once for slow storage. */
  openFile(path: string): Promise<NativeFile | NativeRefusal>;
  /** Fills the bytes from a place of the file on: how many of them there are. They are not to be transferred meanwhile. */
  readFile(file: NativeFile, offset: number, bytes: Uint8Array): Promise<number | NativeRefusal>;
  /**
   * Reads parts of files, each of them opened for it and closed. `numbers` has of each file how many bytes it should have and how
   * many parts follow, and of each part where it begins in the file, its bytes, and where these go in the memory, which is not
   * to be transferred meanwhile. Every `each` files are one piece of work: its promise gives null where all are read, else null or
   * what is the matter of each.
   */
  readParts(
    paths: readonly string[],
    numbers: Float64Array,
    memory: Uint8Array,
  ): {
    each: number;
    done: Promise<readonly (NativeRefusal | { fileBytes: number } | null)[] | null>[];
  };
  /** Nobody waits for it: reads that are under way end first. */
  closeFile(file: NativeFile): void;
  /**
   * EXIF's orientation, 1 to 8, by the rules of Pillow's ImageOps.exif_transpose. `exif` is a TIFF
   * structure, with or without "Exif\0\0" in front; `xmp` counts where it has no such tag.
   */
  exifOrientation(exif: Uint8Array | null, xmp: Uint8Array | null): number;
  /** The same of a JPEG file; 1 where its header cannot be read. */
  jpegOrientation(file: Uint8Array): number;
  /** Why Pillow does not open this JPEG file; null where it does. DECLINED: there is no verdict. */
  jpegVerdict(file: Uint8Array, maxPixels: number): Promise<NativeRefusal | null>;
  /**
   * What JPEG strips or tiles of a TIFF image declare, and the JPEG tables that each finds; or why libtiff does not decode
   * one of them. In their order.
   */
  tiffJpegVerdict(
    blocks: readonly { jpeg: Uint8Array; rows: number; mayBeTaller: boolean }[],
    tables: Uint8Array | null,
    layout: NativeTiffJpegLayout,
  ): Promise<{ width: number; height: number; tables: Uint8Array }[] | NativeRefusal>;
  /** Which of the formats that the addon alone decodes a file has, if any. */
  storedFormat(file: Uint8Array): NativeFormat | null;
  /**
   * Size of an image as Pillow gives it, and its channels, "grey", "rgba", "palette", …: for formats that
   * the addon alone decodes.
   */
  storedImage(file: Uint8Array): { width: number; height: number; mode: string } | NativeRefusal;
  /** Of a file with the signature of WebP, as Pillow gives it; its pixels are not looked at. */
  webpImage(
    file: Uint8Array,
  ): { width: number; height: number; hasAlpha: boolean; orientation: number } | NativeRefusal;
  /** Each to the whole of its counterpart. Null, or why libtiff would not. */
  unpackTiffLzw(
    packed: readonly Uint8Array[],
    unpacked: readonly Uint8Array[],
  ): Promise<NativeRefusal | null>;
  /** As unpackTiffLzw(), of CCITT's codings: all strips or tiles of an image, in their order. */
  unpackTiffFax(
    packed: readonly Uint8Array[],
    unpacked: readonly Uint8Array[],
    coding: TiffFaxCoding,
    width: number,
  ): Promise<NativeRefusal | null>;
  /** Of three planes, into those of the size that the steps come to. */
  prepareFloats(source: Float32Array, target: Float32Array, steps: NativeFloatSteps): Promise<void>;
  convertYcc(samples: Uint8Array, rgb: Uint8Array, image: NativeYccImage): Promise<void>;
}
