import { filesOfPart } from "./pack-layout.js";

/**
 * Parts of a set that have files which are not there; all, where there is no file that says how many the set has.
 *
 * @param of number of parts that the set is packed in.
 */
export function missingParts(
  found: readonly { readonly shard: number; readonly shards: number }[],
  of: number,
): number[] {
  const parts = Array.from({ length: of }, (_, part) => part);
  const [first] = found;
  if (first === undefined) return parts;
  const there = new Set(found.map(({ shard }) => shard));
  return parts.filter((part) =>
    filesOfPart(first.shards, part, of).some((file) => !there.has(file)),
  );
}
