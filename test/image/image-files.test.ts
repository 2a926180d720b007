// Images whose files cannot be read, by both decoders: nothing hangs, and a fault of the machine is not
// taken for one of the image.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fixture, onWindows } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-files-"));
after(() => rmSync(folder, { recursive: true }));
const noDevices = onWindows("there are no pipes and devices in folders");
const socket = join(folder, "socket");
const server = createServer();
if (!noDevices) server.listen(socket).unref();
after(() => server.close());

/** What a process says of `images`, one code for each; with `held`, one without file descriptors left. */
function codesOf(images: readonly unknown[], decoder: string, held = false): string[] {
  const script = `
    import { ImageProcessor } from "pixtok";
    import { openSync } from "node:fs";
    const processor = new ImageProcessor({ resize: { width: 8, height: 8 } });
    await processor.process(${JSON.stringify(fixture("images/png-rgb.png"))});
    if (${held}) try { for (;;) openSync("/dev/null"); } catch {}
    const codes = [];
    for (const image of ${JSON.stringify(images)}) {
      await processor.process(image).then(() => codes.push("read"), (error) => codes.push(error.code));
    }
    process.stdout.write(JSON.stringify(codes));
    process.exit(0);
  `;
  const node = `"${process.execPath}" --input-type=module`;
  const command = held ? `ulimit -n 256; exec ${node}` : `exec ${node}`;
  const { stdout, stderr, status } = spawnSync("sh", ["-c", command], {
    input: script,
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, PIXTOK_DECODER: decoder },
    timeout: 60_000,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr || "it did not end");
  return JSON.parse(stdout);
}

for (const decoder of ["auto", "sharp"]) {
  describe(`decoder ${decoder}`, { skip: noDevices }, () => {
    test("a pipe, a socket, a device and a folder are NOT_A_FILE", () => {
      const pipe = join(folder, `pipe-${decoder}`);
      execFileSync("mkfifo", [pipe]);
      const files = [pipe, socket, "/dev/zero", folder];
      const images = [...files, ...files.map((path) => ({ path, offset: 0, length: 10 }))];
      assert.deepEqual(
        codesOf(images, decoder),
        images.map(() => "NOT_A_FILE"),
      );
    });

    test("an image that is not there is FILE_NOT_FOUND, of every format's name", () => {
      const images = ["a.jpg", "a.png", "a.webp"].map((name) => join(folder, name));
      assert.deepEqual(
        codesOf(images, decoder),
        images.map(() => "FILE_NOT_FOUND"),
      );
    });

    test("without file descriptors left, whole images are OUT_OF_FILE_DESCRIPTORS", () => {
      const names = [
        "png-rgb.png",
        "webp-lossy.webp",
        "gif-still.gif",
        "tiff-rgb.tiff",
        "avif-420.avif",
      ];
      const images = names.map((name) => fixture(`images/${name}`));
      assert.deepEqual(
        codesOf(images, decoder, true),
        images.map(() => "OUT_OF_FILE_DESCRIPTORS"),
      );
    });

    test("a file of gigabytes that begins as an image is not read into memory", () => {
      const path = join(folder, `large-${decoder}.png`);
      copyFileSync(fixture("images/png-rgb.png"), path);
      truncateSync(path, 3 * 2 ** 30);
      assert.deepEqual(codesOf([path], decoder), ["FILE_TOO_LARGE"]);
      rmSync(path);
    });
  });
}

test("an empty file is EMPTY_FILE or no image, and not a fault of the machine", () => {
  const path = join(folder, "empty.png");
  writeFileSync(path, "");
  assert.deepEqual(codesOf([path], "auto"), ["EMPTY_FILE"]);
});
