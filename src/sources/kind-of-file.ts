import { extname } from "node:path";
import { openRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { jsonShape } from "./manifest/json-pairs.js";
import type { SourceKind } from "./source-kinds.js";

const kindsOfFiles: Record<string, SourceKind> = {
  ".jsonl": "manifest",
  ".ndjson": "manifest",
  ".csv": "manifest",
  ".tsv": "manifest",
  ".tar": "webdataset",
  ".parquet": "parquet",
  ".arrow": "arrow",
  ".json": "coco",
};

/** What names of data files end with, as people are shown it. */
export const knownEndings = Object.keys(kindsOfFiles).join(", ");

export function kindOfFile(path: string): SourceKind | undefined {
  return kindsOfFiles[extname(path).toLowerCase()];
}

/** How much of a JSON file is read to find its kind. */
const SHAPE_BYTES = 1 << 16;

/** The kind of a file, of JSON by how it begins. */
export async function kindOf(path: string): Promise<SourceKind | undefined> {
  const kind = kindOfFile(path);
  if (kind !== "coco") return kind;
  const { file } = await openRegularFile(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SHAPE_BYTES), 0, SHAPE_BYTES, 0);
    return jsonShape(buffer.toString("utf8", 0, bytesRead)) === "other" ? "coco" : "manifest";
  } catch (cause) {
    throw unreadableFile(path, cause);
  } finally {
    await file.close();
  }
}
