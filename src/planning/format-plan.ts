import type { Mixing } from "../order/mixing.js";
import type { Fleet, PlanFigures } from "./figures.js";
import type { Plan, PlannedTime, SetPlan } from "./plan.js";

/** What a plan is about, and what it was made from. */
export interface PlanReport {
  /** What the source is. */
  readonly source: string;
  /** What was measured, and where; null: nothing was. */
  readonly machine: {
    readonly threads: number;
    readonly kernel: string;
    readonly pixtok: string;
    readonly node: string;
  } | null;
  readonly figures: PlanFigures;
  readonly fleet: Fleet;
  readonly plans: readonly Plan[];
}

const UNKNOWN = "not measured";

/** At most three digits that say something. */
function digits(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < BYTES.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${digits(value)} ${BYTES[unit]}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.9995) return `${digits(1000 * seconds)} ms`;
  if (seconds < 119.5) return `${digits(seconds)} s`;
  if (seconds < 7170) return `${digits(seconds / 60)} min`;
  if (seconds < 172_000) return `${digits(seconds / 3600)} h`;
  return `${digits(seconds / 86_400)} days`;
}

/** 1000000 as 1 000 000. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, " ");
}

const numberOf = (count: number, what: string) =>
  `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;

const orUnknown = (value: number | null, format: (value: number) => string) =>
  value === null ? UNKNOWN : format(value);

function timeOf(time: PlannedTime | null): string {
  if (time === null) return UNKNOWN;
  const { seconds, limit, isLeast } = time;
  const by = limit === "bandwidth" ? ", by bandwidth" : "";
  return `${isLeast ? "at least " : ""}${formatSeconds(seconds)}${by}`;
}

const blocksOf = (mixing: Mixing | null) => (mixing === null ? "random" : digits(mixing.blocks));
const spreadOf = (mixing: Mixing | null) => (mixing === null ? "1" : digits(mixing.spread));

type Row = readonly [label: string, ...cells: string[]];

function setRows(sets: readonly SetPlan[], { ranks, batchSize }: Fleet): Row[] {
  const row = (label: string, cell: (set: SetPlan) => string): Row => [
    `  ${label}`,
    ...sets.map(cell),
  ];
  return [
    row("stored", ({ bytes }) => formatBytes(bytes)),
    row("files, or parts of them", ({ blocks }) =>
      blocks === null ? "one an image" : formatCount(blocks),
    ),
    row("fetched in an epoch", ({ fetchedBytes }) => formatBytes(fetchedBytes)),
    row("cache of a node", ({ cacheBytes }) =>
      cacheBytes === 0 ? "none" : formatBytes(cacheBytes),
    ),
    row("opening, the first time", (set) => orUnknown(set.openingSeconds, formatSeconds)),
    row("opening, again", (set) => orUnknown(set.openingAgainSeconds, formatSeconds)),
    row("memory of a rank", ({ memoryBytes }) => orUnknown(memoryBytes, formatBytes)),
    row("reading an epoch", ({ epoch }) => timeOf(epoch)),
    row(`blocks in ${formatCount(ranks * batchSize)} pairs`, ({ mixing }) => blocksOf(mixing)),
    row("  spread, 1 if random", ({ mixing }) => spreadOf(mixing)),
    ...(ranks === 1
      ? []
      : [
          row(`blocks in a rank's ${formatCount(batchSize)}`, ({ mixingOfRank }) =>
            blocksOf(mixingOfRank),
          ),
          row("  spread, 1 if random", ({ mixingOfRank }) => spreadOf(mixingOfRank)),
        ]),
  ];
}

/** Columns, the first one to the left and the others to the right. */
function table(rows: readonly Row[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
      )
      .join("   ")
      .trimEnd(),
  );
}

function measuredLine({ machine, figures }: PlanReport): string {
  if (machine === null) {
    return "Nothing was measured but bytes: --measure times opening, reading and packing on this machine.";
  }
  const { threads, kernel, pixtok, node } = machine;
  const { asItIs, packed } = figures;
  const rates = [
    ["read", asItIs.readRate],
    ["packed", packed && 1 / packed.packing.perPair],
    ["read when packed", packed?.readRate],
  ] as const;
  const known = rates.flatMap(([what, rate]) =>
    typeof rate === "number" ? `${formatCount(rate)} ${what}` : [],
  );
  return `Measured here, of pairs a second: ${known.join(", ")}; ${threads} threads, ${kernel}, pixtok ${pixtok}, Node ${node}.`;
}

/** A plan as people read it. */
export function formatPlan(report: PlanReport): string {
  const { source, fleet, plans } = report;
  const { ranks, nodes, bandwidth, batchSize, shuffle, window } = fleet;
  const packed = plans.flatMap((plan) => plan.packed ?? []);
  const rows: Row[] = [
    ["pairs", ...plans.map(({ pairs }) => formatCount(pairs))],
    ["as it is"],
    ...setRows(
      plans.map(({ asItIs }) => asItIs),
      fleet,
    ),
  ];
  if (packed.length > 0) {
    rows.push(
      ["packed"],
      ["  packing", ...packed.map(({ packing }) => timeOf(packing))],
      ...setRows(packed, fleet),
    );
  }
  const speed =
    bandwidth === null ? "of no known bandwidth" : `${formatBytes(bandwidth)} a second each`;
  const order = shuffle === "full" ? "all rows shuffled" : `blocks shuffled, a window of ${window}`;
  return [
    `Pairs like these: ${source}`,
    `${numberOf(ranks, "rank")} on ${numberOf(nodes, "node")} like this machine, ${speed}; batches of ${formatCount(batchSize)}; ${order}`,
    measuredLine(report),
    "",
    ...table(rows),
  ].join("\n");
}
