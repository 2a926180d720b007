import { isMainThread } from "node:worker_threads";
import { PixtokError } from "../shared/errors.js";
import { outOfRange, requireOneOf } from "../shared/validation.js";
import type {
  NativeAddon,
  NativeEngine,
  NativeLibrary,
  NativeWebpLibrary,
  OpenedLibrary,
} from "./addon.js";
import { threadsByDefault } from "./default-threads.js";
import { nativeAddon } from "./load-addon.js";
import { jpegLibraryCandidates, webpLibraryCandidates } from "./platform-package.js";

/** A few batches of 64 standard images. */
const LEASE_ALLOWANCE = 256 * 2 ** 20;
/** What a packed set of very many files has mapped of them at most. */
const PART_ALLOWANCE = 4 * 2 ** 30;

interface OpenLibrary<Library> {
  library: Library;
  path: string;
  version: string;
}

/** JPEG in the threads of the addon: by its own decoder, and what that gives up by libjpeg-turbo. */
interface JpegDecoding {
  /** Null: what is given up goes through sharp. */
  library: OpenLibrary<NativeLibrary> | null;
}

export interface Runtime {
  addon: NativeAddon;
  kernel: string;
  /** Null: JPEG files go through sharp. */
  jpeg: JpegDecoding | null;
  /** Null: WebP files go through sharp. */
  webp: OpenLibrary<NativeWebpLibrary> | null;
  defaultThreads: number;
  /** Engines are kept: a pool's threads serve every loader that asks for the same number. */
  engine(threads?: number): NativeEngine;
  /** Images that have to be on their way from storage for an engine's threads not to wait; 0 before there is one. */
  imagesUnderWay(threads?: number): number;
}

let current: Runtime | undefined;

/** Chosen on first use, not on import, so that importing never fails. */
export function runtime(): Runtime {
  current ??= start();
  return current;
}

function start(): Runtime {
  const addon = nativeAddon();
  // JavaScriptCore adds up the sizes that are reported to it, and takes no report of less
  if (process.versions.bun === undefined) addon.setAllowances(LEASE_ALLOWANCE, PART_ALLOWANCE);
  const kernel = selectKernel(addon);
  const jpeg = chooseJpegDecoding(addon);
  const webp =
    jpeg === null
      ? null
      : openFirst(webpLibraryCandidates(), (path) => addon.openWebpLibrary(path)).opened;
  const defaultThreads = threadsByDefault();
  const engines = new Map<number, NativeEngine>();
  return {
    addon,
    kernel,
    jpeg,
    webp,
    defaultThreads,
    engine(threads = defaultThreads) {
      let engine = engines.get(threads);
      if (engine === undefined) {
        const library = jpeg?.library?.library ?? null;
        engine = addon.createEngine(
          threads,
          jpeg && { library },
          jpeg !== null,
          webp?.library ?? null,
          !isMainThread,
        );
        engines.set(threads, engine);
      }
      return engine;
    },
    imagesUnderWay(threads = defaultThreads) {
      const engine = engines.get(threads);
      return engine === undefined ? 0 : addon.imagesUnderWay(engine);
    },
  };
}

function selectKernel(addon: NativeAddon): string {
  const wanted = process.env.PIXTOK_KERNEL ?? "";
  const { chosen, refused } = addon.selectKernel(wanted);
  if (refused === undefined) return chosen as string;
  const expected = {
    unknown: "scalar, avx2, avx512, avx512vnni or neon",
    unsupported: `a kernel this CPU and build can run (${addon.supportedKernels().join(", ")})`,
    already: `${chosen}, which this process already uses`,
  }[refused];
  throw outOfRange("PIXTOK_KERNEL", expected, wanted);
}

function chooseJpegDecoding(addon: NativeAddon): JpegDecoding | null {
  const wanted = requireOneOf("PIXTOK_DECODER", process.env.PIXTOK_DECODER || "auto", [
    "auto",
    "native",
    "sharp",
  ]);
  if (wanted === "sharp") return null;
  const { opened, errors } = openFirst(jpegLibraryCandidates(), (path) =>
    addon.openJpegLibrary(path),
  );
  if (opened !== null || wanted === "auto") return { library: opened };
  throw new PixtokError(
    "DECODER_NOT_FOUND",
    `PIXTOK_DECODER=native, but libturbojpeg cannot be opened: ${errors.join("; ")}`,
  );
}

/** The first library that can be opened, and why those before it cannot. */
function openFirst<Library>(
  candidates: readonly string[],
  open: (path: string) => OpenedLibrary<Library>,
): { opened: OpenLibrary<Library> | null; errors: string[] } {
  const errors: string[] = [];
  for (const candidate of candidates) {
    const { library, path, version, error } = open(candidate);
    if (library !== undefined && path !== undefined && version !== undefined) {
      return { opened: { library, path, version }, errors };
    }
    errors.push(error ?? candidate);
  }
  return { opened: null, errors };
}
