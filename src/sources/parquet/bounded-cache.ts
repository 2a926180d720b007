/** Values by key, the last ones used kept, of at most so many bytes together. */
export interface BoundedCache {
  /** Made by `make` where it is not there; one that fails is not kept. What a key has is always of one type. */
  get<T>(key: string, make: () => Promise<Sized<T>>): Promise<T>;
}

/** A value, and about how many bytes it takes in memory. */
export interface Sized<T> {
  readonly value: T;
  readonly bytes: number;
}

export function boundedCache(mostBytes: number): BoundedCache {
  const kept = new Map<string, { made: Promise<Sized<unknown>>; bytes: number }>();
  let total = 0;
  const shrink = (newest: string) => {
    for (const [key, { bytes }] of kept) {
      if (total <= mostBytes) return;
      if (key === newest) continue;
      total -= bytes;
      kept.delete(key);
    }
  };
  return {
    async get<T>(key: string, make: () => Promise<Sized<T>>): Promise<T> {
      const found = kept.get(key);
      const entry = found ?? { made: make(), bytes: 0 };
      kept.delete(key); // to the end, as the one used last
      kept.set(key, entry);
      const made = entry.made as Promise<Sized<T>>;
      if (found !== undefined) return (await made).value;
      try {
        const { value, bytes } = await made;
        if (kept.get(key) === entry) {
          entry.bytes = bytes;
          total += entry.bytes;
          shrink(key);
        }
        return value;
      } catch (error) {
        if (kept.get(key) === entry) kept.delete(key);
        throw error;
      }
    },
  };
}
