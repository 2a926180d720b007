import { isObject } from "../shared/validation.js";

/** A token is written as a string, or as an object with its content. */
export function tokenContent(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  return isObject(token) && typeof token.content === "string" ? token.content : undefined;
}

/** Ids by token; one token a line, its id the line's number. Of equal lines the last one counts. */
export function parseVocabulary(text: string): Map<string, number> {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return new Map(lines.map((token, id) => [token, id]));
}

/**
 * The `tokenizer.json` that Hugging Face's BertTokenizer makes of a `vocab.txt`.
 *
 * @param config `tokenizer_config.json`: do_lower_case (default true), tokenize_chinese_chars
 *   (default true), strip_accents (default: as do_lower_case), and the special tokens.
 * @throws {Error} when a special token is missing.
 */
export function wordPieceTokenizerJson(
  vocabulary: ReadonlyMap<string, number>,
  config: Readonly<Record<string, unknown>> = {},
): string {
  const flag = (name: string, otherwise: boolean | null): boolean | null => {
    const value = config[name] ?? otherwise;
    if (value !== null && typeof value !== "boolean") throw new Error(`${name} is no boolean`);
    return value;
  };
  const [pad, unk, cls, sep, mask] = ["pad", "unk", "cls", "sep", "mask"].map(
    (name) => tokenContent(config[`${name}_token`]) ?? `[${name.toUpperCase()}]`,
  ) as [string, string, string, string, string];
  const idOf = (token: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new Error(`the vocabulary has no ${token}`);
    return id;
  };
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: "A" | "B", type_id: number) => ({ Sequence: { id, type_id } });
  const template = (token: string) => [token, { id: token, ids: [idOf(token)], tokens: [token] }];
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [...new Set([pad, unk, cls, sep, mask])]
      .map((content) => ({
        id: idOf(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: flag("tokenize_chinese_chars", true),
      strip_accents: flag("strip_accents", null),
      lowercase: flag("do_lower_case", true),
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special(cls, 0), sequence("A", 0), special(sep, 0)],
      pair: [special(cls, 0), sequence("A", 0), special(sep, 0), sequence("B", 1), special(sep, 1)],
      special_tokens: Object.fromEntries([template(cls), template(sep)]),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: unk,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary),
    },
  });
}
