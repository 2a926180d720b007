import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
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
import { setTimeout } from "node:timers/promises";
import {
  DataLoader,
  MultimodalDataset,
  openWebDataset,
  type PairSource,
  PixtokError,
} from "pixtok";
import { Header, Pax } from "tar";
import { fixture } from "./support/fixtures.js";
import { allPictures, assertSameEpoch } from "./support/packs.js";
import { smallTokenizer } from "./support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-webdataset-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;
const context = { seed: 0, epoch: 0 };
const tokenizer = await smallTokenizer();

type File = [path: string, content: string | Buffer];

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)]);

function entry(path: string, content: string | Buffer, type = "File"): Buffer {
  const bytes = Buffer.from(content);
  const block = Buffer.alloc(512);
  const header = new Header({ path, size: bytes.length, mode: 0o644, mtime: new Date(0) });
  header.type = type as Header["type"];
  header.encode(block, 0);
  return Buffer.concat([block, padded(bytes)]);
}

function tarOf(files: readonly File[]): Buffer {
  return Buffer.concat([
    ...files.map(([path, content]) => entry(path, content)),
    Buffer.alloc(1024),
  ]);
}

/** A shard in a folder of its own. */
function shard(content: Buffer | readonly File[], name = "shard.tar"): string {
  const folder = join(root, `set-${folders++}`);
  mkdirSync(folder);
  const path = join(folder, name);
  writeFileSync(path, Buffer.isBuffer(content) ? content : tarOf(content));
  return path;
}

const indexOf = (path: string) => path.replace(/\.tar$/, ".idx");

async function idsAndTexts(source: PairSource): Promise<unknown[]> {
  const indices = Array.from({ length: source.length }, (_, i) => i);
  return Promise.all(
    indices.map(async (i) => {
      const { id, text } = await source.get(i, context);
      return [id, text];
    }),
  );
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

const good = (key: string): File[] => [
  [`${key}.jpg`, `picture ${key}`],
  [`${key}.txt`, `text ${key}`],
];

describe("WebDataset shards", () => {
  test("give the batches of the plain files, from several shards", async () => {
    const pictures = allPictures();
    const texts = pictures.map((_, i) => `text of picture ${i}`);
    const folder = join(root, "equal");
    mkdirSync(folder);
    const perShard = Math.ceil(pictures.length / 3);
    for (let i = 0; i < 3; i += 1) {
      const files = pictures.slice(i * perShard, (i + 1) * perShard).flatMap((path, k): File[] => {
        const key = `dir/${String(i * perShard + k).padStart(4, "0")}`;
        const extension = path.slice(path.lastIndexOf(".") + 1);
        return [
          [`${key}.${extension}`, readFileSync(path)],
          [`${key}.txt`, `${texts[i * perShard + k]}\n`],
        ];
      });
      writeFileSync(join(folder, `x-00${i}.tar`), tarOf(files));
    }
    const shards = await MultimodalDataset.from(join(folder, "x-{000..002}.tar"), { tokenizer });
    assert.equal(shards.description, `WebDataset, ${pictures.length} pairs in 3 shards`);
    const ids = pictures.map((_, i) => `dir/${String(i).padStart(4, "0")}`);
    const plain = new MultimodalDataset({
      source: {
        length: pictures.length,
        get: (i) => ({
          image: pictures[i] as string,
          text: texts[i] as string,
          id: ids[i] as string,
        }),
      },
      tokenizer,
    });
    await assertSameEpoch(shards, plain, { shuffle: true, seed: 5 });
    const whole = await MultimodalDataset.from(folder, { tokenizer });
    assert.equal(whole.fingerprint, shards.fingerprint);
  });

  test("group files as the webdataset library does", async () => {
    // what webdataset 1.0 gives for these names, without "d/.h.jpg", which it takes for a key "d/"
    const names = [
      ...["a/b.c/0001.left.jpg", "a/b.c/0001.txt", "x.tar.gz.jpg", "x.txt", "noext", "__meta__"],
      ...[".hidden.jpg", "UP.JPG", "UP.TXT", "__skip__/a.jpg", "sub/k.1.jpg", "sub/k.txt"],
      ...["e.jpg", "e.json", "..jpg", "__x__.jpg", "__x__.txt"],
    ];
    const path = shard(names.map((name) => [name, name.endsWith("json") ? '"e.json"' : name]));
    const source = await openWebDataset(path);
    assert.deepEqual(await idsAndTexts(source), [
      ["a/b.c/0001", "a/b.c/0001.txt"],
      ["x", "x.txt"],
      ["UP", "UP.TXT"],
      ["sub/k", "sub/k.txt"],
      ["e", "e.json"],
      ["__x__", "__x__.txt"],
    ]);
  });

  test("have long names, as GNU and pax write them, folders, links and other entries", async () => {
    const long = `${"folder/".repeat(30)}${"k".repeat(120)}ü`;
    const [picture, text] = [`${long}.jpg`, `${long}.txt`];
    const pax = (path: string, content: string) =>
      Buffer.concat([new Pax({ path, size: content.length }).encode(), entry("short", content)]);
    const gnu = (path: string, content: string) =>
      Buffer.concat([
        entry("././@LongLink", `${path}\0`, "NextFileHasLongPath"),
        entry("short", content),
      ]);
    const directory = entry("folder/", "", "Directory");
    // a hard link tells the size of what it is to, and has no bytes
    const link = Buffer.concat([
      entry("a.jpg", "", "SymbolicLink"),
      entry("b.jpg", "x", "Link").subarray(0, 512),
    ]);
    for (const write of [pax, gnu]) {
      const path = shard(
        Buffer.concat([
          directory,
          link,
          write(picture, "picture"),
          write(text, "text"),
          Buffer.alloc(1024),
        ]),
      );
      const source = await openWebDataset(path);
      assert.deepEqual(await idsAndTexts(source), [[long, "text"]]);
      const { image } = await source.get(0, context);
      const { offset, length } = image as { offset: number; length: number };
      assert.equal(readFileSync(path).toString("latin1", offset, offset + length), "picture");
    }
  });

  test("have texts in .txt, else in .json, else in .cls", async () => {
    const path = shard([
      ...good("a"),
      ["b.png", ""],
      ["b.cls", "7"],
      ["b.json", '{"width": 3, "caption": "from json"}'],
      ["c.webp", ""],
      ["c.json", '["one", "two"]'],
      ["d.jpg", ""],
      ["d.cls", "42\n"],
      ["e.jpg", ""],
      ["e.json", '{"caption": "not this", "alt": ["x", "y"]}'],
      ["e.txt", "text\r\nof two lines\n\n"],
    ]);
    assert.deepEqual(await idsAndTexts(await openWebDataset(path)), [
      ["a", "text a"],
      ["b", "from json"],
      ["c", ["one", "two"]],
      ["d", "42"],
      ["e", "text\r\nof two lines"],
    ]);
    const own = await openWebDataset(path, { textExtension: "json", textColumn: "alt" });
    assert.deepEqual((await own.get(4, context)).text, ["x", "y"]);
    assert.deepEqual(await own.texts?.(4), ["x", "y"]);
    await assert.rejects(
      async () => own.get(1, context),
      codeOf("INVALID_ARCHIVE", /the text of "b": expected a text in alt, got width, caption/),
    );
  });

  test("of several pictures a sample need to be told which one is meant", async () => {
    const path = shard([
      ["a.left.jpg", "left"],
      ["a.right.jpg", "right"],
      ["a.txt", ""],
      ["b.jpg", "plain"],
      ["b.mask.png", "mask"],
      ["b.txt", ""],
    ]);
    const source = await openWebDataset(path);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf(
        "INVALID_ARCHIVE",
        /"a": it has several pictures, left\.jpg, right\.jpg; name one as imageExtension/,
      ),
    );
    const read = async (options: object, index: number) => {
      const { image } = await (await openWebDataset(path, options)).get(index, context);
      const { offset, length } = image as { offset: number; length: number };
      return readFileSync(path).toString("latin1", offset, offset + length);
    };
    assert.equal(await read({ imageExtension: "right.jpg" }, 0), "right");
    assert.equal(await read({}, 1), "plain");
    assert.equal(await read({ imageExtension: "mask.png" }, 1), "mask");
  });
});

describe("what is wrong in a shard", () => {
  test("is an error of its sample, which names shard and key", async () => {
    const path = shard([
      ...good("a"),
      ["b.txt", "no picture"],
      ["c.jpg", "no text"],
      ["d.jpg", "twice"],
      ["d.JPG", "twice"],
      ["d.txt", ""],
      ["e.jpg", ""],
      ["e.json", "{no json"],
      ["a.jpg", "again"],
      ["f.jpg", ""],
      ["f.json", '{"width": 5}'],
      ["g.jpg", ""],
      ["g.txt", Buffer.from([0x61, 0xff])],
      ["h.jpg", ""],
      ["h.cls", "cat"],
    ]);
    const source = await openWebDataset(path);
    const messages = [
      /shard\.tar": "b": it has no picture among txt/,
      /"c": it has no text among jpg/,
      /"d": it has two files jpg/,
      /the text of "e": .*JSON/,
      /"a": the key was there before/,
      /the text of "f": expected a text in text, caption, .*, got width/,
      /the text of "g": .*not valid/,
      /the text of "h": expected a number, got "cat"/,
    ];
    assert.equal(source.length, 1 + messages.length);
    assert.equal((await source.get(0, context)).text, "text a");
    for (const [i, message] of messages.entries()) {
      await assert.rejects(
        async () => source.get(i + 1, context),
        codeOf("INVALID_ARCHIVE", message),
      );
    }
    assert.ok(!existsSync(indexOf(path)), "no index is kept of a shard that has errors");
  });

  test("is one more sample where it ends early or has no header", async () => {
    const whole = tarOf([...good("a"), ...good("b")]).subarray(0, 8 * 512);
    const cases: [Buffer, number, RegExp][] = [
      [whole.subarray(0, 4 * 512 + 100), 2, /damaged: it ends within a header, at byte 2048/],
      [whole.subarray(0, 5 * 512 + 4), 2, /"b\.jpg": the shard ends before this file does/],
      [
        Buffer.concat([whole, Buffer.alloc(512, "x")]),
        3,
        /no header where one should be, at byte 4096/,
      ],
      [
        Buffer.concat([
          whole.subarray(0, 4 * 512),
          entry("x", "y".repeat(2 ** 21), "ExtendedHeader"),
        ]),
        2,
        /the name at byte 2560 is too long/,
      ],
      [
        Buffer.concat([
          whole.subarray(0, 4 * 512),
          entry("x", "y".repeat(5000), "NextFileHasLongPath").subarray(0, 1000),
        ]),
        2,
        /it ends within a name/,
      ],
    ];
    for (const [content, length, message] of cases) {
      const source = await openWebDataset(shard(content));
      assert.equal(source.length, length);
      assert.equal((await source.get(0, context)).text, "text a");
      await assert.rejects(
        async () => source.get(length - 1, context),
        codeOf("INVALID_ARCHIVE", message),
      );
    }
    const unended = await openWebDataset(shard(whole)); // without the two empty blocks
    assert.equal(unended.length, 2);
  });

  test("follows the loader's policy", async () => {
    const picture = readFileSync(fixture("pictures/jpeg-420.jpg"));
    const path = shard(
      tarOf([
        ["a.jpg", picture],
        ["a.txt", "a"],
        ["b.jpg", picture],
        ["c.jpg", picture],
        ["c.txt", "c"],
        ["d.jpg", picture],
        ["d.txt", "d"],
      ]).subarray(0, -1024 - 1024 - 512),
    );
    const dataset = await MultimodalDataset.from(path, { tokenizer });
    const loader = new DataLoader(dataset, { batchSize: 8, onError: "skip" });
    for await (const batch of loader) {
      assert.deepEqual(batch.texts, ["a", "c"]);
      assert.equal(batch.dropped.length, 2);
    }
    await assert.rejects(
      async () => {
        for await (const _ of new DataLoader(dataset, { batchSize: 8 })) break;
      },
      codeOf("INVALID_ARCHIVE", /sample 1, .*"b": it has no text/),
    );
  });

  test("ends its opening where nothing can be read", async () => {
    const cases: [string, string, RegExp][] = [
      [join(root, "none.tar"), "FILE_NOT_FOUND", /no such file/],
      [
        shard(Buffer.from([0x1f, 0x8b, 8, 0])),
        "INVALID_ARCHIVE",
        /compressed with gzip; unpack it/,
      ],
      [shard(Buffer.alloc(600, "text")), "INVALID_ARCHIVE", /this is no tar: it does not begin/],
      [shard(Buffer.alloc(0)), "INVALID_ARCHIVE", /this is no tar: it is too short/],
      [shard(Buffer.alloc(1024)), "INVALID_ARCHIVE", /there are no samples in it/],
      [root, "FILE_UNREADABLE", /EISDIR/],
    ];
    for (const [path, code, message] of cases) {
      await assert.rejects(openWebDataset(path), codeOf(code, message));
    }
    await assert.rejects(
      openWebDataset("x.tar", { column: "x" } as never),
      /unknown option "column"/,
    );
    await assert.rejects(openWebDataset([]), /shards: expected at least one/);
  });
});

describe("a shard that has changed since it was opened", () => {
  test("is an error, and not the bytes of another sample", async () => {
    const path = shard([...good("a"), ...good("b")]);
    const source = await openWebDataset(path);
    const other = shard([...good("other"), ...good("c")]);
    renameSync(other, path);
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("INVALID_ARCHIVE", /the file has been changed since it was opened; open it again/),
    );
    assert.equal((await (await openWebDataset(path)).get(0, context)).id, "other");
    rmSync(path);
    await setTimeout(2100); // until it is not kept open any more
    await assert.rejects(
      async () => source.get(0, context),
      codeOf("FILE_NOT_FOUND", /no such file/),
    );
  });
});

describe("the index beside a shard", () => {
  test("is DALI's: a line for each sample, extension, offset, size and name of its files", async () => {
    const path = shard([...good("dir/a"), ...good("dir/b")]);
    await openWebDataset(path);
    const lines = readFileSync(indexOf(path), "utf8").split("\n");
    assert.deepEqual(lines.slice(0, 3), [
      "v1.2 2",
      "jpg 512 13 dir/a.jpg txt 1536 10 dir/a.txt",
      "jpg 2560 13 dir/b.jpg txt 3584 10 dir/b.txt",
    ]);
    assert.match(lines[3] ?? "", /^# made of a tar of \d+ bytes, modified \d+$/);
  });

  test("is used where it is of this tar, by DALI's own tool as well", async () => {
    const path = shard([...good("a"), ...good("b")]);
    const before = await idsAndTexts(await openWebDataset(path));
    // an index that has less than the tar shows that it is the index that is read
    const [, a = "", , last] = readFileSync(indexOf(path), "utf8").split("\n");
    writeFileSync(indexOf(path), `v1.2 1\n${a}\n${last}\n`);
    assert.equal((await openWebDataset(path)).length, 1);
    writeFileSync(indexOf(path), `v1.2 1\n${a}\n`); // as wds2idx leaves it
    assert.equal((await openWebDataset(path)).length, 1);
    // which is wrong about files that have more than one header
    writeFileSync(indexOf(path), `v1.2 1\n${a.replace("txt 1536", "txt 2048")}\n`);
    assert.equal((await openWebDataset(path)).length, 2);
    writeFileSync(indexOf(path), `v1.2 1\n${a.replaceAll("a.", "z.")}\n`);
    assert.equal((await openWebDataset(path)).length, 2);
    writeFileSync(indexOf(path), `v1.2 1\n${a}\n`);
    utimesSync(indexOf(path), 1, 1);
    assert.deepEqual(await idsAndTexts(await openWebDataset(path)), before);
  });

  test("is made anew where the tar has changed, or it is damaged", async () => {
    const path = shard(good("a"));
    await openWebDataset(path);
    const first = readFileSync(indexOf(path), "utf8");
    writeFileSync(path, tarOf([...good("b"), ...good("c")]));
    assert.equal((await openWebDataset(path)).length, 2);
    for (const broken of [
      "",
      "v1.2 5\n",
      "v9 1\nx\n",
      first,
      readFileSync(indexOf(path), "utf8").replace("512", "9999999"),
      readFileSync(indexOf(path), "utf8").replace("jpg 512", "jpg -1"),
    ]) {
      writeFileSync(indexOf(path), broken);
      const stamp = statSync(path);
      if (broken !== first) utimesSync(indexOf(path), stamp.atime, new Date(stamp.mtimeMs + 5000));
      assert.deepEqual(await idsAndTexts(await openWebDataset(path)), [
        ["b", "text b"],
        ["c", "text c"],
      ]);
    }
  });

  test("is only in memory where names have blanks, or the folder cannot be written to", async () => {
    const blanks = shard(good("a b"));
    assert.deepEqual(await idsAndTexts(await openWebDataset(blanks)), [["a b", "text a b"]]);
    assert.ok(!existsSync(indexOf(blanks)));
    const closed = shard(good("a"));
    const folder = join(closed, "..");
    chmodSync(folder, 0o555);
    try {
      assert.deepEqual(await idsAndTexts(await openWebDataset(closed)), [["a", "text a"]]);
    } finally {
      chmodSync(folder, 0o755);
    }
  });

  test("of ten thousand entries opens in milliseconds, and with flat memory", async () => {
    const files = Array.from({ length: 5000 }, (_, i) => good(String(i).padStart(6, "0"))).flat();
    const path = shard(files);
    files.length = 0;
    await openWebDataset(path);
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const start = performance.now();
      await openWebDataset(path);
      times.push(performance.now() - start);
    }
    globalThis.gc?.();
    const before = process.memoryUsage();
    const source = await openWebDataset(path);
    globalThis.gc?.();
    const after = process.memoryUsage();
    assert.equal(source.length, 5000);
    assert.equal((await source.get(4999, context)).id, "004999");
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    assert.ok(grown < 1 << 20, `${grown} bytes`);
    assert.ok(Math.min(...times) < 50, `${times} ms`);
  });
});

describe("patterns of shards", () => {
  test("are expanded as a shell does", async () => {
    const folder = join(root, "patterns");
    mkdirSync(folder);
    const names = ["a-08", "a-09", "a-10", "b-08", "b-09", "b-10", "c{x}", "d-1", "d-2"];
    for (const name of names) writeFileSync(join(folder, `${name}.tar`), tarOf(good(name)));
    const keysOf = async (...patterns: string[]) => {
      const source = await openWebDataset(patterns.map((pattern) => join(folder, pattern)));
      return (await idsAndTexts(source)).map((pair) => (pair as [string])[0]);
    };
    assert.deepEqual(await keysOf("{a,b}-{08..10}.tar"), names.slice(0, 6));
    assert.deepEqual(await keysOf("a-{10..08}.tar"), ["a-10", "a-09", "a-08"]);
    assert.deepEqual(await keysOf("{d-{1..2},a-08}.tar"), ["d-1", "d-2", "a-08"]);
    assert.deepEqual(await keysOf("c{x}.tar", "d-1.tar"), ["c{x}", "d-1"]);
    await assert.rejects(
      openWebDataset(join(folder, "a-{08..11}.tar")),
      /a-11\.tar": no such file/,
    );
  });
});
