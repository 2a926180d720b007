import { characters } from "../chat/characters.js";
import { PixtokError } from "../shared/errors.js";
import type { MeasuredImage } from "./classes/measured-image.js";
import type { Insertion } from "./classes/vision-language-class.js";
import type { ImageWriting } from "./model-class.js";

type Span = readonly [begin: number, end: number];

/** A text with what images become in it. Spans are in units of JavaScript's. */
export interface WrittenText {
  readonly text: string;
  /** What its class has put into it first. */
  readonly insertion: Insertion;
  /** Of each image, in the text with the insertion: where its place ends. */
  readonly ends: readonly number[];
  /** Of each image, in the text as it is now. */
  readonly spans: readonly Span[];
}

/** @throws {PixtokError} IMAGES_MISMATCH; INVALID_CONVERSATION for a video; without the sample's index. */
export function writeImages(
  given: string,
  images: readonly MeasuredImage[],
  { place, unread, written, joined, inserted }: ImageWriting,
): WrittenText {
  const insertion = inserted(given);
  const whole = given.slice(0, insertion.at) + insertion.text + given.slice(insertion.at);
  const parts = whole.split(place);
  const places = parts.length - 1;
  if (places !== images.length) {
    throw new PixtokError(
      "IMAGES_MISMATCH",
      `the text has ${places} of ${place}, and there are ${images.length} images`,
    );
  }
  const video = unread.find((token) => given.includes(token));
  if (video !== undefined) {
    throw new PixtokError(
      "INVALID_CONVERSATION",
      `the text has a ${video}, and only images are read`,
    );
  }
  let text = parts[0] as string;
  let end = text.length;
  const ends: number[] = [];
  const spans: Span[] = [];
  for (const [at, image] of images.entries()) {
    const after = parts[at + 1] as string;
    const begin = text.length;
    text += joined(
      text,
      written(image, at),
      after === "" && at + 1 < images.length ? place : after,
    );
    spans.push([begin, text.length]);
    end += place.length;
    ends.push(end);
    end += after.length;
    text += after;
  }
  return { text, insertion, ends, spans };
}

/** Where a place of the text as it was given is now: behind all images whose places end before it. */
function movedTo(given: number, { insertion, ends, spans }: WrittenText): number {
  const place = given >= insertion.at ? given + insertion.text.length : given;
  const last = ends.findLastIndex((end) => end <= place);
  return last < 0 ? place : place + (spans[last] as Span)[1] - (ends[last] as number);
}

/** Spans of the text as it was given, in characters of the text as it is now, as tokens count them. */
export function movedSpans(given: readonly Span[], written: WrittenText): Span[] {
  return given.map((span) =>
    inCharacters(written.text, span.map((end) => movedTo(end, written)) as unknown as Span),
  );
}

export function inCharacters(text: string, [begin, end]: Span): Span {
  const first = characters(text.slice(0, begin));
  return [first, first + characters(text.slice(begin, end))];
}
