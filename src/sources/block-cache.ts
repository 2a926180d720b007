/**
 * Blocks that were asked for last. One that could not be loaded is asked for again.
 *
 * @param most that are kept.
 */
export function blockCache<T>(most: number, load: (block: number) => Promise<T>) {
  const blocks = new Map<number, Promise<T>>();
  return (block: number): Promise<T> => {
    let kept = blocks.get(block);
    if (kept === undefined) {
      const loading = load(block);
      loading.catch(() => {
        if (blocks.get(block) === loading) blocks.delete(block);
      });
      kept = loading;
    }
    blocks.delete(block); // to the end, as the one used last
    blocks.set(block, kept);
    const [oldest] = blocks.keys();
    if (blocks.size > most && oldest !== undefined) blocks.delete(oldest);
    return kept;
  };
}
