import { parseArgs } from "node:util";
import { produce } from "./produce.js";
import { watch } from "./watch.js";
import { startWorker } from "./work.js";

const usage = `npm start -- produce SOURCE FOLDER [--parts 8] [--only 3,5] [--root FOLDER] [--tokenizer PATH] [--size 256] [--file-bytes N]
npm start -- work
npm start -- watch FOLDER [--parts 8]`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    parts: { type: "string", default: "8" },
    only: { type: "string" },
    root: { type: "string" },
    tokenizer: { type: "string" },
    size: { type: "string", default: "256" },
    "file-bytes": { type: "string", default: String(512 * 2 ** 20) },
  },
});
const [command, first, second] = positionals;
const parts = Number(values.parts);
const only = values.only?.split(",").map(Number);
const isPart = (index: number) => Number.isInteger(index) && index >= 0 && index < parts;

if (!isPart(parts - 1) || only?.every(isPart) === false) {
  console.error(`--parts is a number of parts, and --only has some from 0 to one less\n${usage}`);
  process.exitCode = 1;
} else if (command === "produce" && first !== undefined && second !== undefined) {
  const set = {
    source: first,
    folder: second,
    root: values.root ?? null,
    tokenizer: values.tokenizer ?? null,
    size: Number(values.size),
    fileBytes: Number(values["file-bytes"]),
  };
  await produce(set, only ?? [...Array(parts).keys()], parts);
} else if (command === "work") {
  await startWorker();
} else if (command === "watch" && first !== undefined) {
  const { ok, missing } = await watch(first, parts);
  if (missing.length > 0) console.log(`missing: --only ${missing.join(",")}`);
  if (!ok) process.exitCode = 1;
} else {
  console.error(usage);
  process.exitCode = 1;
}
