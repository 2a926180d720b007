import { html, type Markup } from "./markup.js";

/** A chart's drawing, which is stretched to the room there is; its labels are text beside it. */
interface Chart {
  readonly title: string;
  /** What the drawing shows, for those who do not see it. */
  readonly summary: string;
  /** Largest value of the axis. */
  readonly top: string;
  /** At equal distances. */
  readonly along: readonly string[];
  readonly unit: string;
  readonly drawing: Markup;
  readonly width: number;
}

const HEIGHT = 100;

function chart({ title, summary, top, along, unit, drawing, width }: Chart): Markup {
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
<div class="plot">
<p class="axis-y" aria-hidden="true"><span>${top}</span><span>0</span></p>
<svg viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${summary}">
<path class="grid" d="M0,0H${width}M0,${HEIGHT / 2}H${width}"/>
${drawing}
<path class="ground" d="M0,${HEIGHT}H${width}"/>
</svg>
<p class="axis-x" aria-hidden="true">${along.map((label) => html`<span>${label}</span>`)}</p>
</div>
<p class="unit" aria-hidden="true">${unit}</p>
</figure>`;
}

/** Three digits behind the point are enough for a drawing. */
const at = (value: number) => Number(value.toFixed(3));

const channels = ["red", "green", "blue"] as const;

/** How often each of 256 values occurs, a line for each channel. */
export function channelChart(
  histograms: readonly [readonly number[], readonly number[], readonly number[]],
  pixels: number,
): Markup {
  const most = Math.max(1, ...histograms.flat());
  const lines = histograms.map((histogram, channel) => {
    const levels = histogram.map((times) => at(HEIGHT - (HEIGHT * times) / most));
    const steps = levels.map((y, value) => `${value === 0 ? `M0,${y}` : `V${y}`}H${value + 1}`);
    return html`<path class="line ${channels[channel]}" d="${steps.join("")}"/>`;
  });
  return chart({
    title: "Values of red, green and blue",
    summary: `How often red, green and blue have each value from 0 to 255; the most frequent one is ${((100 * most) / pixels).toFixed(1)} % of the pixels`,
    top: `${((100 * most) / pixels).toFixed(1)} %`,
    along: ["0", "64", "128", "192", "255"],
    unit: "value of a channel · share of pixels",
    drawing: html`${lines}`,
    width: 256,
  });
}

const MOST_BARS = 64;

/**
 * How many texts have each number of tokens; lengths are joined where there are very many.
 *
 * @param histogram of lengths from 0 on. Precondition: it is not empty.
 * @param maxLength what is longer is cut.
 */
export function lengthChart(histogram: readonly number[], maxLength: number): Markup {
  const longest = histogram.length - 1;
  const step = Math.ceil(histogram.length / MOST_BARS);
  const bars = Array.from({ length: Math.ceil(histogram.length / step) }, (_, bar) =>
    histogram.slice(bar * step, (bar + 1) * step).reduce((sum, texts) => sum + texts, 0),
  );
  const most = Math.max(1, ...bars);
  const rects = bars.map((texts, bar) => {
    const height = at((HEIGHT * texts) / most);
    return html`<rect class="bar" x="${at(bar * step + 0.08 * step)}" y="${at(HEIGHT - height)}" width="${at(0.84 * step)}" height="${height}"/>`;
  });
  const limit =
    longest > maxLength &&
    html`<path class="limit" d="M${maxLength + 1},0V${HEIGHT}" stroke-dasharray="4 3"/>`;
  const width = bars.length * step;
  return chart({
    title: "Lengths of texts",
    summary: `How many texts have each number of tokens, from 0 to ${longest}`,
    top: `${most}`,
    along: [0, 0.5, 1].map((share) => `${Math.round(share * longest)}`),
    unit: "tokens · texts",
    drawing: html`${rects}${limit}`,
    width,
  });
}

/** How often each of some values occurs, the most frequent ones first. */
export function countChart(title: string, counts: ReadonlyMap<string, number>): Markup {
  const listed = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_VALUES);
  const most = Math.max(1, ...listed.map(([, count]) => count));
  const rows = listed.map(
    ([
      value,
      count,
    ]) => html`<tr><th scope="row" dir="auto">${value}</th><td><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar" width="${at((100 * count) / most)}" height="8"/></svg></td><td class="number">${count}</td></tr>
`,
  );
  const rest = counts.size - listed.length;
  return html`<figure class="chart">
<figcaption>${title}</figcaption>
<table class="counts"><thead class="unseen"><tr><th scope="col">value</th><th scope="col">share</th><th scope="col">pairs</th></tr></thead><tbody>
${rows}</tbody></table>
${rest > 0 && html`<p class="unit">and ${rest} more</p>`}
</figure>`;
}

const MOST_VALUES = 12;
