import { growingNumbers } from "../../shared/growing-numbers.js";
import type { TextBytes } from "../text-bytes.js";
import { NotText } from "../text-encoding.js";

/** A text whose rows are found by an index of their offsets and read when they are asked for. */
export interface RowFile {
  readonly length: number;
  /**
   * Bytes of a row, and of its line end.
   *
   * @throws {NotText} where they are too many.
   */
  read(row: number): Promise<Buffer>;
}

/** Finds the offsets at which rows begin, and after the last one the end, in a stream of chunks. */
export type RowScanner = (chunks: AsyncIterable<Buffer>) => AsyncIterable<number>;

/** A longer row is none, but a quote or a line that does not end. */
const MOST_ROW_BYTES = 2 ** 26;

/** Goes through the text once to find its rows: eight bytes of memory each. */
export async function openRowFile(bytes: TextBytes, scan: RowScanner): Promise<RowFile> {
  const found = growingNumbers();
  for await (const offset of scan(bytes.chunks())) found.push(offset);
  const offsets = found.finished();
  return {
    length: Math.max(0, offsets.length - 1),
    async read(row) {
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      if (end - start > MOST_ROW_BYTES) {
        throw new NotText(`it has ${end - start} bytes; at most ${MOST_ROW_BYTES} are read`);
      }
      return bytes.read(start, end);
    },
  };
}
