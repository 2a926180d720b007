import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { ChatMessage, ConversationOptions } from "pixtok";
import type { ChatModel } from "./chat-model.js";
import { fixture } from "./fixtures.js";

/** A row; images are sizes of drawn ones. */
export interface GoldenRow {
  readonly messages?: readonly ChatMessage[];
  readonly text?: string;
  readonly images: readonly (readonly [width: number, height: number])[];
}

/** What Python's processor of a model gives for rows, or the error that it has. */
export interface GoldenCall {
  readonly of: number;
  readonly rows: readonly GoldenRow[];
  readonly options: ConversationOptions;
  readonly outputs?: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly tensors?: Readonly<
    Record<string, { readonly dims: number[]; readonly dtype: string; readonly sha256: string }>
  >;
  readonly error?: string;
}

/** What test/goldens/make_conversations.py has written. */
export function conversationGoldens(): { models: ChatModel[]; calls: GoldenCall[] } {
  const lines = gunzipSync(readFileSync(fixture("goldens/conversations.jsonl.gz"))).toString(
    "utf8",
  );
  const all = lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ChatModel | GoldenCall);
  return {
    models: all.filter((line) => "model" in line),
    calls: all.filter((line) => "of" in line),
  };
}
