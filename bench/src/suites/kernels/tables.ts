import { groupBy } from "../../measuring/grouping.js";
import { median } from "../../measuring/statistics.js";
import { NOTHING, type Table } from "../../reporting/table.js";
import { caseLabel, type KernelRecord, type KernelResults, measurementLabel } from "./results.js";

const RATIO_BASES = ["pillow", "fast_image_resize"];

function microseconds(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(0);
}

/** Median of the ratios of two times in the same round, which saw the machine in the same state. */
function speedRatio(record: KernelRecord, base: KernelRecord): number {
  return median(
    record.rounds.flatMap((nanoseconds, round) => {
      const baseNanoseconds = base.rounds[round];
      return baseNanoseconds === undefined ? [] : baseNanoseconds / nanoseconds;
    }),
  );
}

function measurementRow(record: KernelRecord, sameCase: readonly KernelRecord[]): string[] {
  const { nanoseconds, megapixelsPerSecond } = record;
  const ratios = RATIO_BASES.map((name) => {
    const base = sameCase.find(({ program }) => program === name);
    if (base === undefined) return NOTHING;
    return `${speedRatio(record, base).toFixed(2)}×`;
  });
  return [
    measurementLabel(record, record.program),
    microseconds(nanoseconds.median),
    `${microseconds(nanoseconds.min)}…${microseconds(nanoseconds.max)}`,
    megapixelsPerSecond.toFixed(0),
    ...ratios,
  ];
}

/** A table for each filter and pair of sizes. */
export function kernelTables({ measurements }: KernelResults): { title: string; table: Table }[] {
  const header = [
    "kernel",
    "µs",
    "min…max",
    "source MP/s",
    ...RATIO_BASES.map((name) => `speed of ${name}`),
  ];
  const cases = groupBy(measurements, caseLabel);
  return [...cases].map(([title, sameCase]) => ({
    title,
    table: [header, ...sameCase.map((record) => measurementRow(record, sameCase))],
  }));
}

export function kernelNotes({ missing }: KernelResults): string[] {
  return missing.map(({ program, status, reason }) => `${program} ${status}: ${reason}`);
}
