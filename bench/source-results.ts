import type { Spread } from "./statistics.js";
import type { Surroundings } from "./surroundings.js";
import { NOTHING, type Table } from "./table.js";

/** A source's pairs a second, by round. */
export interface SourceRates {
  readonly name: string;
  readonly order: "in order" | "shuffled";
  readonly rounds: readonly number[];
  readonly rate: Spread;
  /** Of the plain files' rate in the same order and round. */
  readonly ofFiles: Spread;
  /** Of the memory's own rate in the same round. */
  readonly ofMemory: Spread;
}

export interface SourceResults extends Surroundings {
  readonly command: string;
  readonly settings: {
    readonly manifest: string;
    readonly pairs: number;
    readonly batchSize: number;
    readonly rounds: number;
    readonly seconds: number;
    readonly threads: number;
  };
  readonly sources: readonly SourceRates[];
  readonly memory: { readonly rounds: readonly number[]; readonly rate: Spread };
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

const whole = (value: number) => value.toFixed(0);
const range = ({ min, max }: Spread) => `${whole(min)}…${whole(max)}`;

export function sourceTable({ sources, memory }: SourceResults): Table {
  return [
    ["pairs from", "order", "pairs/s", "min…max", "of plain files", "of the memory's rate"],
    ...sources.map(({ name, order, rate, ofFiles, ofMemory }) => [
      name,
      order,
      whole(rate.median),
      range(rate),
      `${ofFiles.median.toFixed(2)}×`,
      ofMemory.median < 0.1 ? NOTHING : `${ofMemory.median.toFixed(2)}×`,
    ]),
    ["memory alone", NOTHING, whole(memory.rate.median), range(memory.rate), NOTHING, "1.00×"],
  ];
}
