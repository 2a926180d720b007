import { createHash } from "node:crypto";
import { readChatOptions } from "../dataset/chat-options.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { chatOfPack, requirePackedConversations } from "../dataset/packed-conversations.js";
import { processorOfPack } from "../dataset/processor-of-pack.js";
import { type AttestLockOptions, attestLock } from "../lock/attest-lock.js";
import { createLock } from "../lock/create-lock.js";
import { LOCK_NAME, lockText, parseLock } from "../lock/lock-file.js";
import type { Lock } from "../lock/lock-format.js";
import { differencesOf } from "../shared/differences.js";
import { PixtokError } from "../shared/errors.js";
import { folderPlace } from "../sources/packed/folder-place.js";
import { invalidPack, type Pack } from "../sources/packed/pack-format.js";
import { announcedOf, requireWhole } from "../sources/packed/pack-versions.js";
import { readPackedHeads } from "../sources/packed/packed-folder.js";
import { versionsIn } from "../sources/packed/versions-in-place.js";
import { Tokenizer } from "../text/tokenizer.js";
import { takenOver } from "./pack-in-use.js";
import type { PackTarget } from "./pack-target.js";
import { textIfThere } from "./text-if-there.js";

/** What is compared, and with what. */
export interface OpenedPackLock {
  readonly lock: Lock;
  readonly options: AttestLockOptions;
}

export const lockDigest = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * Writes the lock of a set, or holds this machine to the one that is there: parts that machines pack
 * together are the same only where all of them give the same numbers.
 *
 * @returns the lock's digest, which goes into every file of the set.
 * @throws {PixtokError} PACK_MISMATCH where this machine gives other numbers; INVALID_LOCK; and where
 *   the lock that is there cannot be read.
 */
export async function writePackLock(place: PackTarget, dataset: DatasetPipeline): Promise<string> {
  const { processor: image } = dataset.image;
  const { text } = dataset;
  // what cannot be read from a file cannot be locked
  const tokenizer = text?.tokenizer instanceof Tokenizer ? { tokenizer: text.tokenizer } : {};
  const path = place.pathOf(LOCK_NAME);
  const attest = async (there: string) => {
    const { differences } = await attestLock(parseLock(there, path), { image, ...tokenizer });
    const [first] = differences;
    if (first === undefined) return lockDigest(there);
    const message = `this machine does not give what the set was begun with: ${first.message}`;
    throw new PixtokError("PACK_MISMATCH", message, { source: path });
  };
  const there = await textIfThere(place, LOCK_NAME);
  if (there !== undefined) return attest(there);
  const { clean, maxLength } = text?.config ?? {};
  const cut = {
    ...(clean !== undefined && { clean }),
    // conversations may be cut nowhere
    ...(maxLength !== undefined && Number.isFinite(maxLength) && { maxLength }),
  };
  const content = lockText(await createLock({ image, ...tokenizer, ...cut }));
  if (await place.saveNew(LOCK_NAME, content)) return lockDigest(content);
  const now = await textIfThere(place, LOCK_NAME);
  if (now === undefined) throw takenOver(place.name);
  // the same where an answer was lost, too
  return now === content ? lockDigest(now) : attest(now);
}

/** @throws {PixtokError} PACK_MISMATCH where the files of a model beside a set are not those of its conversations. */
async function requireModel(pack: Pack): Promise<void> {
  const { conversations } = pack.config;
  if (conversations === null) return;
  const chat = readChatOptions("chat", chatOfPack(conversations));
  requirePackedConversations(pack, await processorOfPack(pack, conversations), chat, []);
}

/** @see attestPack */
export async function readPackLock(folder: string): Promise<OpenedPackLock> {
  const place = folderPlace(folder);
  const versions = announcedOf(await versionsIn(place));
  requireWhole(folder, versions);
  const found = versions.flatMap((version) => version.found);
  const path = place.pathOf(LOCK_NAME);
  const content = await place.text(LOCK_NAME);
  const digest = lockDigest(content);
  const config = await readPackedHeads(place, found, ({ metadata }, file) => {
    // files that were packed before there were locks have none
    if (metadata.lock === undefined || metadata.lock === digest) return;
    throw invalidPack(path, `${file} was packed with another lock`);
  });
  const lock = parseLock(content, path);
  const [first] = differencesOf(config.processor, lock.processor.config);
  if (first !== undefined) throw invalidPack(path, `${first.name} is not that of the packed files`);
  await requireModel({ folder, tokenizerFolder: folder, config });
  const options = lock.tokenizer && { tokenizer: await Tokenizer.fromPretrained(folder) };
  return { lock, options: options ?? {} };
}
