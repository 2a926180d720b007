// What each class takes where a model's files say nothing, held against transformers' own: test/goldens/make_class_defaults.py.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ClassSetup,
  classSetup,
  type TokenName,
} from "../../src/vision-language/classes/class-setup.js";
import { visionLanguageClasses } from "../../src/vision-language/classes/vision-language-classes.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface GoldenClass {
  readonly class: string;
  readonly models: readonly string[];
  readonly given: Readonly<Record<string, unknown>>;
  readonly images: Readonly<Record<string, unknown>>;
  readonly tokens: Readonly<Record<string, string>>;
  readonly asked: readonly string[];
}

const goldens = new Map(
  readJsonLines<GoldenClass>(fixture("goldens/class-defaults.jsonl")).map((one) => [
    one.class,
    one,
  ]),
);

/** A model whose files say nothing but what has no default, and what its class reads of it. */
function readsOf(name: string) {
  const {
    place,
    filled,
    unread = [],
    written,
    joined,
    inserted,
    imageKeys,
  } = visionLanguageClasses[name] as (typeof visionLanguageClasses)[string];
  const defaults: [string, unknown][] = [];
  const tokens: TokenName[] = [place, ...(filled ? [filled] : []), ...unread];
  const { invalid, used } = classSetup({}, {}, "");
  const note = <T>(key: string, otherwise: T): T => {
    defaults.push([key, otherwise]);
    return otherwise;
  };
  const take = (token: TokenName) => {
    tokens.push(token);
    return token.otherwise ?? `<${token.name}>`;
  };
  const setup: ClassSetup = {
    tokenIfAny: take,
    token: take,
    whole: (key, otherwise) => note(key, otherwise) ?? 14,
    wholes: note,
    number: note,
    text: (key, otherwise) => note(key, otherwise) ?? "",
    flag: note,
    invalid,
    used,
  };
  for (const part of [written, joined, inserted]) part?.(setup);
  return { defaults, tokens, imageKeys: imageKeys?.(setup) ?? {} };
}

/** What a class has in its code: its parameter is None where it is not given. */
const IN_CODE: Readonly<Record<string, unknown>> = {
  vision_feature_select_strategy: "",
  size_conversion: { 490: 128, 980: 256 },
};

for (const name of Object.keys(visionLanguageClasses)) {
  describe(`of ${name}`, () => {
    const golden = goldens.get(name) as GoldenClass;
    const { defaults, tokens, imageKeys } = readsOf(name);

    test("options have the class's defaults", () => {
      const expected = defaults.map(([key]) => [key, golden.given[key] ?? IN_CODE[key]]);
      assert.deepEqual(defaults, expected);
    });

    test("tokens are those that the class asks its tokenizer for, and its own otherwise", () => {
      for (const { name: asked, key, otherwise } of tokens) {
        if (asked !== undefined) assert.ok(golden.asked.includes(asked), asked);
        const own = golden.tokens[asked ?? ""] ?? golden.given[key ?? ""];
        if (own !== undefined) assert.equal(otherwise, own);
      }
    });

    test("models are those that transformers takes it for", () => {
      const { models } = visionLanguageClasses[name] as (typeof visionLanguageClasses)[string];
      assert.deepEqual([...models].sort(), golden.models);
    });

    test("image processors are given what the class gives its own", () => {
      const { return_tensors, ...own } = golden.images;
      // Pixtral's are what its code makes of the processor's patches
      const { patch_size, ...given } = imageKeys as Record<string, unknown>;
      assert.deepEqual(given, own);
    });
  });
}
