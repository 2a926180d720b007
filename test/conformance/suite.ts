import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resampler } from "pixtok";
import { fixture, shared } from "../support/fixtures.js";
import { type FamilyName, families } from "./families.js";

/** A golden file and the data that it is about. */
export interface Suite {
  /** Whose data: "shipped", "shared", or a folder. */
  source: string;
  family: FamilyName;
  /** Whose resize the golden file has. */
  resampler: Resampler;
  /** Path of the golden file. */
  golden: string;
  /** Folder of images/ or photos/, broken/, processors/ and tokenizers. */
  data: string;
}

/** Where golden files and their data lie. */
export interface GoldenFolder {
  source: string;
  golden: string;
  data: string;
}

export const shippedGoldens: GoldenFolder = {
  source: "shipped",
  golden: fixture("goldens"),
  data: fixture("."),
};

export const sharedGoldens: GoldenFolder = {
  source: "shared",
  golden: shared("golden"),
  data: shared("data"),
};

/** Version of the Pillow that made the golden files which do not name one. */
function pillowOf(golden: string): Resampler {
  const versions = readFileSync(join(golden, "VERSIONS.txt"), "utf8");
  return /^pillow 12\./m.test(versions) ? "pillow12" : "pillow13";
}

/** A suite for each golden file that is there. */
export function suitesIn({ source, golden, data }: GoldenFolder): Suite[] {
  return (Object.keys(families) as FamilyName[])
    .flatMap((family): Suite[] => [
      { source, family, resampler: pillowOf(golden), golden: `${family}.jsonl`, data },
      { source, family, resampler: "pillow12", golden: `${family}.pillow12.jsonl`, data },
      { source, family, resampler: "torch", golden: `${family}.torch.jsonl`, data },
    ])
    .concat({ source, family: "resample", resampler: "pillow13", golden: "pillow13.jsonl", data })
    .map((suite) => ({ ...suite, golden: join(golden, suite.golden) }))
    .filter((suite) => existsSync(suite.golden));
}
