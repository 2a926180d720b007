import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { type WalkOptions, walkReaders } from "../dataset/dataset-walk.js";
import { PixtokError } from "../shared/errors.js";
import { readOptions } from "../shared/options.js";
import type { PackConfig } from "../sources/packed/pack-format.js";
import { differences } from "../sources/packed/pack-match.js";
import { openPackedFile, type PackedFile, readPackedFile } from "../sources/packed/packed-file.js";
import { packedFilesIn, requireComplete } from "../sources/packed/packed-folder.js";
import { END_OF_STREAM } from "../sources/packed/record-batch.js";

/** Options of `verifyPack`. */
export interface VerifyPackOptions extends WalkOptions {}

/** Something that is wrong with a packed set. */
export interface PackProblem {
  /** Name of the file; null where it is the set's. */
  readonly file: string | null;
  /** Rows of that file that are damaged, the first and the last; null where it is not known. */
  readonly rows: readonly [first: number, last: number] | null;
  /** What is wrong, for people to read. */
  readonly message: string;
}

/** What `verifyPack` found. */
export interface PackReport {
  /** Whether every file is there and every byte what was written. */
  readonly ok: boolean;
  /** Files of the set. */
  readonly files: number;
  /** Pairs in the set. */
  readonly pairs: number;
  /** Everything that is wrong; empty where `ok` is true. */
  readonly problems: readonly PackProblem[];
}

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

/** @see verifyPack */
export async function checkPack(folder: string, options: VerifyPackOptions): Promise<PackReport> {
  const { onProgress, signal } = readOptions("verifyPack", options, walkReaders);
  const found = await packedFilesIn(folder);
  const problems: PackProblem[] = [];
  const attempt = <T>(file: string | null, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PixtokError)) throw error;
      problems.push({ file, rows: null, message: error.reason });
      return undefined;
    }
  };
  attempt(null, () => requireComplete(folder, found));

  const files: { name: string; file: PackedFile }[] = [];
  let config: PackConfig | undefined;
  for (const { name, ...place } of found) {
    const file = attempt(name, () => openPackedFile(join(folder, name)));
    if (file === undefined) continue;
    files.push({ name, file });
    const { metadata } = file;
    config ??= metadata.config;
    const expected = { config, ...place };
    const there = { config: metadata.config, shard: metadata.shard, shards: metadata.shards };
    for (const message of differences(there, expected)) {
      problems.push({ file: name, rows: null, message });
    }
  }

  const rowsOf = ({ messages }: PackedFile) => messages.reduce((sum, { rows }) => sum + rows, 0);
  const pairs = files.reduce((sum, { file }) => sum + rowsOf(file), 0);
  let done = 0;
  for (const { name, file } of files) {
    signal?.throwIfAborted();
    const count = (rows: number) => {
      done += rows;
      onProgress?.(done, pairs, { errors: problems.length });
    };
    try {
      for (const one of await fileProblems(file, count)) problems.push({ file: name, ...one });
    } catch (error) {
      attempt(name, () => {
        throw error;
      });
    }
  }
  return { ok: problems.length === 0, files: files.length, pairs, problems };
}
