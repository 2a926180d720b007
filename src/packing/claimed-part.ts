import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type Claim, tryClaimAt } from "../shared/claims.js";
import { PixtokError } from "../shared/errors.js";
import { claimed, claimsAt, type FoundClaim, isLeft, nameOfClaim } from "../shared/found-claims.js";
import {
  type AnnouncedVersion,
  INDEX_NAME,
  type PackConfig,
  preparationOf,
} from "../sources/packed/pack-format.js";
import { differences, requireSame } from "../sources/packed/pack-match.js";
import type { NamedFile } from "../sources/packed/pack-place.js";
import {
  isWhole,
  missingOf,
  requireSome,
  type VersionFiles,
} from "../sources/packed/pack-versions.js";
import { readPackedHeads } from "../sources/packed/packed-folder.js";
import { versionsIn } from "../sources/packed/versions-in-place.js";
import { aloneIn, PLACE_CLAIM } from "./alone-in-place.js";
import { areIndexed, indexVersions } from "./index-versions.js";
import { modelFiles } from "./model-files.js";
import { inUse, takenOver } from "./pack-in-use.js";
import { writePackLock } from "./pack-lock.js";
import type { PackTarget } from "./pack-target.js";
import { textIfReadable, textIfThere } from "./text-if-there.js";

/** What a process is going to write. */
interface Terms {
  /** Number of files that the whole set has with those of this version. */
  readonly files: number;
  /** The first file of the version; claims from before rows could be appended have none. */
  readonly first?: number;
  readonly config: PackConfig;
  /** The first and the last of those that it writes. */
  readonly part: readonly [first: number, last: number];
}

/** Rows that are to be there: a set, or those of a version of one that is there. */
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

/** Versions of the set in a place, and what has been looked at of its files. */
interface SetInPlace {
  readonly target: PackTarget;
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
  { target, checked }: SetInPlace,
  { found }: VersionFiles<NamedFile>,
  config: PackConfig,
): Promise<void> {
  const others = found.filter(({ name }) => !checked.has(name));
  let place = 0;
  await readPackedHeads(target, others, ({ metadata, schemaCrc }) => {
    requireSame(target.name, metadata.config, config);
    checked.set((others[place] as NamedFile).name, schemaCrc);
    place += 1;
  });
}

/** The place of a version's rows, which are to be those that are wanted. */
async function placeOfVersion(
  set: SetInPlace,
  version: VersionFiles<NamedFile>,
  { config, files }: WantedRows,
): Promise<RowsPlace> {
  const { number, first, end, found } = version;
  requireSame(set.target.name, { files: end - first }, { files });
  await checkFiles(set, version, config);
  const there = new Set(found.map(({ shard }) => shard - first));
  return { version: number, first, end, there };
}

/** Of each version what its rows are of; and each is to be prepared in the same way. */
async function sourcesOf(
  { target, versions }: SetInPlace,
  config: PackConfig,
): Promise<PackConfig["source"][]> {
  const sources: PackConfig["source"][] = [];
  for (const { found, source } of versions) {
    const own = await readPackedHeads(target, found.slice(0, 1), ({ metadata }) => {
      requireSame(target.name, preparationOf(metadata.config), preparationOf(config));
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
async function placeOfSet(set: SetInPlace, wanted: WantedRows): Promise<RowsPlace> {
  const { target, versions } = set;
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
    throw new PixtokError("PACK_MISMATCH", message, { source: target.name });
  }
  return placeOfVersion(set, own, wanted);
}

/**
 * The place of rows that are appended: that of the version which has these rows already, or else behind all that are there.
 *
 * @throws {PixtokError} NOT_A_PACK; PACK_MISMATCH where the set is of another configuration.
 */
async function placeOfAppended(set: SetInPlace, wanted: WantedRows): Promise<RowsPlace | NoPlace> {
  const { versions } = set;
  const { name: folder } = set.target;
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

/** The live claims in a place, and what nobody writes any more: claims, and names of unfinished files. */
async function look(
  target: PackTarget,
): Promise<{ live: FoundClaim[]; left: FoundClaim[]; unfinished: string[] }> {
  const claims = await claimsAt(target.claims);
  const live = claims.filter(({ isLive }) => isLive);
  const tokens = new Set(live.map(({ text }) => text?.token));
  const unfinished = (await target.unfinished()).filter(({ token }) => !tokens.has(token));
  const left = claims.filter((claim) => isLeft(target.claims, claim));
  return { live, left, unfinished: unfinished.map(({ name }) => name) };
}

/** Whether a claim is on a part of the set, not on its place. */
const isOfPart = (claim: FoundClaim) => claimed(claim) !== PLACE_CLAIM;

/** Removes what nobody writes any more; gives the live claims on parts. Only with the claim on the place. */
async function clear(target: PackTarget): Promise<FoundClaim[]> {
  const { live, left, unfinished } = await look(target);
  await Promise.all([
    ...unfinished.map(target.remove),
    ...left.map((claim) => target.claims.remove(nameOfClaim(claim), claim.text?.token)),
  ]);
  return live.filter(isOfPart);
}

/** Names of claims on parts begin so. */
export const PART_CLAIM = "files-";

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
 * Makes a place ready for files of a set, and claims them for this process.
 *
 * @throws {PixtokError} PACK_MISMATCH where it holds another set, another process has begun one, or other rows have been begun
 *   to be appended; PACK_IN_USE where another process has claimed some of the files, or appends other rows; INCOMPLETE_PACK where
 *   rows are appended to a set that lacks files; NOT_A_PACK where there is none.
 */
export async function claimPart(
  target: PackTarget,
  wanted: WantedRows,
  pipeline: DatasetPipeline,
  signal: AbortSignal | undefined,
): Promise<ClaimedPart> {
  const { mine, config, append } = wanted;
  const checked = new Map<string, number>();
  const find = async () => {
    const set = { target, versions: await versionsIn(target), checked };
    const place = await (append ? placeOfAppended : placeOfSet)(set, wanted);
    return { place, versions: set.versions };
  };
  const { name } = target;
  if (!append) await target.prepare();
  const alone = <T>(work: Parameters<typeof aloneIn<T>>[2]) => aloneIn(target, signal, work);
  // which takes its time where there are many: not while others wait
  const { place: before } = await find();
  const hasPlace = !("refusal" in before);
  if (hasPlace && mine.every((file) => before.there.has(file))) {
    // of a process that was killed when it had just finished; only a look where there is nothing, as in a place to read
    const { left, unfinished } = await look(target);
    if (left.length + unfinished.length > 0) await alone(() => clear(target));
    return { claim: null, ...before, isIndexed: await areIndexed(target, checked) };
  }
  // who opens the set goes on with the version that is there
  if (append && hasPlace) await indexVersions(target, false, signal);
  const got = await alone(async (requireHeld): Promise<ClaimedPart | undefined> => {
    // before files are listed: who has released a claim since has finished them
    const others = await clear(target);
    const { place, versions } = await find();
    if ("refusal" in place) {
      const [other] = others;
      throw other === undefined ? place.refusal : inUse(name, other, PACKING_ROWS);
    }
    if (!hasPlace) return undefined;
    const part = [place.first + (mine[0] ?? 0), place.first + (mine.at(-1) ?? -1)] as const;
    checkOthers(name, others, wanted, part);
    await writeModelFiles(
      target,
      modelFiles(pipeline),
      append || place.there.size > 0 || others.length > 0,
    );
    const lock = await writePackLock(target, pipeline);
    // of files that are not all there any more; where there are several versions it tells which, and is written anew
    if (!append && versions.length <= 1 && (await target.has(INDEX_NAME))) {
      await requireHeld();
      await target.remove(INDEX_NAME);
    }
    const terms: Terms = { files: place.end, first: place.first, config, part };
    const files = `${PART_CLAIM}${part[0]}-to-${part[1]}-of-${place.end}`;
    const got = await tryClaimAt(target.claims, files, JSON.stringify(terms), signal);
    if ("other" in got) throw inUse(name, got.other);
    return { claim: got.claim, lock, ...place, isIndexed: false };
  });
  // somebody has finished in the meantime
  return got ?? claimPart(target, wanted, pipeline, signal);
}

/**
 * What a loader of the set needs to encode further texts and to decode ids; for Python as well.
 *
 * @param isPack whether there is something of the set already, and with it these files.
 */
async function writeModelFiles(
  target: PackTarget,
  files: Readonly<Record<string, string>>,
  isPack: boolean,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const there = await textIfReadable(target, name);
    if (there === content || (there !== undefined && isPack)) continue;
    if (there !== undefined) {
      const message = "there is another one in this folder, which is no packed set";
      const advice = "pack into a folder of its own";
      throw new PixtokError("FILE_UNWRITABLE", message, { source: target.pathOf(name), advice });
    }
    if (await target.saveNew(name, content)) continue;
    // the same where an answer was lost, too
    const now = await textIfThere(target, name);
    if (now !== content && !(now !== undefined && isPack)) throw takenOver(target.name);
  }
}
