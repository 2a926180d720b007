// What schedulers and scripts are told by the code that a command ends with: 75, try again; 1, never.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { PixtokError, type PixtokErrorCode } from "pixtok";
import { isTemporary } from "../../examples/fleet/bullmq/temporary-error.js";
import { exitCodeOf, TRY_AGAIN } from "../../src/cli/exit-code.js";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-codes-"));
after(() => rmSync(folder, { recursive: true }));

const manifest = join(folder, "pairs.jsonl");
const rows = ["jpeg-420.jpg", "png-rgb.png"].map((image) => JSON.stringify({ image, text: "a" }));
writeFileSync(manifest, rows.join("\n"));
const onImages = [manifest, "--root", fixture("images"), "--tokenizer", fixture("wordpiece")];
const packed = join(folder, "packed");
await runCommand("pack", ...onImages, "--size", "8", "--out", packed);
const lock = join(folder, "pixtok.lock.json");
await runCommand("lock", "--out", lock);

/** Every code, so that a new one does not compile before it is decided. */
const codes: Record<PixtokErrorCode, "again" | "never"> = {
  OUT_OF_FILE_DESCRIPTORS: "again",
  OUT_OF_MEMORY: "again",
  STORAGE_FAILED: "again",
  REMOTE_UNREACHABLE: "again",
  REMOTE_CORRUPT_FILE: "again",
  HUB_UNREACHABLE: "again",
  HUB_CORRUPT_FILE: "again",
  PACK_IN_USE: "again",
  FILE_NOT_FOUND: "never",
  NOT_A_FILE: "never",
  FILE_UNREADABLE: "never",
  FILE_UNWRITABLE: "never",
  EMPTY_FILE: "never",
  FILE_TOO_LARGE: "never",
  UNSUPPORTED_FORMAT: "never",
  CORRUPT_IMAGE: "never",
  TRUNCATED_IMAGE: "never",
  TOO_MANY_PIXELS: "never",
  DOES_NOT_FIT: "never",
  INVALID_IMAGE: "never",
  INVALID_TEXT: "never",
  INVALID_SAMPLE: "never",
  INVALID_COLUMN: "never",
  SAMPLE_FAILED: "never",
  INVALID_MANIFEST: "never",
  UNKNOWN_SOURCE: "never",
  INVALID_ARCHIVE: "never",
  INVALID_PARQUET: "never",
  INVALID_ARROW: "never",
  INVALID_PACK: "never",
  INCOMPLETE_PACK: "never",
  NOT_A_PACK: "never",
  PACK_MISMATCH: "never",
  TOO_MANY_BAD_SAMPLES: "never",
  STATE_MISMATCH: "never",
  NO_READABLE_SAMPLE: "never",
  PROCESSOR_NOT_FOUND: "never",
  INVALID_PROCESSOR: "never",
  TOKENIZER_NOT_FOUND: "never",
  INVALID_TOKENIZER: "never",
  INVALID_CHAT_TEMPLATE: "never",
  INVALID_CONVERSATION: "never",
  IMAGES_MISMATCH: "never",
  IMAGE_CUT: "never",
  INVALID_TFIDF: "never",
  INVALID_WEIGHTS: "never",
  INVALID_LOCK: "never",
  REMOTE_NOT_FOUND: "never",
  REMOTE_REFUSED: "never",
  IMAGE_NOT_AVAILABLE: "never",
  CACHE_FULL: "never",
  HUB_REPO_NOT_FOUND: "never",
  HUB_REVISION_NOT_FOUND: "never",
  HUB_ACCESS_DENIED: "never",
  HUB_NOT_CACHED: "never",
  HUB_CACHE_UNWRITABLE: "never",
  SOURCE_CHANGED: "never",
  NO_BATCH_FITS: "never",
  GPU_NOT_FOUND: "never",
  GPU_QUERY_FAILED: "never",
  ADDON_NOT_FOUND: "never",
  OPTIONAL_PACKAGE_NOT_FOUND: "never",
  DECODER_NOT_FOUND: "never",
};

const ofSystem = (code: string) =>
  Object.assign(new Error(`${code}: what the system says, open 'a'`), { code, syscall: "open" });

describe("the code of an error", () => {
  for (const [code, what] of Object.entries(codes)) {
    test(`of ${code} is ${what === "again" ? TRY_AGAIN : 1}`, () => {
      const error = new PixtokError(code as PixtokErrorCode, "what is wrong");
      assert.equal(exitCodeOf(error), what === "again" ? TRY_AGAIN : 1);
    });
  }

  for (const code of ["FILE_UNWRITABLE", "HUB_CACHE_UNWRITABLE"] as const) {
    test(`of ${code} is ${TRY_AGAIN} on a full disk or beyond a quota, and 1 for all else`, () => {
      const by = (cause: string) =>
        exitCodeOf(new PixtokError(code, "not written", { cause: ofSystem(cause) }));
      assert.deepEqual(["ENOSPC", "EDQUOT"].map(by), [TRY_AGAIN, TRY_AGAIN]);
      assert.deepEqual(["EACCES", "EROFS", "ENOENT"].map(by), [1, 1, 1]);
    });
  }

  test("of what is no PixtokError is that of the fault behind it", () => {
    assert.equal(exitCodeOf(ofSystem("EIO")), TRY_AGAIN);
    assert.equal(exitCodeOf(ofSystem("ENOENT")), 1);
    assert.equal(exitCodeOf(new TypeError("size: expected a number")), 1);
    assert.equal(exitCodeOf("a text"), 1);
  });
});

describe("what the workers of examples/fleet/bullmq try again", () => {
  const isAgain = (error: unknown) => exitCodeOf(error) === TRY_AGAIN;

  test("is what pixtok pack ends with 75 for, of every code", () => {
    for (const code of Object.keys(codes) as PixtokErrorCode[]) {
      const error = new PixtokError(code, "what is wrong");
      assert.equal(isTemporary(error), isAgain(error), code);
    }
  });

  test("is the same of files that cannot be written or read, whatever the system says", () => {
    const reasons = [...Object.keys(constants.errno), "EREMOTEIO", "EHOSTDOWN"];
    for (const code of ["FILE_UNWRITABLE", "HUB_CACHE_UNWRITABLE", "FILE_UNREADABLE"] as const) {
      for (const reason of reasons) {
        const error = new PixtokError(code, "not written", { cause: ofSystem(reason) });
        assert.equal(isTemporary(error), isAgain(error), `${code} by ${reason}`);
      }
    }
  });
});

/** Ends as `work` does; files of such names cannot be opened or written meanwhile, as the system would say. */
async function failing<T>(name: RegExp, code: string, work: () => Promise<T>): Promise<T> {
  const { open, writeFile } = fs;
  const refuse = (path: unknown) => {
    if (name.test(String(path))) throw ofSystem(code);
  };
  fs.open = async (path, ...rest) => {
    refuse(path);
    return open(path, ...rest);
  };
  fs.writeFile = async (path, ...rest) => {
    refuse(path);
    return writeFile(path, ...rest);
  };
  syncBuiltinESMExports();
  try {
    return await work();
  } finally {
    Object.assign(fs, { open, writeFile });
    syncBuiltinESMExports();
  }
}

describe("a command", () => {
  const out = (name: string) => join(folder, name);
  for (const [command, parameters, file] of [
    ["pack", [...onImages, "--out", out("pack-read")], /pairs\.jsonl$/],
    ["check", onImages, /pairs\.jsonl$/],
    ["stats", onImages, /pairs\.jsonl$/],
    ["show", [...onImages, "--out", out("page.html")], /pairs\.jsonl$/],
    ["verify", [packed], /pixtok\.lock\.json$/],
    ["verify", [packed, "--quick"], /\.arrow$/],
    ["verify", [packed, "--missing", "3"], /pixtok\.lock\.json$/],
    ["lock", ["--tokenizer", fixture("wordpiece"), "--out", out("b.json")], /vocab\.txt|tokenizer/],
    ["attest", [lock], /pixtok\.lock\.json$/],
    ["attest", [packed], /pixtok\.lock\.json$/],
  ] as [string, string[], RegExp][]) {
    test(`that reads, as ${command} ${file.source}, ends with 75 where storage fails`, async () => {
      const run = await failing(file, "EIO", () => runCommand(command, ...parameters));
      assert.deepEqual([run.code, run.stdout], [TRY_AGAIN, ""], run.stderr);
      assert.match(run.stderr, /EIO: what the system says.*check the disk or the mount/);
    });
  }

  for (const [command, parameters] of [
    ["pack", [...onImages, "--size", "8", "--out", out("pack-written")]],
    ["stats", [...onImages, "--html", out("stats.html")]],
    ["show", [...onImages, "--out", out("page.html")]],
    ["lock", ["--out", out("c.json")]],
  ] as [string, string[]][]) {
    test(`that writes, as ${command}, ends with 75 where the disk is full, and with 1 where it may not`, async () => {
      const run = (code: string) =>
        failing(/\.incomplete$/, code, () => runCommand(command, ...parameters));
      const full = await run("ENOSPC");
      assert.equal(full.code, TRY_AGAIN, full.stderr);
      assert.match(full.stderr, /there is no room left on the disk/);
      assert.equal((await run("EACCES")).code, 1);
    });
  }

  const nothing = join(folder, "no-such-file");
  for (const parameters of [
    ["pack", nothing, "--out", out("never")],
    ["pack", ...onImages, "--out", out("never"), "--part", "8/8"],
    ["pack", ...onImages, "--out", packed, "--size", "16"],
    ["check", nothing],
    ["stats", nothing],
    ["show", nothing],
    ["verify", nothing],
    ["verify", packed, "--missing", "none"],
    ["lock", "--tokenizer", nothing],
    ["attest", nothing],
    ["unpack"],
  ]) {
    test(`that can never do its work ends with 1: ${parameters.join(" ").replaceAll(folder, "")}`, async () => {
      const { code, stderr } = await runCommand(...parameters);
      assert.equal(code, 1, stderr);
      assert.notEqual(stderr, "");
    });
  }
});
