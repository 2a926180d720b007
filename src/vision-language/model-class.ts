import { PixtokError } from "../shared/errors.js";
import { describe } from "../shared/validation.js";
import type { ClassSetup, TokenName } from "./classes/class-setup.js";
import type { Placeholder } from "./classes/measured-image.js";
import type { Insertion, VisionLanguageClass } from "./classes/vision-language-class.js";
import { visionLanguageClasses } from "./classes/vision-language-classes.js";

/** How images are written into a text. */
export interface ImageWriting {
  /** What stands for an image in a text. */
  readonly place: string;
  /** What each image becomes many of. */
  readonly filled: string;
  /** What stands for a video. */
  readonly unread: readonly string[];
  readonly written: Placeholder;
  readonly joined: (before: string, written: string, after: string) => string;
  readonly inserted: (text: string) => Insertion;
  /** Tokens of images, for each output with types of tokens. */
  readonly types: Readonly<Record<string, readonly string[]>>;
}

/** What a class writes, with the tokens and numbers of a model. */
export function imageWriting(found: VisionLanguageClass, setup: ClassSetup): ImageWriting {
  const tokens = (names: readonly TokenName[]) => names.map((name) => setup.token(name));
  const types = Object.entries(found.types ?? {}).map(([output, { image }]) => [
    output,
    tokens(image),
  ]);
  return {
    place: setup.token(found.place),
    filled: setup.token(found.filled ?? found.place),
    unread: (found.unread ?? []).flatMap((name) => setup.tokenIfAny(name) ?? []),
    written: found.written(setup),
    joined: found.joined?.(setup) ?? ((_before, written) => written),
    inserted: found.inserted?.(setup) ?? (() => ({ at: 0, text: "" })),
    types: Object.fromEntries(types),
  };
}

/** A class, and its name without "Processor". */
export interface NamedClass {
  readonly name: string;
  readonly class: VisionLanguageClass;
}

/**
 * The class that a model's files name, else that of its type.
 *
 * @param name "Qwen2VLProcessor"; undefined where no file names one.
 * @throws {PixtokError} INVALID_PROCESSOR for a class that is not read.
 */
export function modelClass(
  name: unknown,
  modelType: string | undefined,
  source: string,
): NamedClass {
  const family = typeof name === "string" ? /^(\w+)Processor$/.exec(name)?.[1] : undefined;
  const found = Object.entries(visionLanguageClasses).find(([own, { models }]) =>
    name === undefined ? models.includes(modelType ?? "") : own === family,
  );
  if (found !== undefined) return { name: found[0], class: found[1] };
  const what =
    name === undefined
      ? `no file names a processor_class, and of model_type ${describe(modelType)} none is read`
      : `processor_class: ${describe(name)} is not read`;
  const known = Object.keys(visionLanguageClasses).map((one) => `${one}Processor`);
  throw new PixtokError("INVALID_PROCESSOR", `${what}; expected one of ${known.join(", ")}`, {
    source,
  });
}
