import type { Spread } from "../../measuring/statistics.js";
import type { KernelCase, KernelTime, Size } from "../../programs/kernels.js";
import type { ProgramFailure } from "../../programs/program-failure.js";
import type { RunRecord } from "../../reporting/run-record.js";

export interface KernelRecord extends Omit<KernelTime, "nanoseconds"> {
  readonly program: string;
  readonly nanoseconds: Spread;
  readonly rounds: readonly number[];
  /** Pixels of the sources a second, at the median time. */
  readonly megapixelsPerSecond: number;
}

export interface MissingProgram extends ProgramFailure {
  readonly program: string;
}

export interface KernelResults extends RunRecord {
  readonly settings: {
    readonly rounds: number;
    readonly seconds: number;
    /** Where the sizes of the mixed cases are from. */
    readonly manifest: string;
  };
  readonly measurements: readonly KernelRecord[];
  readonly missing: readonly MissingProgram[];
}

const sizeLabel = (size: Size) => size.join("×");

export function caseLabel({ filter, from, to }: KernelCase): string {
  const [first, ...more] = from;
  const source =
    first !== undefined && more.length === 0
      ? sizeLabel(first)
      : `${from.length} images as a set has them`;
  return `${filter}, ${source} → ${sizeLabel(to)}`;
}

/** Tells the measurements of a case apart. */
export function measurementLabel(time: Omit<KernelTime, "nanoseconds">, program: string): string {
  const kernel = time.kernel === program ? program : `${program} ${time.kernel}`;
  return [
    kernel,
    ...(time.resampler === "torch" ? ["torch's numbers"] : []),
    ...(time.operation === "resize" ? [] : [time.operation]),
    ...(time.weights === "cached" ? ["weights cached"] : []),
  ].join(", ");
}

/** How many images of the mixed cases have each size, the most frequent first. */
export function mixedSizes(measurements: readonly KernelRecord[]): string | undefined {
  const mixed = measurements.find(({ from }) => from.length > 1);
  if (mixed === undefined) return undefined;
  const counts = new Map<string, number>();
  for (const size of mixed.from) {
    counts.set(sizeLabel(size), (counts.get(sizeLabel(size)) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([size, count]) => `${count} of ${size}`)
    .join(", ");
}
