import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../support/fixtures.js";
import { tarOf } from "../support/tar.js";

const images = [
  ["cat.jpg", "jpeg-500x375.jpg", "a cat on a sofa"],
  ["dog.png", "png-rgb.png", "a dog in the park"],
  ["boat.jpg", "jpeg-420.jpg", "a boat on the lake"],
  ["bread.webp", "webp-lossy.webp", "fresh bread on a table"],
  ["train.jpg", "jpeg-progressive.jpg", "a red train in the snow"],
  ["kite.gif", "gif-still.gif", "two children with a kite"],
  ["horse.jpg", "jpeg-444.jpg", "a horse behind a fence"],
  ["tower.jpg", "jpeg-422.jpg", "an old tower at night"],
] as const;

/** Fills a folder with what the pages' programs open, under the names that they use; programs are in `bin`. */
export function fillWorkspace(folder: string): void {
  const at = (path: string) => join(folder, path);
  mkdirSync(at("photos"));
  mkdirSync(at("shards"));
  for (const [name, from] of images) copyFileSync(fixture(`images/${from}`), at(`photos/${name}`));
  for (const [name, from] of images.slice(0, 2)) {
    mkdirSync(at(`classes/${name.split(".")[0]}`), { recursive: true });
    copyFileSync(fixture(`images/${from}`), at(`classes/${name.split(".")[0]}/${name}`));
  }
  const rows = images.map(([name, , text]) => JSON.stringify({ image: `photos/${name}`, text }));
  writeFileSync(at("pairs.jsonl"), `${rows.join("\n")}\n`);
  writeFileSync(at("more.jsonl"), `${rows.slice(0, 2).join("\n")}\n`);
  const boxes = images.map(([name, , text], label) =>
    JSON.stringify({ image: `photos/${name}`, text, label, box: [0, 0, 5, 4.5], url: `/${name}` }),
  );
  writeFileSync(at("boxes.jsonl"), `${boxes.join("\n")}\n`);
  const pages = images.map(([name, , text], i) =>
    JSON.stringify({
      images: [`photos/${name}`, `photos/${images[i >> 1]?.[0]}`].slice(i % 2),
      text,
    }),
  );
  writeFileSync(at("pages.jsonl"), `${pages.join("\n")}\n`);
  const edits = images.map(([name, , text], i) =>
    JSON.stringify({ image: `photos/${name}`, result: `photos/${images[i >> 1]?.[0]}`, text }),
  );
  writeFileSync(at("edits.jsonl"), `${edits.join("\n")}\n`);
  const tokens = images.map(([name], i) =>
    JSON.stringify({ image: `photos/${name}`, input_ids: [101, 7 + i, 102] }),
  );
  writeFileSync(at("tokens.jsonl"), `${tokens.join("\n")}\n`);
  const captions = {
    images: images.map(([name], id) => ({ id, file_name: `photos/${name}` })),
    annotations: images.flatMap(([, , text], id) => [
      { id: 2 * id, image_id: id, caption: text },
      { id: 2 * id + 1, image_id: id, caption: `a photo of ${text}` },
    ]),
  };
  writeFileSync(at("captions.json"), JSON.stringify(captions));
  copyFileSync(fixture("parquet/hub-none.parquet"), at("train-00000-of-00001.parquet"));
  cpSync(fixture("arrow/splits/train"), at("saved"), { recursive: true });
  for (const shard of [0, 1]) {
    const samples = images.slice(4 * shard, 4 * shard + 4).flatMap(([, from, text], place) => {
      const key = `${shard}${place}`;
      const bytes = readFileSync(fixture(`images/${from}`));
      return [[`${key}.${from.split(".")[1]}`, bytes] as const, [`${key}.txt`, text] as const];
    });
    writeFileSync(at(`shards/00${shard}.tar`), tarOf(samples));
  }
  cpSync(fixture("wordpiece"), at("google-bert/bert-base-uncased"), { recursive: true });
  cpSync(fixture("bpe"), at("openai/clip-vit-base-patch32"), { recursive: true });
  copyFileSync(
    fixture("processors/clip-defaults/preprocessor_config.json"),
    at("openai/clip-vit-base-patch32/preprocessor_config.json"),
  );
  copyFileSync(fixture("onnx/text-encoder.onnx"), at("text-encoder.onnx"));
  mkdirSync(at("bin"));
  const gpu = "0, GPU-8932f937-d72c-4106-c12f-20bd9faed9f6, a GPU, 81559, 80994, 565";
  writeFileSync(at("bin/nvidia-smi"), `#!/bin/sh\necho "${gpu}"\n`, { mode: 0o755 });
}
