// An epoch that ranks go through in pieces, each of another number of ranks and of batches of another size.

import assert from "node:assert/strict";
import {
  DataLoader,
  type DataLoaderOptions,
  type LoaderState,
  type MultimodalDataset,
} from "pixtok";

export const byNumber = (a: number, b: number) => a - b;

/** Some batches of a loader as one, by their indices. */
export async function inOne(loader: DataLoader, batches = Infinity): Promise<number[]> {
  const indices: number[] = [];
  for await (const batch of loader) {
    indices.push(...batch.indices);
    batch.release();
    batches -= 1;
    if (batches === 0) break;
  }
  return indices;
}

/** What ranks have had from a position on. */
export interface Piece {
  readonly position: number;
  /** Indices of each rank. */
  readonly ranks: readonly (readonly number[])[];
}

/** An epoch by one rank, and the same one in pieces. */
export interface EpochInPieces {
  readonly whole: readonly number[];
  readonly pieces: readonly Piece[];
}

/** How an epoch is taken apart. */
export interface PiecesOptions {
  readonly epoch: number;
  readonly random: (below: number) => number;
  readonly mostRanks: number;
  /** Default `inOne`. */
  readonly indicesOf?: typeof inOne;
}

/** Goes through an epoch, and through it in pieces: each goes on from the state, saved and read again, that all ranks agree on. */
export async function epochInPieces(
  dataset: MultimodalDataset,
  options: DataLoaderOptions,
  { epoch, random, mostRanks, indicesOf = inOne }: PiecesOptions,
): Promise<EpochInPieces> {
  const reference = new DataLoader(dataset, options);
  reference.setEpoch(epoch);
  const whole = await indicesOf(reference);
  const pieces: Piece[] = [];
  let state: LoaderState = { ...reference.state(), epoch, position: 0 };
  while (state.epoch === epoch) {
    const worldSize = 1 + random(mostRanks);
    const given = { ...options, worldSize, batchSize: 1 + random(9), prefetch: random(4) };
    const batches = 1 + random(4);
    const [ranks, states]: [number[][], LoaderState[]] = [[], []];
    for (let rank = 0; rank < worldSize; rank += 1) {
      const loader = new DataLoader(dataset, { ...given, rank });
      loader.resume(JSON.parse(JSON.stringify(state)) as LoaderState);
      ranks.push(await indicesOf(loader, batches));
      states.push(loader.state());
    }
    for (const each of states) assert.deepEqual(each, states[0]);
    pieces.push({ position: state.position, ranks });
    state = states[0] as LoaderState;
  }
  return { whole, pieces };
}

/** Every turn of the ranks is what the epoch in one has there, whichever rank has what. */
export function assertSameTurns({ whole, pieces }: EpochInPieces): void {
  for (const { position, ranks } of pieces) {
    for (const turn of (ranks[0] as number[]).keys()) {
      const expected = ranks.map(
        (_, rank) => whole[(position + turn * ranks.length + rank) % whole.length] as number,
      );
      const had = ranks.map((rank) => rank[turn] as number);
      assert.deepEqual(had.sort(byNumber), expected.sort(byNumber));
    }
  }
}
