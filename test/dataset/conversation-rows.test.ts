// Rows of conversations that a user's array or source gives: what they may name, and what they may hold.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { DataLoader, MultimodalDataset, openSource, type PairSource } from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";

const processor = await chatProcessor();
const folder = mkdtempSync(join(tmpdir(), "pixtok-conversation-rows-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "root"));
const secret = join(folder, "secret.jpg");
copyFileSync(fixture("images/jpeg-301x17.jpg"), secret);
const bytes = readFileSync(secret);

type Row = Readonly<Record<string, unknown>>;

const answer = { role: "assistant", content: "A cat." };
const about = (part: object) => [{ role: "user", content: [part] }, answer];
const ofArray = (...conversations: Row[]) => new MultimodalDataset({ conversations, processor });
const ofSource = (source: PairSource) => new MultimodalDataset({ source, processor });

describe("columns of a source name no images:", () => {
  const named = [
    ["a part's path", { messages: about({ type: "image", path: secret }) }],
    ["a part's URL", { messages: about({ type: "image", url: pathToFileURL(secret).href }) }],
    ["a column of images", { messages: about({ type: "image" }), images: [secret] }],
    [
      "a range of a file",
      { messages: about({ type: "image" }), images: [{ path: secret, offset: 0, length: 9 }] },
    ],
  ] as const satisfies [string, Row][];

  for (const [what, row] of named) {
    test(`${what}, of a manifest that is open`, async () => {
      const path = join(folder, "root", "pairs.jsonl");
      writeFileSync(path, `${JSON.stringify({ file_names: [], text: "x", ...row })}\n`);
      const columns = Object.keys(row);
      const source = await openSource(path, { imageColumn: "file_names", columns });
      await assert.rejects(ofSource(source).get(0), {
        code: "INVALID_CONVERSATION",
        index: 0,
        message: /open it with rows: "conversations"/,
      });
    });

    test(`${what}, of a source of the user's own`, async () => {
      const source = { length: 1, get: () => ({ image: [], text: "", columns: row }) };
      await assert.rejects(ofSource(source).get(0), { code: "INVALID_CONVERSATION", index: 0 });
    });
  }

  test("not of one whose pairs have images, bytes or conversations", async () => {
    const rows = [
      { image: secret, text: "", columns: { messages: about({ type: "image" }) } },
      { image: [], text: "", columns: { messages: about({ type: "image" }), images: [bytes] } },
      {
        ...{ image: [], text: "" },
        columns: { messages: about({ type: "image" }), images: [{ bytes, path: "cat.jpg" }] },
      },
      {
        ...{ image: [], text: "" },
        conversation: { messages: about({ type: "image" }), images: [secret] },
      },
    ];
    const source = { length: rows.length, get: (index: number) => rows[index] as never };
    const loader = new DataLoader(ofSource(source), { batchSize: 4 });
    for await (const { image_grid_thw } of loader) assert.equal(image_grid_thw?.dims[0], 4);
  });

  test("not of an array", async () => {
    for (const [, row] of named.slice(0, 3)) assert.ok((await ofArray(row).get(0)).pixel_values);
  });
});

describe("the fingerprint of an array", () => {
  const fingerprint = (...rows: Row[]) => ofArray(...rows).fingerprint;
  const row = { prompt: "What?", completion: "A cat." };

  test("looks at few of an image's bytes", () => {
    const large = Buffer.alloc(1 << 20);
    let read = 0;
    // what JSON.stringify calls, of every Buffer that it meets
    large.toJSON = () => {
      read += 1;
      return { type: "Buffer", data: [] };
    };
    fingerprint({ ...row, images: [large] }, { ...row, image: large });
    assert.equal(read, 0);
  });

  test("tells other bytes, and other numbers of them", () => {
    const of = (image: Uint8Array) => fingerprint({ ...row, images: [image] });
    assert.equal(of(Buffer.from([1, 2])), of(new Uint8Array([1, 2])));
    assert.notEqual(of(Buffer.from([1, 2])), of(Buffer.from([3, 4])));
    assert.notEqual(of(Buffer.alloc(100)), of(Buffer.alloc(101)));
    // files begin and end alike
    const [one, other] = [Buffer.alloc(1000), Buffer.alloc(1000)];
    other[500] = 1;
    assert.notEqual(of(one), of(other));
  });

  test("is of dates and large numbers, too", () => {
    const of = (id: unknown) => fingerprint({ ...row, id });
    assert.notEqual(of(1n), of(2n));
    assert.notEqual(of(new Date(1)), of(new Date(2)));
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 20_000; level += 1) deep = { deep };
  const thrower = (name: string): Row =>
    Object.defineProperty({ ...row }, name, {
      enumerable: true,
      get() {
        throw new Error("boo");
      },
    });
  const unwritable: [string, Row, string | undefined][] = [
    ["goes in circles", { ...row, more: cyclic }, undefined],
    ["goes deep", { ...row, more: deep }, undefined],
    ["has a getter that throws", thrower("more"), undefined],
    ["has a getter of its prompt that throws", thrower("prompt"), "SAMPLE_FAILED"],
  ];
  for (const [what, bad, code] of unwritable) {
    test(`is there where a row ${what}, whose own error comes when it is read`, async () => {
      const dataset = ofArray(row, bad);
      assert.equal(dataset.fingerprint, ofArray(row, bad).fingerprint);
      const loader = new DataLoader(dataset, { batchSize: 2, onError: "skip" });
      for await (const batch of loader) batch.release();
      const found = loader.errors.list.map((error) => [error.index, error.code]);
      assert.deepEqual(found, code === undefined ? [] : [[1, code]]);
    });
  }
});

describe("preferences are about the same images:", () => {
  const preference = (one: unknown, other: unknown) =>
    new MultimodalDataset({
      conversations: [
        {
          chosen: about({ type: "image", image: one }),
          rejected: about({ type: "image", image: other }),
        },
      ],
      processor,
      chat: { rows: "preferences" },
    }).get(0);
  const pixels = (value: number) => ({
    data: new Uint8Array(60 * 60 * 3).fill(value),
    ...{ width: 60, height: 60, channels: 3 },
  });
  const other = readFileSync(fixture("images/png-rgb.png"));

  test("those of a source's row", async () => {
    const answers = { chosen: about({ type: "image" }), rejected: about({ type: "image" }) };
    const source = { length: 1, get: () => ({ image: secret, text: "", columns: answers }) };
    const dataset = new MultimodalDataset({ source, processor, chat: { rows: "preferences" } });
    assert.ok((await dataset.get(0)).pixel_values);
  });

  const equal: [string, unknown, unknown, unknown][] = [
    ["URLs", pathToFileURL(secret), pathToFileURL(secret), pathToFileURL(`${secret}2`)],
    ["URLs and their texts", pathToFileURL(secret), pathToFileURL(secret).href, secret],
    ["bytes", bytes, new Uint8Array(bytes), other],
    ["pixels", pixels(1), pixels(1), pixels(2)],
  ];
  for (const [what, one, same, another] of equal) {
    test(`equal ${what}`, async () => {
      assert.ok((await preference(one, same)).pixel_values);
      const refusal = { code: "INVALID_CONVERSATION", message: /different images/ };
      await assert.rejects(preference(one, another), refusal);
    });
  }
});
