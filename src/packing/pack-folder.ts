import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type Claim, tryClaim } from "../shared/claims.js";
import { PixtokError } from "../shared/errors.js";
import { claimed, claimsIn, type FoundClaim } from "../shared/found-claims.js";
import { saveFile } from "../shared/save-file.js";
import { writing } from "../shared/unwritable-file.js";
import {
  type AnnouncedVersion,
  INDEX_NAME,
  type PackConfig,
  preparationOf,
} from "../sources/packed/pack-format.js";
import { differences, requireSame } from "../sources/packed/pack-match.js";
import {
  isWhole,
  missingOf,
  requireSome,
  type VersionFiles,
} from "../sources/packed/pack-versions.js";
import { type NamedFile, readPackedHeads } from "../sources/packed/packed-folder.js";
import { versionsIn } from "../sources/packed/versions-in-folder.js";
import { aloneIn, FOLDER_CLAIM } from "./alone-in-folder.js";
import { areIndexed, indexVersions } from "./index-versions.js";
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
  /** The versions before, where it is not the first. */
  readonly before?: readonly AnnouncedVersion[];
  /** Those of the files that are there, numbered from the first. */
  readonly there: ReadonlySet<number>;
}

/** What a stopped run may have left: unfinished files, with the token of their writer. */
const UNFINISHED =
  /^(?:data-\d+-of-\d+\.arrow|(?:tokenizer|tokenizer_config|processor_config|preprocessor_config|config)\.json|chat_template\.jinja|pixtok\.lock\.json|pixtok\.index|pack|time|files-\d+-to-\d+-of-\d+)(?:\.claim-\d+)?\.([0-9a-f]{12})\.incomplete$/;

/** Versions of the set in a folder, and what has been looked at of its files. */
interface SetInFolder {
  readonly folder: string;
  readonly versions: readonly VersionFiles<NamedFile>[];
  /** Files whose configuration is the one that is wanted: the CRC-32 of their schemas, by their names. */
  readonly checked: Map<string, number>;
}

/** Where rows have no place: why, if nobody is at work on what is not finished. */
interface NoPlace {
  readonly refusal: PixtokError;
}

/** Requires files of one version that are not checked yet to have a configuration. */
async function checkFiles(
  { folder, checked }: SetInFolder,
  { found }: VersionFiles<NamedFile>,
  config: PackConfig,
): Promise<void> {
  const others = found.filter(({ name }) => !checked.has(name));
  let place = 0;
  await readPackedHeads(folder, others, ({ metadata, schemaCrc }) => {
    requireSame(folder, metadata.config, config);
    checked.set((others[place] as NamedFile).name, schemaCrc);
    place += 1;
  });
}

/** The place of a version's rows, which are to be those that are wanted. */
async function placeOfVersion(
  set: SetInFolder,
  version: VersionFiles<NamedFile>,
  { config, files }: WantedRows,
): Promise<RowsPlace> {
  const { number, first, end, found } = version;
  requireSame(set.folder, { files: end - first }, { files });
  await checkFiles(set, version, config);
  const there = new Set(found.map(({ shard }) => shard - first));
  return { version: number, first, end, there };
}

/** Of each version what its rows are of; and each is to be prepared in the same way. */
async function sourcesOf(
  { folder, versions }: SetInFolder,
  config: PackConfig,
): Promise<PackConfig["source"][]> {
  const sources: PackConfig["source"][] = [];
  for (const { found, source } of versions) {
    const own = await readPackedHeads(folder, found.slice(0, 1), ({ metadata }) => {
      requireSame(folder, preparationOf(metadata.config), preparationOf(config));
    });
    // one without files is known by what it is of
    sources.push(found.length > 0 ? own.source : (source as PackConfig["source"]));
  }
  return sources;
}

/**
 * The place of rows that are the first of their set. Files of others that are behind them stay as they are.
 *
 * @throws {PixtokError} PACK_MISMATCH where the set has other rows, or was prepared in another way.
 */
async function placeOfSet(set: SetInFolder, wanted: WantedRows): Promise<RowsPlace> {
  const { folder, versions } = set;
  const { config, files } = wanted;
  const [own] = versions;
  // an index alone, of one version, tells of nothing that could be lost
  if (own === undefined || (versions.length === 1 && own.found.length === 0)) {
    return { version: 1, first: 0, end: files, there: new Set() };
  }
  const looked = own.found.length > 0 ? [own] : versions;
  const [source = config.source] = await sourcesOf({ ...set, versions: looked }, config);
  if (differences(source, config.source).length > 0) {
    const there = { files: own.end, source };
    const message = `${differences(there, { files, source: config.source }).join("; ")}; append (--append) makes other rows a new version of the set`;
    throw new PixtokError("PACK_MISMATCH", message, { source: folder });
  }
  return placeOfVersion(set, own, wanted);
}

/**
 * The place of rows that are appended: that of the version which has these rows already, or else behind all that are there.
 *
 * @throws {PixtokError} NOT_A_PACK; PACK_MISMATCH where the set is of another configuration.
 */
async function placeOfAppended(set: SetInFolder, wanted: WantedRows): Promise<RowsPlace | NoPlace> {
  const { folder, versions } = set;
  const { config, files } = wanted;
  requireSome(folder, versions);
  const [first] = versions as [VersionFiles<NamedFile>];
  if (!isWhole(first)) return { refusal: incomplete(folder, versions) };
  const sources = await sourcesOf(set, config);
  const own = versions.find((_, place) => differences(sources[place], config.source).length === 0);
  const before = versions
    .slice(0, own === undefined ? undefined : own.number - 1)
    .map(({ end }, place) => ({ files: end, source: sources[place] as PackConfig["source"] }));
  if (own !== undefined) {
    const place = await placeOfVersion(set, own, wanted);
    return before.length > 0 ? { ...place, before } : place;
  }
  const unfinished = versions.filter((version) => !isWhole(version));
  const last = versions.at(-1) as VersionFiles<NamedFile>;
  if (unfinished.length === 0) {
    return {
      ...{ version: versions.length + 1, first: last.end, end: last.end + files, before },
      there: new Set(),
    };
  }
  const isBegun = unfinished.length === 1 && unfinished[0] === last && !last.isAnnounced;
  return { refusal: isBegun ? begun(folder, last) : incomplete(folder, versions) };
}

/** The error for a set that lacks files which it had. */
function incomplete(folder: string, versions: readonly VersionFiles[]): PixtokError {
  const message = `${missingOf(versions).join("; ")}; pack these rows again by the command that packed them, before others`;
  return new PixtokError("INCOMPLETE_PACK", message, { source: folder });
}

/** The error for rows that somebody has begun to append, and has left. */
function begun(folder: string, { found }: VersionFiles<NamedFile>): PixtokError {
  const names = found.map(({ name }) => name);
  const some = `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ""}`;
  const message = `other rows have been begun to be appended: append them again, or delete their files, ${some}`;
  return new PixtokError("PACK_MISMATCH", message, { source: folder });
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
  /** Whether the index, where there is one, is of the files that are there; of a process that writes files it is not. */
  readonly isIndexed: boolean;
}

/**
 * Makes the folder ready for files of a set, and claims them for this process.
 *
 * @throws {PixtokError} PACK_MISMATCH where the folder holds another set, another process has begun one, or other rows have been begun
 *   to be appended; PACK_IN_USE where another process has claimed some of the files, or appends other rows; INCOMPLETE_PACK where
 *   rows are appended to a set that lacks files; NOT_A_PACK where there is none.
 */
export async function claimPart(
  folder: string,
  wanted: WantedRows,
  pipeline: DatasetPipeline,
  signal: AbortSignal | undefined,
): Promise<ClaimedPart> {
  const { mine, config, append } = wanted;
  const checked = new Map<string, number>();
  const find = async () => {
    const set = { folder, versions: await versionsIn(folder), checked };
    const place = await (append ? placeOfAppended : placeOfSet)(set, wanted);
    return { place, versions: set.versions };
  };
  if (!append) await writing(folder, () => mkdir(folder, { recursive: true }));
  const alone = <T>(work: () => Promise<T>) => aloneIn(folder, signal, work);
  // which takes its time where there are many: not while others wait
  const { place: before } = await find();
  const hasPlace = !("refusal" in before);
  if (hasPlace && mine.every((file) => before.there.has(file))) {
    // of a process that was killed when it had just finished; only a look where there is nothing, as in a folder to read
    if ((await look(folder)).dead.length > 0) await alone(() => clearFolder(folder));
    return { claim: null, ...before, isIndexed: await areIndexed(folder, checked) };
  }
  // who opens the set goes on with the version that is there
  if (append && hasPlace) await indexVersions(folder, false, signal);
  const got = await alone(async (): Promise<ClaimedPart | undefined> => {
    // before files are listed: who has released a claim since has finished them
    const others = await clearFolder(folder);
    const { place, versions } = await find();
    if ("refusal" in place) {
      const [other] = others;
      throw other === undefined ? place.refusal : inUse(folder, other, PACKING_ROWS);
    }
    if (!hasPlace) return undefined;
    const part = [place.first + (mine[0] ?? 0), place.first + (mine.at(-1) ?? -1)] as const;
    checkOthers(folder, others, wanted, part);
    await writeModelFiles(
      folder,
      modelFiles(pipeline),
      append || place.there.size > 0 || others.length > 0,
    );
    const lock = await writePackLock(folder, pipeline);
    // of files that are not all there any more; where there are several versions it tells which, and is written anew
    if (!append && versions.length <= 1) await rm(join(folder, INDEX_NAME), { force: true });
    const terms: Terms = { files: place.end, first: place.first, config, part };
    const name = `files-${part[0]}-to-${part[1]}-of-${place.end}`;
    const got = await tryClaim(join(folder, name), JSON.stringify(terms));
    if ("other" in got) throw inUse(folder, got.other);
    return { claim: got.claim, lock, ...place, isIndexed: false };
  });
  // somebody has finished in the meantime
  return got ?? claimPart(folder, wanted, pipeline, signal);
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
