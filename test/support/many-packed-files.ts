import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { ImageProcessor } from "pixtok";
import { folderFile } from "../../src/packing/folder-file.js";
import { openPackedFileWriter } from "../../src/packing/packed-file-writer.js";
import { headBytes } from "../../src/sources/packed/message-list.js";
import { type PackConfig, packedFileName } from "../../src/sources/packed/pack-format.js";
import { numbersOf, type PackIndex } from "../../src/sources/packed/pack-index.js";
import { openPackedFile } from "../../src/sources/packed/packed-file.js";

/** How a set of many files is written. */
export interface ManyFiles {
  /** Number of files. */
  files: number;
  /** Rows of each. Default 2. */
  rows?: number;
  /** Side of the images. Default 2. */
  side?: number;
}

/** A set without texts, of images that are as large as they say. */
export function imagesConfig({ files, rows = 2, side = 2 }: ManyFiles): PackConfig {
  const size = { width: side, height: side };
  return {
    ...{ format: 2, size, pictures: null, conversations: null, text: null, tokenizer: null },
    ...{ processor: new ImageProcessor({ resize: size }).config, columns: [], imageColumns: [] },
    source: { pairs: rows * files, fingerprint: null },
    shardPairs: rows,
  };
}

/**
 * Writes files of a set, all alike but for their place, as fast as they can be written: the first is a packed file, and of the
 * others only what is not the images, which are holes.
 *
 * @returns what their index says, but for the fingerprint.
 */
export async function writeManyFiles(folder: string, set: ManyFiles): Promise<PackIndex> {
  mkdirSync(folder, { recursive: true });
  const { files, rows = 2, side = 2 } = set;
  const config = imagesConfig(set);
  const room = String(files).length;
  // as long for every file
  const said = (shard: number) => ({
    ...{ config, shard, shards: files },
    versions: { test: "".padEnd(room - String(shard).length, ".") },
  });
  const name = (shard: number) => join(folder, packedFileName(shard, files));
  const writer = await openPackedFileWriter(
    folderFile(name(0), "0123456789ab"),
    { ...said(0), first: 0 },
    1,
  );
  const indices = Array.from({ length: rows }, (_, i) => i);
  await writer.write({
    ...{ images: new Uint8Array(rows * 3 * side * side), texts: null, conversations: null },
    ...{ keys: indices.map((i) => `key ${i}`), indices, columns: [], imageColumns: [] },
  });
  await writer.finish();
  const { messages, schemaCrc } = openPackedFile(name(0));
  const whole = readFileSync(name(0));
  const schema = Buffer.from(whole.subarray(0, headBytes(whole)));
  const head = whole.subarray(schema.length, schema.length + (messages[1]?.headBytes ?? 0));
  const end = whole.subarray(Math.max(schema.length + head.length, whole.length - 40 * rows - 256));
  const json = schema.indexOf(JSON.stringify(said(0)));
  const list = schema.indexOf("pixtok messages 1:") + "pixtok messages 1:".length;
  const entries = schema.subarray(list, list + 80).toString("latin1");
  const schemaCrcs = new Uint32Array(files);
  schemaCrcs[0] = schemaCrc;
  for (let shard = 1; shard < files; shard += 1) {
    schema.write(JSON.stringify(said(shard)), json, "latin1");
    schema.fill("0", list, list + 80);
    const crc = crc32(schema).toString(16).padStart(8, "0");
    schema.write(entries.slice(0, 24) + crc + entries.slice(32), list, "latin1");
    schemaCrcs[shard] = crc32(schema);
    const file = openSync(name(shard), "w");
    writeSync(file, Buffer.concat([schema, head]), 0);
    writeSync(file, end, 0, end.length, whole.length - end.length);
    ftruncateSync(file, whole.length);
    closeSync(file);
  }
  const own = numbersOf(messages[1] as (typeof messages)[number]);
  return {
    ...{ config, files, fingerprint: "0", schemaCrcs },
    versions: [{ source: config.source, shardPairs: config.shardPairs, files, fingerprint: "0" }],
    rows: new Int32Array(files).fill(rows),
    schemaBytes: new Uint32Array(files).fill(schema.length),
    starts: Int32Array.from({ length: files + 1 }, (_, i) => i),
    messages: Uint32Array.from({ length: own.length * files }, (_, i) => own[i % own.length] ?? 0),
  };
}
