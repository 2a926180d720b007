// Files that another one takes the place of, or that are gone, while images are read from them: rows never have the text of
// one and the image of the other.

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DataLoader,
  type FileVersion,
  ImageProcessor,
  type ImageRange,
  MultimodalDataset,
  openSource,
  type PairSource,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { tinyImage } from "../support/pairs.js";
import { shardOf } from "../support/remote-sets.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-replaced-"));
after(() => rmSync(folder, { recursive: true }));

const then = new Date("2026-01-01");

/** What becomes of a file. */
const changes: Record<string, (path: string) => void> = {
  "has been replaced by another": (path) => {
    copyFileSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
  },
  "has been written to": (path) => writeFileSync(path, readFileSync(path)),
  "is gone": (path) => rmSync(path),
};

const kinds: Record<string, [name: string, bytes: Buffer]> = {
  "a tar": ["x.tar", shardOf(0, 4)],
  Parquet: ["x.parquet", readFileSync(fixture("parquet/hub-none.parquet"))],
  "an Arrow file": ["x.arrow", readFileSync(fixture("arrow/file.arrow"))],
};

/** A source whose file something has happened to since it was opened, and since its first pair was read. */
async function changedSource(kind: string, change: string): Promise<PairSource> {
  const [name, bytes] = kinds[kind] as [string, Buffer];
  const path = join(mkdtempSync(join(folder, "x-")), name);
  writeFileSync(path, bytes);
  utimesSync(path, then, then); // clocks of file systems are coarse
  const source = await openSource(path);
  await source.get(0, { seed: 0, epoch: 0 });
  changes[change]?.(path);
  return source;
}

describe("an epoch ends, whatever onError is, where the file of its images", () => {
  for (const change of Object.keys(changes)) {
    for (const kind of Object.keys(kinds)) {
      test(`${change}: ${kind}`, async () => {
        const source = await changedSource(kind, change);
        const dataset = new MultimodalDataset({ source, text: null, image: tinyImage });
        const loader = new DataLoader(dataset, { batchSize: 1, onError: "skip" });
        await assert.rejects(
          async () => {
            for await (const _ of loader);
          },
          { code: "SOURCE_CHANGED" },
        );
        assert.equal(loader.errors.count, 0);
      });
    }
  }
});

describe("an image within a file of a version", () => {
  const names = {
    "that native threads decode": "jpeg-7x5.jpg",
    "that others decode": "avif-1x1.avif",
  };
  const versionOf = (path: string): FileVersion => {
    const { size, mtimeNs: modified } = statSync(path, { bigint: true });
    return { size: Number(size), modified };
  };
  for (const [what, name] of Object.entries(names)) {
    const path = fixture(`images/${name}`);
    const version = versionOf(path);
    const range: ImageRange = { path, offset: 0, length: version.size };

    test(`${what} is read of this one alone`, async () => {
      const { pixel_values: expected } = await tinyImage.process(path);
      const { pixel_values: found } = await tinyImage.process({ ...range, version });
      assert.deepEqual(found.data, expected.data);
      const others = [
        { ...version, size: version.size + 1 },
        { ...version, modified: version.modified + 1n },
      ];
      for (const other of others) {
        await assert.rejects(tinyImage.process({ ...range, version: other }), {
          code: "SOURCE_CHANGED",
          message: /has been changed since it was opened/,
        });
      }
    });

    test(`${what} is read no more where it is gone`, async () => {
      const none = join(folder, name);
      await assert.rejects(tinyImage.process({ ...range, path: none, version }), {
        code: "SOURCE_CHANGED",
        message: /was there and can no longer be read/,
      });
      await assert.rejects(tinyImage.process({ ...range, path: none }), { code: "FILE_NOT_FOUND" });
    });
  }

  test("is refused where that is none", async () => {
    const processor = new ImageProcessor({ resize: { width: 2, height: 2 } });
    const range = { path: fixture("images/png-1x1.png"), offset: 0, length: 9 };
    for (const version of [1, null, {}, { size: 1, modified: 1 }, { size: -1, modified: 1n }]) {
      await assert.rejects(processor.process({ ...range, version } as never), {
        code: "INVALID_IMAGE",
        message: /image.version: expected \{ size, modified \}, a number and a bigint/,
      });
    }
  });
});
