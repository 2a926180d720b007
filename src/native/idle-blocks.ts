/** Memory that nobody uses, kept to be used again. */
export interface IdleBlocks<Block> {
  /** Keeps a block, and drops others where they are too many: those first that were used longest ago. */
  keep(block: Block): void;
  /** The smallest block of `least` to `most` bytes; of several the one that was used last. */
  take(least: number, most: number): Block | undefined;
  dropAll(): void;
}

/** Idle blocks of about the size in use that are kept however large they are. */
const KEPT_OF_A_SIZE = 4;
/** How much larger a block may be that is of one use with another, also where sizes vary. */
export const MOST_LARGER = 2;

const areAlike = (one: number, other: number): boolean =>
  Math.max(one, other) <= MOST_LARGER * Math.min(one, other);

/** Sizes are few and blocks may be thousands: none is looked for among blocks of other sizes. */
export function idleBlocks<Block extends { readonly buffer: ArrayBuffer }>(most: {
  readonly bytes: number;
  readonly blocks: number;
}): IdleBlocks<Block> {
  /** By their size; those of a size in the order in which they were kept. None is empty. */
  const bySize = new Map<number, { readonly block: Block; readonly since: number }[]>();
  let bytes = 0;
  let blocks = 0;
  let kept = 0;

  /** The size of the block that was kept first, among those of some sizes. */
  const firstSize = (isMeant: (size: number) => boolean): number | undefined => {
    let first: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [size, [oldest]] of bySize) {
      if (oldest === undefined || oldest.since >= least || !isMeant(size)) continue;
      first = size;
      least = oldest.since;
    }
    return first;
  };
  const remove = (size: number, end: "first" | "last"): Block | undefined => {
    const same = bySize.get(size);
    const removed = end === "first" ? same?.shift() : same?.pop();
    if (same?.length === 0) bySize.delete(size);
    if (removed === undefined) return undefined;
    bytes -= size;
    blocks -= 1;
    return removed.block;
  };

  return {
    keep(block) {
      const { byteLength: size } = block.buffer;
      const same = bySize.get(size) ?? [];
      same.push({ block, since: kept });
      bySize.set(size, same);
      kept += 1;
      bytes += size;
      blocks += 1;
      while (bytes > most.bytes || blocks > most.blocks) {
        const other = firstSize((one) => !areAlike(one, size));
        if (other === undefined && blocks <= KEPT_OF_A_SIZE) return;
        remove(other ?? (firstSize(() => true) as number), "first");
      }
    },
    take(least, most) {
      if (bySize.has(least)) return remove(least, "last");
      const fitting = [...bySize.keys()].filter((size) => size >= least && size <= most);
      return fitting.length === 0 ? undefined : remove(Math.min(...fitting), "last");
    },
    dropAll() {
      bySize.clear();
      bytes = 0;
      blocks = 0;
    },
  };
}
