import { isObject } from "../shared/validation.js";
import { isPrecompiledMap } from "./precompiled-map.js";
import { isPlainExpression } from "./regular-expression.js";

type Part = Readonly<Record<string, unknown>>;

/** Real tokenizers have fewer than ten. */
const MOST_PARTS = 64;
const MOST_DEPTH = 8;
/** How much longer normalizers may make a text: a space becomes three bytes in most. */
const PLAIN_GROWTH = 64;
const MOST_GROWTH = 4096;
const MOST_TEMPLATE = 64;
/** Vocabularies have less than a million tokens; arrays are as long as the largest id. */
const MOST_ID = 1 << 24;

/** Parts that do no harm whatever their options are. */
const harmless = new Set([
  // normalizers
  ...["BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Prepend"],
  ...["Strip", "StripAccents", "ByteLevel"],
  // pre-tokenizers
  ...["BertPreTokenizer", "CharDelimiterSplit", "Digits", "Metaspace", "Punctuation"],
  ...["UnicodeScripts", "Whitespace", "WhitespaceSplit"],
  // post-processors
  ...["BertProcessing", "RobertaProcessing", "TemplateProcessing"],
  // decoders
  ...["BPEDecoder", "ByteFallback", "CTC", "Fuse", "WordPiece"],
]);

/** Parts of a sequence, however deep, as a list. */
function partsOf(value: unknown, parts: Part[] = [], depth = 0): Part[] {
  if (!isObject(value)) return parts;
  if (depth > MOST_DEPTH || parts.length > MOST_PARTS) {
    throw new Error(`it has more than ${MOST_PARTS} normalizers or pre-tokenizers, or deeper ones`);
  }
  if (value.type !== "Sequence") {
    parts.push(value);
    return parts;
  }
  const lists = [value.normalizers, value.pretokenizers, value.processors, value.decoders];
  for (const list of lists) {
    if (Array.isArray(list)) for (const one of list) partsOf(one, parts, depth + 1);
  }
  return parts;
}

const patternOf = ({ pattern }: Part): Part => (isObject(pattern) ? pattern : {});

/** How many times longer a part may make a text. */
function growthOf(part: Part): number {
  if (part.type !== "Replace" || typeof part.content !== "string") return 1;
  const { String: text } = patternOf(part);
  // an expression may match nothing, between any two characters
  return typeof text === "string" && text !== ""
    ? Math.max(1, Buffer.byteLength(part.content) / Buffer.byteLength(text))
    : 1 + Buffer.byteLength(part.content);
}

function isPlainPattern(part: Part): boolean {
  const { String: text, Regex: expression } = patternOf(part);
  if (typeof text === "string") return text !== "";
  return typeof expression === "string" && isPlainExpression(expression);
}

function isPlainPart(part: Part): boolean {
  switch (part.type) {
    case "Replace":
    case "Split":
      return isPlainPattern(part);
    case "Precompiled":
      return (
        typeof part.precompiled_charsmap === "string" && isPrecompiledMap(part.precompiled_charsmap)
      );
    case "FixedLength":
      return Number.isInteger(part.length) && (part.length as number) > 0;
    default:
      return typeof part.type === "string" && harmless.has(part.type);
  }
}

/** Where a merge's second part is shorter than the prefix of such parts, the library ends the process. */
function hasPlainMerges(model: unknown): boolean {
  if (!isObject(model) || !("merges" in model)) return true;
  return (model.continuing_subword_prefix ?? "") === "";
}

function requireIds(ids: Iterable<unknown>): void {
  for (const id of ids) {
    if (!(Number.isInteger(id) && (id as number) >= 0 && (id as number) < MOST_ID)) {
      throw new Error(`expected ids of tokens from 0 to ${MOST_ID - 1}, got ${String(id)}`);
    }
  }
}

const objectsIn = (value: unknown): Part[] => (Array.isArray(value) ? value.filter(isObject) : []);

function requireTemplate(part: Part): void {
  for (const list of [part.single, part.pair]) {
    if (Array.isArray(list) && list.length > MOST_TEMPLATE) {
      throw new Error(`its template has ${list.length} parts, more than ${MOST_TEMPLATE}`);
    }
  }
  if (!isObject(part.special_tokens)) return;
  for (const { SpecialToken: token } of [part.single, part.pair].flatMap(objectsIn)) {
    const { id } = isObject(token) ? token : {};
    // the library looks it up, and ends the process where it is not there
    if (typeof id === "string" && !Object.hasOwn(part.special_tokens, id)) {
      throw new Error(
        `its template has the token ${JSON.stringify(id.slice(0, 40))}, which is not described`,
      );
    }
  }
  for (const { ids } of Object.values(part.special_tokens).filter(isObject)) {
    if (!Array.isArray(ids)) continue;
    if (ids.length > MOST_TEMPLATE) throw new Error("its template has a token of too many ids");
    requireIds(ids);
  }
}

/**
 * Whether the library may have a `tokenizer.json` in this process. What it cannot read it answers with the
 * end of the process, at once or at a text that a regular expression takes too long for: a file with parts
 * that are not known to be harmless is for a process of its own.
 *
 * @throws {Error} where no process should have it: its memory or time would have no bound.
 */
export function isTrustedTokenizer(definition: Part): boolean {
  const { model, added_tokens, normalizer, pre_tokenizer, post_processor, decoder } = definition;
  const vocabulary = isObject(model) ? model.vocab : undefined;
  if (isObject(vocabulary)) requireIds(Object.values(vocabulary));
  requireIds(objectsIn(added_tokens).map(({ id }) => id));

  const parts = [normalizer, pre_tokenizer, post_processor, decoder].flatMap((one) => partsOf(one));
  for (const part of parts) if (part.type === "TemplateProcessing") requireTemplate(part);
  const growth = partsOf(normalizer).reduce((product, part) => product * growthOf(part), 1);
  if (!(growth <= MOST_GROWTH)) {
    throw new Error("its normalizers may make a text more than a thousand times longer");
  }
  return growth <= PLAIN_GROWTH && parts.every(isPlainPart) && hasPlainMerges(model);
}
