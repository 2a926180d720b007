import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { walkReaders } from "../dataset/dataset-walk.js";
import { LOCK_NAME } from "../lock/lock-file.js";
import { serverReaders } from "../remote/remote-options.js";
import { PixtokError } from "../shared/errors.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { isMachineFault } from "../shared/machine-fault.js";
import {
  integer,
  type OptionReaders,
  optional,
  readOptions,
  withDefault,
} from "../shared/options.js";
import { requireBoolean } from "../shared/validation.js";
import {
  INDEX_NAME,
  type PackConfig,
  type PackedFileMetadata,
  type PackedPlace,
  preparationOf,
} from "../sources/packed/pack-format.js";
import { configOfFile, isIndexed, nameInIndex } from "../sources/packed/pack-index.js";
import { differences } from "../sources/packed/pack-match.js";
import type { NamedFile, PackPlace } from "../sources/packed/pack-place.js";
import { missingOf, requireSome } from "../sources/packed/pack-versions.js";
import { type PackedFile, type PackedHead, readPackedFile } from "../sources/packed/packed-file.js";
import { checksumsOf, rowsOfHead } from "../sources/packed/packed-folder.js";
import { END_OF_STREAM } from "../sources/packed/record-batch.js";
import { versionsIn } from "../sources/packed/versions-in-place.js";
import { makeFingerprint } from "../sources/pair-source.js";
import { findMissingParts, MOST_PARTS } from "./missing-parts.js";
import { lockDigest } from "./pack-lock.js";
import type { PackProblem, PackReport, VerifyPackOptions } from "./pack-report.js";
import { packPlace } from "./packs-by-location.js";

const verifyReaders = {
  quick: withDefault(requireBoolean, false),
  parts: optional(integer(1, MOST_PARTS)),
  ...serverReaders,
  ...walkReaders,
} satisfies OptionReaders<VerifyPackOptions>;

type Found = Omit<PackProblem, "file">;

/** Reads every byte of a file whose heads are well. `onRows` is called with the rows that were read. */
async function fileProblems(file: PackedFile, onRows: (rows: number) => void): Promise<Found[]> {
  const problems: Found[] = [];
  const { bytes, messages } = file;
  let position = 0;
  let row = 0;
  for (const { bytes: length, headBytes, bodyCrc, rows } of messages) {
    const body = bytes.subarray(position + headBytes, position + length);
    if (crc32(body) !== bodyCrc) {
      problems.push({ rows: [row, row + rows - 1], message: "the checksum differs" });
    }
    position += length;
    row += rows;
    onRows(rows);
    await setImmediate();
  }
  if (!bytes.subarray(position).equals(END_OF_STREAM)) {
    problems.push({ rows: null, message: "the end of the file is not what it should be" });
  }
  if (problems.length === 0) readPackedFile(file);
  return problems;
}

/** Keeps one of what is the same in many files: each has a configuration of its own, which may be large. */
export function sharedMetadata(): (head: PackedHead) => PackedHead {
  const known = new Map<string, Pick<PackedFileMetadata, "config" | "versions" | "before">>();
  return ({ messages, schemaCrc, metadata }) => {
    const { config, versions, before } = metadata;
    const said = JSON.stringify([config, versions, before]);
    const common = known.get(said) ?? { config, versions, ...(before !== undefined && { before }) };
    known.set(said, common);
    return { messages, schemaCrc, metadata: { ...metadata, ...common } };
  };
}

/**
 * Whether the index is of these files, where there is one.
 *
 * @param whole number of files of the newest version where all are whole.
 */
async function indexProblem(
  pack: PackPlace,
  files: readonly { place: NamedFile; file: PackedHead }[],
  whole: number | undefined,
): Promise<string | undefined> {
  const index = await pack.index();
  if (index === undefined) return undefined;
  if (whole !== undefined && whole > index.files) {
    return "rows have been appended that it does not have: run the command that appended them again";
  }
  // others are of rows that are being appended
  const own = files.filter(({ place }) => place.shards <= index.files);
  const isOf = own.every(
    ({ place: { name, shard }, file }) =>
      name === nameInIndex(index, shard) &&
      isIndexed(index, shard, file.messages, file.schemaCrc) &&
      index.rows[shard] === rowsOfHead(file) &&
      differences(configOfFile(index, shard), file.metadata.config).length === 0,
  );
  const isWhole = own.length === index.files;
  const fingerprint = () => makeFingerprint(checksumsOf(own.map(({ file }) => file)));
  const isSame = isOf && (!isWhole || fingerprint() === index.fingerprint);
  if (isSame) return undefined;
  const cure =
    whole === undefined
      ? "pack first what is missing"
      : "delete it, and pixtok pack writes it anew";
  return `it is not of these files: ${cure}`;
}

/** Where a file is not what its name says, or was packed in another way than the first. */
function placeProblems(
  { config, shard, shards, first }: PackedFileMetadata,
  set: PackConfig,
  version: { config: PackConfig; first: number },
  place: PackedPlace,
): string[] {
  const own = { shard, shards, first };
  const named = { shard: place.shard, shards: place.shards, first: version.first };
  return [
    ...differences(preparationOf(config), preparationOf(set)),
    ...differences(rowsOf(config), rowsOf(version.config)),
    ...differences(own, named),
  ];
}

const rowsOf = ({ source, shardPairs }: PackConfig) => ({ source, shardPairs });

/** Rows that there cannot be: those of pairs that cannot be read may be missing. */
export function* countProblems(
  opened: Pick<PackedHead, "metadata" | "messages">,
): Generator<string> {
  const { config, shard, shards, first } = opened.metadata;
  const { shardPairs, source } = config;
  const files = Math.ceil(source.pairs / shardPairs);
  if (files !== shards - first)
    yield `it is one of ${shards - first} files, and ${source.pairs} pairs are ${files}`;
  const most = Math.min(shardPairs, source.pairs - (shard - first) * shardPairs);
  const rows = rowsOfHead(opened);
  if (rows > most) yield `it has ${rows} rows of ${most} pairs`;
}

/** Whether the lock beside the files is the one that they were packed with; those from before there were locks have none. */
async function lockProblem(
  pack: PackPlace,
  files: readonly { place: NamedFile; file: PackedHead }[],
): Promise<string | undefined> {
  const locked = files.filter(({ file }) => file.metadata.lock !== undefined);
  if (locked.length === 0) return undefined;
  const digest = lockDigest(await pack.text(LOCK_NAME));
  const [other] = locked.filter(({ file }) => file.metadata.lock !== digest);
  return other && `it is not the lock that ${other.place.name} was packed with`;
}

/** Files whose beginning and end are read at the same time. */
const MOST_AT_ONCE = 16;

/**
 * @param temporary folder for copies of files that are elsewhere. Default: one that is made for each.
 * @see verifyPack
 */
export async function checkPack(
  folder: string,
  options: VerifyPackOptions,
  temporary?: string,
): Promise<PackReport> {
  const given = readOptions("verifyPack", options, verifyReaders);
  const pack = await packPlace(folder, given, temporary);
  const { quick, parts, onProgress, signal } = given;
  const found = await pack.packedFiles();
  const problems: PackProblem[] = [];
  const attempt = async <T>(
    file: string | null,
    work: () => T | Promise<T>,
  ): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      // a file is not judged by a machine that cannot read it; that it is not there can be said
      const isAway = error instanceof PixtokError && error.code === "REMOTE_NOT_FOUND";
      if (!(error instanceof PixtokError) || (isMachineFault(error) && !isAway)) throw error;
      problems.push({ file, rows: null, message: error.reason });
      return undefined;
    }
  };
  const versions = await attempt(null, async () => {
    const known = await versionsIn(pack);
    requireSome(pack.name, known);
    return known;
  });
  const missing = missingOf(versions ?? []);
  problems.push(...missing.map((message) => ({ file: null, rows: null, message })));
  const newest = missing.length === 0 ? versions?.at(-1)?.end : undefined;

  let looked = 0;
  const lookAt = async (file: NamedFile): Promise<PackedHead> => {
    signal?.throwIfAborted();
    const opened = await pack.ends(file);
    looked += 1;
    onProgress?.(looked, found.length, { errors: problems.length });
    return opened;
  };
  const shared = sharedMetadata();
  const limited = limitAtOnce(quick ? MOST_AT_ONCE : 1);
  const opened = await Promise.all(
    found.map((file) =>
      limited(() =>
        attempt(file.name, async () => shared(await (quick ? lookAt(file) : pack.heads(file)))),
      ),
    ),
  );
  const files = found.flatMap((place, i) => {
    const file = opened[i];
    return file === undefined ? [] : [{ place, file }];
  });
  const set = files[0]?.file.metadata.config as PackConfig;
  const configs = new Map<number, PackConfig>();
  for (const { place, file } of files) {
    const { config } = file.metadata;
    const version = configs.get(place.shards) ?? config;
    configs.set(place.shards, version);
    const { first } = versions?.find(({ end }) => end === place.shards) ?? file.metadata;
    const messages = [
      ...placeProblems(file.metadata, set, { config: version, first }, place),
      ...countProblems(file),
    ];
    problems.push(...messages.map((message) => ({ file: place.name, rows: null, message })));
  }
  const message = await attempt(LOCK_NAME, () => lockProblem(pack, files));
  if (message !== undefined) problems.push({ file: LOCK_NAME, rows: null, message });

  const other = await attempt(INDEX_NAME, () => indexProblem(pack, files, newest));
  if (other !== undefined) problems.push({ file: INDEX_NAME, rows: null, message: other });

  const pairs = files.reduce((sum, { file }) => sum + rowsOfHead(file), 0);
  let done = 0;
  const count = (rows: number) => {
    done += rows;
    onProgress?.(done, pairs, { errors: problems.length });
  };
  for (const { place } of quick ? [] : files) {
    signal?.throwIfAborted();
    const damage = await attempt(place.name, () =>
      pack.opened(place, (file) => fileProblems(file, count)),
    );
    problems.push(...(damage ?? []).map((one) => ({ file: place.name, ...one })));
  }
  return {
    ok: problems.length === 0,
    files: files.length,
    pairs,
    problems,
    ...(parts !== undefined && { missingParts: (await findMissingParts(pack, parts)).parts }),
  };
}
