import type { StoredUnits } from "../../image/views/stored-pictures.js";
import type { Pair, PairSource } from "../pair-source.js";
import type { Pack } from "./pack-format.js";

/** A row of a packed set. */
export interface PackedPair extends Pair {
  /** Tokens of each of the texts; none where there are no texts. */
  readonly tokenIds: readonly Int32Array[];
  /** Numbers of the tokens of a conversation, by the names of their columns. */
  readonly tokens?: Readonly<Record<string, Int32Array>>;
  /** What its images were taken apart into, where they were. */
  readonly stored?: readonly StoredUnits[];
}

/** Images and texts that are ready: resized, cleaned and tokenized. Its pairs are `PackedPair`s. */
export interface PackedSource extends PairSource {
  readonly pack: Pack;
}

/** Whether a source is of a packed set, so that nothing of its texts is left to be done. */
export function isPacked(source: PairSource): source is PackedSource {
  return "pack" in source;
}
