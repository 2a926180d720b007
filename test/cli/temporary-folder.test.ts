// A folder that is gone when the work in it has ended, however it ends.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { PixtokError } from "pixtok";
import { withTemporaryFolder } from "../../src/cli/temporary-folder.js";
import { temporaryAdvice } from "../../src/shared/temporary-advice.js";
import { temporaryVariable } from "../support/temporary-variable.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-folder-"));
after(() => rmSync(root, { recursive: true }));

const program = new URL("../../dist/cli/temporary-folder.js", import.meta.url).href;
const script = `
  import { writeFileSync } from "node:fs";
  import { join } from "node:path";
  import { withTemporaryFolder } from ${JSON.stringify(program)};
  await withTemporaryFolder("work-", async (folder) => {
    writeFileSync(join(folder, "file"), "");
    console.log(folder);
    await new Promise(() => setInterval(() => {}, 1000));
  });
`;

describe("a temporary folder", () => {
  test("is there for work, and gone after it", async () => {
    const used = await withTemporaryFolder("pixtok-folder-", async (folder) => {
      writeFileSync(join(folder, "file"), "");
      return folder;
    });
    assert.equal(existsSync(used), false);
    const signals = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((one) =>
      process.listenerCount(one),
    );
    await withTemporaryFolder("pixtok-folder-", async () => {});
    assert.deepEqual(
      (["SIGINT", "SIGTERM", "SIGHUP"] as const).map((one) => process.listenerCount(one)),
      signals,
    );
  });

  test("is gone after work that fails", async () => {
    let used = "";
    const work = async (folder: string) => {
      used = folder;
      throw new Error("what is wrong");
    };
    await assert.rejects(withTemporaryFolder("pixtok-folder-", work), { message: "what is wrong" });
    assert.equal(existsSync(used), false);
  });

  test("in which there is no room is told of with advice", async () => {
    const cause = Object.assign(new Error("ENOSPC: no space left, write"), { code: "ENOSPC" });
    const work = async (folder: string) => {
      const reason = "there is no room left on the disk";
      throw new PixtokError("FILE_UNWRITABLE", reason, { source: join(folder, "a"), cause });
    };
    await assert.rejects(withTemporaryFolder("pixtok-folder-", work), {
      code: "FILE_UNWRITABLE",
      message: new RegExp(
        `no room left on the disk \\(set ${temporaryVariable} to a folder with room`,
      ),
      cause,
    });
  });

  test("is another one by the variable that the system reads", () => {
    assert.match(temporaryAdvice("linux"), /^set TMPDIR to a folder/);
    assert.match(temporaryAdvice("win32"), /^set TEMP to a folder/);
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    test(`is gone after ${signal}`, { skip: process.platform === "win32" }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        env: { ...process.env, TMPDIR: root },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "close");
      await once(child.stdout, "data");
      assert.equal(readdirSync(root).length, 1);
      child.kill(signal);
      assert.deepEqual(await ended, [128 + constants.signals[signal], null]);
      assert.deepEqual(readdirSync(root), []);
    });
  }
});
