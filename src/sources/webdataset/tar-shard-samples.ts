import {
  chooseFiles,
  chooseImage,
  inColumn,
  listedOf,
  type WantedFiles,
  withExtension,
} from "./sample-files.js";
import type { TarFault } from "./tar-entries.js";
import { entryName, type ShardEntries } from "./tar-shard-entries.js";

/** The files of a shard's samples, and what is wrong with those that are bad. */
export interface ShardSamples {
  readonly length: number;
  /** What is wrong with a sample, and with which; undefined where nothing is. */
  fault(sample: number): string | undefined;
  key(sample: number): string;
  /** Entry of its image; of several in their order, null for one that is missing. */
  image(sample: number): number | readonly (number | null)[];
  /** Entry of its text. */
  text(sample: number): number;
  /** Entry of its image in a column, or what is wrong with it; undefined where it has none. */
  imageIn(sample: number, column: string): number | string | undefined;
  /** Entry of its file with an extension; undefined where it has none. */
  entry(sample: number, extension: string): number | undefined;
}

/** In place of an image's entry, of a sample that has several. */
const SEVERAL = 0xffffffff;

/**
 * Finds image and text of each sample. A fault of the tar is one of its last entry's sample, or else an
 * extra sample at the end.
 */
export function chooseSamples(
  entries: ShardEntries,
  wanted: WantedFiles,
  tarFault: TarFault | undefined,
): ShardSamples {
  const images = new Uint32Array(entries.samples);
  const texts = new Uint32Array(entries.samples);
  const faults = new Map<number, string>();
  const keys = new Set<string>();
  const choices = new Map<string, ReturnType<typeof chooseFiles>>();
  const cutEntry = tarFault?.entry !== undefined && entryName(tarFault.entry) !== undefined;

  /** What is wrong with the sample; undefined where nothing is, and its files are noted. */
  const faultOf = (sample: number, key: string, extensions: readonly string[]) => {
    if (cutEntry && sample === entries.samples - 1) return tarFault.message;
    if (keys.has(key)) return "its key has come before in this shard";
    const alike = extensions.join("/");
    const chosen = choices.get(alike) ?? chooseFiles(extensions, wanted);
    choices.set(alike, chosen);
    if (typeof chosen === "string") return chosen;
    const { image } = chosen;
    images[sample] = typeof image === "number" ? entries.first(sample) + image : SEVERAL;
    texts[sample] = entries.first(sample) + chosen.text;
    return undefined;
  };

  for (let sample = 0; sample < entries.samples; sample += 1) {
    let key = "";
    const extensions: string[] = [];
    for (let entry = entries.first(sample); entry < entries.first(sample + 1); entry += 1) {
      const name = entryName(entries.name(entry));
      key = name?.key ?? "";
      extensions.push(name?.extension ?? "");
    }
    const fault = faultOf(sample, key, extensions);
    if (fault !== undefined) faults.set(sample, `${key}: ${fault}`);
    keys.add(key);
  }
  const extra = tarFault !== undefined && !cutEntry;
  if (extra) faults.set(entries.samples, tarFault.message);
  return samplesOf(entries, entries.samples + (extra ? 1 : 0), wanted, images, texts, faults);
}

/** Apart from where they were found: closures there would keep all keys in memory. */
function samplesOf(
  entries: ShardEntries,
  length: number,
  wanted: WantedFiles,
  images: Uint32Array,
  texts: Uint32Array,
  faults: ReadonlyMap<number, string>,
): ShardSamples {
  const extensionsOf = (sample: number) =>
    Array.from(
      { length: entries.first(sample + 1) - entries.first(sample) },
      (_, i) => entryName(entries.name(entries.first(sample) + i))?.extension ?? "",
    );
  return {
    length,
    fault: (sample) => faults.get(sample),
    key: (sample) => entryName(entries.name(entries.first(sample)))?.key ?? "",
    image(sample) {
      const image = images[sample] as number;
      if (image !== SEVERAL) return image;
      // not kept: samples may differ in how many they have
      const first = entries.first(sample);
      const chosen = chooseImage(extensionsOf(sample), wanted) as readonly (number | null)[];
      return chosen.map((one) => (one === null ? null : first + one));
    },
    text: (sample) => texts[sample] as number,
    imageIn(sample, column) {
      const extensions = extensionsOf(sample);
      const [first, ...others] = inColumn(extensions, column.toLowerCase());
      if (first === undefined) return undefined;
      if (others.length === 0) return entries.first(sample) + first;
      const found = listedOf(extensions, [first, ...others]);
      return `it has several images ${column}, ${found}; name one of these`;
    },
    entry(sample, extension) {
      const [first] = withExtension(extensionsOf(sample), [extension]);
      return first === undefined ? undefined : entries.first(sample) + first;
    },
  };
}
