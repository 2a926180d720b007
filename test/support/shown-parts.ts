// Parts of pages, apart from the datasets that they are of.

import type { Markup } from "../../src/show/markup.js";
import type { PageImage } from "../../src/show/pair-card.js";
import type { ShownDraws, ShownImage, ShownPair } from "../../src/show/shown-pairs.js";
import type { ShownText } from "../../src/show/shown-text.js";
import { documentOf, type PageElement } from "./html.js";

export const elementOf = ({ markup }: Markup): PageElement =>
  documentOf(`<!doctype html><html><body>${markup}</body></html>`);

export const pageImage = (width: number, height: number): PageImage => ({
  url: "data:,",
  width,
  height,
});

/** A pair with nothing beside it. */
export const pair = (
  index: number,
  parts: Partial<ShownPair<PageImage>> = {},
): ShownPair<PageImage> => ({
  index,
  key: `key ${index}`,
  replaces: null,
  images: [],
  columnImages: [],
  mixed: null,
  text: null,
  columns: [],
  boxes: [],
  ...parts,
});

export const column = (name: string, text: string, isLabel = true) => ({ name, text, isLabel });

/** What the model gets of an image, with a draw of each of these augmentations. */
export const modelImage = (...augmentations: string[]): ShownImage<PageImage> => ({
  original: undefined,
  model: pageImage(44, 22),
  draws: augmentations.map(
    (augmentation): ShownDraws<PageImage> => ({
      augmentation,
      epochs: [{ image: pageImage(4, 5), mixed: null }],
      problem: null,
    }),
  ),
});

/** A text of one token. */
export const shortText: ShownText = {
  original: "a",
  cleaned: null,
  tokens: { list: [], kept: 1, unknown: 0, cut: 0, padding: 0 },
};
