import { groupBy } from "../../measuring/grouping.js";
import { NOTHING, type Table } from "../../reporting/table.js";
import { REFERENCE } from "./race.js";
import { ratioOf, type ThroughputRecord, type ThroughputResults } from "./results.js";

const MEBIBYTE = 1024 * 1024;
/** What decoding alone allows: to RGB, and to planes. */
const LIMITS = ["decode-only", "decode-planes"] as const;

type Records = readonly ThroughputRecord[];

function formatRatio(record: ThroughputRecord | undefined, base: ThroughputRecord | undefined) {
  const ratio = record && base && ratioOf(record, base);
  return ratio === undefined ? NOTHING : `${ratio.toFixed(2)}×`;
}

function formatDifference(record: ThroughputRecord): [string, string] {
  const { label, output, difference } = record;
  if (output === "rate") return [NOTHING, NOTHING];
  if (label === REFERENCE) return ["reference", "reference"];
  if (difference === undefined) return ["not compared", NOTHING];
  // JSON has no infinity: null stands for one.
  const largest: number | null = difference.largestImageDifference;
  const upTo = largest === null ? "not comparable" : `up to ${largest.toPrecision(2)}`;
  return [
    difference.identical || largest === 0 ? "identical" : upTo,
    difference.tokensIdentical ? "identical" : "differ",
  ];
}

function measuredLimits(records: Records): ThroughputRecord[] {
  return LIMITS.flatMap(
    (name) =>
      records.find(({ label, pairsPerSecond }) => label === name && pairsPerSecond !== undefined) ??
      [],
  );
}

function contenderRow(record: ThroughputRecord, records: Records): string[] {
  const { label, status, pairsPerSecond, peakMemory, eventLoopUtilization } = record;
  if (pairsPerSecond === undefined) return [label, status];
  const named = (name: string) => records.find((other) => other.label === name);
  return [
    label,
    pairsPerSecond.median.toFixed(0),
    `${pairsPerSecond.min.toFixed(0)}…${pairsPerSecond.max.toFixed(0)}`,
    ...measuredLimits(records).map((limit) => formatRatio(record, limit)),
    formatRatio(named(REFERENCE), record),
    peakMemory === undefined ? NOTHING : (peakMemory / MEBIBYTE).toFixed(0),
    eventLoopUtilization === undefined ? NOTHING : `${(100 * eventLoopUtilization).toFixed(0)} %`,
    ...formatDifference(record),
  ];
}

export function contendersTable(records: Records): Table {
  const header = [
    "contender",
    "pairs/s",
    "min…max",
    ...measuredLimits(records).map(({ label }) => `of ${label}`),
    `${REFERENCE} is faster by`,
    "peak MiB",
    "event loop",
    `image vs ${REFERENCE}`,
    "tokens",
  ];
  const asTheyCome = records.filter(({ threads }) => threads === undefined);
  return [header, ...asTheyCome.map((record) => contenderRow(record, records))];
}

/** The records of one contender by its number of threads. */
export function scalingOf(name: string, { contenders, settings }: ThroughputResults) {
  return contenders
    .filter((record) => record.name === name && record.pairsPerSecond !== undefined)
    .map((record) => ({ record, threads: record.threads ?? settings.threads }))
    .toSorted((a, b) => a.threads - b.threads);
}

/** Undefined where no contender that scales has been measured. */
export function scalingTable(results: ThroughputResults): Table | undefined {
  const pixtok = scalingOf(REFERENCE, results);
  const limits = LIMITS.map((name) => ({ name, points: scalingOf(name, results) })).filter(
    ({ points }) => points.length > 0,
  );
  const counts = [pixtok, ...limits.map(({ points }) => points)]
    .flat()
    .map(({ threads }) => threads);
  if (counts.length === 0) return undefined;
  const header = ["threads", "pixtok, pairs/s"];
  for (const { name } of limits) header.push(`${name}, images/s`, "ratio");
  const rows = [...new Set(counts)]
    .sort((a, b) => a - b)
    .map((count) => {
      const at = (points: ReturnType<typeof scalingOf>) =>
        points.find(({ threads }) => threads === count)?.record;
      const rate = (record: ThroughputRecord | undefined) =>
        record?.pairsPerSecond?.median.toFixed(0) ?? NOTHING;
      const own = at(pixtok);
      return [
        `${count}`,
        rate(own),
        ...limits.flatMap(({ points }) => [rate(at(points)), formatRatio(own, at(points))]),
      ];
    });
  return [header, ...rows];
}

/** What each contender is, and why some have no figures. */
export function contenderNotes(records: Records): string[] {
  const descriptions = records
    .filter(({ threads, description }) => threads === undefined && description !== undefined)
    .map(({ label, description }) => `${label}: ${description}`);
  const missing = groupBy(
    records.filter(({ reason }) => reason !== undefined),
    ({ status, reason }) => `${status}: ${reason}`,
  );
  const reasons = [...missing].map(
    ([reason, those]) => `${those.map(({ label }) => label).join(", ")} ${reason}`,
  );
  return [...descriptions, ...reasons];
}
