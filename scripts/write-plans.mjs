// Writes docs/plans.md: what pixtok plan says of sets like one of yours, from what it measures on this machine.
//
//   npm run build:ts && node scripts/write-plans.mjs pairs.jsonl TOKENIZER [ROOT]
//
// ROOT is where paths of images start, if not beside the manifest. The same pairs are planned as files of their own and
// as a shard.

import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Header } from "tar";
import { openManifest } from "../dist/index.js";

const [manifest, tokenizer, root] = process.argv.slice(2);
if (manifest === undefined || tokenizer === undefined) {
  throw new Error("expected a manifest and a tokenizer");
}
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const page = fileURLToPath(new URL("../docs/plans.md", import.meta.url));
const fleet =
  "--pairs 1e6,1e8,1e9,1e10 --ranks 64 --nodes 8 --bandwidth 1.25GB --window 256 --measure";

function plan(source, ...options) {
  const parameters = ["plan", source, "--tokenizer", tokenizer, ...options, ...fleet.split(" ")];
  return execFileSync(process.execPath, [main, ...parameters], { encoding: "utf8" }).trimEnd();
}

/** A tar of the pairs of a manifest. */
async function writeShard(path) {
  const source = await openManifest(manifest, root === undefined ? {} : { root });
  const parts = [];
  const add = (name, bytes) => {
    const header = new Header({ path: name, size: bytes.length, mode: 0o644, type: "File" });
    const block = Buffer.alloc(512);
    header.encode(block);
    parts.push(block, bytes, Buffer.alloc(-bytes.length & 511));
  };
  for (let i = 0; i < source.length; i += 1) {
    const { image, text } = await source.get(i, { seed: 0, epoch: 0 });
    const chunks = [];
    for await (const chunk of createReadStream(image)) chunks.push(chunk);
    const name = String(i).padStart(6, "0");
    add(`${name}.jpg`, Buffer.concat(chunks));
    add(`${name}.txt`, Buffer.from(String(text)));
  }
  writeFileSync(path, Buffer.concat([...parts, Buffer.alloc(1024)]));
}

const folder = mkdtempSync(join(tmpdir(), "pixtok-plans-"));
try {
  const shard = join(folder, "shard.tar");
  await writeShard(shard);
  const ofRoot = root === undefined ? [] : ["--root", root];
  const asFiles = plan(manifest, ...ofRoot);
  const asShards = plan(shard, "--file-pairs", "10000");
  const block = (command, text) => `\`\`\`\n$ npx pixtok plan ${command}\n${text}\n\`\`\`\n`;
  const cpu = `${cpus().length} cores of ${cpus()[0].model}`;
  const date = new Date().toISOString().slice(0, 10);
  writeFileSync(
    page,
    `# Plans of sets from a million pairs to ten thousand million

Written by \`node scripts/write-plans.mjs\` on ${date}, with ${cpu}. [Planning](guides/planning.md) says what each line is. Only
the rates, the opening, the memory and the bytes of a pair were measured, with a sample of ${Math.round(statSync(shard).size / 1e6)} MB; all else is arithmetic.

## Images that are files, named by a manifest

${block(`pairs.jsonl --tokenizer bert-base-uncased ${fleet}`, asFiles)}
## Images in shards of ten thousand

${block(`shard.tar --file-pairs 10000 --tokenizer bert-base-uncased ${fleet}`, asShards)}`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
