import { barX, dot, line, type PlotOptions, plot, ruleX, ruleY, text } from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { SCALED_CONTENDERS } from "./entry.js";
import { REFERENCE } from "./race.js";
import type { ThroughputRecord, ThroughputResults } from "./results.js";
import { scalingOf } from "./tables.js";

// These stand out on white and on black, for an image cannot know which it is shown on.
const INK = "#78828e";
const HIGHLIGHT = "#e5702a";
const OTHERS = "#5b8fb9";

const WIDTH = 760;
const BAR_HEIGHT = 24;

type Drawing = Omit<PlotOptions, "ariaLabel" | "document"> & { readonly title: string };

function draw({ title, ...options }: Drawing): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = plot({
    ...options,
    document,
    ariaLabel: title,
    marginBottom: 40,
    style: { background: "none", color: INK, fontSize: "13px" },
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return svg.outerHTML;
}

function isMeasured(record: ThroughputRecord): boolean {
  return record.pairsPerSecond !== undefined;
}

function drawThroughput({ contenders }: ThroughputResults): string {
  const bars = contenders
    .filter((record) => record.threads === undefined && isMeasured(record))
    .map(({ label, output, difference, pairsPerSecond }) => {
      const exact = output === "batches" && (label === REFERENCE || difference?.identical);
      const rate = pairsPerSecond?.median ?? 0;
      return {
        label: exact ? `${label} =` : label,
        rate,
        slowest: pairsPerSecond?.min ?? 0,
        fastest: pairsPerSecond?.max ?? 0,
        figure: rate.toFixed(0),
        fill: label === REFERENCE ? HIGHLIGHT : OTHERS,
      };
    })
    .toSorted((a, b) => b.rate - a.rate);
  return draw({
    title: "Image–text pairs a second",
    width: WIDTH,
    height: bars.length * BAR_HEIGHT + 60,
    marginTop: 10,
    marginLeft: 150,
    marginRight: 50,
    x: { label: `pairs a second; “=” marks the same bytes as ${REFERENCE}'s`, grid: true },
    y: { label: null, domain: bars.map(({ label }) => label) },
    marks: [
      barX(bars, { x: "rate", y: "label", fill: "fill" }),
      ruleY(bars, {
        x1: "slowest",
        x2: "fastest",
        y: "label",
        stroke: INK,
        strokeWidth: 2,
      }),
      text(bars, {
        x: "fastest",
        y: "label",
        text: "figure",
        dx: 4,
        textAnchor: "start",
        fill: INK,
      }),
      ruleX([0]),
    ],
  });
}

function drawScaling(results: ThroughputResults): string | undefined {
  const points = SCALED_CONTENDERS.flatMap((name) =>
    scalingOf(name, results).map(({ record, threads }) => ({
      name,
      threads,
      rate: record.pairsPerSecond?.median ?? 0,
      colour: name === REFERENCE ? HIGHLIGHT : OTHERS,
    })),
  );
  if (points.length === 0) return undefined;
  const counts = [...new Set(points.map(({ threads }) => threads))].sort((a, b) => a - b);
  const ends = points.filter(({ threads }) => threads === counts.at(-1));
  return draw({
    title: "Scaling with threads",
    width: WIDTH,
    height: 340,
    marginTop: 40,
    marginLeft: 60,
    marginRight: 100,
    x: { label: "threads", ticks: counts, tickFormat: "d" },
    y: { label: "pairs or images a second", grid: true, domain: [0, largestRate(points)] },
    marks: [
      line(points, {
        x: "threads",
        y: "rate",
        z: "name",
        stroke: "colour",
        strokeWidth: 2,
      }),
      dot(points, { x: "threads", y: "rate", fill: "colour", r: 4 }),
      text(ends, {
        x: "threads",
        y: "rate",
        text: "name",
        dx: 8,
        textAnchor: "start",
        fill: "colour",
      }),
    ],
  });
}

function largestRate(points: readonly { rate: number }[]): number {
  return 1.05 * Math.max(...points.map(({ rate }) => rate));
}

/** SVG files by their names. Threads are left out where no contender that scales has been measured. */
export function drawPlots(results: ThroughputResults): Record<string, string> {
  const scaling = drawScaling(results);
  return { throughput: drawThroughput(results), ...(scaling !== undefined && { scaling }) };
}
