import type { RemoteSettings } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import { isObject } from "../../shared/validation.js";
import type { ReadableFile } from "../copied-file.js";
import { parsePythonJson } from "../python-json.js";
import { openTextBytes } from "../text-bytes.js";
import { openJsonLines } from "./json-lines.js";
import { jsonShape, openJsonPairs } from "./json-pairs.js";
import type { ManifestRows } from "./manifest-rows.js";

/** A first line that is longer is not looked at whole. */
const MOST_START_BYTES = 1 << 16;

/** Lines in which an object is looked for. */
const FIRST_LINES = 50;

function parsed(line: string): unknown {
  try {
    return parsePythonJson(line);
  } catch {
    return undefined;
  }
}

/** What a file that is called JSON Lines really is, found by its first lines, of which any may be bad. */
function shapeOf(start: string): "lines" | "array" | "spread" {
  const lines = start.split("\n", FIRST_LINES).map((line) => line.trim());
  const [first = "", ...others] = lines.filter((line) => line !== "");
  const value = parsed(first);
  if (Array.isArray(value) && value.length > 0 && value.every(isObject)) return "array";
  if (first === "[") return "array";
  if (value !== undefined || others.some((line) => isObject(parsed(line)))) return "lines";
  if (first.startsWith("[")) return "array";
  return others.length > 0 && /^\{(.*[[{,:])?$/.test(first) ? "spread" : "lines";
}

/** @throws {PixtokError} as openTextBytes(), openJsonPairs(); INVALID_MANIFEST */
export async function openJsonRows(
  file: ReadableFile,
  format: "jsonl" | "json",
  settings: RemoteSettings,
): Promise<ManifestRows> {
  const { path } = file;
  const bytes = await openTextBytes(path);
  const read = await bytes.read(0, Math.min(bytes.length, MOST_START_BYTES));
  const start = read.toString("utf8");
  if (format === "json") {
    return jsonShape(start) === "lines"
      ? openJsonLines(file, bytes, settings)
      : openJsonPairs(path, bytes);
  }
  switch (shapeOf(start)) {
    case "array":
      return openJsonPairs(path, bytes);
    case "spread":
      throw new PixtokError(
        "INVALID_MANIFEST",
        "an object goes over several lines; JSON Lines has one in each line (jq -c . writes it so)",
        { source: path },
      );
    case "lines":
      return openJsonLines(file, bytes, settings);
  }
}
