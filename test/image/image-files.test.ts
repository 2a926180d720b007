// Images whose files cannot be read, by both decoders: nothing hangs, and a fault of the machine is not
// taken for one of the image.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ImageProcessor } from "pixtok";
import { fixture, onWindows } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-files-"));
after(() => rmSync(folder, { recursive: true }));
const noDevices = onWindows("there are no pipes and devices in folders");
const socket = join(folder, "socket");
const server = createServer();
if (!noDevices) server.listen(socket).unref();
after(() => server.close());

/** What a process says of some images while it has no file descriptors left, and then of others, one code for each. */
function codesOf(
  withoutDescriptors: readonly string[],
  images: readonly unknown[],
  decoder: string,
): string[] {
  const script = `
    import { ImageProcessor } from "pixtok";
    import { closeSync, openSync } from "node:fs";
    const processor = new ImageProcessor({ resize: { width: 8, height: 8 } });
    await processor.process(${JSON.stringify(fixture("images/png-rgb.png"))});
    const codes = [];
    const look = async (images) => {
      for (const image of images) {
        await processor.process(image).then(() => codes.push("read"), (error) => codes.push(error.code));
      }
    };
    const held = [];
    try { for (;;) held.push(openSync("/dev/null")); } catch {}
    await look(${JSON.stringify(withoutDescriptors)});
    for (const descriptor of held) closeSync(descriptor);
    await look(${JSON.stringify(images)});
    process.stdout.write(JSON.stringify(codes));
    process.exit(0);
  `;
  const command = `ulimit -n 256; exec "${process.execPath}" --input-type=module`;
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
    const pipe = join(folder, `pipe-${decoder}`);
    const large = join(folder, `large-${decoder}.png`);
    const special = [pipe, socket, "/dev/zero", folder];
    const none = ["a.jpg", "a.png", "a.webp"].map((name) => join(folder, name));
    const whole = [
      ...["png-rgb.png", "webp-lossy.webp", "gif-still.gif", "tiff-rgb.tiff", "avif-420.avif"],
    ].map((name) => fixture(`images/${name}`));
    /** All by one process: it needs longer to start than to look at them. */
    let codes = new Map<string, string>();
    before(() => {
      execFileSync("mkfifo", [pipe]);
      copyFileSync(fixture("images/png-rgb.png"), large);
      truncateSync(large, 3 * 2 ** 30);
      const ranges = special.map((path) => ({ path, offset: 0, length: 10 }));
      const images = [...special, ...ranges, ...none, large];
      const found = codesOf(whole, images, decoder);
      const all = [...whole, ...images];
      codes = new Map(all.map((image, i) => [JSON.stringify(image), found[i] as string]));
      rmSync(large);
    });
    const codeOf = (image: unknown) => codes.get(JSON.stringify(image));

    test("a pipe, a socket, a device and a folder are NOT_A_FILE", () => {
      for (const path of special) {
        assert.equal(codeOf(path), "NOT_A_FILE", path);
        assert.equal(codeOf({ path, offset: 0, length: 10 }), "NOT_A_FILE", `a range of ${path}`);
      }
    });

    test("an image that is not there is FILE_NOT_FOUND, of every format's name", () => {
      for (const path of none) assert.equal(codeOf(path), "FILE_NOT_FOUND", path);
    });

    test("a file of gigabytes that begins as an image is not read into memory", () => {
      assert.equal(codeOf(large), "FILE_TOO_LARGE");
    });

    test("without file descriptors left, whole images are OUT_OF_FILE_DESCRIPTORS", () => {
      for (const path of whole) assert.equal(codeOf(path), "OUT_OF_FILE_DESCRIPTORS", path);
    });
  });
}

test("an empty file is EMPTY_FILE or no image, and not a fault of the machine", async () => {
  const path = join(folder, "empty.png");
  writeFileSync(path, "");
  const processor = new ImageProcessor({ resize: { width: 8, height: 8 } });
  await assert.rejects(processor.process(path), { code: "EMPTY_FILE" });
});
