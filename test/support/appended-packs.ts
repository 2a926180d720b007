import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AnyDataset,
  concat,
  type ImageProcessor,
  MultimodalDataset,
  type PackDatasetOptions,
  type Pair,
  type PairSource,
  PixtokError,
  packDataset,
} from "pixtok";
import { assertSameEpoch } from "./packs.js";
import { tinyImage } from "./pairs.js";

/** Where the sets are, until the process ends. */
export const root = mkdtempSync(join(tmpdir(), "pixtok-append-"));
process.on("exit", () => rmSync(root, { recursive: true }));
let folders = 0;

/** Bytes of two images, and of the numbers beside them: files have two rows. */
export const fileBytes = 2 * (3 + 8);

/** Rows that can be packed. */
export interface Rows {
  readonly source: PairSource;
  readonly dataset: AnyDataset;
}

/** Pairs from one number on: a pixel of that number, and a column of it. Others of the same fingerprint are shifted. */
export function rowsFrom(
  first: number,
  length: number,
  {
    fingerprint = true,
    image = tinyImage as ImageProcessor,
    type = "int64" as "int64" | "float32",
    shift = 0,
    before = async (_index: number) => {},
  } = {},
): Rows {
  const source = {
    length,
    ...(fingerprint && { fingerprint: `from ${first}` }),
    async get(index: number): Promise<Pair> {
      await before(index);
      const number = first + index;
      const data = Uint8Array.of(number, 7 + shift, 9);
      return {
        image: { data, width: 1, height: 1, channels: 3 },
        text: "",
        key: `row ${number}`,
        columns: { number },
      };
    },
  };
  const dataset = new MultimodalDataset({ source, text: null, image, columns: { number: type } });
  return { source, dataset };
}

/** Rows of the set as it is packed first, in three files, and of what is appended, in two. */
export const [OLD, NEW] = [6, 4];
export const old = rowsFrom(0, OLD);
export const more = rowsFrom(100, NEW);

export const packed = (async () => {
  const folder = join(root, "first");
  await packDataset(old.dataset, folder, { fileBytes });
  return folder;
})();

/** A copy of the set that more can be appended to. */
export async function newSet(): Promise<string> {
  const folder = join(root, `set-${folders++}`);
  cpSync(await packed, folder, { recursive: true });
  return folder;
}

export const append = (
  folder: string,
  { dataset }: Rows = more,
  options: PackDatasetOptions = {},
) => packDataset(dataset, folder, { fileBytes, append: true, ...options });

export async function appended(): Promise<string> {
  const folder = await newSet();
  await append(folder);
  return folder;
}

const options = { columns: { number: "int64" as const }, text: null };
export const open = (folder: string, version?: number) =>
  MultimodalDataset.from(folder, { ...options, ...(version !== undefined && { version }) });

/** The same rows, that no set has. */
export function originals(...rows: Rows[]): AnyDataset {
  const source = concat(rows.map(({ source }) => source));
  return new MultimodalDataset({ ...options, source, image: tinyImage });
}

export const order = { batchSize: 3, shuffle: true, seed: 5 };
export async function assertRows(folder: string, rows: Rows[], version?: number) {
  await assertSameEpoch(await open(folder, version), originals(...rows), order);
}

export const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

/** Rows; one of them is kept back until it is let go. */
export function gated(first: number, held: number) {
  let letGo = () => {};
  let reach = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const before = async (index: number) => {
    if (index !== held) return;
    reach();
    await gate;
  };
  return { rows: rowsFrom(first, NEW, { before }), letGo, reached };
}
