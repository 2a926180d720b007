import { existsSync } from "node:fs";
import { join } from "node:path";
import { fixture, shared } from "../support/fixtures.js";
import { type FamilyName, families } from "./families.js";

/** A golden file and the data that it is about. */
export interface Suite {
  /** Whose data: "shipped", "shared", or a folder. */
  source: string;
  family: FamilyName;
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

/** A suite for each golden file that is there. */
export function suitesIn({ source, golden, data }: GoldenFolder): Suite[] {
  return (Object.keys(families) as FamilyName[])
    .map((family) => ({ source, family, golden: join(golden, `${family}.jsonl`), data }))
    .filter((suite) => existsSync(suite.golden));
}
