import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type Claim, tryClaim } from "../shared/claims.js";
import { PixtokError } from "../shared/errors.js";
import { claimed, claimsIn, type FoundClaim } from "../shared/found-claims.js";
import { saveFile } from "../shared/save-file.js";
import { writing } from "../shared/unwritable-file.js";
import { INDEX_NAME, type PackConfig, preparationOf } from "../sources/packed/pack-format.js";
import { differences, requireSame } from "../sources/packed/pack-match.js";
import {
  missingFiles,
  requireWhole,
  type VersionFiles,
  versionsOf,
} from "../sources/packed/pack-versions.js";
import { type NamedFile, packedFilesIn, readPackedHeads } from "../sources/packed/packed-folder.js";
import { aloneIn, FOLDER_CLAIM } from "./alone-in-folder.js";
import { indexVersions, versionsInIndex } from "./index-versions.js";
import { modelFiles } from "./model-files.js";
import { inUse } from "./pack-in-use.js";
import { writePackLock } from "./pack-lock.js";

/** What a process is going to write into a folder. */
interface Terms {
  /** Number of files that the whole set has with those of this version. */
  readonly files: number;
  /** The first file of the version; claims from before rows could be appended have none. */
  readonly first?: number;
  readonly config: PackConfig;
  /** The first and the last of those that it writes. */
  readonly part: readonly [first: number, last: number];
}

/** Rows that are to be in a folder: a set, or those of a version of one that is there. */
export interface WantedRows {
  readonly config: PackConfig;
  /** Number of files of these rows, and those of them that this process is to write, from 0. */
  readonly files: number;
  readonly mine: readonly number[];
  readonly append: boolean;
}

/** Where they are in the set. */
interface RowsPlace {
  /** Number of the version, from 1. */
  readonly version: number;
  /** The first file of the rows, and how many the set has with them. */
  readonly first: number;
  readonly end: number;
  /** Those of the files that are there, numbered from the first. */
  readonly there: ReadonlySet<number>;
}

/** What a stopped run may have left: unfinished files, with the token of their writer. */
const UNFINISHED =
  /^(?:data-\d+-of-\d+\.arrow|(?:tokenizer|tokenizer_config|processor_config|preprocessor_config|config)\.json|chat_template\.jinja|pixtok\.lock\.json|pixtok\.index|pack|time|files-\d+-to-\d+-of-\d+)(?:\.claim-\d+)?\.([0-9a-f]{12})\.incomplete$/;

const numbersIn = ({ first, found }: VersionFiles) =>
  new Set(found.map(({ shard }) => shard - first));

/** Requires files of one version that are not `checked` yet to have a configuration. */
async function checkFiles(
  folder: string,
  { found }: VersionFiles<NamedFile>,
  config: PackConfig,
  checked: Set<string>,
): Promise<void> {
  const others = found.filter(({ name }) => !checked.has(name));
  await readPackedHeads(folder, others, ({ metadata }) => {
    requireSame(folder, metadata.config, config);
  });
  for (const { name } of others) checked.add(name);
}

/** The place of rows that are the first of their set. Files of others that are behind them stay as they are. */
async function placeOfSet(
  folder: string,
  { config, files }: WantedRows,
  checked: Set<string>,
): Promise<RowsPlace> {
  const [own] = versionsOf(folder, await packedFilesIn(folder));
  if (own !== undefined) {
    requireSame(folder, { files: own.end }, { files });
    await checkFiles(folder, own, config, checked);
  }
  return {
    version: 1,
    first: 0,
    end: files,
    there: own === undefined ? new Set() : numbersIn(own),
  };
}

/**
 * The place of rows that are appended: that of the version which has these rows already, or else behind all that are there.
 *
 * @throws {PixtokError} NOT_A_PACK, INCOMPLETE_PACK; PACK_MISMATCH where the set is of another configuration, or other rows
 *   have been begun.
 */
async function placeOfAppended(
  folder: string,
  { config, files }: WantedRows,
  checked: Set<string>,
): Promise<RowsPlace> {
  const versions = versionsOf(folder, await packedFilesIn(folder));
  const [set] = versions;
  if (set === undefined || missingFiles(set).length > 0) {
    await requireNobody(folder);
    requireWhole(folder, versions);
  }
  for (const [place, version] of versions.entries()) {
    const beginning = { ...version, found: version.found.slice(0, 1) };
    const own = await readPackedHeads(folder, beginning.found, ({ metadata }) => {
      requireSame(folder, preparationOf(metadata.config), preparationOf(config));
    });
    if (differences(own.source, config.source).length > 0) continue;
    const { first, end } = version;
    requireSame(folder, { files: end - first }, { files });
    await checkFiles(folder, version, config, checked);
    return { version: place + 1, first, end, there: numbersIn(version) };
  }
  const last = versions.at(-1) as VersionFiles<NamedFile>;
  const unfinished = versions.find((version) => missingFiles(version).length > 0);
  if (unfinished !== undefined) {
    await requireNobody(folder);
    const wasWhole = unfinished !== last || (await versionsInIndex(folder)).includes(last.end);
    if (wasWhole) requireWhole(folder, versions);
    const names = last.found.map(({ name }) => name);
    const some = `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ""}`;
    const message = `other rows have been begun to be appended: append them again, or delete their files, ${some}`;
    throw new PixtokError("PACK_MISMATCH", message, { source: folder });
  }
  return {
    ...{ version: versions.length + 1, first: last.end, end: last.end + files },
    there: new Set(),
  };
}

/** The live claims in a folder; and paths of what nobody writes any more: unfinished files and claims. */
async function look(folder: string): Promise<{ live: FoundClaim[]; dead: string[] }> {
  const claims = await claimsIn(folder);
  const live = claims.filter(({ isLive }) => isLive);
  const tokens = new Set(live.map(({ text }) => text?.token));
  const left = (await readdir(folder)).filter((name) => {
    const token = UNFINISHED.exec(name)?.[1];
    return token !== undefined && !tokens.has(token);
  });
  const stale = claims.filter((claim) => !live.includes(claim)).map(({ path }) => path);
  return { live, dead: [...left.map((name) => join(folder, name)), ...stale] };
}

/** Whether a claim is on a part of the set, not on the folder. */
const isOfPart = (claim: FoundClaim) => claimed(claim) !== FOLDER_CLAIM;

/** Removes what nobody writes any more; gives the live claims on parts. Only with the claim on the folder. */
async function clearFolder(folder: string): Promise<FoundClaim[]> {
  const { live, dead } = await look(folder);
  await Promise.all(dead.map((path) => rm(path, { force: true })));
  return live.filter(isOfPart);
}

const PACKING_ROWS = "packing rows of the same set";

/** Requires nobody to be at work on what is not finished. */
async function requireNobody(folder: string): Promise<void> {
  const [other] = (await look(folder)).live.filter(isOfPart);
  if (other !== undefined) throw inUse(folder, other, PACKING_ROWS);
}

/**
 * Requires what others are packing to be other files of the same rows. Where one of them appends, the set is going to be another one,
 * and this process may go on later.
 */
function checkOthers(
  folder: string,
  others: readonly FoundClaim[],
  { append, config, files }: WantedRows,
  part: Terms["part"],
): void {
  for (const other of others) {
    if (other.text === null) throw inUse(folder, other); // it will soon be known what it is
    const {
      files: end,
      first = 0,
      config: theirs,
      part: claimed,
    } = JSON.parse(other.text.terms) as Terms;
    const [set, own] = [
      { files: end - first, config: theirs },
      { files, config },
    ];
    if (!append && first === 0) requireSame(folder, set, own);
    else if (differences(set, own).length > 0) throw inUse(folder, other, PACKING_ROWS);
    if (claimed[0] <= part[1] && part[0] <= claimed[1]) throw inUse(folder, other);
  }
}

/** What a process has claimed of a set. */
export interface ClaimedPart extends RowsPlace {
  /** Null where all of its files are there already. */
  readonly claim: Claim | null;
  /** Digest of the set's lock, where there is a claim. */
  readonly lock?: string;
}

/**
 * Makes the folder ready for files of a set, and claims them for this process.
 *
 * @throws {PixtokError} PACK_MISMATCH where the folder holds another set, or another process has begun
 *   one; PACK_IN_USE where another process has claimed some of the files, or appends other rows; as placeOfAppended().
 */
export async function claimPart(
  folder: string,
  wanted: WantedRows,
  pipeline: DatasetPipeline,
  signal: AbortSignal | undefined,
): Promise<ClaimedPart> {
  const { mine, config, append } = wanted;
  const checked = new Set<string>();
  const find = () => (append ? placeOfAppended : placeOfSet)(folder, wanted, checked);
  if (!append) await writing(folder, () => mkdir(folder, { recursive: true }));
  const alone = <T>(work: () => Promise<T>) => aloneIn(folder, signal, work);
  // which takes its time where there are many: not while others wait
  const before = await find();
  if (mine.every((file) => before.there.has(file))) {
    // of a process that was killed when it had just finished; only a look where there is nothing, as in a folder to read
    if ((await look(folder)).dead.length > 0) await alone(() => clearFolder(folder));
    return { claim: null, ...before };
  }
  // who opens the set goes on with the version that is there
  if (append) await indexVersions(folder, false, signal);
  return alone(async () => {
    const place = await find();
    const others = await clearFolder(folder);
    const part = [place.first + (mine[0] ?? 0), place.first + (mine.at(-1) ?? -1)] as const;
    checkOthers(folder, others, wanted, part);
    await writeModelFiles(
      folder,
      modelFiles(pipeline),
      append || place.there.size > 0 || others.length > 0,
    );
    const lock = await writePackLock(folder, pipeline);
    // of files that are not all there any more; one of several versions tells which there are, and is written anew
    const isOfOne = (await versionsInIndex(folder)).length <= 1;
    if (!append && isOfOne) await rm(join(folder, INDEX_NAME), { force: true });
    const terms: Terms = { files: place.end, first: place.first, config, part };
    const name = `files-${part[0]}-to-${part[1]}-of-${place.end}`;
    const got = await tryClaim(join(folder, name), JSON.stringify(terms));
    if ("other" in got) throw inUse(folder, got.other);
    return { claim: got.claim, lock, ...place };
  });
}

/**
 * What a loader of the set needs to encode further texts and to decode ids; for Python as well.
 *
 * @param isPack whether there is something of the set already, and with it these files.
 */
async function writeModelFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
  isPack: boolean,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    const there = await readFile(path, "utf8").catch(() => undefined);
    if (there === content || (there !== undefined && isPack)) continue;
    if (there !== undefined) {
      const message = "there is another one in this folder, which is no packed set";
      const advice = "pack into a folder of its own";
      throw new PixtokError("FILE_UNWRITABLE", message, { source: path, advice });
    }
    await saveFile(path, content);
  }
}
