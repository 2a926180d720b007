import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageProcessor, MultimodalDataset, packDataset } from "pixtok";
import { fixture } from "../../test/support/fixtures.js";
import { smallTokenizer } from "../../test/support/pairs.js";
import { gnuLongName, paxHeader, TAR_END, tarEntry, tarOf } from "../../test/support/tar.js";
import { byteMutators } from "../mutation/bytes.js";
import { packMutators } from "../mutation/pack.js";
import { parquetMutators } from "../mutation/parquet.js";
import { tarMutators } from "../mutation/tar.js";
import { textMutators } from "../mutation/text.js";
import type { Seed, Target } from "../target.js";

const image = (name: string) => readFileSync(fixture(`images/${name}`));
const [jpeg, png] = ["jpeg-1x1.jpg", "png-1x1.png"] as const;

/** Runs `work` in a folder that is gone afterwards. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-fuzz-seed-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const filesOf = (folder: string) =>
  new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const));

const shards: Record<string, Buffer> = {
  plain: tarOf([
    ["a.jpg", image(jpeg)],
    ["a.txt", "a dog"],
    ["b.png", image(png)],
    ["b.json", '{"caption": "a cat", "more": [1, 2]}'],
    ["c.jpg", image(jpeg)],
    ["c.cls", "7"],
  ]),
  longNames: Buffer.concat([
    gnuLongName(`${"long/".repeat(30)}a.jpg`),
    tarEntry({ path: "short" }, image(jpeg)),
    gnuLongName(`${"long/".repeat(30)}a.txt`),
    tarEntry({ path: "short" }, "a dog"),
    paxHeader({ path: `${"pax/".repeat(40)}b.jpg` }),
    tarEntry({ path: "b" }, image(jpeg)),
    paxHeader({ path: `${"pax/".repeat(40)}b.txt` }),
    tarEntry({ path: "b" }, "a cat"),
    TAR_END,
  ]),
};

/** With its index beside it, in one of two. */
async function shardSeeds(): Promise<Seed[]> {
  const plain = Object.entries(shards).map(([name, bytes]) => ({
    name,
    files: new Map([["shard.tar", bytes]]),
  }));
  const index = Buffer.from(
    `v1.2 2\njpg 512 632 a.jpg txt 2048 5 a.txt\npng 3072 69 b.png json 4096 36 b.json\n`,
  );
  return [
    ...plain,
    ...plain.map(({ name, files }) => ({
      name: `${name}, indexed`,
      files: new Map([...files, ["shard.idx", index]]),
    })),
  ];
}

export const webdataset: Target = {
  name: "webdataset",
  share: 2,
  seeds: shardSeeds,
  isDamaged: () => true,
  mutatorsOf: (path) =>
    path.endsWith(".tar")
      ? { ...byteMutators, ...tarMutators }
      : { ...byteMutators, ...textMutators },
};

export const parquet: Target = {
  name: "parquet",
  share: 4,
  seeds: async () =>
    readdirSync(fixture("parquet"))
      .filter((name) => name.endsWith(".parquet"))
      .map((name) => ({
        name,
        files: new Map([["pairs.parquet", readFileSync(fixture(`parquet/${name}`))]]),
      })),
  isDamaged: () => true,
  mutatorsOf: () => ({ ...byteMutators, ...parquetMutators }),
};

/** Packs of three pairs: with one text an image, and with several. */
function packSeeds(): Promise<Seed[]> {
  const pairs = Array.from({ length: 3 }, (_, i) => ({
    image: fixture(`images/${i === 1 ? png : jpeg}`),
    text: i === 0 ? ["a dog", "a small dog"] : `pair ${i}`,
    key: `pair-${i}`,
  }));
  const image = new ImageProcessor({ resize: { width: 6, height: 4 } });
  return Promise.all(
    (["first", "random"] as const).map((onMultipleTexts) =>
      inFolder(async (folder) => {
        const dataset = new MultimodalDataset({
          source: { length: pairs.length, get: (index) => pairs[index] as never },
          tokenizer: await smallTokenizer(),
          image,
          onMultipleTexts,
        });
        await packDataset(dataset, join(folder, "pack"));
        return { name: onMultipleTexts, files: filesOf(join(folder, "pack")) };
      }),
    ),
  );
}

export const packed: Target = {
  name: "packed",
  share: 2,
  seeds: packSeeds,
  isDamaged: (path) => path.endsWith(".arrow"),
  // Few other mutations: whatever is not forged is refused for its checksums.
  mutatorsOf: () => ({ ...packMutators, cut: byteMutators.cut }),
};
