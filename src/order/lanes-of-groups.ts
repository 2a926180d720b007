import { laneOf, positionInLanes } from "./lanes.js";

/**
 * The lanes that each group of neighbouring ranks reads in an epoch, such as those of a machine.
 *
 * @param ofGroup ranks in a group; the last one may have fewer.
 */
export function lanesOfGroups(
  ranks: number,
  ofGroup: number,
  lanes: number,
): readonly ReadonlySet<number>[] {
  const groups = Array.from({ length: Math.ceil(ranks / ofGroup) }, () => new Set<number>());
  // turns repeat after as many as there are lanes
  for (let turn = 0; turn < lanes; turn += 1) {
    for (let rank = 0; rank < ranks; rank += 1) {
      const position = positionInLanes(rank, turn * ranks, ranks, lanes);
      groups[Math.floor(rank / ofGroup)]?.add(laneOf(position, lanes));
    }
  }
  return groups;
}
