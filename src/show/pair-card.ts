import type { Size } from "../image/output-size.js";
import { PixtokError } from "../shared/errors.js";
import type { SampleError } from "../shared/sample-error.js";
import type { Box } from "./boxes.js";
import { html, type Markup } from "./markup.js";
import type { PlacedBoxes } from "./placed-boxes.js";
import { isShownPair, type ShownDraws, type ShownImage, type ShownSample } from "./shown-pairs.js";
import type { ShownText, ShownToken, ShownTokens } from "./shown-text.js";

/** An image within a page. */
export interface PageImage extends Size {
  readonly url: string;
}

/** How long a list of tokens may be to be open from the start. */
const FEW_TOKENS = 40;

const times = ({ width, height }: Size) => `${width} × ${height}`;

function sizeOfFile(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Boxes over an image that is shown as large as its frame lets it be. */
function boxesOver(boxes: readonly Box[], { width, height }: Size): Markup | false {
  if (boxes.length === 0) return false;
  const letters = Math.max(width, height) / 22;
  const names = boxes.map(({ label }) => label).filter((label) => label !== "");
  const summary = `${boxes.length === 1 ? "1 box" : `${boxes.length} boxes`}${names.length > 0 ? `: ${names.join(", ")}` : ""}`;
  const number = (value: number) => Number(value.toFixed(2));
  const drawn = boxes.map(({ left, top, width: across, height: down, label }) => {
    const side = html`x="${number(left)}" y="${number(top)}" width="${number(Math.max(0, across))}" height="${number(Math.max(0, down))}"`;
    const name = html`<text x="${number(left + letters / 4)}" y="${number(top + letters * 1.1)}" font-size="${number(letters)}" stroke-width="${number(letters / 5)}">${label}</text>`;
    return html`<rect class="halo" ${side}/><rect ${side}/>${label !== "" && name}`;
  });
  return html`<svg class="boxes" viewBox="0 0 ${width} ${height}" preserveAspectRatio="xMidYMid meet" role="img" aria-label="${summary}">${drawn}</svg>`;
}

function originalFigure(
  { original }: ShownImage<PageImage>,
  boxes: readonly Box[],
): Markup | false {
  if (original === undefined) return false;
  if (original instanceof PixtokError) {
    return html`<figure><div class="frame"><p>${original.message}</p></div><figcaption><span>original</span></figcaption></figure>`;
  }
  const { image, size, format, bytes } = original;
  const file = bytes === null ? format : `${format}, ${sizeOfFile(bytes)}`;
  return html`<figure><div class="frame"><img src="${image.url}" width="${image.width}" height="${image.height}" alt="the original" loading="lazy" decoding="async">${boxesOver(boxes, size)}</div>
<figcaption><span>original</span> <span>${times(size)} · ${file}</span></figcaption></figure>`;
}

function imageFigures(image: ShownImage<PageImage>, { original, model }: PlacedBoxes): Markup {
  const exact = image.model;
  return html`<div class="pictures">
${originalFigure(image, original)}
${
  exact !== null &&
  html`<figure><div class="frame"><img src="${exact.url}" width="${exact.width}" height="${exact.height}" alt="what the model gets" loading="lazy" decoding="async">${boxesOver(model, exact)}</div>
<figcaption><span>model</span> <span>${times(exact)}</span></figcaption></figure>`
}
</div>
${image.draws.map(drawsFigure)}`;
}

function drawsFigure({ augmentation, images, problem }: ShownDraws<PageImage>): Markup {
  const drawn = images.map(
    ({ url, width, height }, epoch) =>
      html`<img src="${url}" width="${width}" height="${height}" alt="drawn in epoch ${epoch}" loading="lazy" decoding="async">`,
  );
  return html`<figure class="draws"><figcaption><code>${augmentation}</code></figcaption><div>${drawn}</div>
${problem !== null && html`<p class="fault" dir="auto">${problem}</p>`}</figure>
`;
}

function tokenMarkup({ id, token, kind, isCut, isMasked, times: count = 1 }: ShownToken): Markup {
  const text = `${token === "" ? "␣" : token}${count === 1 ? "" : ` × ${count}`}`;
  if (isMasked) return html`<s class="masked" title="${id}, not learned">${text}</s>`;
  if (isCut) return html`<del class="cut" title="${id}, cut">${text}</del>`;
  if (kind === "unknown") return html`<mark class="unknown" title="${id}, unknown">${text}</mark>`;
  if (kind === "special") return html`<i class="special" title="${id}, special">${text}</i>`;
  return html`<span title="${id}">${text}</span>`;
}

/** "12 tokens, 3 cut": what there is none of is left out. */
function tokenSummary({ kept, cut, unknown, padding }: ShownTokens): string {
  const parts: [number, string][] = [
    [kept, kept === 1 ? "token" : "tokens"],
    [unknown, "unknown"],
    [cut, "cut"],
    [padding, "of padding"],
  ];
  const said = parts.filter(([count], i) => i === 0 || count > 0);
  return said.map(([count, name]) => `${count} ${name}`).join(" · ");
}

function textMarkup({ original, cleaned, tokens }: ShownText): Markup {
  const isShort = tokens !== null && tokens.list.length <= FEW_TOKENS;
  return html`${original !== "" && html`<p class="caption" dir="auto">${original}</p>`}
${cleaned !== null && html`<p class="cleaned" dir="auto"><span class="unseen">as it is tokenized: </span>${cleaned}</p>`}
${
  tokens !== null &&
  html`<details class="token-list"${isShort && html` open`}><summary>${tokenSummary(tokens)}</summary>
<p class="tokens">${tokens.list.map(tokenMarkup)}</p></details>`
}`;
}

const enlarge = html`<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M9.5 2.5h4v4M13.5 2.5l-4.5 4.5M6.5 13.5h-4v-4M2.5 13.5l4.5-4.5"/></svg>`;

function head(index: number, key: string, badges: readonly string[], isBad = false): Markup {
  return html`<header><h3>#${index} <span class="key" dir="auto" title="${key}">${key === `${index}` ? "" : key}</span></h3>${badges.map(
    (badge) => html`<span class="badge${isBad && " bad"}">${badge}</span>`,
  )}<button type="button" class="enlarge" aria-label="Enlarge pair ${index}">${enlarge}</button></header>`;
}

/** What the filters of a page look at. */
interface CardFacts {
  text: string;
  tokens: number | null;
  states: readonly string[];
  labels: readonly (string | null)[];
}

function factsMarkup({ text, tokens, states, labels }: CardFacts): Markup {
  return html`data-text="${text.toLowerCase()}" data-tokens="${tokens ?? ""}" data-state="${states.join(" ")}" data-labels="${JSON.stringify(labels)}"`;
}

function badCard({ index, source, code, message }: SampleError, labels: readonly string[]): Markup {
  const facts: CardFacts = {
    text: `${index} ${source ?? ""} ${code} ${message}`,
    tokens: null,
    states: ["error"],
    labels: labels.map(() => null),
  };
  return html`<article class="card" ${factsMarkup(facts)}>
${head(index, source ?? "", ["cannot be read"], true)}
<p class="fault"><code>${code}</code><span dir="auto">${message}</span></p>
</article>`;
}

/**
 * A pair of the page.
 *
 * @param labels columns that the page filters by.
 */
export function pairCard(
  card: ShownSample<PageImage>,
  boxes: PlacedBoxes | undefined,
  labels: readonly string[],
): Markup {
  if (!isShownPair(card)) return badCard(card, labels);
  const { index, key, replaces, images, text, columns } = card;
  const { cut = 0, unknown = 0, kept = 0 } = text?.tokens ?? {};
  const columnTexts = columns.map(({ name, text: value }) => `${name} ${value}`);
  const facts: CardFacts = {
    text: [index, key, text?.original ?? "", text?.cleaned ?? "", ...columnTexts].join(" "),
    tokens: text?.tokens == null ? null : kept + cut,
    states: ["read", ...(cut > 0 ? ["cut"] : []), ...(unknown > 0 ? ["unknown"] : [])],
    labels: labels.map((label) => columns.find(({ name }) => name === label)?.text ?? null),
  };
  const badges = [
    ...(replaces === null ? [] : [`in place of #${replaces}`]),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(cut > 0 ? [`${cut} cut`] : []),
  ];
  const none: PlacedBoxes = { original: [], model: [] };
  return html`<article class="card" ${factsMarkup(facts)}>
${head(index, key, badges)}
${images.map((image, i) => imageFigures(image, (i === 0 && boxes) || none))}
${text !== null && textMarkup(text)}
${
  columns.length > 0 &&
  html`<dl class="columns">${columns.map(({ name, text: value }) => html`<dt>${name}</dt><dd dir="auto">${value}</dd>`)}</dl>`
}
</article>`;
}
