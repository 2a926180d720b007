import { PixtokError } from "../shared/errors.js";
import type { DatasetStats } from "./dataset-stats.js";

const WIDTH = 760;
const HEIGHT = 280;
const MOST_BARS = 64;

// these stand out on white and on black
const BAR_COLOUR = "#5b8fb9";
const WARNING_COLOUR = "#e0433f";
const CHANNEL_COLOURS = ["#e0433f", "#3a9d4b", "#4677e0"];

const channels = ["red", "green", "blue"];

/** The plotting library, and a document for it to draw in where there is no browser. */
async function loadLibraries() {
  try {
    const [plot, { parseHTML }] = await Promise.all([
      import("@observablehq/plot"),
      import("linkedom"),
    ]);
    return { plot, newDocument: () => parseHTML("<html><body></body></html>").document };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new PixtokError(
      "OPTIONAL_PACKAGE_NOT_FOUND",
      "plots are drawn by two packages that are not installed with pixtok: npm install @observablehq/plot linkedom",
      { cause },
    );
  }
}

type Libraries = Awaited<ReturnType<typeof loadLibraries>>;

function drawing(
  { plot, newDocument }: Libraries,
  options: Parameters<Libraries["plot"]["plot"]>[0],
) {
  const figure = plot.plot({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    style: { background: "none", fontSize: "12px" },
    ...options,
    document: newDocument(),
  });
  return figure.outerHTML;
}

function drawChannels({ channelHistograms, pixels }: DatasetStats, libraries: Libraries): string {
  const points = channelHistograms.flatMap((histogram, c) =>
    histogram.map((times, value) => ({
      colour: CHANNEL_COLOURS[c],
      value,
      share: (100 * times) / pixels,
    })),
  );
  const { lineY, ruleY } = libraries.plot;
  return drawing(libraries, {
    ariaLabel: "Values of red, green and blue",
    x: { label: "value", domain: [0, 255] },
    y: { label: "% of pixels", grid: true },
    marks: [lineY(points, { x: "value", y: "share", stroke: "colour", curve: "step" }), ruleY([0])],
  });
}

function drawTokenLengths(
  { tokenLengthHistogram }: DatasetStats,
  maxLength: number,
  libraries: Libraries,
): string {
  const longest = tokenLengthHistogram.length - 1;
  const step = Math.ceil((longest + 1) / MOST_BARS);
  const bars = Array.from({ length: Math.ceil((longest + 1) / step) }, (_, bar) => ({
    from: bar * step - 0.5,
    to: (bar + 1) * step - 0.5,
    texts: tokenLengthHistogram
      .slice(bar * step, (bar + 1) * step)
      .reduce((sum, texts) => sum + texts, 0),
  }));
  const { rectY, ruleX, ruleY } = libraries.plot;
  const limit = longest > maxLength ? [maxLength + 0.5] : [];
  return drawing(libraries, {
    ariaLabel: "Lengths of texts",
    x: { label: "tokens" },
    y: { label: "texts", grid: true },
    marks: [
      rectY(bars, { x1: "from", x2: "to", y: "texts", fill: BAR_COLOUR }),
      ruleX(limit, { stroke: WARNING_COLOUR, strokeDasharray: "4 3" }),
      ruleY([0]),
    ],
  });
}

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  return text.replace(/[&<>]/g, (character) => entities[character] as string);
}

function table({ mean, std, normalization }: DatasetStats): string {
  const head = ["channel", "mean", "std"];
  if (normalization !== null) head.push("mean, normalized", "std, normalized");
  const rows = channels.map((name, c) => {
    const figures = [mean[c], std[c], normalization?.mean[c], normalization?.std[c]];
    const cells = figures.filter((figure) => figure !== undefined);
    return [name, ...cells.map((figure) => figure.toFixed(4))];
  });
  const line = (tag: string, cells: string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>\n${[line("th", head), ...rows.map((row) => line("td", row))].join("\n")}\n</table>`;
}

function cutTexts({ tokenLengthHistogram, pairs }: DatasetStats, maxLength: number): string {
  const cut = tokenLengthHistogram.slice(maxLength + 1).reduce((sum, texts) => sum + texts, 0);
  if (cut === 0) return `No text has more than maxLength = ${maxLength} tokens.`;
  const share = ((100 * cut) / pairs).toFixed(1);
  return `${cut} texts (${share} %) have more than maxLength = ${maxLength} tokens, and are cut.`;
}

function textLengths(stats: DatasetStats, maxLength: number, libraries: Libraries): string {
  return `<h2>Lengths of texts</h2>
<p>${cutTexts(stats, maxLength)}</p>
${drawTokenLengths(stats, maxLength, libraries)}
`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: ${WIDTH}px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { padding: 0.1rem 1.5rem 0.1rem 0; text-align: left; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; padding: 0.5rem; border: 1px solid #8886; }
svg { max-width: 100%; height: auto; }
.warning { border-left: 4px solid ${WARNING_COLOUR}; padding-left: 1rem; }`;

/**
 * What computeStats() found as a page of HTML that needs nothing else: mean and standard deviation,
 * histograms of the channels' values and of the texts' lengths, and the configuration that fits.
 *
 * The plots are drawn by `@observablehq/plot` and `linkedom`, which are installed beside pixtok where
 * they are wanted.
 *
 * @throws {PixtokError} OPTIONAL_PACKAGE_NOT_FOUND where they are not.
 */
export async function statsPage(stats: DatasetStats): Promise<string> {
  const libraries = await loadLibraries();
  const { pairs, pixels, errors, warning, configuration, maxLength } = stats;
  const unread = errors.count === 0 ? "" : `; ${errors.count} more could not be read`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dataset statistics</title>
<style>${style}
</style>
</head>
<body>
<h1>Dataset statistics</h1>
<p>${pairs} pairs, ${pixels} pixels${unread}.</p>
${table(stats)}
${warning === null ? "" : `<p class="warning">Warning: ${escaped(warning)}</p>`}
<p>Configuration with this mean and std:</p>
<pre>${escaped(configuration)}</pre>
<h2>Values of red, green and blue</h2>
${drawChannels(stats, libraries)}
${maxLength === null ? "" : textLengths(stats, maxLength, libraries)}</body>
</html>
`;
}
