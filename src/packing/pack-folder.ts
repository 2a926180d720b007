import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type Claim, tryClaim } from "../shared/claims.js";
import { PixtokError } from "../shared/errors.js";
import { claimed, claimsIn, type FoundClaim } from "../shared/found-claims.js";
import { saveFile } from "../shared/save-file.js";
import { writing } from "../shared/unwritable-file.js";
import { INDEX_NAME, type PackConfig } from "../sources/packed/pack-format.js";
import { requireSame } from "../sources/packed/pack-match.js";
import { packedFilesIn, readPackedHeads } from "../sources/packed/packed-folder.js";
import { exclusively } from "./exclusive-work.js";
import { modelFiles } from "./model-files.js";
import { inUse } from "./pack-in-use.js";
import { writePackLock } from "./pack-lock.js";

/** What a process is going to write into a folder. */
interface Terms {
  /** Number of files in the whole set. */
  readonly files: number;
  readonly config: PackConfig;
  /** The first and the last of those that it writes. */
  readonly part: readonly [first: number, last: number];
}

/** Claimed for the moment in which the folder is looked at and files of the set are claimed. */
const FOLDER_CLAIM = "pack";

/**
 * Does what only one process may do in a folder at a time: others take unfinished files without a claim for what was left.
 *
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine; PACK_IN_USE where another one does not finish.
 */
export function aloneIn<T>(
  folder: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return writing(folder, () => exclusively(join(folder, FOLDER_CLAIM), signal, work));
}

/** What a stopped run may have left: unfinished files, with the token of their writer. */
const UNFINISHED =
  /^(?:data-\d+-of-\d+\.arrow|(?:tokenizer|tokenizer_config|processor_config|preprocessor_config|config)\.json|chat_template\.jinja|pixtok\.lock\.json|pixtok\.index|pack|time|files-\d+-to-\d+-of-\d+)(?:\.claim-\d+)?\.([0-9a-f]{12})\.incomplete$/;

/** Requires files that are not `checked` yet to be of the set; gives those that are there. */
async function checkFiles(
  folder: string,
  { files, config }: Terms,
  checked: Set<string>,
): Promise<Set<number>> {
  const found = await packedFilesIn(folder);
  const others = found.filter(({ name }) => !checked.has(name));
  for (const { shards } of others) requireSame(folder, { files: shards }, { files });
  await readPackedHeads(folder, others, ({ metadata }) => {
    requireSame(folder, metadata.config, config);
  });
  for (const { name } of others) checked.add(name);
  return new Set(found.map(({ shard }) => shard));
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

/** Removes what nobody writes any more; gives the live claims on parts. Only with the claim on the folder. */
async function clearFolder(folder: string): Promise<FoundClaim[]> {
  const { live, dead } = await look(folder);
  await Promise.all(dead.map((path) => rm(path, { force: true })));
  return live.filter((claim) => claimed(claim) !== FOLDER_CLAIM);
}

/** Requires what others are packing to be of the same set, and to be other files of it. */
function checkOthers(folder: string, others: readonly FoundClaim[], terms: Terms): void {
  for (const other of others) {
    if (other.text === null) throw inUse(folder, other); // it will soon be known what it is
    const { part, ...set } = JSON.parse(other.text.terms) as Terms;
    requireSame(folder, set, { files: terms.files, config: terms.config });
    if (part[0] <= terms.part[1] && terms.part[0] <= part[1]) throw inUse(folder, other);
  }
}

/**
 * Makes the folder ready for files of a set, and claims them for this process.
 *
 * @returns the claim, null where all of the files are there already; all that are there; and the digest of
 *   the set's lock, where there is a claim.
 * @throws {PixtokError} PACK_MISMATCH where the folder holds another set, or another process has begun
 *   one; PACK_IN_USE where another process has claimed some of the files.
 */
export async function claimPart(
  folder: string,
  config: PackConfig,
  files: number,
  mine: readonly number[],
  pipeline: DatasetPipeline,
  signal: AbortSignal | undefined,
): Promise<{ claim: Claim | null; there: ReadonlySet<number>; lock?: string }> {
  const part = [mine[0] ?? 0, mine.at(-1) ?? -1] as const;
  const terms: Terms = { files, config, part };
  const checked = new Set<string>();
  await writing(folder, () => mkdir(folder, { recursive: true }));
  // which takes its time where there are many: not while others wait
  const before = await checkFiles(folder, terms, checked);
  const alone = <T>(work: () => Promise<T>) => aloneIn(folder, signal, work);
  if (mine.every((file) => before.has(file))) {
    // of a process that was killed when it had just finished; only a look where there is nothing, as in a folder to read
    if ((await look(folder)).dead.length > 0) await alone(() => clearFolder(folder));
    return { claim: null, there: before };
  }
  return alone(async () => {
    const there = await checkFiles(folder, terms, checked);
    const others = await clearFolder(folder);
    checkOthers(folder, others, terms);
    const isPack = there.size > 0 || others.length > 0;
    await writeModelFiles(folder, modelFiles(pipeline), isPack);
    const lock = await writePackLock(folder, pipeline);
    await rm(join(folder, INDEX_NAME), { force: true }); // of files that are not all there any more
    const name = `files-${part[0]}-to-${part[1]}-of-${files}`;
    const got = await tryClaim(join(folder, name), JSON.stringify(terms));
    if ("other" in got) throw inUse(folder, got.other);
    return { claim: got.claim, there, lock };
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
      const message = "there is another one in this folder, which is no packed set; choose another";
      throw new PixtokError("FILE_UNWRITABLE", message, { source: path });
    }
    await saveFile(path, content);
  }
}
