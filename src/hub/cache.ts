import { readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { writeAtomically } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import type { HubFile } from "./client.js";

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * One model in the cache folder that Python's huggingface_hub uses as well:
 *
 *     models--org--name/refs/main                   a commit
 *     models--org--name/blobs/<checksum>            the bytes of a file
 *     models--org--name/snapshots/<commit>/<path>   a link to them
 */
export class CachedModel {
  readonly #id: string;
  readonly #folder: string;

  constructor(cacheFolder: string, id: string) {
    this.#id = id;
    this.#folder = join(cacheFolder, `models--${id.replace("/", "--")}`);
  }

  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", commit);
  }

  has(commit: string, path: string): Promise<boolean> {
    return fileExists(join(this.snapshot(commit), path));
  }

  /** The commit that a branch or tag was at when it was last downloaded. */
  async commitOf(revision: string): Promise<string | undefined> {
    if (isCommit(revision)) return revision;
    const text = await readFile(join(this.#folder, "refs", revision), "utf8").catch(() => "");
    return isCommit(text.trim()) ? text.trim() : undefined;
  }

  /** @throws {PixtokError} HUB_CACHE_UNWRITABLE */
  async setCommit(revision: string, commit: string): Promise<void> {
    if (isCommit(revision) || (await this.commitOf(revision)) === commit) return;
    const path = join(this.#folder, "refs", revision);
    await this.#write(() => writeAtomically(path, (temporary) => writeFile(temporary, commit)));
  }

  /**
   * Puts a file into the snapshot of a commit.
   *
   * @param download called where its bytes are not in the cache yet.
   * @throws {PixtokError} HUB_CACHE_UNWRITABLE, and what `download` throws.
   */
  async add(commit: string, file: HubFile, download: () => Promise<Uint8Array>): Promise<void> {
    const blob = join(this.#folder, "blobs", file.etag);
    const pointer = join(this.snapshot(commit), file.path);
    if (!(await fileExists(blob))) {
      const bytes = await download();
      await this.#write(() => writeAtomically(blob, (temporary) => writeFile(temporary, bytes)));
    }
    const target = relative(dirname(pointer), blob);
    await this.#write(() =>
      writeAtomically(pointer, (temporary) =>
        // Windows allows links to few; huggingface_hub keeps a copy there, too
        symlink(target, temporary).catch(async () => writeFile(temporary, await readFile(blob))),
      ),
    );
  }

  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const message = `${this.#folder} cannot be written to: ${(cause as Error).message}`;
      throw new PixtokError("HUB_CACHE_UNWRITABLE", message, { source: this.#id, cause });
    }
  }
}
