import { MOST_MESSAGES } from "../sources/packed/message-list.js";

const MOST_MESSAGE_BYTES = 16 * 2 ** 20;
const MOST_MESSAGE_ROWS = 256;

/** Pairs of one message of a shard. */
export interface Task {
  readonly shard: number;
  readonly indices: number[];
  /** Whether it is its shard's last one. */
  readonly last: boolean;
}

/** Which pairs are in which shard: a function of the set alone, never of the part that is packed. */
export interface PackPlan {
  readonly shardPairs: number;
  readonly shards: number;
  /** Pairs in a shard. */
  pairsIn(shard: number): number;
  /** Messages of a shard. */
  messagesIn(shard: number): number;
  /** Shards of a part of the set, one after the other. */
  part(index: number, of: number): number[];
  tasks(shards: readonly number[]): Generator<Task>;
}

export function packPlan(length: number, imageBytes: number, fileBytes: number): PackPlan {
  const inMessage = Math.max(1, Math.floor(MOST_MESSAGE_BYTES / imageBytes));
  const wantedPairs = Math.max(1, Math.floor(fileBytes / imageBytes));
  const messagePairs = Math.min(wantedPairs, MOST_MESSAGE_ROWS, inMessage);
  const shardPairs = Math.min(wantedPairs, MOST_MESSAGES * messagePairs);
  const shards = Math.ceil(length / shardPairs);
  const pairsIn = (shard: number) => Math.min(shardPairs, length - shard * shardPairs);
  return {
    shardPairs,
    shards,
    pairsIn,
    messagesIn: (shard) => Math.ceil(pairsIn(shard) / messagePairs),
    part(index, of) {
      const start = Math.floor((index * shards) / of);
      const end = Math.floor(((index + 1) * shards) / of);
      return Array.from({ length: end - start }, (_, i) => start + i);
    },
    *tasks(wanted) {
      for (const shard of wanted) {
        const pairs = pairsIn(shard);
        for (let first = 0; first < pairs; first += messagePairs) {
          const size = Math.min(messagePairs, pairs - first);
          const start = shard * shardPairs + first;
          const indices = Array.from({ length: size }, (_, i) => start + i);
          yield { shard, indices, last: first + size === pairs };
        }
      }
    },
  };
}
