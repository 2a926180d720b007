import type { Spread } from "./statistics.js";
import type { Surroundings } from "./surroundings.js";
import type { Table } from "./table.js";

export interface LatencyResults extends Surroundings {
  readonly command: string;
  readonly settings: {
    readonly manifest: string;
    readonly pictures: number;
    readonly rounds: number;
  };
  /** Milliseconds a picture, the mean over all of them, by round. */
  readonly decode: readonly number[];
  readonly ways: readonly {
    readonly name: string;
    readonly rounds: readonly number[];
    readonly milliseconds: Spread;
    /** Beyond the decoding of the same round; over the rounds. */
    readonly beyondDecode: Spread;
  }[];
}

const milliseconds = (value: number) => value.toFixed(2);

export function latencyTable({ ways }: LatencyResults): Table {
  return [
    ["one picture at a time", "ms", "min…max", "beyond decode-only, ms", "min…max"],
    ...ways.map(({ name, milliseconds: whole, beyondDecode }) => [
      name,
      milliseconds(whole.median),
      `${milliseconds(whole.min)}…${milliseconds(whole.max)}`,
      milliseconds(beyondDecode.median),
      `${milliseconds(beyondDecode.min)}…${milliseconds(beyondDecode.max)}`,
    ]),
  ];
}
