import { connect, Index, type Table } from "@lancedb/lancedb";
import { DataLoader, MultimodalDataset } from "pixtok";
import type { Clip } from "./clip.js";

/** More pictures than this are found by an index: to compare with all of them takes too long. */
const MOST_COMPARED = 100_000;

/** A picture in the table. */
interface Row extends Record<string, unknown> {
  /** Its name in the folder. */
  picture: string;
  vector: Float32Array;
}

/** A picture that was found. */
export interface Found {
  /** Its name in the folder. */
  picture: string;
  /** Cosine of the angle between its embedding and the text's. */
  similarity: number;
}

/** Puts the embeddings of a folder's pictures into a new table of a database. */
export async function indexPictures(folder: string, clip: Clip, database: string): Promise<Table> {
  const image = clip.processor;
  const dataset = await MultimodalDataset.from(folder, { text: null, image });
  const loader = new DataLoader(dataset, { batchSize: 64, onError: "skip" });
  const db = await connect(database);
  let table: Table | undefined;
  for await (const batch of loader) {
    const embeddings = await clip.embedImages(batch.image);
    const rows = rowsOf(batch.keys, embeddings);
    batch.release();
    if (table === undefined) table = await db.createTable("pictures", rows, { mode: "overwrite" });
    else await table.add(rows);
  }
  if (table === undefined) throw new Error(`there is no picture in ${folder} that can be read`);
  for (const { index, message } of loader.errors.list)
    console.warn(`left out ${index}: ${message}`);

  // what came batch by batch, in one file
  await table.optimize({ cleanupOlderThan: new Date() });
  const count = await table.countRows();
  if (count > MOST_COMPARED) {
    const numPartitions = Math.round(Math.sqrt(count));
    const config = Index.ivfPq({ distanceType: "cosine", numPartitions });
    await table.createIndex("vector", { config });
  }
  return table;
}

function rowsOf(pictures: readonly string[], embeddings: Float32Array): Row[] {
  const size = embeddings.length / pictures.length;
  return pictures.map((picture, row) => ({
    picture,
    vector: embeddings.subarray(row * size, (row + 1) * size),
  }));
}

/** The pictures that a text describes best. */
export async function searchPictures(
  database: string,
  clip: Clip,
  text: string,
  count: number,
): Promise<Found[]> {
  const table = await (await connect(database)).openTable("pictures");
  const query = table
    .vectorSearch(await clip.embedText(text))
    .distanceType("cosine")
    .nprobes(20)
    .refineFactor(10) // with an index: the best are compared by their whole vectors
    .select(["picture", "_distance"])
    .limit(count);
  const rows: { picture: string; _distance: number }[] = await query.toArray();
  return rows.map(({ picture, _distance }) => ({ picture, similarity: 1 - _distance }));
}
