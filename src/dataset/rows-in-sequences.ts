import { PixtokError } from "../shared/errors.js";
import type { BatchRow, PlacedError, RowReader } from "./batch-rows.js";
import type { SequenceRows } from "./sequences.js";

/** The number of the sequence that each row is in. */
function numbersOf(counts: readonly number[]): number[] {
  return counts.flatMap((count, number) => new Array<number>(count).fill(number));
}

/**
 * Rows with the numbers of their sequences. Those that have become longer than they were counted may not fit into them, and
 * are dropped.
 *
 * @throws {PixtokError} DOES_NOT_FIT of the first that does not fit, where that ends the batch.
 */
export function rowsInSequences(
  rows: readonly BatchRow[],
  { rows: counts, maxLength }: SequenceRows,
  reader: RowReader,
): BatchRow[] {
  const numbers = numbersOf(counts);
  const taken = counts.map(() => 0);
  return rows.filter((row) => {
    const { index, source, tokens } = row.pair;
    const sequence = numbers[row.place] as number;
    const before = taken[sequence] as number;
    const count = tokens?.ids.length ?? 0;
    if (before + count > maxLength) {
      const what = `it has ${count} tokens, and there is room for ${maxLength - before} in the sequence that it was joined to: rows of it have become longer than they were counted`;
      const error = new PixtokError("DOES_NOT_FIT", what, { index, source });
      if (reader.isFatal(error)) throw error;
      reader.drop(row, error);
      return false;
    }
    taken[sequence] = before + count;
    row.pair = { ...row.pair, sequence };
    return true;
  });
}

/** Errors of rows as those of their sequences, which are what has a place in the batch. */
export function errorsOfSequences(
  errors: readonly PlacedError[],
  { rows: counts }: SequenceRows,
): PlacedError[] {
  const numbers = numbersOf(counts);
  return errors.map(({ place, error }) => ({ place: numbers[place] as number, error }));
}

/** Sequences of the rows that are left. */
export function sequencesOf(rows: readonly BatchRow[], { maxLength }: SequenceRows): SequenceRows {
  const counts = new Map<number | undefined, number>();
  for (const { pair } of rows) counts.set(pair.sequence, (counts.get(pair.sequence) ?? 0) + 1);
  return { rows: [...counts.values()], maxLength };
}
