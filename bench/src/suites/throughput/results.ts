import type { Contender } from "../../contenders/contender.js";
import { median, type Spread, spreadOf } from "../../measuring/statistics.js";
import { publicText } from "../../reporting/public-text.js";
import type { RunRecord } from "../../reporting/run-record.js";
import type { Measurement } from "../../workers/protocol.js";
import type { Difference } from "./compare.js";
import { type Entry, entryLabel } from "./entry.js";
import type { ContenderResult } from "./race.js";

/** As published: paths have been through `publicPath`. */
export interface ThroughputSettings {
  readonly manifest: string;
  readonly tokenizer: string;
  readonly pairs: number;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly rounds: number;
  readonly seconds: number;
  /** Threads of an entry that was not given a number. */
  readonly threads: number;
}

export interface ThroughputRecord extends Entry {
  readonly label: string;
  readonly status: ContenderResult["status"];
  readonly reason?: string;
  readonly description?: string;
  readonly exact?: boolean;
  readonly output?: Contender["output"];
  readonly difference?: Difference;
  readonly pairs?: number;
  readonly pairsPerSecond?: Spread;
  /** In bytes, of its whole tree of processes. */
  readonly peakMemory?: number;
  readonly eventLoopUtilization?: number;
  readonly rounds: readonly Measurement[];
}

export interface ThroughputResults extends RunRecord {
  readonly settings: ThroughputSettings;
  readonly contenders: readonly ThroughputRecord[];
}

export function rateOf({ pairs, seconds }: Measurement): number {
  return pairs / seconds;
}

function resourcesOf({ introduction, rounds, treePeakMemory = 0 }: ContenderResult) {
  // The work of a "rate" contender isn't done in the process that could be looked at.
  if (introduction?.output !== "batches" || rounds.length === 0) return {};
  const utilization = rounds.flatMap((round) => round.eventLoopUtilization ?? []);
  return {
    peakMemory: Math.max(treePeakMemory, ...rounds.map((round) => round.peakMemory)),
    ...(utilization.length > 0 && { eventLoopUtilization: median(utilization) }),
  };
}

export function recordResult(result: ContenderResult): ThroughputRecord {
  const { introduction, reason, treePeakMemory: _, ...rest } = result;
  const measured = result.status === "measured" && result.rounds.length > 0;
  return {
    label: entryLabel(result),
    ...introduction,
    ...rest,
    ...(reason !== undefined && { reason: publicText(reason) }),
    ...(measured && {
      pairsPerSecond: spreadOf(result.rounds.map(rateOf)),
      ...resourcesOf(result),
    }),
  };
}

/** Median of the ratios of two rates in the same round, which saw the machine in the same state. */
export function ratioOf(record: ThroughputRecord, base: ThroughputRecord): number | undefined {
  if (record.pairsPerSecond === undefined || base.pairsPerSecond === undefined) return undefined;
  return median(
    record.rounds.flatMap((round, i) => {
      const baseRound = base.rounds[i];
      return baseRound === undefined ? [] : rateOf(round) / rateOf(baseRound);
    }),
  );
}
