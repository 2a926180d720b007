import { untilAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";

/** Samples that could be read, and what is wrong with the others. */
export interface ReadResults<P> {
  pairs: P[];
  failures: { index: number; error: PixtokError }[];
}

/** Reads samples at once; those that fail do not end it. */
export async function readEach<P>(
  indices: readonly number[],
  readOne: (index: number) => Promise<P>,
  signal: AbortSignal,
): Promise<ReadResults<P>> {
  const read = async (index: number): Promise<{ pair: P } | PixtokError> => {
    try {
      return { pair: await readOne(index) };
    } catch (error) {
      if (error instanceof PixtokError) return error;
      throw error;
    }
  };
  const results = await untilAborted(Promise.all(indices.map(read)), signal);
  const pairs: P[] = [];
  const failures: ReadResults<P>["failures"] = [];
  for (const [row, result] of results.entries()) {
    if (result instanceof PixtokError) {
      failures.push({ index: indices[row] as number, error: result });
    } else pairs.push(result.pair);
  }
  return { pairs, failures };
}
