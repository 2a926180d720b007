// How images are written into a text, and where what stood in it is then.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { classSetup } from "../../src/vision-language/classes/class-setup.js";
import { visionLanguageClasses } from "../../src/vision-language/classes/vision-language-classes.js";
import type { ImageWriting } from "../../src/vision-language/model-class.js";
import { inCharacters, movedSpans, writeImages } from "../../src/vision-language/written-images.js";

const image = (units: number) => ({
  size: { width: 1, height: 1 },
  count: 1,
  units,
  unit: { width: 1, height: 1 },
  facts: {},
});

/** Each image is as many hashes as it has units. */
const writing = (more: Partial<ImageWriting> = {}): ImageWriting => ({
  place: "<i>",
  filled: "#",
  unread: ["<v>", "<a>"],
  written: ({ units }) => "#".repeat(units),
  joined: (_before, written) => written,
  inserted: () => ({ at: 0, text: "" }),
  types: {},
  ...more,
});

describe("images in a text", () => {
  test("stand where their places were", () => {
    const { text, spans, ends } = writeImages("a<i>bc<i>", [image(2), image(5)], writing());
    assert.equal(text, "a##bc#####");
    assert.deepEqual(spans, [
      [1, 3],
      [5, 10],
    ]);
    assert.deepEqual(ends, [4, 9]);
    assert.equal(writeImages("abc", [], writing()).text, "abc");
  });

  test("have to be as many as there are places, and neither videos nor sounds", () => {
    for (const [given, images, reason] of [
      ["<i>", 0, "the text has 1 of <i>, and there are 0 images"],
      ["a<i><i>", 1, "the text has 2 of <i>, and there are 1 images"],
      ["a", 1, "the text has 0 of <i>, and there are 1 images"],
    ] as const) {
      const some = Array.from({ length: images }, () => image(1));
      assert.throws(() => writeImages(given, some, writing()), { code: "IMAGES_MISMATCH", reason });
    }
    for (const unread of ["<v>", "<a>"]) {
      assert.throws(() => writeImages(`a${unread}`, [], writing()), {
        code: "INVALID_CONVERSATION",
        reason: `the text has a ${unread}, and only images are read`,
      });
    }
  });

  test("are joined by what stands around them, which may be the next image's place", () => {
    const joined = (before: string, written: string, after: string) =>
      `(${before}|${written}|${after})`;
    const { text, spans } = writeImages("a<i><i>b", [image(1), image(2)], writing({ joined }));
    const first = "(a|#|<i>)";
    assert.equal(text, `a${first}(a${first}|##|b)b`);
    assert.deepEqual(spans[0], [1, 1 + first.length]);
    const last = writeImages("<i>", [image(1)], writing({ joined }));
    assert.equal(last.text, "(|#|)");
  });
});

describe("parts of a text", () => {
  /** The parts, in the text with images. */
  const moved = (given: string, parts: [number, number][], more: Partial<ImageWriting> = {}) => {
    const images = given
      .split("<i>")
      .slice(1)
      .map(() => image(5));
    const written = writeImages(given, images, writing(more));
    const letters = [...written.text];
    return movedSpans(parts, written).map(([begin, end]) => letters.slice(begin, end).join(""));
  };

  test("are the same behind images, which have become longer", () => {
    const given = "ab<i>cd<i>ef";
    const parts: [number, number][] = [
      [0, 2],
      [1, 6],
      [5, 7],
      [5, 11],
      [10, 12],
    ];
    assert.deepEqual(moved(given, parts), ["ab", "b#####c", "cd", "cd#####e", "ef"]);
  });

  test("are the same behind what a class puts in, and around it", () => {
    const inserted = () => ({ at: 2, text: "++" });
    const parts: [number, number][] = [
      [0, 1],
      [1, 3],
      [2, 4],
      [3, 8],
    ];
    assert.deepEqual(moved("abcd<i>e", parts, { inserted }), ["a", "b++c", "cd", "d#####e"]);
  });

  test("are counted in characters, of which some have two units", () => {
    assert.deepEqual(inCharacters("𝒜b𝒞d", [2, 5]), [1, 3]);
    assert.deepEqual(moved("𝒜<i>𝒞d", [[5, 8]]), ["𝒞d"]);
  });
});

test("Mllama's text begins behind its first images, and once", () => {
  const { inserted } = visionLanguageClasses.Mllama as (typeof visionLanguageClasses)[string];
  const insertion = inserted?.(classSetup({}, { bos_token: "<B>" }, ""));
  // of transformers' build_string_from_input()
  for (const [text, expected] of [
    ["a", "<B>a"],
    ["<|image|><|image|>a<|image|>", "<|image|><|image|><B>a<|image|>"],
    ["<B>a", "<B>a"],
    ["<|image|><B>a", "<|image|><B>a"],
    ["a<B>", "a<B>"],
  ] as const) {
    const { at, text: begin } = insertion?.(text) ?? { at: 0, text: "" };
    assert.equal(text.slice(0, at) + begin + text.slice(at), expected);
  }
});
