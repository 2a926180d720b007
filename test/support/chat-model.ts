import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixture } from "./fixtures.js";

/** What test/goldens/make_conversations.py says of a model. */
export interface ChatModel {
  readonly model: string;
  readonly tokens: readonly string[];
  /** Contents by name, or where they are in test/data/chat. */
  readonly files: Readonly<Record<string, object | string>>;
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Writes the files of a model into a folder. */
export async function writeChatModel(
  folder: string,
  { tokens, files }: Pick<ChatModel, "tokens" | "files">,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const definition = JSON.parse(readFileSync(fixture("chat/tokenizer.json"), "utf8"));
  const first = Object.keys(definition.model.vocab).length;
  definition.added_tokens.push(
    ...tokens.map((content, at) => ({
      id: first + at,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
  );
  const all = { ...files, "tokenizer.json": definition };
  for (const [name, content] of Object.entries(all)) {
    const text =
      typeof content === "string"
        ? readFileSync(fixture(`chat/${content}`), "utf8")
        : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  return folder;
}
