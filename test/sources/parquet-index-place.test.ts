// Where the index of Parquet files is kept that have no place beside them, or are elsewhere.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openParquet } from "pixtok";
import { inChild } from "../support/child.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import {
  copiesIn,
  fileOf,
  nameOf,
  newCache,
  ROWS_A_FILE,
  requireRows,
  setOf,
  time,
  withoutFooters,
} from "../support/indexed-parquet.js";
import { codeOf } from "../support/manifests.js";

describe("where there is no place beside the Parquet files", () => {
  /** A folder is where the index would be, which keeps out even who may write anywhere. */
  const blocked = () => {
    const { paths, index } = setOf();
    mkdirSync(index);
    return paths;
  };

  test("the index is kept in the cache, and used", async () => {
    const paths = blocked();
    const cacheDir = newCache();
    await openParquet(paths, { cacheDir });
    assert.equal(copiesIn(cacheDir).length, 1);
    await requireRows(await withoutFooters(paths, () => openParquet(paths, { cacheDir })));
    assert.equal(copiesIn(cacheDir).length, 1);
  });

  test("nor in the cache, it is in memory, without a word", async () => {
    const paths = blocked();
    const cacheDir = join(newCache(), "file");
    writeFileSync(cacheDir, "");
    await requireRows(await openParquet(paths, { cacheDir }));
    await assert.rejects(
      withoutFooters(paths, () => openParquet(paths, { cacheDir })),
      codeOf("INVALID_PARQUET", /this is no Parquet file/),
    );
  });
});

test("where there is a cache, opening one file makes and loads nothing of what is for files elsewhere", async () => {
  const { paths } = setOf({ count: 1 });
  const [cacheDir, loaded] = [newCache(), newCache()];
  const { value, errors } = await inChild(
    `
    const { openParquet } = await import("pixtok");
    const source = await openParquet(${JSON.stringify(paths)}, { cacheDir: ${JSON.stringify(cacheDir)} });
    return source.length;`,
    { env: { NODE_V8_COVERAGE: loaded } }, // by which node lists all modules
  );
  assert.equal(value, ROWS_A_FILE, errors);
  const [list] = readdirSync(loaded);
  const modules = readFileSync(join(loaded, list as string), "latin1");
  assert.match(modules, /sources\/kept-index\.js"/);
  assert.doesNotMatch(modules, /remote\/(copy-cache|remote-file)\.js"/);
  assert.deepEqual(readdirSync(cacheDir), []);
});

const isIndex = (path: string) => readFileSync(path, "latin1").startsWith("pixtok parquet 2 ");

describe("of Parquet files that are elsewhere", () => {
  const serve = closedServers(startFileServer);
  const count = 40;
  const contents = Object.fromEntries(
    Array.from({ length: count }, (_, file) => [`/${nameOf(file)}`, fileOf(file)]),
  );
  const patternAt = (url: string) => `${url}/train-{00000..00039}.parquet`;

  test("the index is among the copies: a second opening fetches no footer", async () => {
    const server = await serve(contents);
    const options = { cacheDir: newCache() };
    const first = await openParquet(patternAt(server.url), options);
    const [index, ...others] = copiesIn(options.cacheDir).filter(isIndex);
    assert.ok(index !== undefined && others.length === 0);
    const { ino } = statSync(index);
    server.requests.length = 0;
    const second = await openParquet(patternAt(server.url), options);
    assert.deepEqual(
      server.requests.filter(({ method }) => method === "GET"),
      [],
    );
    assert.equal(second.fingerprint, first.fingerprint);
    assert.equal(await second.texts?.(50), "text 16, 2");
    assert.equal(statSync(index).ino, ino);
  });

  test("or of which some are, the index is among the copies, and beside none of them", async () => {
    const name = `/${nameOf(0)}`;
    const server = await serve({ [name]: contents[name] as Buffer });
    const { paths, index } = setOf({ count });
    const cacheDir = newCache();
    const source = await openParquet([...paths, `${server.url}${name}`], { cacheDir });
    assert.equal(source.length, (count + 1) * ROWS_A_FILE);
    assert.equal(copiesIn(cacheDir).filter(isIndex).length, 1);
    assert.equal(existsSync(index), false);
  });

  test("there is none where one of them may change without anybody knowing it", async () => {
    const name = `/${nameOf(0)}`;
    const server = await serve({ [name]: contents[name] as Buffer });
    server.etags = false;
    const { paths, index } = setOf({ count });
    const cacheDir = newCache();
    const source = await openParquet([...paths, `${server.url}${name}`], { cacheDir });
    assert.equal(source.length, (count + 1) * ROWS_A_FILE);
    assert.deepEqual(copiesIn(cacheDir).filter(isIndex), []);
    assert.equal(existsSync(index), false);
  });

  test("it is made anew where their server has others", async () => {
    const server = await serve(contents);
    const options = { cacheDir: newCache() };
    await openParquet(patternAt(server.url), options);
    server.files.set(`/${nameOf(16)}`, fileOf(16, { of: "more", rows: 5 }));
    const source = await openParquet(patternAt(server.url), options);
    assert.equal(source.length, count * ROWS_A_FILE + 2);
    assert.equal(await source.texts?.(52), "more 16, 4");
  });

  test("it is of no others whose URLs differ in their queries alone", async () => {
    const of = { rows: 1, word: "i" };
    const other = { ...of, order: ["text", "image"] };
    const bytes = (file: number) => fileOf(file % count, file < count ? of : other);
    const numbers = Array.from({ length: 2 * count }, (_, file) => file);
    const server = await serve(
      Object.fromEntries(numbers.map((file) => [`/get?id=${file}`, bytes(file)])),
    );
    server.etags = false;
    server.headers = { "Last-Modified": new Date(time * 1000).toUTCString() };
    const urls = numbers.map((file) => `${server.url}/get?id=${file}`);
    const options = { cacheDir: newCache() };
    for (const some of [urls.slice(0, count), urls.slice(count)]) {
      const source = await openParquet(some, options);
      assert.equal(await source.texts?.(16), "text 16, 0");
    }
  });
});
