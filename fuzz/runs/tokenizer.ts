import { createHash } from "node:crypto";
import { Tokenizer } from "pixtok";
import type { CaseRequest, Outcome } from "../outcome.js";

const texts = ["", "A small dog, running.", "größer 中文 👩‍👩‍👧", `${"a".repeat(40)}!`];

export async function runTokenizer({ folder }: CaseRequest): Promise<Outcome> {
  const tokenizer = await Tokenizer.fromPretrained(folder);
  const { input_ids } = await tokenizer.encode(texts, {
    padding: "max_length",
    truncation: true,
    max_length: 24,
  });
  const ids = [...(input_ids.data as Iterable<number | bigint>)];
  tokenizer.decode(ids.map(Number));
  const digest = createHash("sha256").update(ids.join()).digest("hex");
  return { kind: "read", rows: [{ verdict: "read", digest }] };
}
