import { readFileSync } from "node:fs";
import { fixture } from "../../test/support/fixtures.js";
import { byteMutators } from "../mutation/bytes.js";
import { jsonLinesMutators, jsonMutators } from "../mutation/json.js";
import { textMutators } from "../mutation/text.js";
import type { Seed, Target } from "../target.js";

const image = readFileSync(fixture("images/jpeg-1x1.jpg"));
const jsonLines = (rows: readonly object[]) =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

function beside(name: string, text: string): Seed {
  const files = [
    [name, Buffer.from(text)],
    ["a.jpg", image],
    ["b.jpg", image],
  ] as const;
  return { name, files: new Map(files) };
}

const manifests = [
  beside(
    "pairs.jsonl",
    jsonLines([
      { image: "a.jpg", text: "größer", more: { a: [1, null] } },
      { image: "b.jpg", text: ["one", "two"] },
      { image: "no.jpg", text: '\ud83d\udc15 "quoted"' },
    ]),
  ),
  beside("pairs.csv", 'image,text,more\na.jpg,"a, dog",1\r\nb.jpg,"two ""lines""\nof text",\n'),
  beside("pairs.tsv", "image\ttext\na.jpg\ta dog\nb.jpg\ta cat\n"),
  beside(
    "metadata.jsonl",
    jsonLines([
      { file_name: "a.jpg", text: "a" },
      { file_name: "b.jpg", text: "b" },
    ]),
  ),
  beside("metadata.csv", "file_name,caption\na.jpg,a dog\nb.jpg,a cat\n"),
];

const isTable = (path: string) => !path.endsWith(".jpg");

export const manifest: Target = {
  name: "manifest",
  share: 2,
  seeds: async () => manifests,
  isDamaged: isTable,
  mutatorsOf: (path) => ({
    ...byteMutators,
    ...textMutators,
    ...(path.endsWith(".jsonl") && jsonLinesMutators),
  }),
};

const captions = {
  info: { year: 2026 },
  images: [
    { id: 1, file_name: "a.jpg", width: 1, height: 1 },
    { id: 2, file_name: "b.jpg" },
  ],
  annotations: [
    { id: 10, image_id: 1, caption: "a dog" },
    { id: 11, image_id: 1, caption: "a small dog" },
    { id: 12, image_id: 2, caption: "größer" },
  ],
};

export const coco: Target = {
  name: "coco",
  share: 1,
  seeds: async () => [
    beside("captions.json", JSON.stringify(captions)),
    beside("captions.json", JSON.stringify(captions, null, 2)),
  ],
  isDamaged: isTable,
  mutatorsOf: () => ({ ...byteMutators, ...textMutators, ...jsonMutators }),
};
