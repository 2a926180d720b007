import type { DatasetStats } from "../analysis/dataset-stats.js";
import type { SampleErrors } from "../shared/sample-error.js";
import { countChart } from "./charts.js";
import { html, type Markup } from "./markup.js";
import { page } from "./page.js";
import { PAGE_SCRIPT } from "./page-script.js";
import { cardId, type PageImage, pairCard } from "./pair-card.js";
import type { AllBoxes } from "./placed-boxes.js";
import { isShownPair, type ShownPair, type ShownSample } from "./shown-pairs.js";
import { errorList, statistics } from "./statistics.js";

/** What a page of pairs is made of. */
export interface PairsPage {
  readonly title: string;
  /** Which pairs these are. */
  readonly lead: string;
  /** What they have gone through, by name. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** In their order. */
  readonly cards: readonly ShownSample<PageImage>[];
  readonly boxes: AllBoxes;
  /** Null where there are none. */
  readonly stats: DatasetStats | null;
  readonly errors: SampleErrors;
}

/** A column that pairs can be chosen by, and how often each value occurs. */
interface LabelColumn {
  readonly name: string;
  readonly counts: ReadonlyMap<string, number>;
}

const MOST_LABELS = 60;
const MOST_LABEL_COLUMNS = 4;

/** Columns whose values recur: those are worth a filter. */
function labelColumns(pairs: readonly ShownPair<PageImage>[]): LabelColumn[] {
  const names = new Set(pairs.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const columns = [...names].flatMap((name): LabelColumn[] => {
    const own = pairs.flatMap((pair) => pair.columns.filter((column) => column.name === name));
    const counts = new Map<string, number>();
    for (const { text } of own) counts.set(text, (counts.get(text) ?? 0) + 1);
    const recurs = counts.size > 1 && counts.size <= MOST_LABELS && counts.size < own.length;
    return recurs && own.every(({ isLabel }) => isLabel) ? [{ name, counts }] : [];
  });
  return columns.slice(0, MOST_LABEL_COLUMNS);
}

/** Numbers by size, words by the alphabet. */
const inOrder = (values: Iterable<string>) =>
  [...values].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

function filters(
  labels: readonly LabelColumn[],
  { hasTokens, hasBoxes }: { hasTokens: boolean; hasBoxes: boolean },
): Markup {
  const selects = labels.map(
    (
      { name, counts },
      column,
    ) => html`<label><span dir="auto">${name}</span><select data-column="${column}" autocomplete="off"><option value="">all</option>${inOrder(counts.keys()).map((value) => html`<option value="=">${value}</option>`)}</select></label>
`,
  );
  const states = [
    ["read", "can be read"],
    ["error", "cannot be read"],
    ...(hasTokens
      ? [
          ["cut", "text is cut"],
          ["unknown", "has unknown tokens"],
        ]
      : []),
  ] as [string, string][];
  return html`<form class="filters" role="search" aria-label="Filters" autocomplete="off">
<label class="search">Text, key or index<input type="search" name="search" spellcheck="false"></label>
${selects}${
  hasTokens &&
  html`<div class="group" role="group" aria-labelledby="tokens-name"><span id="tokens-name">Tokens</span><span class="range"><input type="number" name="least" min="0" inputmode="numeric" aria-label="fewest tokens" placeholder="from"><input type="number" name="most" min="0" inputmode="numeric" aria-label="most tokens" placeholder="to"></span></div>
`
}<label>State<select name="state"><option value="">all</option>${states.map(([value, name]) => html`<option value="${value}">${name}</option>`)}</select></label>
${
  hasBoxes &&
  html`<label class="check"><input type="checkbox" name="boxes" checked>Boxes</label>
`
}<button type="reset">Reset</button>
</form>`;
}

const legend = (hasMasked: boolean) =>
  html`<p class="legend" aria-label="Tokens"><i class="token special">special</i> <span class="token unknown">unknown</span> <del class="token cut">cut</del>${hasMasked && html` <s class="token masked">not learned</s>`}</p>`;

const viewer = html`<dialog aria-labelledby="viewer-title">
<div class="viewer-head"><h2 id="viewer-title">Pair</h2>
<button type="button" data-go="-1">← Previous</button><button type="button" data-go="1">Next →</button><button type="button" data-close>Close</button></div>
<div class="viewer-body" tabindex="0" role="region" aria-label="The pair"></div>
</dialog>`;

/** A page of pairs, with filters, statistics and errors. */
export function pairsPage({ title, lead, facts, cards, boxes, stats, errors }: PairsPage): string {
  const pairs = cards.filter(isShownPair);
  const labels = labelColumns(pairs);
  const hasTokens = pairs.some(({ text }) => text?.tokens != null);
  const hasMasked = pairs.some(({ text }) => text?.tokens?.list.some(({ isMasked }) => isMasked));
  const names = labels.map(({ name }) => name);
  return page({
    title,
    script: PAGE_SCRIPT,
    body: html`<a class="skip" href="#pairs">Skip to the pairs</a>
<header class="top">
<h1>${title}</h1>
<p class="lead">${lead}</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<nav class="jump" aria-label="Page"><a href="#pairs">Pairs</a>${stats && html`<a href="#statistics">Statistics</a>`}<a href="#errors">Errors (${errors.count})</a></nav>
</header>
<div class="layout">
<main id="pairs" tabindex="-1">
<h2 class="unseen">Pairs</h2>
${filters(labels, { hasTokens, hasBoxes: boxes.formats.size > 0 })}
<div class="status"><p class="count" role="status">${cards.length} pairs</p>${hasTokens && legend(hasMasked)}</div>
<ol class="cards">
${cards.map(
  (
    card,
    place,
  ) => html`<li id="${cardId(place)}">${pairCard(card, isShownPair(card) ? boxes.ofPairs.get(card) : undefined, names)}</li>
`,
)}</ol>
<div class="none" hidden><p>No pair is like that.</p><p><button type="button">Reset the filters</button></p></div>
<p class="keys"><kbd>/</kbd> to search, <kbd>Tab</kbd> and <kbd>Enter</kbd> to enlarge a pair, <kbd>←</kbd> <kbd>→</kbd> to go on from there, <kbd>Esc</kbd> to close it</p>
</main>
<aside class="aside" aria-label="Statistics and errors" tabindex="0">
${
  stats !== null &&
  html`<section class="statistics" id="statistics" aria-labelledby="statistics-title"><h2 id="statistics-title">Statistics</h2>
${statistics(stats)}</section>`
}
${
  labels.length > 0 &&
  html`<section aria-labelledby="columns-title"><h2 id="columns-title">Columns of these pairs</h2>
${labels.map(({ name, counts }) => countChart(name, counts))}</section>`
}
<section id="errors" aria-labelledby="errors-title"><h2 id="errors-title">Errors</h2>
${errorList(errors)}</section>
</aside>
</div>
${viewer}`,
  });
}
