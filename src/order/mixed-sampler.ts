import { keyedPermutation, type Permutation, unitFraction } from "./permutation.js";
import type { Sampler } from "./sampler.js";

/** One of several sets of pairs, as it is drawn from. */
export interface MixedSet {
  /** Pairs in it. */
  readonly length: number;
  /** How often it is drawn from, against the others: a finite number above 0. */
  readonly weight: number;
}

/**
 * Positions that are permuted among themselves: otherwise ranks that take turns could each draw from one
 * set alone.
 */
const BLOCK = 32;

/** More than products of shares and positions are off by, below 10^12 positions. */
const ROUNDING = 1e-3;

/** A set, with what its draws are computed from. */
interface Stream {
  readonly length: number;
  /** Index of its first pair among those of all sets. */
  readonly first: number;
  /** Its share of the draws, 0 to 1. */
  readonly share: number;
  /** Time between two of its draws: 1 / share. */
  readonly period: number;
}

function streamsOf(sets: readonly MixedSet[]): Stream[] {
  const sum = sets.reduce((total, { weight }) => total + weight, 0);
  let first = 0;
  return sets.map(({ length, weight }) => {
    const stream = { length, first, share: weight / sum, period: sum / weight };
    first += length;
    return stream;
  });
}

/**
 * The stream whose next draw is due first. Draw k of a stream is due at the time (k + 0.5) · period, so that before any
 * position each stream has had its share of the draws, give or take one.
 */
function nextStream(counts: readonly number[], streams: readonly Stream[]): number {
  let next = 0;
  let earliest = Infinity;
  for (let i = 0; i < streams.length; i += 1) {
    const due = ((counts[i] as number) + 0.5) * (streams[i] as Stream).period;
    if (due < earliest) {
      next = i;
      earliest = due;
    }
  }
  return next;
}

/** Draws of each stream before a position, in a time that depends on the number of streams alone. */
function drawsBefore(position: number, streams: readonly Stream[]): number[] {
  // So many are due by a time by which no more than `position` are, as each stream rounds by a half at most.
  const time = position - streams.length / 2;
  const counts = streams.map(({ share }) => Math.max(0, Math.floor(share * time + 0.5 - ROUNDING)));
  const left = position - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < left; i += 1) {
    const next = nextStream(counts, streams);
    counts[next] = (counts[next] as number) + 1;
  }
  return counts;
}

/**
 * Draws from several sets whose pairs stand one set behind the other. Shares of the draws are those of the
 * weights in every stretch of an epoch. Each set is gone through in orders of its own, all of it before any pair
 * comes again, on from where the epoch before has ended. Any position is computed by itself.
 *
 * @param length draws in an epoch.
 */
export function mixedSampler(sets: readonly MixedSet[], length: number, seed: number): Sampler {
  const streams = streamsOf(sets);
  const perEpoch = drawsBefore(length, streams);
  const blockAt = latest((epoch, block) =>
    shuffledBlock(Math.min(BLOCK, length - block * BLOCK), seed, epoch, block),
  );
  const passes = streams.map(({ length: pairs }, i) =>
    latest((pass) => keyedPermutation(pairs, seed, pass, i)),
  );
  return {
    length,
    indexAt(position, epoch) {
      const block = Math.floor(position / BLOCK);
      const place = block * BLOCK + (blockAt(epoch, block)[position % BLOCK] as number);
      const counts = drawsBefore(place, streams);
      const drawn = nextStream(counts, streams);
      const { length: pairs, first } = streams[drawn] as Stream;
      const draw = epoch * (perEpoch[drawn] as number) + (counts[drawn] as number);
      const pass = passes[drawn]?.(Math.floor(draw / pairs), 0) as Permutation;
      return first + pass.indexAt(draw % pairs);
    },
    fingerprint: `mixed, seed ${seed}, ${sets.map(({ length: pairs, weight }) => `${pairs} by ${weight}`).join(", ")}`,
  };
}

/** 0 to size - 1 in an order that the other numbers decide: Fisher and Yates'. */
function shuffledBlock(size: number, seed: number, epoch: number, block: number): Uint8Array {
  const order = Uint8Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i -= 1) {
    const other = Math.floor(unitFraction(seed, epoch, block, i) * (i + 1));
    const moved = order[i] as number;
    order[i] = order[other] as number;
    order[other] = moved;
  }
  return order;
}

/** What was made last is kept. */
function latest<T>(make: (a: number, b: number) => T): (a: number, b: number) => T {
  let kept: { a: number; b: number; made: T } | undefined;
  return (a, b) => {
    if (kept?.a !== a || kept.b !== b) kept = { a, b, made: make(a, b) };
    return kept.made;
  };
}
