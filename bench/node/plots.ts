import { SCALED_CONTENDERS } from "../entry.js";
import { REFERENCE } from "../runner.js";
import type { ThroughputRecord, ThroughputResults } from "../throughput-results.js";
import { scalingOf } from "../throughput-tables.js";
import { importOptional, isUnavailable } from "./optional-package.js";

// These stand out on white and on black, for a picture cannot know which it is shown on.
const INK = "#78828e";
const HIGHLIGHT = "#e5702a";
const OTHERS = "#5b8fb9";

const WIDTH = 760;
const BAR_HEIGHT = 24;

type Mark = object;
type MarkFunction = (data: readonly object[], options: object) => Mark;

interface PlotLibrary {
  plot(options: object): { setAttribute(name: string, value: string): void; outerHTML: string };
  readonly barX: MarkFunction;
  readonly dot: MarkFunction;
  readonly line: MarkFunction;
  readonly ruleY: MarkFunction;
  readonly text: MarkFunction;
  readonly ruleX: (values: readonly number[]) => Mark;
}

interface DomLibrary {
  parseHTML(html: string): { document: object };
}

export interface Plots {
  readonly throughput: string;
  /** Undefined where no contender that scales has been measured. */
  readonly scaling: string | undefined;
}

/** What every plot has; the rest is the library's. */
interface Drawing {
  readonly title: string;
  readonly marks: readonly Mark[];
  readonly [option: string]: unknown;
}

type Draw = (drawing: Drawing) => string;

function isMeasured(record: ThroughputRecord): boolean {
  return record.pairsPerSecond !== undefined;
}

function drawThroughput({ contenders }: ThroughputResults, library: PlotLibrary, draw: Draw) {
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
      library.barX(bars, { x: "rate", y: "label", fill: "fill" }),
      library.ruleY(bars, {
        x1: "slowest",
        x2: "fastest",
        y: "label",
        stroke: INK,
        strokeWidth: 2,
      }),
      library.text(bars, {
        x: "fastest",
        y: "label",
        text: "figure",
        dx: 4,
        textAnchor: "start",
        fill: INK,
      }),
      library.ruleX([0]),
    ],
  });
}

function drawScaling(results: ThroughputResults, library: PlotLibrary, draw: Draw) {
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
    y: { label: "pairs or pictures a second", grid: true, domain: [0, largestRate(points)] },
    marks: [
      library.line(points, {
        x: "threads",
        y: "rate",
        z: "name",
        stroke: "colour",
        strokeWidth: 2,
      }),
      library.dot(points, { x: "threads", y: "rate", fill: "colour", r: 4 }),
      library.text(ends, {
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

/** SVG files; undefined where the plotting packages are not installed. */
export async function drawPlots(results: ThroughputResults): Promise<Plots | undefined> {
  const library = await importOptional<PlotLibrary>("@observablehq/plot");
  const dom = await importOptional<DomLibrary>("linkedom");
  if (isUnavailable(library) || isUnavailable(dom)) return undefined;

  const draw: Draw = ({ title, marks, ...options }) => {
    const { document } = dom.parseHTML("<html><body></body></html>");
    const svg = library.plot({
      ...options,
      marks,
      document,
      ariaLabel: title,
      marginBottom: 40,
      style: { background: "none", color: INK, fontSize: "13px" },
    });
    svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return svg.outerHTML;
  };
  return {
    throughput: drawThroughput(results, library, draw),
    scaling: drawScaling(results, library, draw),
  };
}
