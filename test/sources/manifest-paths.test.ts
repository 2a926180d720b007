import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openManifest, type PixtokError } from "pixtok";
import { onWindows } from "../support/fixtures.js";
import { codeOf, context, folder, pairsOf, write } from "../support/manifests.js";

describe("paths of images", () => {
  test("have slashes for backslashes where no file has just that name", async () => {
    const root = join(folder, "windows");
    mkdirSync(join(root, "train"), { recursive: true });
    writeFileSync(join(root, "train/1.jpg"), "");
    const rows = ["train\\1.jpg", "..\\x.jpg"].map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("windows.jsonl", rows.join("\n")), { root });
    assert.equal((await source.get(0, context)).image, join(root, "train/1.jpg"));
    await assert.rejects(async () => source.get(1, context), /leads out of the root/);
    if (process.platform === "win32") return;
    writeFileSync(join(root, "train\\1.jpg"), "");
    assert.equal((await source.get(0, context)).image, join(root, "train\\1.jpg"));
  });

  test("that are URLs of kinds that are not read are named in their rows", async () => {
    const data = `data:image/png;base64,${"A".repeat(3_000_000)}`;
    const images = [
      "ftp://example.org/a.jpg",
      "https:/example.org/a.jpg",
      data,
      "file:///data/a%23.jpg",
    ];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("urls.jsonl", rows.join("\n")), {
      allowOutsideRoot: true,
    });
    for (const [row, message] of [
      /a URL of another kind than http, https, s3 and hf; got "ftp:/,
      /a URL with one slash.*expected https:\/\/; got "https:/,
      /a data: URL/,
    ].entries()) {
      await assert.rejects(
        async () => source.get(row, context),
        (error: PixtokError) => message.test(error.message) && error.message.length < 400,
      );
    }
    assert.equal((await source.get(3, context)).image, "/data/a#.jpg");
  });

  test("may be links inside of the root, and out of it only if that is allowed", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "linked");
    mkdirSync(root);
    for (const file of ["linked/0.jpg", "outside.jpg"]) writeFileSync(join(folder, file), "");
    symlinkSync("0.jpg", join(root, "inside.jpg"));
    symlinkSync("../outside.jpg", join(root, "out.jpg"));
    symlinkSync("..", join(root, "up"));
    const images = ["inside.jpg", "none.jpg", "out.jpg", "up/outside.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const path = write("linked.jsonl", rows.join("\n"));
    const source = await openManifest(path, { root });
    for (const row of [0, 1]) {
      assert.equal((await source.get(row, context)).image, join(root, images[row] as string));
    }
    const message = /image: a symbolic link leads out of the root folder.*allowOutsideRoot/;
    for (const row of [2, 3]) {
      await assert.rejects(
        async () => source.get(row, context),
        codeOf("INVALID_MANIFEST", message),
      );
    }
    const allowed = await openManifest(path, { root, allowOutsideRoot: true });
    assert.equal((await allowed.get(2, context)).image, join(root, "out.jpg"));
  });

  test("may not lead out where the system does not say where a link leads", {
    skip: onWindows("links need rights there"),
  }, async (t) => {
    const root = join(folder, "deep");
    // a path that is too long is opened by links, and has no real path
    const deep = Array(10).fill("d".repeat(250)).join("/");
    mkdirSync(join(root, deep), { recursive: true });
    symlinkSync(deep, join(root, "half"));
    mkdirSync(join(root, "half", deep), { recursive: true });
    t.after(() => rmSync(join(root, "half", "d".repeat(250)), { recursive: true }));
    symlinkSync(deep, join(root, "half/whole"));
    writeFileSync(join(folder, "secret.jpg"), "");
    symlinkSync(folder, join(root, "half/whole/out"));
    symlinkSync(join(folder, "secret.jpg"), join(root, "half/whole/link.jpg"));
    const images = ["half/whole/out/secret.jpg", "half/whole/link.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("deep.jsonl", rows.join("\n")), { root });
    const message = /image: the system does not say where links lead from there.*allowOutsideRoot/;
    for (const row of images.keys()) {
      await assert.rejects(
        async () => source.get(row, context),
        codeOf("INVALID_MANIFEST", message),
      );
    }
  });

  test("may not lead out by links that came after the manifest was opened and read", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "exchanged");
    mkdirSync(join(root, "deep"), { recursive: true });
    for (const name of ["deep/0.jpg", "deep/1.jpg"]) writeFileSync(join(root, name), "");
    const images = ["deep/0.jpg", "deep/1.jpg", "deep/2.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("exchanged.jsonl", rows.join("\n")), { root });
    for (const row of [0, 1, 2]) await source.get(row, context);
    for (const image of images) {
      rmSync(join(root, image), { force: true });
      symlinkSync("/etc/passwd", join(root, image));
    }
    for (const row of [0, 1, 2]) {
      await assert.rejects(async () => source.get(row, context), /link leads out/);
    }
  });

  test("may be in more folders than are kept, and in linked ones", {
    skip: onWindows("links need rights there"),
  }, async () => {
    const root = join(folder, "folders");
    mkdirSync(join(root, "real/below"), { recursive: true });
    symlinkSync("real", join(root, "in"));
    symlinkSync(folder, join(root, "out"));
    writeFileSync(join(root, "real/below/0.jpg"), "");
    writeFileSync(join(folder, "0.jpg"), "");
    const none = Array.from({ length: 4200 }, (_, i) => `none${i}/0.jpg`);
    const images = ["in/below/0.jpg", "out/0.jpg", ...none, "in/below/0.jpg", "out/0.jpg"];
    const rows = images.map((image) => JSON.stringify({ image, text: "x" }));
    const source = await openManifest(write("folders.jsonl", rows.join("\n")), { root });
    const found = await Promise.allSettled(rows.map(async (_, row) => source.get(row, context)));
    const refused = found.flatMap(({ status }, row) => (status === "rejected" ? [row] : []));
    assert.deepEqual(refused, [1, images.length - 1]);
  });

  test("may be lists in JSON, whose nulls are images that are missing", async () => {
    const path = write(
      "lists.jsonl",
      [["0.jpg", null, "1.jpg"], [], "2.jpg", ["0.jpg", 5], ["0.jpg", "../1.jpg"]]
        .map((images) => JSON.stringify({ images, text: "x" }))
        .join("\n"),
    );
    const at = (name: string) => join(folder, name);
    const source = await openManifest(path);
    const [first, second, third] = await Promise.all(
      [0, 1, 2].map((row) => source.get(row, context)),
    );
    assert.deepEqual([first?.image, first?.key], [[at("0.jpg"), null, at("1.jpg")], "0.jpg"]);
    assert.deepEqual([second?.image, second?.key], [[], undefined]);
    assert.equal(third?.image, at("2.jpg"));
    await assert.rejects(
      async () => source.get(3, context),
      codeOf("INVALID_MANIFEST", /images: expected a path or a list, got \["0.jpg", 5\]/),
    );
    await assert.rejects(
      async () => source.get(4, context),
      codeOf("INVALID_MANIFEST", /leads out of the root folder.*got "\.\.\/1\.jpg"/),
    );
  });

  test("may be file_names, or the only column that ends in _file_names, as in imagefolder", async () => {
    for (const name of ["file_names", "frames_file_names"]) {
      const path = write(
        `${name}.jsonl`,
        JSON.stringify({ [name]: ["0.jpg", "1.jpg"], text: "x" }),
      );
      assert.deepEqual(await pairsOf(path), [
        [[join(folder, "0.jpg"), join(folder, "1.jpg")], "x"],
      ]);
    }
  });

  test("may be those of the only column that ends in _file_name", async () => {
    const path = write("one.jsonl", '{"first_file_name":"0.jpg","text":"x"}');
    assert.equal((await pairsOf(path)).length, 1);
    const two = write("two.jsonl", '{"a_file_name":"0.jpg","b_file_name":"1.jpg","text":"x"}');
    await assert.rejects(openManifest(two), /imageColumn: expected.*got a_file_name, b_file_name/);
    const pairs = await pairsOf(two, { imageColumn: "b_file_name" });
    assert.deepEqual(pairs, [[join(folder, "1.jpg"), "x"]]);
  });
});

test("a folder of images that was not there is looked for again", async () => {
  const root = join(folder, "later");
  mkdirSync(root);
  const path = write("later.jsonl", '{"image":"new/0.jpg","text":"x"}');
  const source = await openManifest(path, { root });
  const image = join(root, "new/0.jpg");
  // what is not there is an error when it is read
  assert.equal((await source.get(0, context)).image, image);
  mkdirSync(join(root, "new"));
  writeFileSync(image, "");
  assert.equal((await source.get(0, context)).image, image);
});
