import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type ImageInput, type Images, openParquet, PixtokError } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { handParquet, plain } from "../support/parquet-writer.js";

interface ExpectedRow {
  image?: string;
  path?: string;
  /** Of a list. */
  images?: (string | null)[];
  paths?: (string | null)[];
  text: string | string[] | null;
  id?: string;
  problem?: string;
}

const context = { seed: 0, epoch: 0 };
const file = (name: string) => fixture(`parquet-columns/${name}.parquet`);
const expected = JSON.parse(
  readFileSync(fixture("parquet-columns/expected.json"), "utf8"),
) as Record<string, ExpectedRow[]>;

function bytesOf(image: Images | null): Buffer {
  if (image instanceof Uint8Array) return Buffer.from(image);
  const { path, offset, length } = image as { path: string; offset: number; length: number };
  return readFileSync(path).subarray(offset, offset + length);
}

async function assertRows(name: string): Promise<void> {
  const source = await openParquet(file(name));
  for (const [index, row] of (expected[name] as ExpectedRow[]).entries()) {
    if (row.problem !== undefined) {
      await assert.rejects(
        async () => source.get(index, context),
        (error) => {
          assert.ok(error instanceof PixtokError);
          assert.equal(error.code, "INVALID_PARQUET");
          assert.equal(error.index, index);
          assert.ok(error.message.includes(`row ${index + 1}: `), error.message);
          assert.ok(error.message.includes(row.problem as string), error.message);
          return true;
        },
      );
      continue;
    }
    const { image, text, key, origin } = await source.get(index, context);
    if (row.images !== undefined) {
      const images = image as (ImageInput | null)[];
      const names = row.images.map((name) => name && fixture(`images/${name}`));
      const found = images.map((one) => one && bytesOf(one).toString("latin1"));
      assert.deepEqual(
        found,
        names.map((name) => name && readFileSync(name, "latin1")),
      );
    } else if (row.paths !== undefined) {
      const paths = row.paths.map((name) => name && join(fixture("parquet-columns"), name));
      assert.deepEqual(image, paths);
      assert.equal(key, row.paths[0] ?? `${name}.parquet:${index + 1}`);
    } else if (row.path !== undefined) {
      assert.equal(image, join(fixture("parquet-columns"), row.path));
      assert.equal(key, row.path);
    } else {
      assert.ok(bytesOf(image).equals(readFileSync(fixture(`images/${row.image}`))));
    }
    assert.deepEqual(text, row.text);
    if (row.id !== undefined) assert.equal(key, row.id);
    assert.equal(origin, `${file(name)}#row ${index + 1}`);
  }
}

describe("a column of texts", () => {
  const cases: [string, string][] = [
    ["class-label", "of class numbers gives the names of the classes, as datasets' int2str"],
    ["class-labels-list", "of lists of class numbers gives their names"],
    ["class-labels-sequence", "of sequences of class numbers gives their names"],
    ["numbers", "of numbers without names gives their digits"],
    ["int64", "of the largest and smallest numbers gives their digits"],
    ["int64-delta", "of the largest and smallest differences gives their digits"],
    ["uint32", "of unsigned numbers gives their digits"],
    ["uint32-delta", "of unsigned numbers as differences gives their digits"],
    ["latin-1", "that has a text that is not UTF-8 has one bad row"],
    ["latin-1-plain", "that has a text that is not UTF-8 has one bad row, without a dictionary"],
    ["webdataset", "is found as txt in the hub's copy of a WebDataset"],
  ];
  for (const [name, what] of cases) test(what, () => assertRows(name));
});

describe("a column of images", () => {
  const cases: [string, string][] = [
    ["paths-image", "may be paths"],
    ["paths-plain", "may be paths without compression, which are not taken for bytes"],
    ["paths-image_path", "is found as image_path"],
    ["paths-file_name", "is found as file_name, as in metadata.parquet"],
    ["paths-urls", "of URLs that are not read has bad rows, whose errors say so"],
    ["several-images", "may be lists, whose elements may be missing"],
    ["several-images-plain", "may be lists, whose elements are read where they are in the file"],
    ["several-bytes", "may be lists of bytes"],
    ["several-paths", "may be lists of paths"],
  ];
  for (const [name, what] of cases) test(what, () => assertRows(name));

  test("that is not there is an error, which names those that are looked for", async () => {
    await assert.rejects(openParquet(fixture("parquet/other-columns.parquet")), (error) => {
      assert.match(
        (error as PixtokError).message,
        /imageColumn: expected one of image, img, .*, jpg, .* among the columns, got a, b/,
      );
      return true;
    });
  });
  test("that holds numbers is refused, saying what it may hold", async () => {
    await assert.rejects(
      openParquet(file("numbers"), { imageColumn: "label" }),
      /imageColumn: expected bytes, paths, or a struct of bytes and path, in "label"/,
    );
  });
});

test("further columns of images have one in each row", async () => {
  for (const name of ["several-images", "several-bytes", "several-paths"]) {
    await assert.rejects(
      openParquet(file(name), { imageColumns: ["images"] }),
      /imageColumns: expected one image in each row, not a list, which imageColumn may name, in "images"/,
    );
  }
});

describe("files of one source", () => {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-parquet-columns-"));
  after(() => rmSync(folder, { recursive: true }));
  const column = (name: string) => ({
    ...{ name, text: true, required: true },
    pages: [{ values: 1, encoding: 0, data: plain("1") }],
  });
  /** A file whose column has these classes. */
  const fileOf = (name: string, classes: Record<string, readonly string[]>) => {
    const features = Object.fromEntries(
      Object.entries(classes).map(([key, names]) => [key, { names, _type: "ClassLabel" }]),
    );
    const columns = [column("image"), column("text"), column("more")];
    const path = join(folder, name);
    const huggingface = JSON.stringify({ info: { features } });
    writeFileSync(path, handParquet(1, columns, { huggingface }));
    return path;
  };

  for (const name of ["text", "more"]) {
    test(`have the same classes in the column ${name}`, async () => {
      const one = fileOf(`${name}-1.parquet`, { [name]: ["cat", "dog"] });
      const same = fileOf(`${name}-2.parquet`, { [name]: ["cat", "dog"] });
      const other = fileOf(`${name}-3.parquet`, { [name]: ["dog", "cat"] });
      const options = { columns: ["more"] };
      assert.equal((await openParquet([one, same], options)).length, 2);
      await assert.rejects(openParquet([one, other], options), {
        ...{ code: "INVALID_PARQUET", source: other },
        message: /its columns are not those of .*-1\.parquet/,
      });
    });
  }
});
