import { readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { unreadableFile } from "../shared/unreadable-file.js";
import { filesEndingIn, requireOneSplit } from "./files-of-split.js";
import { type Found, unknownSource } from "./found-source.js";
import { isImageName } from "./image-names.js";
import { parquetBelow, parquetIn } from "./parquet-folders.js";
import type { SourceKind } from "./source-kinds.js";
import { isSplitName } from "./splits.js";
import { requireOpenableFolder } from "./unsupported-data.js";

export const kindsOfFiles: Record<string, SourceKind> = {
  ".jsonl": "manifest",
  ".ndjson": "manifest",
  ".csv": "manifest",
  ".tsv": "manifest",
  ".tar": "webdataset",
  ".parquet": "parquet",
  ".json": "coco",
};

export function kindOfFile(path: string): SourceKind | undefined {
  return kindsOfFiles[extname(path).toLowerCase()];
}

const metadataNames = ["metadata.jsonl", "metadata.csv", "metadata.parquet"];

export async function findInFolder(folder: string, kind: SourceKind | undefined): Promise<Found> {
  const all = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const entries = all.filter((entry) => !entry.name.startsWith("."));
  const names = entries.map(({ name }) => name);
  requireOpenableFolder(folder, names);
  const found: Found[] = [];
  if (names.some((name) => /^data-\d+-of-\d+\.arrow$/.test(name))) {
    found.push({ kind: "packed", paths: [folder] });
  }
  const metadata = metadataNames.filter((name) => names.includes(name));
  if (metadata.length > 0) {
    found.push({ kind: "imagefolder", paths: metadata.map((name) => join(folder, name)) });
  }
  const tars = filesEndingIn(folder, names, ".tar");
  if (tars.length > 0) {
    found.push({ kind: "webdataset", paths: requireOneSplit(folder, tars) });
  }
  const others = names.filter((name) => kind === "parquet" || !metadataNames.includes(name));
  let tables = await parquetIn(folder, others);
  if (tables.length === 0 && found.length === 0 && !names.some(isImageName)) {
    tables = await parquetBelow(folder);
  }
  if (tables.length > 0) found.push({ kind: "parquet", paths: tables });
  const deeper = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const mayHaveImages = deeper.length > 0 || names.some(isImageName);
  if (found.length === 0 && !names.some(isImageName)) {
    const [only, second] = deeper;
    if (only?.isDirectory() && second === undefined && isSplitName(only.name)) {
      return findInFolder(join(folder, only.name), kind);
    }
  }
  if (mayHaveImages && (kind === "images" || found.length === 0)) {
    found.push({ kind: "images", paths: [folder] });
  }
  const [first, second] = kind === undefined ? found : found.filter((one) => one.kind === kind);
  if (second !== undefined) {
    const kinds = found.map((one) => `"${one.kind}"`).join(" and ");
    throw unknownSource(
      folder,
      `the folder is of several kinds; expected kind to be one of ${kinds}`,
    );
  }
  if (first !== undefined) return first;
  const expected = kind === undefined ? expectedInFolder : `what is of the kind "${kind}"`;
  throw unknownSource(
    folder,
    `there is nothing in this folder that is known: expected ${expected}`,
  );
}

const expectedInFolder = "images, metadata.jsonl, metadata.csv, .tar, .parquet or packed files";
