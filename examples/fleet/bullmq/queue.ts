import { Redis } from "ioredis";

export const QUEUE = "pixtok-pack";

/** What is packed, and into which folder that all workers see. */
export interface PackedSet {
  readonly source: string;
  readonly folder: string;
  /** Where paths of images start; null: beside the source. */
  readonly root: string | null;
  /** A path or hub id; null: images without texts. */
  readonly tokenizer: string | null;
  /** Width and height of the stored images. */
  readonly size: number;
  readonly fileBytes: number;
}

/** One part of it: a job of the queue. */
export interface PackJob extends PackedSet {
  readonly part: { readonly index: number; readonly of: number };
}

/** How far a job is, in pairs. */
export interface PackProgress {
  readonly done: number;
  readonly total: number;
}

/** A connection of its own: workers wait on theirs. */
export function connect(): Redis {
  const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
  return new Redis(url, { maxRetriesPerRequest: null });
}
