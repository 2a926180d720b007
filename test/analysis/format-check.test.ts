import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CheckReport, formatCheck } from "pixtok";

describe("formatCheck", () => {
  const report: CheckReport = {
    ok: false,
    problems: [
      { kind: "unreadable", level: "error", message: "pairs cannot be read: 12", advice: "fix" },
      { kind: "truncated-text", level: "warning", message: "cut: 3", advice: "raise maxLength" },
    ],
    length: 40_000,
    checked: 1000,
    errors: {
      count: 12,
      list: Array.from({ length: 12 }, (_, index) => ({
        index,
        source: `${index}.jpg`,
        code: "EMPTY_FILE",
        message: `sample ${index}, "${index}.jpg": the file is empty`,
      })),
    },
    images: {
      formats: { png: 8, jpeg: 980 },
      modes: { rgb: 988 },
      smallest: { width: 40, height: 30 },
      largest: { width: 4000, height: 3000 },
      duplicates: {
        count: 1,
        list: [
          [
            { index: 3, path: "/data/3.jpg", text: "a dog" },
            { index: 9, path: null, text: 'a "cat"\u001b[31m' },
          ],
        ],
      },
    },
    texts: {
      maxLength: 128,
      longest: 140,
      truncated: 3,
      truncatedShare: 3 / 988,
      unknown: 1,
      unknownShare: 0.0004,
      lostLetters: 0,
      lostLetterShare: 0,
      losing: { count: 0, list: [] },
      lostSigns: 0,
      losingSigns: { count: 0, list: [] },
      empty: { count: 2, list: [5, 7] },
    },
    batch: {
      size: 64,
      tensors: {
        image: { type: "float32", dims: [64, 3, 224, 224] },
        input_ids: { type: "int64", dims: [64, 128] },
        attention_mask: { type: "int64", dims: [64, 128] },
      },
      bytes: 38_666_240,
      pairsPerSecond: 1040.4,
      epochSeconds: 38.4,
    },
  };

  test("makes a text of a report", () => {
    const unreadable = Array.from(
      { length: 10 },
      (_, index) => `  EMPTY_FILE: sample ${index}, "${index}.jpg": the file is empty`,
    );
    const expected = `checked     1000 of 40000 pairs
images      jpeg 980, png 8; rgb 988
sizes       40x30 to 4000x3000
texts       up to 140 tokens, 0.3 % cut to 128; 0.0 % of tokens unknown; 2 empty
tensors     image float32 [64, 3, 224, 224], input_ids int64 [64, 128], attention_mask int64 [64, 128]
memory      38.7 MB for a batch of 64
rate        1040 pairs a second; an epoch takes 38 s

cannot be read
${unreadable.join("\n")}
  … and 2 more

empty texts
  sample 5
  sample 7

same image, different texts
  sample 3, "/data/3.jpg": "a dog"; sample 9: "a \\"cat\\"\\u001b[31m"

error: pairs cannot be read: 12
  fix
warning: cut: 3
  raise maxLength
not ok: fix the errors before training
`;
    assert.equal(formatCheck(report), expected);
  });

  test("leaves out what there is none of", () => {
    const errors = { count: 0, list: [] };
    const none = { images: null, texts: null, batch: null, problems: [], errors };
    assert.equal(
      formatCheck({ ...report, ...none, ok: true }),
      "checked     1000 of 40000 pairs\n\nok\n",
    );
  });

  test("says of texts of any length that none is cut", () => {
    const texts = { ...(report.texts as NonNullable<CheckReport["texts"]>), maxLength: null };
    assert.ok(formatCheck({ ...report, texts }).includes("up to 140 tokens, none cut; "));
  });

  test("rounds times and sizes to what one reads", () => {
    const batch = report.batch as NonNullable<CheckReport["batch"]>;
    const textOf = (changes: Partial<typeof batch>) =>
      formatCheck({ ...report, batch: { ...batch, ...changes } });
    const times: [number, string][] = [
      [0.42, "0.4 s"],
      [119, "119 s"],
      [125, "2 min"],
      [7140, "119 min"],
      [7260, "2 h 1 min"],
    ];
    for (const [epochSeconds, text] of times) {
      assert.ok(textOf({ epochSeconds }).includes(`an epoch takes ${text}\n`), text);
    }
    assert.ok(textOf({ bytes: 1234 }).includes("0.00123 MB for"));
    assert.ok(textOf({ bytes: 19.34e9 }).includes("19340 MB for"));
  });
});
