import { readdir, readFile, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { writeAtomically } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import type { HubFile } from "./client.js";
import type { HubRepoType } from "./hub-repo-type.js";

export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/**
 * One model or dataset in the cache folder that Python's huggingface_hub uses as well:
 *
 *     models--org--name/refs/main                   a commit (datasets--… of a dataset)
 *     models--org--name/blobs/<checksum>            the bytes of a file
 *     models--org--name/snapshots/<commit>/<path>   a link to them
 */
export class CachedRepo {
  readonly #id: string;
  readonly #folder: string;

  constructor(cacheFolder: string, id: string, type: HubRepoType = "model") {
    this.#id = id;
    this.#folder = join(cacheFolder, `${type}s--${id.replace("/", "--")}`);
  }

  snapshot(commit: string): string {
    return join(this.#folder, "snapshots", commit);
  }

  has(commit: string, path: string): Promise<boolean> {
    return fileExists(join(this.snapshot(commit), path));
  }

  /** The files of a commit that are there: a link leads to the blob that is named by its checksum. */
  async files(commit: string): Promise<HubFile[]> {
    const folder = this.snapshot(commit);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const found = entries.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      const blob = await realpath(file).catch(() => file);
      const etag = basename(blob);
      const information = await stat(blob).catch(() => undefined);
      if (!information?.isFile() || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(etag)) return [];
      const path = relative(folder, file).split(sep).join("/");
      return [{ path, size: information.size, etag }];
    });
    return (await Promise.all(found)).flat();
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
