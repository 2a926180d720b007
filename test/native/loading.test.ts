// What is loaded with pixtok, and what only when it is wanted.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Modules that a script loads, by their paths below the repository. */
function modulesOf(script: string): string[] {
  const hook = "export const load=(url,context,next)=>(process._rawDebug(url),next(url,context))";
  const prelude = `import{register}from"node:module";register("data:text/javascript,${encodeURIComponent(hook)}")`;
  const { stderr, status } = spawnSync(
    process.execPath,
    [
      ...["--import", `data:text/javascript,${encodeURIComponent(prelude)}`],
      ...["--input-type=module", "--eval", script],
    ],
    { cwd: repository, encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  const root = new URL("../../", import.meta.url).href;
  return stderr
    .split("\n")
    .filter((url) => url.startsWith(root))
    .map((url) => url.slice(root.length));
}

describe("to import pixtok", () => {
  const loaded = modulesOf('await import("pixtok")');
  const installed = [
    ...readdirSync(join(repository, "dist"), { recursive: true }).map((path) => `dist/${path}`),
    ...readdirSync(join(repository, "node_modules")).map((name) => `node_modules/${name}`),
  ];

  test("loads its API", () => {
    assert.ok(loaded.includes("dist/loader/data-loader.js"));
  });

  for (const [what, pattern] of [
    ["sharp", /^node_modules\/(sharp|@img)\b/],
    ["chat templates", /^dist\/chat\/jinja\//],
    ["the classes of transformers", /processor-classes|vision-language-classes/],
    ["the reading of any source", /^dist\/sources\/(\w+\/.*-source|webdataset\/tar.*)\.js$/],
    ["libraries that read some kinds", /^node_modules\/(apache-arrow|@streamparser|tar|yaml)\b/],
    ["clients of hubs and buckets", /^node_modules\/@(huggingface|aws-sdk)\b/],
  ] as const) {
    test(`does not load ${what}`, () => {
      assert.ok(
        installed.some((path) => pattern.test(path)),
        `${pattern} is of nothing`,
      );
      assert.deepEqual(
        loaded.filter((path) => pattern.test(path)),
        [],
      );
    });
  }
});

test("pixtok that is loaded a second time makes batches too, as test runners load it for each file", () => {
  // modules that have been imported by "?copy" import each other by it
  const hook = `export const resolve = async (name, context, next) => {
    const found = await next(name, context);
    const isCopied = context.parentURL?.endsWith("?copy") && found.url.includes("/dist/");
    return isCopied ? { ...found, url: found.url + "?copy" } : found;
  }`;
  const script = `
    import { register } from "node:module";
    register("data:text/javascript,${encodeURIComponent(hook)}");
    const first = import.meta.resolve("pixtok");
    for (const url of [first, first + "?copy", first]) {
      const { ImageProcessor } = await import(url);
      const { pixel_values } = await new ImageProcessor().process("test/data/images/png-1x1.png");
      console.log(url.endsWith("?copy"), pixel_values.dims.join());
    }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    // what takes the place of register() on Node 26 is not there on Node 20
    ["--disable-warning=DEP0205", "--input-type=module", "--eval", script],
    { cwd: repository, encoding: "utf8" },
  );
  assert.equal(stderr, "");
  assert.equal(stdout, "false 1,3,224,224\ntrue 1,3,224,224\nfalse 1,3,224,224\n");
});
