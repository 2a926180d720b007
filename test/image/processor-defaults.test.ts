// What classes of transformers have as defaults: test/goldens/make_processor_defaults.py. A file that names a class
// alone describes what it describes with all of Python's defaults written into it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Size } from "../../src/image/output-size.js";
import { backends } from "../../src/image/pretrained/processor-backend.js";
import { processorClasses } from "../../src/image/pretrained/processor-classes.js";
import type { ProcessorKeys } from "../../src/image/pretrained/processor-keys.js";
import { processorDefinition } from "../../src/image/pretrained/processor-options.js";
import { whyRefused } from "../../src/image/pretrained/refused-classes.js";
import { fixture, readJsonLines } from "../support/fixtures.js";

interface GoldenClass {
  readonly class: string;
  readonly models: readonly string[];
  readonly both?: ProcessorKeys;
  readonly torchvision?: ProcessorKeys;
  readonly pil?: ProcessorKeys;
}

const goldens = readJsonLines<GoldenClass>(fixture("goldens/processor-defaults.jsonl"));
const read = goldens.filter(({ class: name }) => Object.hasOwn(processorClasses, name));

/** Small, long, high and large images. */
const sizes = [
  [97, 64],
  [1500, 700],
  [301, 1900],
  [640, 640],
  [3000, 30],
  [4000, 3000],
].map(([width = 0, height = 0]) => ({ width, height }));

/** Classes whose defaults are refused, and what of them, of each backend or of one alone. */
const refused: readonly { name: string; backend?: "pil"; message: RegExp }[] = [
  { name: "LayoutLMv2", message: /apply_ocr: expected false, all that is matched, got true/ },
  { name: "LayoutLMv3", message: /apply_ocr: expected false, all that is matched, got true/ },
  { name: "Owlv2", backend: "pil", message: /backend: "pil" of this class is not read/ },
];

/** How many times as long as wide an image may be, of classes that refuse longer ones. */
const mostRatio: Record<string, number> = { GlmImage: 4 };

/** What is made of images of each size. Those that are too long for the class are refused, and no others. */
function ofEachSize<T>(name: string, work: (size: Size) => T): (T | "too long")[] {
  return sizes.map((size) => {
    const { width, height } = size;
    const ratio = Math.max(width, height) / Math.min(width, height);
    if (ratio <= (mostRatio[name] ?? Infinity)) return work(size);
    assert.throws(() => work(size), { code: "DOES_NOT_FIT" });
    return "too long";
  });
}

/** What becomes of images of each size, in place of the functions that say it. */
function described(name: string, keys: ProcessorKeys, backend: "torchvision" | "pil") {
  const { steps, pictures, ...rest } = processorDefinition(keys, { path: "a", backend });
  return {
    ...rest,
    steps: steps && ofEachSize(name, steps),
    pictures: pictures && {
      ...{ unit: pictures.unit.dims({ width: 28, height: 14 }, 3), rows: pictures.rows },
      of: ofEachSize(name, (size) => pictures.picture(size, 1)),
    },
  };
}

describe("a class", () => {
  for (const { class: name, both, ...golden } of read) {
    test(`has its defaults: ${name}`, () => {
      for (const backend of backends) {
        const defaults = both ?? golden[backend];
        if (defaults === undefined) continue;
        const keys = { image_processor_type: `${name}ImageProcessor` };
        // those that other keys leave unused as well
        const own = Object.entries(processorClasses[name]?.defaults ?? {});
        const known = own.filter(([key]) => Object.hasOwn(defaults, key));
        assert.deepEqual(
          Object.fromEntries(known),
          Object.fromEntries(known.map(([key]) => [key, defaults[key]])),
        );
        const given = () => described(name, keys, backend);
        const written = () => described(name, { ...keys, ...defaults }, backend);
        const refusal = refused.find(
          (one) => one.name === name && (one.backend ?? backend) === backend,
        );
        if (refusal === undefined) assert.deepEqual(given(), written());
        else {
          const { message } = refusal;
          for (const work of [given, written])
            assert.throws(work, { code: "INVALID_PROCESSOR", message });
        }
      }
    });
  }
});

test("every class is read, or refused with a reason", () => {
  const unknown = goldens
    .map(({ class: name }) => name)
    .filter((name) => !Object.hasOwn(processorClasses, name) && whyRefused(name) === undefined);
  assert.deepEqual(unknown, []);
  // by its whole name
  assert.equal(whyRefused("Ink"), undefined);
});

test("classes stand for the models that they stand for in Python", () => {
  const models = (classes: readonly { class: string; models: readonly string[] }[]) =>
    Object.fromEntries(classes.map((one) => [one.class, [...one.models].sort()]));
  const own = Object.entries(processorClasses).map(([name, one]) => ({ class: name, ...one }));
  assert.deepEqual(models(own), models(read));
});
