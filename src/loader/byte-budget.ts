/** Bytes that a batch under way has in memory, as far as they are known. */
export interface BatchBytes {
  /** Notes what it has: once its rows have been read, and again once it is made. */
  set(bytes: number): void;
  /** Notes that it is gone. */
  end(): void;
}

/** What batches under way have in memory, and whether there is room for one more. */
export interface ByteBudget {
  /** Whether a batch may be started. One always may where none is under way. */
  admits(rows: number): boolean;
  start(rows: number): BatchBytes;
}

/** How many times as large as all before a batch may be whose rows are still being read. */
const MARGIN = 4;

/**
 * The size of rows is not known before they are read: a batch is expected to be as large as the largest one so far.
 * As long as the rows of another one are being read, both may be several times as large; where there is no room for
 * that, batches are read one after the other. So `most` is passed by what the last one was underrated by.
 */
export function byteBudget(most: number): ByteBudget {
  const underWay = new Set<{ rows: number; bytes: number | undefined }>();
  /** Of the batches so far, the most for each row; undefined before any has been read. */
  let largestRow: number | undefined;
  return {
    admits(rows) {
      if (underWay.size === 0) return true;
      if (largestRow === undefined) return false;
      let known = 0;
      let unread = 0;
      for (const batch of underWay) {
        if (batch.bytes === undefined) unread += batch.rows;
        else known += batch.bytes;
      }
      const expected = (unread + rows) * largestRow;
      return known + expected * (unread === 0 ? 1 : MARGIN) <= most;
    },
    start(rows) {
      const batch = { rows, bytes: undefined as number | undefined };
      underWay.add(batch);
      return {
        set(bytes) {
          batch.bytes = bytes;
          largestRow = Math.max(largestRow ?? 0, bytes / rows);
        },
        end: () => void underWay.delete(batch),
      };
    },
  };
}
