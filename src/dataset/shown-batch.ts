import { inspect } from "node:util";
import { shownAs, shownLines, shownList, shownTexts } from "../shared/shown-as.js";
import { shownTensor } from "../shared/shown-tensor.js";
import { isTensor } from "./batch-tensors.js";

/** A line of a batch or pair: what it is called, and a few words of it. */
type Line = readonly [name: string, words: string];

const MOST_CHARACTERS = 100;
const MOST_INDICES = 6;

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function shownValue(value: unknown): string {
  if (isTensor(value)) return shownTensor(value);
  if (typeof value === "string") return shownTexts([value]);
  if (isTexts(value)) return shownTexts(value);
  const words = inspect(value, { depth: 1, maxArrayLength: 3, breakLength: Infinity });
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS - 1)}…` : words;
}

/** What some classes say of the images of each row: rows of tiles, for example. */
function isLists(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(Array.isArray);
}

type Shown = Readonly<Record<string, unknown>>;

/** Tensors, then what was drawn for columns of images, and what is in `columns` and `fields`. */
function valueLines(of: Shown): Line[] {
  const named = (group: string, values: unknown) =>
    Object.entries((values ?? {}) as Shown).map(([name, value]): Line => {
      return [`${group}.${name}`, shownValue(value)];
    });
  return [
    ...Object.entries(of).flatMap(([name, value]): Line[] => {
      return isTensor(value) || isLists(value) ? [[name, shownValue(value)]] : [];
    }),
    ...named("augmentation.columns", (of.augmentation as Shown | undefined)?.columns),
    ...named("columns", of.columns),
    ...named("fields", of.fields),
  ];
}

interface ShownBatch {
  readonly indices: readonly number[];
  readonly keys: readonly string[];
  readonly texts?: readonly string[];
  readonly dropped: readonly { readonly message: string }[];
  readonly replaced: readonly { readonly message: string }[];
}

function wordsOfBatch(batch: ShownBatch): string {
  const { indices, keys, texts, dropped, replaced } = batch;
  const errorLine = (name: string, errors: readonly { readonly message: string }[]): Line[] =>
    errors.length === 0 ? [] : [[name, `${errors.length}: ${shownValue(errors[0]?.message)}`]];
  return shownLines(`Batch of ${indices.length} pairs`, [
    ...valueLines({ ...batch }),
    ...(texts === undefined ? [] : [["texts", shownTexts(texts)] as const]),
    ["indices", shownList(indices.slice(0, MOST_INDICES).map(String), indices.length)],
    ["keys", shownTexts(keys)],
    ...errorLine("dropped", dropped),
    ...errorLine("replaced", replaced),
  ]);
}

/**
 * Gives the batch, with a line for each thing that it has: types, shapes, ranges and the first of what it is made of.
 */
export const shownBatch = shownAs(wordsOfBatch);

/** As shownBatch(), of one pair. */
export const shownItem = shownAs((item: { readonly index: number }) =>
  shownLines(`Pair ${item.index}`, valueLines({ ...item })),
);
