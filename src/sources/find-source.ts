import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { readRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { withoutIndexes } from "../shared/written-beside.js";
import type { DataFile } from "./data-files.js";
import { configOf, filesWanted, noConfigs } from "./dataset-card.js";
import { type Found, unknownSource, type WantedData } from "./found-source.js";
import { isBelow, UNLESS_ALLOWED_OF_KIND } from "./image-root.js";
import { kindOf, knownEndings } from "./kind-of-file.js";
import { parsePackedFileName } from "./packed/pack-format.js";
import { findInFolder } from "./source-folder.js";
import type { SourceKind } from "./source-kinds.js";
import { requireLocal, requireOpenable } from "./unsupported-data.js";

/** Files that match a pattern with `*` in its last part. */
async function matching(pattern: string): Promise<string[]> {
  const cut = Math.max(pattern.lastIndexOf("/"), pattern.lastIndexOf("\\")) + 1;
  const folder = pattern.slice(0, cut) || ".";
  const literals = pattern
    .slice(cut)
    .split("*")
    .map((literal) => literal.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const name = new RegExp(`^${literals.join(".*")}$`);
  const names = await readdir(folder).catch((cause) => {
    throw unreadableFile(folder, cause);
  });
  const found = withoutIndexes(names.filter((one) => name.test(one))).sort();
  if (found.length === 0) throw unknownSource(pattern, "there are no such files");
  return found.map((one) => join(folder, one));
}

/** The paths that a pattern expands to. A file or folder of just this name is itself. */
async function expanded(path: string): Promise<string[]> {
  if (await fileExists(path)) return [path];
  const { expandBraces } = await import("./file-pattern.js");
  const paths = expandBraces("data", path);
  const found = await Promise.all(paths.map((one) => (one.includes("*") ? matching(one) : [one])));
  return found.flat();
}

/** No README, and no list of a dataset's files, is longer. */
const MOST_TEXT_BYTES = 2 ** 26;

async function textOf(path: string): Promise<string> {
  return (await readRegularFile(path, MOST_TEXT_BYTES)).toString("utf8");
}

async function readmeIn(folder: string): Promise<{ text: string; name: string } | undefined> {
  const name = join(folder, "README.md");
  try {
    return { text: await textOf(name), name };
  } catch (error) {
    const isNone = error instanceof PixtokError && NO_README.includes(error.code);
    if (isNone) return undefined;
    throw error;
  }
}

const NO_README = ["FILE_NOT_FOUND", "NOT_A_FILE", "FILE_TOO_LARGE"];

/** Whether a part of a path or pattern begins with a point, and is more than one or two of them. */
const namesHidden = (pattern: string) => /(^|\/)\.(?!\.?(\/|$))/.test(pattern);

/** A README comes from elsewhere: it is not to lead to any folder here. */
async function requireInside(folder: string, inner: string): Promise<void> {
  const [root, real] = await Promise.all([folder, inner].map((one) => realpath(one))).catch(
    (cause) => {
      throw unreadableFile(inner, cause);
    },
  );
  if (isBelow(root as string, real as string)) return;
  throw unknownSource(
    inner,
    `this link leads to a folder outside of the dataset's, ${UNLESS_ALLOWED_OF_KIND}`,
  );
}

/** The kind of a file, of JSON and Arrow by how it begins. */
async function kindInDataset(path: string): Promise<SourceKind | undefined> {
  if (parsePackedFileName(basename(path)) === undefined) return kindOf(path);
  const { isLocalPack } = await import("./packed/local-schema.js");
  return (await isLocalPack(path)) ? "packed" : "arrow";
}

/**
 * What there is in a folder: what the README says, as of a dataset of the hub, or what is found. A kind that is asked for
 * is looked for in the folder itself, unless a set is named.
 */
async function findInDataset(folder: string, wanted: WantedData): Promise<Found> {
  const { kind, split, config, allowOutsideRoot: allowOutside = false } = wanted;
  if (kind !== undefined && config === undefined) return findInFolder(folder, kind, split);
  const chosen = await configOf(await readmeIn(folder), config);
  if (chosen === undefined) return findInFolder(folder, kind, split);
  const { splits } = chosen;
  if (splits === null) {
    const inner = join(folder, chosen.folder);
    if (!allowOutside) await requireInside(folder, inner);
    return findInFolder(inner, kind, split);
  }
  const { listFiles } = await import("./folder/listed-files.js");
  const { findByPatterns } = await import("./find-in-outline.js");
  const ofPatterns = { ...chosen, splits };
  const hidden = [chosen.folder, ...[...splits.values()].flat()].some(namesHidden);
  const data = {
    place: folder,
    files: await listFiles(folder, filesWanted(ofPatterns), {
      allowOutside,
      hidden,
      unless: UNLESS_ALLOWED_OF_KIND,
    }),
    kindOf: (file: DataFile) => kindInDataset(file as string),
    textOf: (file: DataFile) => textOf(file as string),
  };
  return findByPatterns(data, ofPatterns, { kind, split });
}

/**
 * What there is at paths.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE; FILE_NOT_FOUND, FILE_UNREADABLE, a fault of the machine.
 */
export async function findSource(data: readonly string[], wanted: WantedData = {}): Promise<Found> {
  const { kind, split, config } = wanted;
  const paths = (await Promise.all(data.map(requireLocal).map(expanded))).flat();
  const [first] = paths as [string];
  if (paths.length === 1) {
    const found = await stat(first).catch((cause) => {
      throw unreadableFile(first, cause);
    });
    if (found.isDirectory()) return findInDataset(first, wanted);
  }
  if (config !== undefined) throw noConfigs(config);
  const ofFiles = { paths, ...(split !== undefined && { split }) };
  if (kind !== undefined) return { kind, ...ofFiles };
  const [only, second] = new Set(await Promise.all(paths.map(kindOf)));
  if (only !== undefined && second === undefined) return { kind: only, ...ofFiles };
  requireOpenable(first);
  throw unknownSource(
    first,
    `expected a folder or files of one kind (${knownEndings}), or kind to be given`,
  );
}
