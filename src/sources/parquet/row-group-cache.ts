/** Values by key, the last ones used kept, of at most so many bytes together. */
export interface BoundedCache<T> {
  /** Made by `make` where it is not there; one that fails is not kept. */
  get(key: string, make: () => Promise<{ value: T; bytes: number }>): Promise<T>;
}

export function boundedCache<T>(mostBytes: number): BoundedCache<T> {
  const kept = new Map<string, { made: Promise<{ value: T; bytes: number }>; bytes: number }>();
  let total = 0;
  const drop = (key: string) => {
    total -= kept.get(key)?.bytes ?? 0;
    kept.delete(key);
  };
  const shrink = (newest: string) => {
    for (const key of kept.keys()) {
      if (total <= mostBytes) return;
      if (key !== newest) drop(key);
    }
  };
  return {
    async get(key, make) {
      const found = kept.get(key);
      const entry = found ?? { made: make(), bytes: 0 };
      kept.delete(key); // to the end, as the one used last
      kept.set(key, entry);
      if (found !== undefined) return (await found.made).value;
      try {
        const { value, bytes } = await entry.made;
        if (kept.get(key) === entry) {
          entry.bytes = bytes;
          total += bytes;
          shrink(key);
        }
        return value;
      } catch (error) {
        if (kept.get(key) === entry) drop(key);
        throw error;
      }
    },
  };
}
