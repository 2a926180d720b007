import { fact, type MeasuredImage } from "./measured-image.js";

type Count = (image: MeasuredImage) => number;

/** So many tokens of each image. */
export const always =
  (count: number): Count =>
  () =>
    count;

/** A token for each square of patches that are merged: Qwen2VL and its like. */
export const mergedPatches: Count = (image) => {
  const [frames = 1, down = 1, across = 1] = fact(image, "image_grid_thw", []);
  const [merged = 1] = fact(image, "merged", []);
  return Math.floor((frames * down * across) / merged ** 2);
};

/** As the image processor counts them. */
export const counted =
  (name: string): Count =>
  (image) =>
    fact(image, name, [0])[0] as number;

/** What LLaVA's processors read from their configuration. */
export interface FeatureOptions {
  readonly patch: number;
  /** Tokens of the whole image that are no patches. */
  readonly additional: number;
  /** Whether the first of them is left out. */
  readonly dropsFirst: boolean;
}

/** A token for each patch: Llava. */
export const patchesOfUnit =
  ({ patch, additional, dropsFirst }: FeatureOptions): Count =>
  ({ unit }) =>
    Math.floor(unit.height / patch) * Math.floor(unit.width / patch) +
    additional -
    (dropsFirst ? 1 : 0);

/** Patches of an image in the middle of a canvas, without those that show nothing of it. */
function shownPatches(
  { size, unit, facts }: MeasuredImage,
  patches: { readonly down: number; readonly across: number },
): { down: number; across: number } {
  const [canvasHeight = 0, canvasWidth = 0] = facts.canvas ?? [];
  let down = patches.down * Math.floor(canvasHeight / unit.height);
  let across = patches.across * Math.floor(canvasWidth / unit.width);
  const rounded = (value: number) => Math.trunc(roundTo7(value));
  if (size.width / size.height > across / down) {
    const height = rounded(size.height * (across / size.width));
    down -= Math.floor((down - height) / 2) * 2;
  } else {
    const width = rounded(size.width * (down / size.height));
    across -= Math.floor((across - width) / 2) * 2;
  }
  return { down, across };
}

/** As Python's `round(value, 7)`, up to what decides about the whole number below. */
const roundTo7 = (value: number) => Number(value.toFixed(7));

/** Patches of the whole image, of its tiles, and a token for each row of these: LlavaNext. */
export const anyResolution =
  ({ patch, additional, dropsFirst }: FeatureOptions): Count =>
  (image) => {
    const down = Math.floor(image.unit.height / patch);
    const across = Math.floor(image.unit.width / patch);
    const shown = shownPatches(image, { down, across });
    const whole = down * across + additional;
    return shown.down * shown.across + shown.down + whole - (dropsFirst ? 1 : 0);
  };

/** Likewise, of at most so many tiles' patches; of several images the whole of each alone: LlavaOnevision. */
export const boundedResolution =
  (tokens: number, mostTiles: number, dropsFirst: boolean): Count =>
  (image) => {
    const dropped = dropsFirst ? 1 : 0;
    if (image.count !== 1) return tokens + 1 - dropped;
    const side = Math.trunc(Math.sqrt(tokens));
    const shown = shownPatches(image, { down: side, across: side });
    const ratio = Math.sqrt((shown.down * shown.across) / (mostTiles * side ** 2));
    const isShrunk = ratio > 1.1;
    const down = isShrunk ? Math.floor(shown.down / ratio) : shown.down;
    const across = isShrunk ? Math.floor(shown.across / ratio) : shown.across;
    return down * across + down + tokens - dropped;
  };
