import { SCALED_CONTENDERS } from "./entry.js";
import { groupBy } from "./grouping.js";
import { REFERENCE } from "./runner.js";
import { NOTHING, type Table } from "./table.js";
import { ratioOf, type ThroughputRecord, type ThroughputResults } from "./throughput-results.js";

const MEBIBYTE = 1024 * 1024;
const SPEED_LIMIT = "decode-only";

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

function contenderRow(record: ThroughputRecord, records: Records): string[] {
  const { label, status, pairsPerSecond, peakMemory, eventLoopUtilization } = record;
  if (pairsPerSecond === undefined) return [label, status];
  const named = (name: string) => records.find((other) => other.label === name);
  return [
    label,
    pairsPerSecond.median.toFixed(0),
    `${pairsPerSecond.min.toFixed(0)}…${pairsPerSecond.max.toFixed(0)}`,
    formatRatio(record, named(SPEED_LIMIT)),
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
    `of ${SPEED_LIMIT}`,
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
  const series = SCALED_CONTENDERS.map((name) => ({ name, points: scalingOf(name, results) }));
  const counts = series.flatMap(({ points }) => points.map(({ threads }) => threads));
  if (counts.length === 0) return undefined;
  const rows = [...new Set(counts)]
    .sort((a, b) => a - b)
    .map((count) => {
      const [pixtok, limit] = series.map(
        ({ points }) => points.find(({ threads }) => threads === count)?.record,
      );
      const rates = [pixtok, limit].map((record) => record?.pairsPerSecond?.median.toFixed(0));
      return [`${count}`, ...rates.map((rate) => rate ?? NOTHING), formatRatio(pixtok, limit)];
    });
  return [["threads", "pixtok, pairs/s", "decode-only, pictures/s", "ratio"], ...rows];
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
