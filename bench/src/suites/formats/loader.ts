import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pair } from "../../contenders/contender.js";
import { median, ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { takeTurns } from "../../measuring/turns.js";
import { codecOf, decoders, type Format } from "../../programs/decoders.js";
import type { Setup } from "../../setup/setup.js";
import { runEpochs } from "../../workers/epochs-process.js";
import type { EpochsReport } from "../../workers/epochs-protocol.js";
import { type DecodeCase, encodeImages, setEncodings } from "./cases.js";
import { candidatesOf, ratesOf, turnOf } from "./race.js";
import type { LoaderRecord } from "./results.js";

/** The pairs with their images in one encoding: a list for decoders, and a manifest for the loader. */
interface EncodedSet extends DecodeCase {
  readonly manifest: string;
  readonly reports: EpochsReport[];
}

async function writeSet(
  folder: string,
  pairs: readonly Pair[],
  images: readonly string[],
  format: Format,
  label: string,
): Promise<EncodedSet> {
  const name = label.replace(/\W+/g, "-");
  const [list, manifest] = [join(folder, `set-${name}.txt`), join(folder, `set-${name}.jsonl`)];
  await writeFile(list, `${images.join("\n")}\n`);
  const lines = images.map((image, i) => JSON.stringify({ image, text: pairs[i]?.text }));
  await writeFile(manifest, lines.join("\n"));
  return { format, label, list, manifest, megapixels: Number.NaN, reports: [] };
}

async function writeSets(folder: string, pairs: readonly Pair[]): Promise<EncodedSet[]> {
  const photos = pairs.map(({ image }) => image);
  const sets = [await writeSet(folder, pairs, photos, "jpeg", "JPEG, as they are")];
  for (const encoding of setEncodings) {
    const { format, label } = encoding;
    const images = await encodeImages(photos, encoding, join(folder, "set"));
    sets.push(await writeSet(folder, pairs, images, format, label));
  }
  return sets;
}

/** The loader over each set, beside the format's codec, Pillow and sharp on as many threads. */
export async function raceLoader(
  { tokenizerFolder, threads, python }: Setup,
  pairs: readonly Pair[],
  folder: string,
  rounds: number,
  seconds: number,
): Promise<LoaderRecord[]> {
  const sets = await writeSets(folder, pairs);
  const names = new Set([...Object.values(codecOf), "Pillow", "sharp"]);
  const bare = decoders(python).filter(({ name }) => names.has(name));
  const candidates = candidatesOf(bare, sets);
  const loaders = sets.map((set) => ({
    name: `loader, ${set.label}`,
    async run() {
      const { manifest: data, reports } = set;
      const settings = {
        batchSize: 64,
        shuffle: true,
        batchEnd: "released" as const,
        passes: 1,
        warmUp: true,
      };
      reports.push(await runEpochs({ data, tokenizer: tokenizerFolder, seconds, ...settings }));
    },
  }));
  const decoding = candidates.map((candidate) => turnOf(candidate, threads, seconds));
  await takeTurns([...loaders, ...decoding], rounds);
  return sets.map((set) => {
    const rates = set.reports.map(({ pairsPerSecond }) => pairsPerSecond);
    return {
      format: set.format,
      label: set.label,
      rate: spreadOf(rates),
      eventLoop: median(set.reports.map(({ eventLoop }) => eventLoop)),
      bare: candidates.flatMap((candidate) => {
        const bases = ratesOf(candidate, set);
        if (bases.length === 0) return [];
        const decoder = candidate.decoder.name;
        return [{ decoder, rate: spreadOf(bases), ratio: ratioSpread(rates, bases) }];
      }),
    };
  });
}
