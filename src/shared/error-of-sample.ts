import { PixtokError, type SampleOrigin } from "./errors.js";

/** An error that does not say which sample it is of: with its index, and its source where it has none. */
export function errorOfSample(error: PixtokError, { index, source }: SampleOrigin): PixtokError {
  if (error.index !== undefined) return error;
  const { code, reason, source: own = source, cause } = error;
  return new PixtokError(code, reason, { index, source: own, cause });
}

/** What `work` gives; its errors are of a sample. */
export function ofSample<T>(origin: SampleOrigin, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof PixtokError ? errorOfSample(error, origin) : error;
  }
}
