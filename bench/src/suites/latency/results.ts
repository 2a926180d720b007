import type { Spread } from "../../measuring/statistics.js";
import type { RunRecord } from "../../reporting/run-record.js";
import { NOTHING, type Table } from "../../reporting/table.js";

/** libjpeg-turbo alone on the same images, on one thread. */
export interface LatencyBaseline {
  readonly name: string;
  /** Milliseconds an image, the mean over all of them, by round. */
  readonly rounds: readonly number[];
  readonly milliseconds: Spread;
}

export interface LatencyWay {
  readonly name: string;
  readonly rounds: readonly number[];
  readonly milliseconds: Spread;
  /** What it takes beyond each baseline in the same round; over the rounds. */
  readonly beyond: Readonly<Record<string, Spread>>;
}

export interface LatencyResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    readonly images: number;
    readonly rounds: number;
  };
  readonly baselines: readonly LatencyBaseline[];
  readonly ways: readonly LatencyWay[];
}

function cells(spread: Spread | undefined): [string, string] {
  if (spread === undefined) return [NOTHING, NOTHING];
  const { median, min, max } = spread;
  return [median.toFixed(2), `${min.toFixed(2)}…${max.toFixed(2)}`];
}

export function latencyTable({ ways, baselines }: LatencyResults): Table {
  const names = baselines.map(({ name }) => name);
  return [
    [
      "one image at a time",
      "ms",
      "min…max",
      ...names.flatMap((name) => [`beyond ${name}, ms`, "min…max"]),
    ],
    ...ways.map(({ name, milliseconds, beyond }) => [
      name,
      ...cells(milliseconds),
      ...names.flatMap((baseline) => cells(beyond[baseline])),
    ]),
    ...baselines.map(({ name, milliseconds }) => [
      name,
      ...cells(milliseconds),
      ...names.flatMap(() => cells(undefined)),
    ]),
  ];
}
