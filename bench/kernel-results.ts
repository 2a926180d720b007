import type { Spread } from "./statistics.js";
import type { Surroundings } from "./surroundings.js";

export type Size = readonly [width: number, height: number];

export interface KernelCase {
  readonly filter: string;
  readonly from: Size;
  readonly to: Size;
}

/** As the programs print it. */
export interface KernelTime extends KernelCase {
  readonly kernel: string;
  readonly operation: string;
  readonly nanoseconds: number;
}

export interface KernelRecord extends Omit<KernelTime, "nanoseconds"> {
  readonly program: string;
  readonly nanoseconds: Spread;
  readonly rounds: readonly number[];
  /** Of the source, at the median. */
  readonly megapixelsPerSecond: number;
}

export interface MissingProgram {
  readonly program: string;
  readonly status: "unavailable" | "failed";
  readonly reason: string;
}

export interface KernelResults extends Surroundings {
  readonly command: string;
  readonly settings: { readonly rounds: number; readonly seconds: number };
  readonly measurements: readonly KernelRecord[];
  readonly missing: readonly MissingProgram[];
}

export function caseLabel({ filter, from, to }: KernelCase): string {
  return `${filter}, ${from.join("×")} → ${to.join("×")}`;
}

/** Tells the measurements of a case apart. */
export function measurementLabel(time: Omit<KernelTime, "nanoseconds">, program: string): string {
  const kernel = time.kernel === program ? program : `${program} ${time.kernel}`;
  return time.operation === "resize" ? kernel : `${kernel}, ${time.operation}`;
}
