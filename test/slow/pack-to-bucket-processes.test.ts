// Processes that pack into a bucket at the same time, and one that is killed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runCommand } from "../support/command-line.js";
import { onWindows } from "../support/fixtures.js";
import {
  assertSameFiles,
  namesBelow,
  packingFour,
  bucketPrefix as prefix,
  bucketUrl as url,
} from "../support/packed-buckets.js";
import { newFolder } from "../support/remote-sets.js";
import { s3Environment, startS3 } from "../support/s3-server.js";

const program = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
/** Nothing but what is packed is in it. */
const temporary = mkdtempSync(join(tmpdir(), "pixtok-bucket-"));
const server = await startS3({});
after(() => server.close());
after(() => rmSync(temporary, { recursive: true }));
Object.assign(process.env, s3Environment, {
  TMPDIR: temporary,
  AWS_ENDPOINT_URL_S3: server.url,
});

const child = (...parameters: string[]) => {
  const started = spawn(process.execPath, [program, ...parameters], { stdio: "ignore" });
  return { kill: () => started.kill("SIGKILL"), ended: once(started, "close") };
};
/** The set in a folder. */
async function here(): Promise<string> {
  const folder = newFolder();
  assert.equal((await runCommand(...packingFour(folder))).code, 0);
  return folder;
}

describe("pixtok pack into a bucket", () => {
  beforeEach(() => {
    server.objects.clear();
    server.isSilent = () => false;
  });

  test("packs parts in processes that run at the same time", async () => {
    const parts = ["0/2", "1/2"].map((part) => child(...packingFour(url, "--part", part)));
    for (const { ended } of parts) assert.deepEqual(await ended, [0, null]);
    assertSameFiles(server, prefix, await here());
  });

  test("goes on at once behind a process that was killed, which leaves no file here", {
    skip: onWindows("a process that is killed leaves its file to the next start"),
  }, async () => {
    let kill = () => {};
    server.isSilent = (asked) => {
      const isSecond = /^PUT .*data-00001/.test(asked);
      if (isSecond) kill();
      return isSecond;
    };
    const first = child(...packingFour(url));
    kill = first.kill;
    assert.deepEqual(await first.ended, [null, "SIGKILL"]);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith("pixtok-pack")),
      [],
    );
    assert.ok(namesBelow(server, prefix).some((name) => name.includes("claim")));
    server.isSilent = () => false;
    const { code, stdout } = await runCommand(...packingFour(url));
    assert.equal(code, 0);
    assert.match(stdout, /^3 pairs in 3 files, 1 files kept/);
    assertSameFiles(server, prefix, await here());
  });
});
