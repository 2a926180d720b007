import { ImageProcessor } from "../image/image-processor.js";
import { type Difference, differencesOf, shown } from "../shared/differences.js";
import { PixtokError } from "../shared/errors.js";
import { instanceOf, type OptionReaders, optional, readOptions } from "../shared/options.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";
import { requireGivenLock } from "./lock-file.js";
import type { Lock, LockedOutputs, LockedTokenizer } from "./lock-format.js";
import { lockedTokenizer, processorOf, tokenizerJson, tokenizerOf } from "./locked-parts.js";
import { filesOf, imageOutputs, textOutputs } from "./sample-outputs.js";
import { versionsInUse } from "./versions.js";

/** Options of `attestLock`. */
export interface AttestLockOptions {
  /** What images go through here. Default: the processor that the lock describes. */
  image?: ImageProcessor;
  /** What texts go through here. Default: the tokenizer that the lock describes. */
  tokenizer?: Tokenizer;
}

/** Something that is not as the lock has it. */
export interface LockDifference {
  /** What it is about: an option of the processor, or a sample's result. */
  readonly subject: "processor" | "tokenizer" | "image" | "text";
  /** Name of the sample; null where it is the configuration. */
  readonly sample: string | null;
  /** The option, or the result by its name in Python. */
  readonly name: string;
  /** What of it differs. "error": there is no result here. */
  readonly what: "value" | "missing" | "shape" | "dtype" | "bytes" | "error";
  /** All that, for people to read. */
  readonly message: string;
}

/** What `attestLock` found. */
export interface Attestation {
  /** Whether the configuration and all results are the lock's. */
  readonly same: boolean;
  /** Images and texts that were compared. */
  readonly samples: number;
  /** Everything that differs, the configuration first; empty where `same` is true. */
  readonly differences: readonly LockDifference[];
  /** Versions that are others than those of the lock, for people to read; not a difference. */
  readonly versions: readonly string[];
}

const readers = {
  image: optional(instanceOf(ImageProcessor, "an ImageProcessor")),
  tokenizer: optional(instanceOf(Tokenizer, "a Tokenizer")),
} satisfies OptionReaders<AttestLockOptions>;

const inWords = ({ name, values: [locked, here] }: Difference) =>
  `${name} is ${shown(locked)} in the lock, and ${shown(here)} here`;

function ofConfiguration(
  subject: "processor" | "tokenizer",
  found: readonly Difference[],
): LockDifference[] {
  return found.map((one) => ({
    subject,
    sample: null,
    name: one.name,
    what: "value",
    message: `${subject}: ${inWords(one)}`,
  }));
}

/** Members of a tokenizer.json that decide which ids a text has. */
const decisive = ["added_tokens", "normalizer", "pre_tokenizer", "post_processor", "model"];

function tokenizerDifferences(locked: LockedTokenizer, tokenizer: Tokenizer): Difference[] {
  const here = lockedTokenizer(tokenizer, locked);
  const settings = ["padToken", "paddingSide", "truncationSide"] as const;
  const found = settings.flatMap((name) => differencesOf(locked[name], here[name], name));
  if (here.sha256 === locked.sha256) return found;
  const there = JSON.parse(tokenizerJson(locked));
  const own = JSON.parse(coreOfTokenizer(tokenizer).files.json);
  // of each member the first alone: vocabularies differ in thousands of places
  return [
    ...found,
    ...decisive.flatMap((name) => differencesOf(there[name], own[name], name).slice(0, 1)),
  ];
}

/** What of a sample's results differs, a line for each of them. */
function outputDifferences(
  subject: "image" | "text",
  sample: string,
  locked: LockedOutputs,
  here: LockedOutputs,
): LockDifference[] {
  return [...new Set([...Object.keys(locked), ...Object.keys(here)])].flatMap((name) => {
    const [first, second] = [locked[name], here[name]];
    const difference = (what: LockDifference["what"], message: string): LockDifference[] => [
      {
        subject,
        sample,
        name,
        what,
        message: `${subject} ${JSON.stringify(sample)}: ${name}: ${message}`,
      },
    ];
    if (first === undefined) return difference("missing", "it is not in the lock");
    if (second === undefined) return difference("missing", "it is not there");
    const [shape, ownShape] = [JSON.stringify(first.shape), JSON.stringify(second.shape)];
    if (shape !== ownShape) {
      return difference("shape", `the shape is ${shape} in the lock, and ${ownShape} here`);
    }
    if (first.dtype !== second.dtype) {
      return difference(
        "dtype",
        `the dtype is ${first.dtype} in the lock, and ${second.dtype} here`,
      );
    }
    if (first.sha256 === second.sha256) return [];
    return difference("bytes", `the values of ${first.dtype} ${shape} differ`);
  });
}

async function compareSample(
  subject: "image" | "text",
  { name, outputs }: { name: string; outputs: LockedOutputs },
  work: () => Promise<LockedOutputs>,
): Promise<LockDifference[]> {
  try {
    return outputDifferences(subject, name, outputs, await work());
  } catch (error) {
    if (!(error instanceof PixtokError || error instanceof RangeError)) throw error;
    const message = `${subject} ${JSON.stringify(name)}: ${error.message}`;
    return [{ subject, sample: name, name: "", what: "error", message }];
  }
}

/**
 * Prepares a lock's images and texts here, and compares everything with what the lock has.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value, and for what is no lock.
 * @throws {PixtokError} INVALID_LOCK where its processor or tokenizer cannot be made.
 */
export async function attestLock(
  lock: Lock,
  options: AttestLockOptions = {},
): Promise<Attestation> {
  requireGivenLock(lock);
  const given = readOptions("attestLock", options, readers);
  const image = given.image ?? (await processorOf(lock.processor));
  const differences = ofConfiguration(
    "processor",
    differencesOf(lock.processor.config, image.config),
  );
  for (const sample of lock.images) {
    const work = () => imageOutputs(image, Buffer.from(sample.file, "base64"));
    differences.push(...(await compareSample("image", sample, work)));
  }
  const { batch } = lock;
  if (batch !== null) {
    const images = batch.images.map((name) => lock.images.find((one) => one.name === name));
    const work = () => imageOutputs(image, filesOf(images.filter((one) => one !== undefined)));
    differences.push(...(await compareSample("image", { name: "batch", ...batch }, work)));
  }
  if (lock.tokenizer !== null) {
    const { tokenizer: locked } = lock;
    const tokenizer = given.tokenizer ?? (await tokenizerOf(locked));
    differences.push(...ofConfiguration("tokenizer", tokenizerDifferences(locked, tokenizer)));
    for (const sample of lock.texts) {
      const work = () => textOutputs(tokenizer, locked, sample);
      differences.push(...(await compareSample("text", sample, work)));
    }
  }
  differences.sort((a, b) => Number(a.sample !== null) - Number(b.sample !== null));
  return {
    same: differences.length === 0,
    samples: lock.images.length + lock.texts.length,
    differences,
    versions: differencesOf(lock.versions, versionsInUse()).map(inWords),
  };
}
