import type { RankSlice } from "./rank-slice.js";

/** A list for each rank, which all take at the same time. */
export interface RankStep<T> {
  readonly lists: readonly (readonly T[])[];
  /** How many of all things are in this step and those before it. */
  readonly end: number;
}

const sizeOf = (lists: readonly { readonly length: number }[]) =>
  lists.reduce((sum, { length }) => sum + length, 0);

/** Lists that are as many as is wanted: the longest are cut into two. Precondition: there are as many things. */
function cutInto<T>(lists: readonly (readonly T[])[], count: number): (readonly T[])[] {
  const cut = [...lists];
  while (cut.length < count) {
    const longest = cut.reduce(
      (at, { length }, i) => (length > (cut[at]?.length ?? 0) ? i : at),
      0,
    );
    const list = cut[longest] as readonly T[];
    const half = Math.ceil(list.length / 2);
    cut.splice(longest, 1, list.slice(0, half), list.slice(half));
  }
  return cut;
}

/**
 * Lists shared among ranks, as many for each. Where the last step has no list for each rank, lists of it are cut, and of as
 * many steps before it as that needs: all steps' lists, one behind the other, have all things in the order of the lists.
 *
 * Where there are not enough things for that, ranks have the first ones again; or, with `padded` false, the last step is
 * left out.
 */
export function rankSteps<T>(
  lists: readonly (readonly T[])[],
  { worldSize, padded }: Pick<RankSlice, "worldSize" | "padded">,
): RankStep<T>[] {
  const count = Math.ceil(lists.length / worldSize);
  let whole = Math.floor(lists.length / worldSize);
  const wanted = () => (count - whole) * worldSize;
  const tail = () => lists.slice(whole * worldSize);
  while (whole > 0 && sizeOf(tail()) < wanted()) whole -= 1;
  const shared = lists.slice(0, whole * worldSize);
  if (sizeOf(tail()) >= wanted()) shared.push(...cutInto(tail(), wanted()));
  else if (padded) {
    const things = lists.flat();
    const missing = count * worldSize - lists.length;
    shared.push(
      ...lists,
      ...Array.from({ length: missing }, (_, i) => [things[i % things.length] as T]),
    );
  } else shared.push(...lists.slice(0, Math.floor(lists.length / worldSize) * worldSize));
  const all = sizeOf(lists);
  const steps: RankStep<T>[] = [];
  for (let first = 0, end = 0; first < shared.length; first += worldSize) {
    const own = shared.slice(first, first + worldSize);
    end += sizeOf(own);
    steps.push({ lists: own, end: Math.min(end, all) });
  }
  return steps;
}
