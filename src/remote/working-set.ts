/** How much of a set is being read at the same time. */
export interface WorkingSet {
  /** Notes that the file at a place is read. */
  note(place: number): void;
  /** Bytes of the files that have been read lately, each once. */
  readonly bytes: number;
}

/** Reads that are looked back on: some batches. */
const LOOKED_BACK = 1024;

/** @param sizes of the files of the set. */
export function workingSet(sizes: readonly number[]): WorkingSet {
  const last: number[] = [];
  const reads = new Map<number, number>();
  let oldest = 0;
  let bytes = 0;
  const count = (place: number, by: 1 | -1): void => {
    const before = reads.get(place) ?? 0;
    const now = before + by;
    if (before === 0) bytes += sizes[place] as number;
    if (now === 0) {
      bytes -= sizes[place] as number;
      reads.delete(place);
    } else reads.set(place, now);
  };
  return {
    note(place) {
      count(place, 1);
      const gone = last[oldest];
      if (gone !== undefined) count(gone, -1);
      last[oldest] = place;
      oldest = (oldest + 1) % LOOKED_BACK;
    },
    get bytes() {
      return bytes;
    },
  };
}
