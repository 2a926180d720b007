import type { DatasetStats } from "../analysis/dataset-stats.js";
import type { NormalizationFit } from "../analysis/normalization-fit.js";
import type { SampleErrors } from "../shared/sample-error.js";
import { channelChart, lengthChart } from "./charts.js";
import { html, type Markup } from "./markup.js";

const channels = ["red", "green", "blue"];

function momentsTable({ mean, std, normalization }: DatasetStats): Markup {
  const columns =
    normalization === null ? [mean, std] : [mean, std, ...normalizedOf(normalization)];
  const rows = channels.map(
    (
      name,
      c,
    ) => html`<tr><th scope="row">${name}</th>${columns.map((values) => html`<td class="number">${(values[c] as number).toFixed(4)}</td>`)}</tr>
`,
  );
  const groups =
    normalization !== null &&
    html`<tr><td></td><th scope="colgroup" colspan="2">from 0 to 1</th><th scope="colgroup" colspan="2">normalized</th></tr>
`;
  const names = columns.map((_, i) => html`<th scope="col">${i % 2 === 0 ? "mean" : "std"}</th>`);
  return html`<table class="moments">
<thead>${groups}<tr><td></td>${names}</tr></thead>
<tbody>${rows}</tbody></table>`;
}

const normalizedOf = ({ mean, std }: NormalizationFit) => [mean, std];

const grouped = (count: number) => count.toLocaleString("en");

function cutTexts({ tokenLengthHistogram, pairs }: DatasetStats, maxLength: number): string {
  const cut = tokenLengthHistogram.slice(maxLength + 1).reduce((sum, texts) => sum + texts, 0);
  if (cut === 0) return `No text has more than maxLength = ${maxLength} tokens.`;
  const share = ((100 * cut) / pairs).toFixed(1);
  return `${cut} texts (${share} %) have more than maxLength = ${maxLength} tokens, and are cut.`;
}

/** What computeStats() found: mean and standard deviation, histograms, and the configuration that fits. */
export function statistics(stats: DatasetStats): Markup {
  const { pairs, pixels, errors, warning, configuration, maxLength } = stats;
  const unread = errors.count === 0 ? "" : `; ${errors.count} more could not be read`;
  const hasLengths = maxLength !== null && stats.tokenLengthHistogram.length > 1;
  return html`<p>${grouped(pairs)} pairs, ${grouped(pixels)} pixels${unread}.</p>
${momentsTable(stats)}
${warning !== null && html`<p class="warning">Warning: ${warning}</p>`}
${channelChart(stats.channelHistograms, pixels)}
${hasLengths && html`${lengthChart(stats.tokenLengthHistogram, maxLength)}<p>${cutTexts(stats, maxLength)}</p>`}
<details class="code"><summary>Configuration with this mean and std</summary>
<pre tabindex="0">${configuration}</pre></details>`;
}

/** Pairs that could not be read, and why. */
export function errorList({ count, list }: SampleErrors): Markup {
  if (count === 0) return html`<p>Every pair that was looked at can be read.</p>`;
  const shown = list.slice(0, MOST_SHOWN);
  return html`<ol class="errors">
${shown.map(
  ({ code, message }) => html`<li><code>${code}</code> <span dir="auto">${message}</span></li>
`,
)}</ol>
${count > shown.length && html`<p>and ${count - shown.length} more</p>`}`;
}

/** More than anyone reads on a page. */
const MOST_SHOWN = 200;
