import { createHash } from "node:crypto";
import { MOST_WEIGHTS, type WeightProblem } from "../order/alias-table.js";
import { PixtokError } from "../shared/errors.js";
import { sameVersion, versionOf } from "../shared/file-version.js";
import { readFully } from "../shared/read-fully.js";
import { openRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { wrongType } from "../shared/validation.js";
import { isNpy, NPY_HEAD_BYTES, readNpyHeader } from "./npy-header.js";

/** Type of the numbers in a file of weights. */
export type WeightType = "float32" | "float64";
/** Little end first. */
export const weightTypes = ["float32", "float64"] as const satisfies readonly WeightType[];

const arrays = { float32: Float32Array, float64: Float64Array };
const npyTypes: Readonly<Record<string, WeightType>> = { "<f4": "float32", "<f8": "float64" };

/** Weights that are read at once. */
const PIECE_WEIGHTS = 2 ** 20;

/** A file of weights, open. */
export interface WeightsFile {
  readonly path: string;
  readonly type: WeightType;
  readonly count: number;
  /** All weights, some at a time. */
  pieces(): AsyncGenerator<Float32Array | Float64Array>;
  /** @throws {PixtokError} SOURCE_CHANGED where it has been written to since it was opened. */
  requireUnchanged(): Promise<void>;
  close(): Promise<void>;
}

/** The error for a file whose numbers are no weights. */
function invalidWeights(path: string, reason: string, advice?: string): PixtokError {
  return new PixtokError("INVALID_WEIGHTS", reason, { source: path, ...(advice && { advice }) });
}

export function problemOfWeights(
  path: string,
  { place, expected, got }: WeightProblem,
): PixtokError {
  const which = place === undefined ? "weights" : `weight ${place}`;
  return invalidWeights(path, `${which}: expected ${expected}, got ${got}`);
}

/**
 * Digest of the weights, wherever they lie.
 *
 * @throws {PixtokError} SOURCE_CHANGED; FILE_UNREADABLE, or a fault of the machine.
 */
export async function digestOfWeights(file: WeightsFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const weights of file.pieces()) hash.update(weights);
  return hash.digest("hex");
}

/** Where weights lie in a file. */
interface Layout {
  readonly type: WeightType;
  readonly offset: number;
  readonly count: number;
}

/** @throws {PixtokError} INVALID_WEIGHTS */
function layoutOfNpy(path: string, start: Buffer, size: number): Layout {
  try {
    const { offset, type: stored, shape } = readNpyHeader(start);
    const type = npyTypes[stored];
    if (type === undefined) {
      throw new RangeError(`expected numbers of the type <f4 or <f8, got ${stored}`);
    }
    const [count = 0] = shape;
    if (shape.length !== 1) {
      throw new RangeError(`expected an array of one dimension, got one of ${shape.length}`);
    }
    const bytes = count * arrays[type].BYTES_PER_ELEMENT;
    if (bytes !== size - offset) {
      throw new RangeError(
        `its header says ${count} weights of ${bytes} bytes, and ${size - offset} follow`,
      );
    }
    return { type, offset, count };
  } catch (cause) {
    throw invalidWeights(path, (cause as Error).message);
  }
}

/** How a ZIP archive begins. */
const ZIP_START = "PK\x03\x04";

/**
 * Refuses what is no array of NumPy's, and is meant to be one.
 *
 * @throws {PixtokError} INVALID_WEIGHTS
 */
function requireNumbersAlone(path: string, start: Buffer, type: WeightType | undefined): void {
  // a number may begin so as well, and people map numbers alone that they call .npy
  const isZip = start.toString("latin1", 0, ZIP_START.length) === ZIP_START;
  if (isZip && (type === undefined || /\.npz$/i.test(path))) {
    const reason = "it is a ZIP archive, as NumPy's savez() writes, and no array";
    throw invalidWeights(path, reason, "write the array alone, with NumPy's save()");
  }
  if (type === undefined && /\.npy$/i.test(path)) {
    const reason = "its name ends in .npy, and it does not begin as NumPy's save() writes it";
    throw invalidWeights(path, reason, "write it again, or give type if it has numbers alone");
  }
}

/** @throws {PixtokError} INVALID_WEIGHTS */
function layoutOfRaw(path: string, type: WeightType, size: number): Layout {
  const each = arrays[type].BYTES_PER_ELEMENT;
  if (size % each === 0) return { type, offset: 0, count: size / each };
  throw invalidWeights(path, `it has ${size} bytes, which are no ${type}s of ${each} bytes`);
}

/**
 * Opens a file of weights: an array of NumPy's `save()`, or numbers alone.
 *
 * @param type of the numbers. Default: what NumPy's header says.
 * @param expected how many there must be. Default: as many as there are.
 * @throws {TypeError} where numbers alone are of no known type, or NumPy's of another.
 * @throws {PixtokError} INVALID_WEIGHTS; FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, or a fault of the machine.
 */
export async function openWeightsFile(
  path: string,
  type: WeightType | undefined,
  expected: number | undefined,
): Promise<WeightsFile> {
  const { file } = await openRegularFile(path);
  /** The bytes that are there, from a position on. */
  const readAt = async (position: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.from(new ArrayBuffer(length)); // not of a pool: numbers have to be aligned
    try {
      return bytes.subarray(0, await readFully(file.read.bind(file), bytes, position));
    } catch (cause) {
      throw unreadableFile(path, cause);
    }
  };
  const layoutOf = async (size: number): Promise<Layout> => {
    const start = await readAt(0, Math.min(size, NPY_HEAD_BYTES));
    if (!isNpy(start)) {
      requireNumbersAlone(path, start, type);
      if (type !== undefined) return layoutOfRaw(path, type, size);
      const choices = '"float32" or "float64", as the file is none of NumPy that says it';
      throw wrongType("type", choices, type);
    }
    const layout = layoutOfNpy(path, start, size);
    if (type === undefined || layout.type === type) return layout;
    throw wrongType("type", `"${layout.type}", which the file says, or none`, type);
  };
  try {
    const version = versionOf(await file.stat({ bigint: true }));
    const layout = await layoutOf(version.size);
    const { offset, count } = layout;
    if (count < 1 || count > MOST_WEIGHTS) {
      throw invalidWeights(path, `expected 1 to ${MOST_WEIGHTS} weights, got ${count}`);
    }
    if (expected !== undefined && count !== expected) {
      throw invalidWeights(path, `expected ${expected} weights, as count says, got ${count}`);
    }
    const changed = () =>
      new PixtokError("SOURCE_CHANGED", "it was written to while it was read", { source: path });
    return {
      ...{ path, type: layout.type, count },
      async requireUnchanged() {
        const now = versionOf(await file.stat({ bigint: true }));
        if (!sameVersion(now, version)) throw changed();
      },
      async *pieces() {
        const numbers = arrays[layout.type];
        const each = numbers.BYTES_PER_ELEMENT;
        for (let first = 0; first < count; first += PIECE_WEIGHTS) {
          const length = Math.min(PIECE_WEIGHTS, count - first);
          const bytes = await readAt(offset + each * first, each * length);
          if (bytes.length < each * length) throw changed();
          yield new numbers(bytes.buffer as ArrayBuffer, 0, length);
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
