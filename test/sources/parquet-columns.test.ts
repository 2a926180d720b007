import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

const folder = mkdtempSync(join(tmpdir(), "pixtok-parquet-columns-"));
after(() => rmSync(folder, { recursive: true }));

/** A file with one row, which has these texts. */
function fileOf(name: string, row: Record<string, string>, metadata = {}): string {
  const columns = Object.entries(row).map(([column, text]) => ({
    ...{ name: column, text: true, required: true },
    pages: [{ values: 1, encoding: 0, data: plain(text) }],
  }));
  const path = join(folder, name);
  writeFileSync(path, handParquet(1, columns, metadata));
  return path;
}

test("a row is called by its image's path before its id", async () => {
  const path = fileOf("named.parquet", { id: "1", image_path: "a.jpg", text: "b" });
  assert.equal((await (await openParquet(path)).get(0, context)).key, "a.jpg");
});

test("an image whose path is empty is missing", async () => {
  const row = { image_path: "", text: "b", mask: "" };
  const source = await openParquet(fileOf("empty.parquet", row), { imageColumns: ["mask"] });
  await assert.rejects(async () => source.get(0, context), /row 1: image_path: there is no image/);
  const images = await openParquet(fileOf("masks.parquet", { ...row, image_path: "a.jpg" }), {
    imageColumns: ["mask"],
  });
  assert.deepEqual((await images.get(0, context)).columns, { mask: null });
});

test("files of one name and as many rows are told apart by their sizes", async () => {
  const fingerprintOf = async (text: string) =>
    (await openParquet(fileOf("same.parquet", { image: "a.jpg", text }))).fingerprint;
  assert.notEqual(await fingerprintOf("a"), await fingerprintOf("aa"));
});

test("further columns of images each have their own bytes, or paths that start at the root", async () => {
  const names = ["image", "text", "left", "right", "leftPath", "rightPath"];
  const columns = names.map((name) => ({
    ...{ name, text: /text|Path/.test(name), required: true },
    pages: [{ values: 1, encoding: 0, data: plain(name) }],
  }));
  const path = join(folder, "further.parquet");
  writeFileSync(path, handParquet(1, columns));
  const root = join(folder, "images");
  const source = await openParquet(path, { imageColumns: names.slice(2), root });
  const { columns: found } = await source.get(0, context);
  const { left, right, ...paths } = found as Record<string, ImageInput>;
  assert.deepEqual(
    [left, right].map((image) => bytesOf(image as Images).toString()),
    ["left", "right"],
  );
  const expected = { leftPath: join(root, "leftPath"), rightPath: join(root, "rightPath") };
  assert.deepEqual(paths, expected);
});

describe("files of one source", () => {
  test("have images in their own folders, or below the root", async () => {
    mkdirSync(join(folder, "other"));
    const files = ["own.parquet", "other/own.parquet"].map((name) =>
      fileOf(name, { image: "a.jpg", text: "a" }),
    );
    const imagesOf = async (options?: { root: string }) => {
      const source = await openParquet(files, options);
      return Promise.all([0, 1].map(async (row) => (await source.get(row, context)).image));
    };
    assert.deepEqual(await imagesOf(), [join(folder, "a.jpg"), join(folder, "other", "a.jpg")]);
    const below = join(folder, "images", "a.jpg");
    assert.deepEqual(await imagesOf({ root: join(folder, "images") }), [below, below]);
  });

  /** A file whose column has these classes. */
  const withClasses = (name: string, column: string, names: readonly string[]) => {
    const features = { [column]: { names, _type: "ClassLabel" } };
    const huggingface = JSON.stringify({ info: { features } });
    return fileOf(name, { image: "a.jpg", text: "1", more: "1" }, { huggingface });
  };

  test("have names of classes in UTF-8", async () => {
    const path = withClasses("names.parquet", "more", ["Bär", "熊", "🐻"]);
    const { classNames } = await openParquet(path, { columns: ["more"] });
    assert.deepEqual(classNames, { more: ["Bär", "熊", "🐻"] });
  });

  for (const name of ["text", "more"]) {
    test(`have the same classes in the column ${name}`, async () => {
      const one = withClasses(`${name}-1.parquet`, name, ["cat", "dog"]);
      const same = withClasses(`${name}-2.parquet`, name, ["cat", "dog"]);
      const other = withClasses(`${name}-3.parquet`, name, ["dog", "cat"]);
      const options = { columns: ["more"] };
      assert.equal((await openParquet([one, same], options)).length, 2);
      await assert.rejects(openParquet([one, other], options), {
        ...{ code: "INVALID_PARQUET", source: other },
        message: /its columns are not those of .*-1\.parquet/,
      });
    });
  }
});
