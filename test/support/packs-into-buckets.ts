import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after } from "node:test";
import { MultimodalDataset, type PackDatasetOptions, packDataset, type Tokenizer } from "pixtok";
import { closedServers } from "./closed-servers.js";
import { cannotList, openBelow } from "./open-files.js";
import { bucketUrl } from "./packed-buckets.js";
import { numberedPairs, tinyImage } from "./pairs.js";
import { newFolder } from "./remote-sets.js";
import { type S3Server, s3Environment, startS3 } from "./s3-server.js";
import { temporaryVariable } from "./temporary-variable.js";

/** Two pairs in a file. */
export const fileBytes = 6;

const at = (server: S3Server, options: PackDatasetOptions = {}) => ({
  ...{ endpoint: server.url, timeoutSeconds: 5, remoteRetries: 2, fileBytes },
  ...options,
});

/** What a file needs whose tests pack into buckets: each server, and the files that are made here, are gone behind them. */
export function packsIntoBuckets(tokenizer: Tokenizer) {
  /** Nothing but what is packed is in it. */
  const temporary = mkdtempSync(join(tmpdir(), "pixtok-bucket-"));
  after(() => rmSync(temporary, { recursive: true }));
  Object.assign(process.env, s3Environment, { [temporaryVariable]: temporary });
  const start = closedServers(startS3);

  const common = { tokenizer, image: tinyImage, text: { maxLength: 9 } };
  const datasetOf = (length: number, fingerprint = `${length} pairs`) =>
    new MultimodalDataset({ source: { ...numberedPairs(length), fingerprint }, ...common });
  const six = datasetOf(6);
  return {
    temporary,
    serve: () => start({}),
    datasetOf,
    six,
    at,
    pack: (server: S3Server, options: PackDatasetOptions = {}, dataset = six) =>
      packDataset(dataset, bucketUrl, at(server, options)),
    /** The set in a folder. */
    async here(dataset = six, options: PackDatasetOptions = {}): Promise<string> {
      const folder = newFolder();
      await packDataset(dataset, folder, { fileBytes, ...options });
      return folder;
    },
    /** None has a name, and none without one is open. */
    assertNoTemporaryFiles() {
      const ours = /^pixtok-(pack|verify)/;
      assert.deepEqual(
        readdirSync(temporary).filter((name) => ours.test(name)),
        [],
      );
      if (cannotList) return;
      assert.deepEqual(
        openBelow(temporary).filter((path) => ours.test(basename(path))),
        [],
      );
    },
  };
}
