import {
  DataLoader,
  type DataLoaderOptions,
  type LoaderState,
  type MultimodalDataset,
} from "pixtok";

/** Ranks that have gone on from a state for some batches. */
export interface Piece {
  /** Indices that each rank has had. */
  readonly ranks: number[][];
  /** Where each rank is then. */
  readonly states: LoaderState[];
}

/** Goes on from a state, as it is saved and read again, with `worldSize` ranks that `indicesOf` runs. */
export async function pieceOfEpoch(
  dataset: MultimodalDataset,
  options: DataLoaderOptions & { worldSize: number },
  state: LoaderState,
  indicesOf: (loader: DataLoader) => Promise<number[]>,
): Promise<Piece> {
  const piece: Piece = { ranks: [], states: [] };
  for (let rank = 0; rank < options.worldSize; rank += 1) {
    const loader = new DataLoader(dataset, { ...options, rank });
    loader.resume(JSON.parse(JSON.stringify(state)) as LoaderState);
    piece.ranks.push(await indicesOf(loader));
    piece.states.push(loader.state());
  }
  return piece;
}
