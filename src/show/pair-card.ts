import type { Size } from "../image/output-size.js";
import { PixtokError } from "../shared/errors.js";
import type { SampleError } from "../shared/sample-error.js";
import type { Box } from "./boxes.js";
import { html, type Markup } from "./markup.js";
import type { PlacedBoxes } from "./placed-boxes.js";
import { mixText, type ShownMix } from "./shown-mix.js";
import {
  isShownPair,
  type ShownColumnImage,
  type ShownDraw,
  type ShownDraws,
  type ShownImage,
  type ShownPair,
  type ShownSample,
} from "./shown-pairs.js";
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

/** An image of a card: the pair's own, or one in a column. */
type CardImage = ShownImage<PageImage> & Partial<Pick<ShownColumnImage<PageImage>, "column">>;

/** What an image is called: "original", or "mask, original" where it is in a column. */
function nameOf(what: string, { column }: CardImage): Markup {
  return column === undefined ? html`${what}` : html`<bdi>${column}</bdi>, ${what}`;
}

function originalFigure(card: CardImage, boxes: readonly Box[]): Markup | false {
  const { original } = card;
  const name = html`<span>${nameOf("original", card)}</span>`;
  if (original === undefined) return false;
  if (original instanceof PixtokError) {
    return html`<figure><div class="frame"><p>${original.message}</p></div><figcaption>${name}</figcaption></figure>`;
  }
  const { image, size, format, bytes } = original;
  const file = bytes === null ? format : `${format}, ${sizeOfFile(bytes)}`;
  return html`<figure><div class="frame"><img src="${image.url}" width="${image.width}" height="${image.height}" alt="${altOf("the original", card)}" loading="lazy" decoding="async">${boxesOver(boxes, size)}</div>
<figcaption>${name} <span>${times(size)} · ${file}</span></figcaption></figure>`;
}

const altOf = (what: string, { column }: CardImage) =>
  column === undefined ? what : `${what}, ${column}`;

function imageFigures(image: CardImage, { original, model }: PlacedBoxes): Markup {
  const exact = image.model;
  return html`<div class="pictures">
${originalFigure(image, original)}
${
  exact !== null &&
  html`<figure><div class="frame"><img src="${exact.url}" width="${exact.width}" height="${exact.height}" alt="${altOf("what the model gets", image)}" loading="lazy" decoding="async">${boxesOver(model, exact)}</div>
<figcaption><span>${nameOf("model", image)}</span> <span>${times(exact)}</span></figcaption></figure>`
}
</div>
`;
}

function drawMarkup({ image, mixed }: ShownDraw<PageImage>, alt: string): Markup {
  const { url, width, height } = image;
  const drawn = html`<img src="${url}" width="${width}" height="${height}" alt="${alt}" loading="lazy" decoding="async">`;
  if (mixed === null) return drawn;
  const { others, other } = mixText(mixed);
  return html`<div class="draw">${drawn}<span>${mixed.name}: ${others} of ${other}</span></div>`;
}

function drawsFigure(
  { augmentation, epochs, problem }: ShownDraws<PageImage>,
  image: CardImage,
): Markup {
  const drawn = epochs.map((draw, epoch) =>
    drawMarkup(draw, altOf(`drawn in epoch ${epoch}`, image)),
  );
  const name = image.column !== undefined && html`<span><bdi>${image.column}</bdi></span> `;
  return html`<figure class="draws"><figcaption>${name}<code>${augmentation}</code></figcaption><div>${drawn}</div>
${problem !== null && html`<p class="fault" dir="auto">${problem}</p>`}</figure>
`;
}

/** Pictures and draws of a pair: what is in columns stands beside the picture that it is of, and so do draws. */
function imagesMarkup(pair: ShownPair<PageImage>, boxes: PlacedBoxes): Markup {
  const { images, columnImages, mixed } = pair;
  const none: PlacedBoxes = { original: [], model: [] };
  const [first, ...others] = images;
  const boxesOf = (image: CardImage): PlacedBoxes =>
    image === first ? { ...boxes, model: [...boxes.model, ...partsOf(mixed)] } : none;
  const groups: readonly (readonly CardImage[])[] =
    first !== undefined && others.length === 0
      ? [[first, ...columnImages]]
      : [...images, ...columnImages].map((image) => [image]);
  return html`${groups.map(
    (group) =>
      html`${group.map((image) => imageFigures(image, boxesOf(image)))}${group.map((image) =>
        image.draws.map((draws) => drawsFigure(draws, image)),
      )}`,
  )}${mixed !== null && mixMarkup(mixed)}`;
}

/** What of a row is of the other one, where that is a part of it. */
function partsOf(mixed: ShownMix | null): Box[] {
  const part = mixed?.part ?? null;
  if (mixed === null || part === null || part.width === 0 || part.height === 0) return [];
  return [{ ...part, label: mixText(mixed).other }];
}

function mixMarkup(mixed: ShownMix): Markup {
  const { own, others, other } = mixText(mixed);
  return html`<p class="mixed"><code>${mixed.name}</code> ${own} of this pair, ${others} of <a href="#${cardId(mixed.otherRow)}">${other}</a></p>`;
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

/** What a card is called in the address of the page. */
export const cardId = (place: number) => `pair-at-${place}`;

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
  const { index, key, replaces, text, columns } = card;
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
  return html`<article class="card" ${factsMarkup(facts)}>
${head(index, key, badges)}
${imagesMarkup(card, boxes ?? { original: [], model: [] })}
${text !== null && textMarkup(text)}
${
  columns.length > 0 &&
  html`<dl class="columns">${columns.map(({ name, text: value }) => html`<dt>${name}</dt><dd dir="auto">${value}</dd>`)}</dl>`
}
</article>`;
}
