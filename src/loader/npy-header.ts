/** What begins a file of NumPy's `save()`. */
const MAGIC = Buffer.from("\x93NUMPY", "latin1");
/** The magic, two numbers of the version, and how long the header is: two bytes, or four from version 2 on. */
const VERSION_AT = MAGIC.length;
const LENGTH_AT = VERSION_AT + 2;
/** As much of a file as any header of one array of numbers needs: NumPy pads them to 128 bytes. */
export const NPY_HEAD_BYTES = 4096;

/** An array in a file of NumPy's. */
export interface NpyHeader {
  /** Where its numbers begin. */
  readonly offset: number;
  /** Their type, as NumPy writes it: `<f4`. */
  readonly type: string;
  /** Its dimensions. */
  readonly shape: readonly number[];
}

export function isNpy(start: Buffer): boolean {
  return start.subarray(0, MAGIC.length).equals(MAGIC);
}

/** The dictionary in the order in which NumPy writes its keys. */
const DICTIONARY =
  /^\{'descr': '([^']{1,16})', 'fortran_order': (?:True|False), 'shape': \(([\d, ]*)\), \} *\n$/;

/**
 * The header of a file.
 *
 * @param start as much of it as there is, up to NPY_HEAD_BYTES.
 * @throws {RangeError} where it is none, or not one of a plain array.
 */
export function readNpyHeader(start: Buffer): NpyHeader {
  const version = start[VERSION_AT] ?? 0;
  const lengthBytes = version === 1 ? 2 : 4;
  const textAt = LENGTH_AT + lengthBytes;
  if (version < 1 || version > 3 || start.length < textAt) {
    throw new RangeError("its header is damaged");
  }
  const offset = textAt + start.readUIntLE(LENGTH_AT, lengthBytes);
  if (offset > start.length) throw new RangeError("its header is damaged, or ends early");
  const found = DICTIONARY.exec(start.toString("latin1", textAt, offset));
  if (found === null) throw new RangeError("it is no plain array of numbers");
  const [, type = "", dimensions = ""] = found;
  const shape = dimensions.split(",").flatMap((one) => (one.trim() === "" ? [] : [Number(one)]));
  return { offset, type, shape };
}
