import type { ImageInput } from "../../image/image-input.js";
import type { RemoteFile } from "../../remote/remote-file.js";
import { type RemoteSettings, remoteReaders } from "../../remote/remote-options.js";
import type { PlaceInSet } from "../../remote/remote-set.js";
import { PixtokError } from "../../shared/errors.js";
import { changedFile, goneFile, requireVersion, sameVersion } from "../../shared/file-version.js";
import { findSpan } from "../../shared/find-span.js";
import { textOfUrl } from "../../shared/location.js";
import { isMachineFault } from "../../shared/machine-fault.js";
import {
  asGiven,
  type OptionReaders,
  optional,
  readOptions,
  stringOf,
  withDefault,
} from "../../shared/options.js";
import { type ProgressCallback, readProgress } from "../../shared/progress-callback.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { isOfFileSystem, unreadableFile } from "../../shared/unreadable-file.js";
import { describe, requireBoolean, wrongType } from "../../shared/validation.js";
import { type ColumnTypes, readColumnNames, readImageColumns } from "../column-types.js";
import { type DataFile, dataFiles } from "../data-files.js";
import { columnsAmong, requireFewColumns, typeGuesser } from "../guessed-types.js";
import { nameOfFile } from "../name-of-file.js";
import { onceAnEpoch } from "../once-an-epoch.js";
import { openFiles } from "../open-files.js";
import { makeFingerprint, type Pair, type PairSource, type Texts } from "../pair-source.js";
import type { RemoteShard } from "./remote-shard.js";
import {
  type ColumnExtension,
  columnExtensions,
  parseColumns,
  type SampleColumns,
} from "./sample-columns.js";
import { readWantedFiles, type WantedFiles } from "./sample-files.js";
import { MOST_TEXT_BYTES, parseTexts } from "./sample-text.js";
import { BLOCK_BYTES } from "./tar-entries.js";
import { openShard } from "./tar-shard.js";
import { chooseSamples, type ShardSamples } from "./tar-shard-samples.js";
import type { WebDatasetOptions } from "./webdataset-options.js";

const readers = {
  imageExtension: asGiven,
  textExtension: asGiven,
  textColumn: optional(stringOf("a name")),
  columns: readColumnNames,
  imageColumns: readImageColumns,
  texts: withDefault(requireBoolean, true),
  onProgress: readProgress,
  ...remoteReaders,
} satisfies OptionReaders<WebDatasetOptions>;

/** Shards that are walked at once. */
const SCANNED_AT_ONCE = 4;

/** Shards that are kept open for their texts; images are read by the native threads. */
const KEPT_OPEN = 16;

/** Samples in which columns are looked for. */
const MOST_FIRST_SAMPLES = 100;

/** Columns that an error names. */
const MOST_NAMED = 20;

/** Types of columns; the number of a class is written as a text. */
function typesOfSamples(names: readonly string[], first: readonly SampleColumns[]): ColumnTypes {
  const guesser = typeGuesser(false);
  for (const sample of first) guesser.see(columnsAmong(names, sample));
  const types = guesser.types();
  return names.includes("cls") ? { ...types, cls: "int64" } : types;
}

interface OpenedShard extends RemoteShard {
  samples: ShardSamples;
  /** Its copy, where it is elsewhere. */
  remote: PlaceInSet | undefined;
  /** Looks at it where it is here: native threads read images, and not which file they read. */
  requireUnchanged: ReturnType<typeof onceAnEpoch> | undefined;
}

/** @throws {TypeError | RangeError} */
function readPatterns(shards: unknown): readonly string[] {
  const patterns = (Array.isArray(shards) ? shards : [shards]).map(textOfUrl);
  if (!patterns.every((pattern) => typeof pattern === "string" && pattern !== "")) {
    throw wrongType(
      "shards",
      "the path or URL of a tar, a pattern of these, or an array of them",
      shards,
    );
  }
  if (patterns.length > 0) return patterns as string[];
  throw wrongType("shards", "at least one path", shards);
}

async function openShards(
  files: readonly DataFile[],
  wanted: WantedFiles,
  onProgress: ProgressCallback | undefined,
  settings: RemoteSettings,
): Promise<OpenedShard[]> {
  const elsewhere = files.filter((file) => typeof file !== "string");
  const set = elsewhere.length > 0 ? await openRemoteSet(elsewhere, settings) : undefined;
  const places = new Map(elsewhere.map((file, place) => [file, place]));
  const openOne = async (file: DataFile): Promise<OpenedShard> => {
    const shard =
      typeof file === "string" ? await openShard(file) : await openRemoteShard(file, settings);
    const remote =
      set === undefined || typeof file === "string"
        ? undefined
        : { set, place: places.get(file) as number };
    const requireUnchanged =
      remote === undefined
        ? onceAnEpoch(() => requireVersion(shard.path, shard.version))
        : undefined;
    const samples = chooseSamples(shard.entries, wanted, shard.fault);
    return { ...shard, samples, remote, requireUnchanged };
  };
  const opened: OpenedShard[] = [];
  for (let first = 0; first < files.length; first += SCANNED_AT_ONCE) {
    const some = files.slice(first, first + SCANNED_AT_ONCE);
    opened.push(...(await Promise.all(some.map(openOne))));
    onProgress?.(opened.length, files.length);
  }
  return opened;
}

async function openRemoteSet(files: readonly RemoteFile[], settings: RemoteSettings) {
  const { remoteSet } = await import("../../remote/remote-set.js");
  const descriptors = openFiles(KEPT_OPEN);
  const readCopy = async (path: string, offset: number, length: number) =>
    (await descriptors.read(path, offset, length)).bytes;
  return remoteSet(files, settings, readCopy);
}

async function openRemoteShard(file: RemoteFile, settings: RemoteSettings): Promise<RemoteShard> {
  const remote = await import("./remote-shard.js");
  return remote.openRemoteShard(file, settings);
}

/** As openWebDataset(). */
export async function openWebDatasetSource(
  shards: string | URL | readonly (string | URL)[],
  options: WebDatasetOptions = {},
): Promise<PairSource> {
  const given = readOptions("openWebDataset", options, readers);
  readWantedFiles(given);
  const files = await dataFiles("shards", readPatterns(shards), given);
  return openShardFiles(files, options);
}

/**
 * As openWebDatasetSource(), of files that are known.
 *
 * @internal
 */
export async function openShardFiles(
  files: readonly DataFile[],
  options: WebDatasetOptions,
): Promise<PairSource> {
  const given = readOptions("openWebDataset", options, readers);
  const { textColumn, columns, imageColumns, onProgress } = given;
  const wanted = readWantedFiles(given);
  const opened = await openShards(files, wanted, onProgress, given);
  const set = opened.find(({ remote }) => remote !== undefined)?.remote?.set;
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

  /** The error where a shard that was there cannot be read any more. */
  const gone = (path: string, cause: unknown, index: number) =>
    goneFile(path, unreadableFile(path, cause, { index }));

  const descriptors = openFiles(KEPT_OPEN);
  /** What `parse` makes of the bytes of a small file in a shard. What is read is kept: text and columns may be in one. */
  const readEntry = async <T>(
    index: number,
    shard: OpenedShard,
    entry: number,
    parse: (bytes: Buffer, name: string) => T,
    context: SourceContext | undefined,
    kept: Map<number, Buffer> = new Map(),
  ): Promise<T> => {
    const bytes = kept.get(entry) ?? (await readBytes(index, shard, entry, context));
    kept.set(entry, bytes);
    const name = shard.entries.name(entry);
    try {
      return parse(bytes, name.toLowerCase());
    } catch (cause) {
      throw invalid(index, shard.path, `${name}: ${(cause as Error).message}`, cause);
    }
  };
  const readBytes = async (
    index: number,
    shard: OpenedShard,
    entry: number,
    context: SourceContext | undefined,
  ): Promise<Buffer> => {
    const { path, entries, remote, requireHeader } = shard;
    const name = entries.name(entry);
    const size = entries.size(entry);
    if (size > MOST_TEXT_BYTES) {
      const message = `${name}: expected a text of at most ${MOST_TEXT_BYTES} bytes, got ${size}`;
      throw invalid(index, path, message);
    }
    if (remote !== undefined) {
      const before = requireHeader === undefined ? 0 : BLOCK_BYTES;
      const bytes = await remote.set
        .read(remote.place, entries.offset(entry) - before, before + size, context)
        .catch((cause) => {
          throw isOfFileSystem(cause) ? gone(path, cause, index) : cause;
        });
      await requireHeader?.(bytes.subarray(0, before), entry);
      if (bytes.length === before + size) return bytes.subarray(before);
      throw invalid(index, path, "the tar ends before it should; open it again");
    }
    const { bytes, version } = await descriptors
      .read(path, entries.offset(entry), size)
      .catch((cause) => Promise.reject(gone(path, cause, index)));
    if (!sameVersion(version, shard.version)) throw changedFile(path);
    if (bytes.length === size) return bytes;
    throw invalid(index, path, "the tar ends before it should");
  };
  const readTexts = async (
    index: number,
    shard: OpenedShard,
    sample: number,
    context: SourceContext | undefined,
    kept?: Map<number, Buffer>,
  ): Promise<Texts> => {
    const fault = shard.samples.fault(sample);
    if (fault !== undefined) throw invalid(index, shard.path, fault);
    if (!given.texts) return "";
    const parse = (bytes: Buffer, name: string) => parseTexts(bytes, name, textColumn);
    return readEntry(index, shard, shard.samples.text(sample), parse, context, kept);
  };
  /** Columns of a sample that are in the files of some extensions. */
  const readColumns = async (
    index: number,
    from: readonly ColumnExtension[],
    context?: SourceContext,
    kept?: Map<number, Buffer>,
  ): Promise<SampleColumns> => {
    const { shard, sample } = placeOf(index);
    const found: SampleColumns = Object.create(null);
    for (const extension of from) {
      const entry = shard.samples.entry(sample, extension);
      if (entry === undefined) continue;
      const parse = (bytes: Buffer) => parseColumns(bytes, extension);
      Object.assign(found, await readEntry(index, shard, entry, parse, context, kept));
    }
    return found;
  };
  /** Columns of the first samples. */
  const firstColumns = async (): Promise<SampleColumns[]> => {
    const first: SampleColumns[] = [];
    for (let index = 0; index < Math.min(length, MOST_FIRST_SAMPLES); index += 1) {
      try {
        first.push(await readColumns(index, columnExtensions));
      } catch (error) {
        if (!(error instanceof PixtokError) || isMachineFault(error)) throw error;
      }
    }
    return first;
  };
  const first = columns === "auto" || columns.length > 0 ? await firstColumns() : [];
  const there = new Set(first.flatMap((sample) => Object.keys(sample)));
  const refused = (message: string) =>
    new PixtokError("INVALID_ARCHIVE", message, { source: opened[0]?.path });
  const missing = columns === "auto" ? undefined : columns.find((name) => !there.has(name));
  if (missing !== undefined) {
    const some = [...there].slice(0, MOST_NAMED).join(", ") || "none";
    throw refused(
      `columns: expected ${describe(missing)} among those of the first samples, got ${some}`,
    );
  }
  if (columns === "auto") requireFewColumns(there.size, refused);
  const names = columns === "auto" ? [...there] : columns;
  const filesOfColumns = columnExtensions.filter((extension) =>
    names.some((name) => (name === "cls") === (extension === "cls")),
  );

  /** An image in a shard. */
  const imageAt = (
    { path, version, entries, remote, requireHeader }: OpenedShard,
    entry: number,
    context: SourceContext | undefined,
  ): ImageInput | Promise<ImageInput> => {
    const [offset, length] = [entries.offset(entry), entries.size(entry)];
    if (remote === undefined) return { path, offset, length, version };
    if (requireHeader === undefined) return remote.set.image(remote.place, offset, length, context);
    return remote.set
      .image(remote.place, offset - BLOCK_BYTES, BLOCK_BYTES + length, context)
      .then(async (found) => {
        if (found instanceof Uint8Array) {
          await requireHeader(Buffer.from(found.subarray(0, BLOCK_BYTES)), entry);
          return found.subarray(BLOCK_BYTES);
        }
        await requireHeader(
          await remote.set.read(remote.place, found.offset, BLOCK_BYTES, context),
          entry,
        );
        return { ...found, offset, length };
      });
  };
  /** A sample's further images, by the names of their columns; null where it has none. */
  const imagesInColumns = async (index: number, context: SourceContext | undefined) => {
    const { shard, sample } = placeOf(index);
    const found = imageColumns.map(async (column) => {
      const entry = shard.samples.imageIn(sample, column);
      if (typeof entry === "string") {
        throw invalid(index, shard.path, `${shard.samples.key(sample)}: ${entry}`);
      }
      return [column, entry === undefined ? null : await imageAt(shard, entry, context)] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  };

  const shardCount = `${opened.length} shard${opened.length === 1 ? "" : "s"}`;
  return {
    length,
    fingerprint: makeFingerprint([
      ...opened.flatMap(({ path, version, samples }) => [
        nameOfFile(path),
        version.size,
        samples.length,
      ]),
      JSON.stringify([{ image: wanted.images ?? wanted.image, text: wanted.text }, textColumn]),
    ]),
    ...(columns === "auto" && { columnTypes: typesOfSamples(names, first) }),
    description: `WebDataset, ${shardCount}, ${length} pairs`,
    blockLengths: () => opened.map(({ samples }) => samples.length),
    ...(set && {
      readAhead: (blocks) =>
        set.expect(blocks.flatMap((block) => opened[block]?.remote?.place ?? [])),
    }),
    async get(index, context): Promise<Pair> {
      const { shard, sample } = placeOf(index);
      await shard.requireUnchanged?.(context);
      const kept = new Map<number, Buffer>();
      const text = await readTexts(index, shard, sample, context, kept);
      const values =
        names.length > 0
          ? columnsAmong(names, await readColumns(index, filesOfColumns, context, kept))
          : undefined;
      const further = imageColumns.length > 0 && (await imagesInColumns(index, context));
      const own = (values || further) && { columns: { ...values, ...further } };
      const { path, samples } = shard;
      const found = samples.image(sample);
      const image =
        typeof found === "number"
          ? imageAt(shard, found, context)
          : Promise.all(found.map((one) => (one === null ? null : imageAt(shard, one, context))));
      return {
        image: image instanceof Promise ? await image : image,
        text,
        key: samples.key(sample),
        origin: `${path}#${samples.key(sample)}`,
        ...own,
      };
    },
    async texts(index, context) {
      const { shard, sample } = placeOf(index);
      return readTexts(index, shard, sample, context);
    },
  };
}
