import { isObject } from "../shared/validation.js";
import { isPrecompiledMap } from "./precompiled-map.js";
import { isPlainExpression } from "./regular-expression.js";

type Component = Readonly<Record<string, unknown>>;

/** Real tokenizers have fewer than ten. */
const MOST_COMPONENTS = 64;
const MOST_DEPTH = 8;
/** How much longer normalizers may make a text: a space becomes three bytes in most. */
const PLAIN_GROWTH = 64;
const MOST_GROWTH = 4096;
const MOST_TEMPLATE = 64;
/** Vocabularies have less than a million tokens; arrays are as long as the largest id. */
const MOST_ID = 1 << 24;

/** Components that do no harm whatever their options are. */
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

/** Components of a sequence, however deep, as a list. */
function componentsOf(value: unknown, components: Component[] = [], depth = 0): Component[] {
  if (!isObject(value)) return components;
  if (depth > MOST_DEPTH || components.length > MOST_COMPONENTS) {
    throw new Error(
      `it has more than ${MOST_COMPONENTS} normalizers or pre-tokenizers, or deeper ones`,
    );
  }
  if (value.type !== "Sequence") {
    components.push(value);
    return components;
  }
  const lists = [value.normalizers, value.pretokenizers, value.processors, value.decoders];
  for (const list of lists) {
    if (Array.isArray(list)) for (const one of list) componentsOf(one, components, depth + 1);
  }
  return components;
}

const patternOf = ({ pattern }: Component): Component => (isObject(pattern) ? pattern : {});

/** How many times longer a component may make a text. */
function growthOf(component: Component): number {
  if (component.type !== "Replace" || typeof component.content !== "string") return 1;
  const { String: text } = patternOf(component);
  // an expression may match nothing, between any two characters
  return typeof text === "string" && text !== ""
    ? Math.max(1, Buffer.byteLength(component.content) / Buffer.byteLength(text))
    : 1 + Buffer.byteLength(component.content);
}

function isPlainPattern(component: Component): boolean {
  const { String: text, Regex: expression } = patternOf(component);
  if (typeof text === "string") return text !== "";
  return typeof expression === "string" && isPlainExpression(expression);
}

function isPlainComponent(component: Component): boolean {
  switch (component.type) {
    case "Replace":
    case "Split":
      return isPlainPattern(component);
    case "Precompiled":
      return (
        typeof component.precompiled_charsmap === "string" &&
        isPrecompiledMap(component.precompiled_charsmap)
      );
    case "FixedLength":
      return Number.isInteger(component.length) && (component.length as number) > 0;
    default:
      return typeof component.type === "string" && harmless.has(component.type);
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

const objectsIn = (value: unknown): Component[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function requireTemplate(component: Component): void {
  for (const list of [component.single, component.pair]) {
    if (Array.isArray(list) && list.length > MOST_TEMPLATE) {
      throw new Error(`its template has ${list.length} parts, more than ${MOST_TEMPLATE}`);
    }
  }
  if (!isObject(component.special_tokens)) return;
  for (const { SpecialToken: token } of [component.single, component.pair].flatMap(objectsIn)) {
    const { id } = isObject(token) ? token : {};
    // the library looks it up, and ends the process where it is not there
    if (typeof id === "string" && !Object.hasOwn(component.special_tokens, id)) {
      throw new Error(
        `its template has the token ${JSON.stringify(id.slice(0, 40))}, which is not described`,
      );
    }
  }
  for (const { ids } of Object.values(component.special_tokens).filter(isObject)) {
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
export function isTrustedTokenizer(definition: Component): boolean {
  const { model, added_tokens, normalizer, pre_tokenizer, post_processor, decoder } = definition;
  const vocabulary = isObject(model) ? model.vocab : undefined;
  if (isObject(vocabulary)) requireIds(Object.values(vocabulary));
  requireIds(objectsIn(added_tokens).map(({ id }) => id));

  const components = [normalizer, pre_tokenizer, post_processor, decoder].flatMap((one) =>
    componentsOf(one),
  );
  for (const component of components) {
    if (component.type === "TemplateProcessing") requireTemplate(component);
  }
  const growth = componentsOf(normalizer).reduce(
    (product, component) => product * growthOf(component),
    1,
  );
  if (!(growth <= MOST_GROWTH)) {
    throw new Error("its normalizers may make a text more than a thousand times longer");
  }
  return growth <= PLAIN_GROWTH && components.every(isPlainComponent) && hasPlainMerges(model);
}
