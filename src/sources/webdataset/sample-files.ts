import { outOfRange, wrongType } from "../../shared/validation.js";
import { imageExtensions, unreadImageExtensions } from "../image-names.js";

/** Extensions of texts, those that win first. */
const textExtensions = ["txt", "json", "cls"];

/** Which files of a sample are its image and its text, if it has one: groups of extensions, the first that is there. */
export interface WantedFiles {
  image: readonly string[][];
  /** Extensions of the images of a list, in its order; null where none are given. */
  images: readonly string[] | null;
  text: readonly string[][] | null;
  /** Columns of further images, in lower case: what is in these is not the image. */
  imageColumns: readonly string[];
}

function extensionOf(option: string, value: unknown): string {
  if (typeof value !== "string") throw wrongType(option, 'an extension, such as "jpg"', value);
  const extension = value.replace(/^\./, "").toLowerCase();
  if (extension === "") throw outOfRange(option, 'an extension, such as "jpg"', value);
  return extension;
}

function givenExtension(option: string, value: unknown): string[][] | undefined {
  return value === undefined ? undefined : [[extensionOf(option, value)]];
}

function givenExtensions(option: string, values: readonly unknown[]): readonly string[] {
  const extensions = values.map((value, i) => extensionOf(`${option}[${i}]`, value));
  if (extensions.length > 0 && new Set(extensions).size === extensions.length) return extensions;
  throw outOfRange(option, "one or more extensions, none of them twice", values);
}

/** @throws {TypeError | RangeError} */
export function readWantedFiles(
  given: Record<string, unknown> & { readonly imageColumns: readonly string[] },
): WantedFiles {
  for (const option of ["textExtension", "textColumn"]) {
    if (given.texts === false && given[option] !== undefined) {
      throw wrongType(option, "none with texts: false", given[option]);
    }
  }
  const { imageExtension } = given;
  const images = Array.isArray(imageExtension)
    ? givenExtensions("imageExtension", imageExtension)
    : null;
  const image = images === null ? givenExtension("imageExtension", imageExtension) : undefined;
  const text = givenExtension("textExtension", given.textExtension);
  // a column is named for the JSON file
  const usual = given.textColumn === undefined ? textExtensions : ["json"];
  return {
    image: image ?? [[...imageExtensions], [...unreadImageExtensions]],
    images,
    text: given.texts === false ? null : (text ?? usual.map((extension) => [extension])),
    imageColumns:
      imageExtension === undefined ? given.imageColumns.map((name) => name.toLowerCase()) : [],
  };
}

/** Positions of what has one of these extensions; or, where none has, of what ends with one. */
export function withExtension(extensions: readonly string[], wanted: readonly string[]): number[] {
  const where = (test: (extension: string) => boolean) =>
    extensions.flatMap((extension, i) => (test(extension) ? i : []));
  const exact = where((extension) => wanted.includes(extension));
  if (exact.length > 0) return exact;
  return where((extension) => wanted.some((last) => extension.endsWith(`.${last}`)));
}

const MOST_NAMED = 10;

/** Extensions as a message has them. */
function listed(extensions: readonly string[]): string {
  const named = extensions.slice(0, MOST_NAMED).map((extension) => `.${extension}`);
  const more = extensions.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Positions of those that may be meant: of the first group that has any. */
function candidates(extensions: readonly string[], groups: readonly string[][]): number[] {
  for (const group of groups) {
    const found = withExtension(extensions, group);
    if (found.length > 0) return found;
  }
  return [];
}

export const listedOf = (extensions: readonly string[], positions: readonly number[]) =>
  listed(positions.map((i) => extensions[i] as string));

/** That there is none. */
function missing(extensions: readonly string[], groups: readonly string[][], what: string): string {
  const wanted = groups.flat();
  const expected = `${wanted.length > 1 ? "one of " : ""}${listed(wanted)}`;
  return `it has no ${what}: expected ${expected}, got ${listed(extensions)}`;
}

/** The position of the text that is meant, or what is wrong. */
function chooseText(extensions: readonly string[], groups: readonly string[][]): number | string {
  const found = candidates(extensions, groups);
  const [first] = found;
  if (first === undefined) return missing(extensions, groups, "text");
  if (found.length === 1) return first;
  const several = listedOf(extensions, found);
  return `it has several texts, ${several}; the option textExtension chooses one`;
}

/** What is in front of the number and the format in "0.jpg" or "page-12.png", and the number. */
const NUMBERED = /^(.*?)(\d{1,15})\.[^.]+$/;

/** Images in the order of their numbers; undefined where they are called by anything else, or two have one number. */
function inNumberedOrder(
  extensions: readonly string[],
  positions: readonly number[],
): number[] | undefined {
  const byNumber = new Map<number, number>();
  const names = new Set<string>();
  for (const position of positions) {
    const [, name, number] = NUMBERED.exec(extensions[position] as string) ?? [];
    if (name === undefined) return undefined;
    names.add(name);
    byNumber.set(Number(number), position);
  }
  if (names.size > 1 || byNumber.size < positions.length) return undefined;
  return [...byNumber].sort(([a], [b]) => a - b).map(([, position]) => position);
}

/** The position of the image that is meant, those of several, or what is wrong. */
type ChosenImage = number | readonly (number | null)[] | string;

/** One for each extension of a list, where there is one. */
function chooseEach(
  extensions: readonly string[],
  wanted: readonly string[],
): readonly (number | null)[] | string {
  const found = wanted.map((extension) => withExtension(extensions, [extension]));
  const several = found.find(({ length }) => length > 1);
  if (several === undefined) return found.map(([first = null]) => first);
  return `it has several images, ${listedOf(extensions, several)}, for one of imageExtension`;
}

const readable: readonly string[] = [...imageExtensions, ...unreadImageExtensions];

/** Positions of images in a column, which an extension names, such as "left.jpg", or what it is in front of the format. */
export function inColumn(extensions: readonly string[], column: string): number[] {
  const exact = extensions.indexOf(column);
  if (exact >= 0) return [exact];
  return extensions.flatMap((extension, i) => {
    const isIn = extension.startsWith(`${column}.`);
    return isIn && readable.includes(extension.slice(column.length + 1)) ? i : [];
  });
}

/** The first that comes twice. */
function repeated(extensions: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return extensions.find((extension) => seen.size === seen.add(extension).size);
}

/** The image or images that are meant. */
export function chooseImage(
  extensions: readonly string[],
  { image, images, imageColumns }: WantedFiles,
): ChosenImage {
  if (images !== null) return chooseEach(extensions, images);
  const taken = new Set(imageColumns.flatMap((column) => inColumn(extensions, column)));
  const ofRow = extensions.map((extension, i) => (taken.has(i) ? "" : extension));
  const found = candidates(taken.size > 0 ? ofRow : extensions, image);
  const [first] = found;
  if (first === undefined) return missing(extensions, image, "image");
  if (found.length === 1) return first;
  const several = `it has several images, ${listedOf(extensions, found)}`;
  const advice = "the option imageExtension chooses one, or a list of them";
  return inNumberedOrder(extensions, found) ?? `${several}; ${advice}`;
}

/** Positions of image and text among a sample's files, or what is wrong with these. */
export function chooseFiles(extensions: readonly string[], wanted: WantedFiles) {
  const twice = repeated(extensions);
  if (twice !== undefined) return `it has more than one .${twice}`;
  const image = chooseImage(extensions, wanted);
  if (typeof image === "string") return image;
  if (wanted.text === null) return { image, text: 0 };
  const text = chooseText(extensions, wanted.text);
  return typeof text === "string" ? text : { image, text };
}
