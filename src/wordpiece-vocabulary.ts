/** Options of a `tokenizer_config.json` that concern a BERT WordPiece tokenizer. */
export interface WordPieceOptions {
  /** Default true. */
  do_lower_case?: boolean;
  /** Default true. */
  tokenize_chinese_chars?: boolean;
  /** Default: as do_lower_case. */
  strip_accents?: boolean | null;
}

/** Ids by token; one token a line, its id the line's number. Of equal lines the last one counts. */
export function parseVocabulary(text: string): Map<string, number> {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return new Map(lines.map((token, id) => [token, id]));
}

const specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

/**
 * The `tokenizer.json` that Hugging Face's BertTokenizerFast makes of a `vocab.txt`.
 *
 * @throws {Error} when a special token is missing.
 */
export function wordPieceTokenizerJson(
  vocabulary: ReadonlyMap<string, number>,
  options: WordPieceOptions = {},
): string {
  const idOf = (token: string): number => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new Error(`the vocabulary has no ${token}`);
    return id;
  };
  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const sequence = (id: "A" | "B", type_id: number) => ({ Sequence: { id, type_id } });
  const template = (token: string) => [token, { id: token, ids: [idOf(token)], tokens: [token] }];
  return JSON.stringify({
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens
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
      handle_chinese_chars: options.tokenize_chinese_chars ?? true,
      strip_accents: options.strip_accents ?? null,
      lowercase: options.do_lower_case ?? true,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single: [special("[CLS]"), sequence("A", 0), special("[SEP]")],
      pair: [
        special("[CLS]"),
        sequence("A", 0),
        special("[SEP]"),
        sequence("B", 1),
        { SpecialToken: { id: "[SEP]", type_id: 1 } },
      ],
      special_tokens: Object.fromEntries([template("[CLS]"), template("[SEP]")]),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(vocabulary),
    },
  });
}
