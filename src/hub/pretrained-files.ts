import { extname } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { asGiven, type OptionReaders } from "../shared/options.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { hubSnapshot, isHubId, isRevision, type PretrainedFiles } from "./snapshot.js";

export type { PretrainedFiles };

/** What a `fromPretrained` function is given besides the name. */
export interface PretrainedOptions {
  /** Branch, tag or commit of a model on the hub. Default "main". */
  revision?: string;
}

/** Read by resolvePretrained(). */
export const pretrainedReaders = { revision: asGiven } satisfies OptionReaders<PretrainedOptions>;

/**
 * Finds what a user names: a local folder or file as it is; what is neither, but can be the id of a
 * model on the Hugging Face hub, as a folder in the hub's cache.
 *
 * @returns a path that exists.
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} `files.missing`, `files.absent`, and the codes that begin with HUB_.
 */
export async function resolvePretrained(
  idOrPath: unknown,
  files: PretrainedFiles,
  { revision = "main" }: { revision?: unknown } = {},
): Promise<string> {
  if (typeof idOrPath !== "string") {
    throw wrongType(`the name of the ${files.kind}`, "a path or an id", idOrPath);
  }
  if (typeof revision !== "string") throw wrongType("revision", "a string", revision);
  if (!isRevision(revision)) throw outOfRange("revision", "a branch, a tag or a commit", revision);

  if (await fileExists(idOrPath)) return idOrPath;
  const named = files.oneOf.map((file) => extname(file));
  if (isHubId(idOrPath) && !named.includes(extname(idOrPath))) {
    return hubSnapshot(idOrPath, files, revision);
  }
  throw new PixtokError(
    files.absent ?? files.missing,
    `there is no such folder or file; expected a folder with ${files.oneOf.join(" or ")}, such a file, or the id of a model on the Hugging Face hub`,
    { source: idOrPath },
  );
}
