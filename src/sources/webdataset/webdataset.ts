import { basename } from "node:path";
import { PixtokError } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import {
  asGiven,
  type OptionReaders,
  optional,
  readOptions,
  stringOf,
} from "../../shared/options.js";
import { type ProgressCallback, readProgress } from "../../shared/progress-callback.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { wrongType } from "../../shared/validation.js";
import { expandBraces } from "../file-pattern.js";
import { sameVersion } from "../file-version.js";
import { openFiles } from "../open-files.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import { MOST_TEXT_BYTES, parseTexts } from "./sample-text.js";
import { openShard, type Shard } from "./tar-shard.js";
import {
  chooseSamples,
  readSampleParts,
  type SampleParts,
  type ShardSamples,
} from "./tar-shard-samples.js";

/** Options of `openWebDataset`. */
export interface WebDatasetOptions {
  /** Extension of the image, where samples have several. Default: that of any format that is read. */
  imageExtension?: string;
  /** Extension of the text. Default: txt, or else json, or else cls. */
  textExtension?: string;
  /** Key of the text in JSON files, which then win over txt. Default: the first of text, caption, … */
  textColumn?: string;
  /**
   * Called with how many shards have been opened, and of how many: those without an index take a while. Default
   * none.
   */
  onProgress?: ProgressCallback;
}

const readers = {
  imageExtension: asGiven,
  textExtension: asGiven,
  textColumn: optional(stringOf("a name")),
  onProgress: readProgress,
} satisfies OptionReaders<WebDatasetOptions>;

/** Shards that are walked at once. */
const SCANNED_AT_ONCE = 4;

/** Shards that are kept open for their texts; images are read by the native threads. */
const KEPT_OPEN = 16;

interface OpenedShard extends Shard {
  samples: ShardSamples;
}

/** @throws {TypeError | RangeError} */
function readShardNames(shards: unknown): string[] {
  const patterns = Array.isArray(shards) ? shards : [shards];
  const names = patterns.flatMap((pattern) => {
    if (typeof pattern === "string" && pattern !== "") return expandBraces("shards", pattern);
    throw wrongType(
      "shards",
      "the path of a tar, a pattern of paths, or an array of these",
      shards,
    );
  });
  if (names.length > 0) return names;
  throw wrongType("shards", "at least one path", shards);
}

async function openShards(
  paths: readonly string[],
  parts: SampleParts,
  onProgress: ProgressCallback | undefined,
): Promise<OpenedShard[]> {
  const openOne = async (path: string): Promise<OpenedShard> => {
    const shard = await openShard(path);
    return { ...shard, samples: chooseSamples(shard.entries, parts, shard.fault) };
  };
  const opened: OpenedShard[] = [];
  for (let first = 0; first < paths.length; first += SCANNED_AT_ONCE) {
    const some = paths.slice(first, first + SCANNED_AT_ONCE);
    opened.push(...(await Promise.all(some.map(openOne))));
    onProgress?.(opened.length, paths.length);
  }
  return opened;
}

/**
 * Pairs of a WebDataset: tar shards, given as a path, as a pattern such as `data/{000..099}.tar`, or as an
 * array of these. Files that follow each other and have one name up to the first dot are a sample, as in
 * the webdataset library; its image is read by the native threads from within the shard. Where files
 * are is found once and kept beside each shard in an index that DALI reads as well (`000.idx`), unless
 * the folder cannot be written to. What is wrong with a single sample is an error of that sample's, as is
 * a shard that ends early: INVALID_ARCHIVE.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE; INVALID_ARCHIVE where a shard is no tar, or is a
 *   compressed one, or there are no samples in all.
 */
export async function openWebDataset(
  shards: string | readonly string[],
  options: WebDatasetOptions = {},
): Promise<PairSource> {
  const given = readOptions("openWebDataset", options, readers);
  const { textColumn, onProgress } = given;
  const parts = readSampleParts(given);
  const opened = await openShards(readShardNames(shards), parts, onProgress);
  let length = 0;
  const ends = opened.map(({ samples }) => {
    length += samples.length;
    return length;
  });
  if (length === 0) {
    throw new PixtokError("INVALID_ARCHIVE", "there are no samples in it", {
      source: opened.map(({ path }) => path).join(", "),
    });
  }

  /** The shard that has the sample at `index`, and which of its samples that is. */
  const placeOf = (index: number) => {
    const { span, indexInSpan } = findSpan(ends, index);
    return { shard: opened[span] as OpenedShard, sample: indexInSpan };
  };
  const invalid = (index: number, path: string, message: string, cause?: unknown) =>
    new PixtokError("INVALID_ARCHIVE", message, { index, source: path, cause });

  const files = openFiles(KEPT_OPEN);
  const readTexts = async (index: number, shard: OpenedShard, sample: number): Promise<Texts> => {
    const { path, entries, samples } = shard;
    const fault = samples.fault(sample);
    if (fault !== undefined) throw invalid(index, path, fault);

    const entry = samples.text(sample);
    const name = entries.name(entry);
    const size = entries.size(entry);
    if (size > MOST_TEXT_BYTES) {
      const message = `${name}: expected a text of at most ${MOST_TEXT_BYTES} bytes, got ${size}`;
      throw invalid(index, path, message);
    }
    const { bytes, version } = await files
      .read(path, entries.offset(entry), size)
      .catch((cause) => Promise.reject(unreadableFile(path, cause, { index })));
    if (bytes.length < size || !sameVersion(version, shard.version)) {
      throw invalid(index, path, "the tar has been changed since it was opened; open it again");
    }
    try {
      return parseTexts(bytes, name.toLowerCase(), textColumn);
    } catch (cause) {
      throw invalid(index, path, `${name}: ${(cause as Error).message}`, cause);
    }
  };

  const shardCount = `${opened.length} shard${opened.length === 1 ? "" : "s"}`;
  return {
    length,
    fingerprint: makeFingerprint([
      ...opened.flatMap(({ path, version, samples }) => [
        basename(path),
        version.size,
        samples.length,
      ]),
      JSON.stringify([parts, textColumn]),
    ]),
    description: `WebDataset, ${shardCount}, ${length} pairs`,
    async get(index): Promise<Pair> {
      const { shard, sample } = placeOf(index);
      const text = await readTexts(index, shard, sample);
      const { path, entries, samples } = shard;
      const image = samples.image(sample);
      return {
        image: { path, offset: entries.offset(image), length: entries.size(image) },
        text,
        key: samples.key(sample),
        origin: `${path}#${samples.key(sample)}`,
      };
    },
    async texts(index) {
      const { shard, sample } = placeOf(index);
      return readTexts(index, shard, sample);
    },
  };
}
