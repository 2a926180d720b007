// Conversations in Parquet and Arrow, as data sets of the hub have them. `datasets` says what rows are: expected.json is its own.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  DataLoader,
  MultimodalDataset,
  openSource,
  PixtokError,
  readConversation,
  readPreference,
} from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";
import { randomNumbers } from "../support/random-numbers.js";

const context = { seed: 0, epoch: 0 };
type Row = Readonly<Record<string, unknown>>;
const at = (name: string) => fixture(join("conversation-tables", name));
const expected = JSON.parse(readFileSync(at("expected.json"), "utf8")) as Record<string, Row[]>;
const names = ["jpeg-7x5.jpg", "png-1x1.png", "png-l-1bit.png"];
const files = new Map(
  names.map((name) => [readFileSync(fixture(`images/${name}`), "base64"), name]),
);
const folder = mkdtempSync(join(tmpdir(), "pixtok-conversation-tables-"));
after(() => rmSync(folder, { recursive: true }));

/** The name of the file whose bytes an image has. */
function nameOf(image: unknown): unknown {
  if (typeof image === "string") return image;
  if (image instanceof Uint8Array) return files.get(Buffer.from(image).toString("base64"));
  const { path, offset, length } = image as { path: string; offset: number; length: number };
  return files.get(
    readFileSync(path)
      .subarray(offset, offset + length)
      .toString("base64"),
  );
}

/** As expected.json has it. */
function named(value: unknown): unknown {
  if (value instanceof Uint8Array) return nameOf(value);
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, named(one)]));
}

const tables = Object.keys(expected).filter((name) => name !== "images-in-parts");
for (const kind of ["parquet", "arrow"]) {
  describe(`conversations in ${kind}`, () => {
    for (const name of tables) {
      test(`are those of datasets: ${name}`, async () => {
        const source = await openSource(at(`${name}.${kind}`), { rows: "conversations" });
        const rows = expected[name] as Row[];
        assert.equal(source.length, rows.length);
        for (const [index, row] of rows.entries()) {
          const pair = await source.get(index, context);
          const { image: _, images: __, ...others } = row;
          assert.deepEqual(named(pair.columns), others);
          const files = [row.images ?? row.image ?? []]
            .flat()
            .map((image) => (image as { bytes: string }).bytes);
          const read = readConversation({ ...row, images: files });
          assert.deepEqual({ ...pair.conversation, images: [] }, { ...read, images: [] });
          const own = (pair.conversation as { images: readonly unknown[] }).images;
          assert.deepEqual(own.map(nameOf), files);
        }
      });
    }

    test("are preferences by chosen and rejected", async () => {
      const name = "ultrafeedback_binarized";
      const source = await openSource(at(`${name}.${kind}`), { rows: "preferences" });
      for (const [index, row] of (expected[name] as Row[]).entries()) {
        assert.deepEqual((await source.get(index, context)).conversation, readPreference(row));
      }
    });

    test("are told from others by their fingerprint", async () => {
      const [one, other] = await Promise.all(
        ["capybara", "from-value"].map((name) =>
          openSource(at(`${name}.${kind}`), { rows: "conversations" }),
        ),
      );
      assert.match(String(one?.fingerprint), /^[0-9a-f]+$/);
      assert.notEqual(one?.fingerprint, other?.fingerprint);
    });

    test("have images in their parts, as bytes or as paths below the file's folder", async () => {
      const table = join(folder, `parts.${kind}`);
      copyFileSync(at(`images-in-parts.${kind}`), table);
      copyFileSync(fixture("images/png-1x1.png"), join(folder, "png-1x1.png"));
      const source = await openSource(table, { rows: "conversations" });
      const imagesAt = async (index: number) =>
        ((await source.get(index, context)).conversation as { images: readonly unknown[] }).images;
      assert.deepEqual((await imagesAt(0)).map(nameOf), ["jpeg-7x5.jpg"]);
      assert.deepEqual(await imagesAt(1), [join(folder, "png-1x1.png")]);
    });

    test("that name a file elsewhere are an error of their row", async () => {
      const source = await openSource(at(`images-in-parts.${kind}`), { rows: "conversations" });
      await assert.rejects(Promise.resolve(source.get(2, context)), {
        code: `INVALID_${kind.toUpperCase()}`,
        index: 2,
        message: /row 3: messages: .*leads out/,
      });
    });

    test("that are none name their row and column", async () => {
      const wanted = { rows: "conversations", conversationColumns: { messages: "parts" } } as const;
      const source = await openSource(at(`nothing.${kind}`), wanted);
      const problems = [/parts: expected a list of at least one message/, /parts\[0\]: expected/];
      for (const [place, message] of problems.entries()) {
        const index = place + 1;
        const origin = new RegExp(`nothing\\.${kind}#row ${index + 1}$`);
        await assert.rejects(
          Promise.resolve(source.get(index, context)),
          (error) =>
            error instanceof PixtokError &&
            error.code === "INVALID_CONVERSATION" &&
            error.index === index &&
            message.test(error.message) &&
            origin.test(String(error.source)),
        );
      }
    });

    test("of several files go on in a loader where it was left", async () => {
      const processor = await chatProcessor();
      const paths = [at(`capybara.${kind}`), at(`capybara.${kind}`)];
      const dataset = await MultimodalDataset.from(paths, { processor });
      const options = { batchSize: 3, shuffle: true, seed: 7 } as const;
      const textsOf = async (loader: AsyncIterable<{ texts: readonly string[] }>) => {
        const texts: (readonly string[])[] = [];
        for await (const batch of loader) texts.push(batch.texts);
        return texts;
      };
      const whole = await textsOf(new DataLoader(dataset, options));
      const begun = new DataLoader(dataset, options);
      for await (const _ of begun) break;
      const resumed = new DataLoader(dataset, options);
      resumed.resume(begun.state());
      assert.deepEqual(await textsOf(resumed), whole.slice(1));
      assert.equal(whole.flat().length, 10);
    });
  });
}

for (const column of ["messages", "conversations", "conversation", "chosen"]) {
  test(`a table with a column ${column} says that it is of conversations, where pairs are looked for`, async () => {
    const file = join(folder, "not-pairs.jsonl");
    writeFileSync(file, `${JSON.stringify({ [column]: [] })}\n`);
    const message = new RegExp(`; ${column} is a column of conversations`);
    await assert.rejects(openSource(file), { code: "INVALID_MANIFEST", message });
  });
}

test("columns of conversations are told of these alone, and folders of images have none", async () => {
  const table = at("capybara.parquet");
  await assert.rejects(openSource(table, { conversationColumns: { messages: "x" } }), {
    name: "TypeError",
    message: /conversationColumns: expected none with rows "pairs"/,
  });
  await assert.rejects(openSource(fixture("images"), { rows: "conversations", kind: "images" }), {
    name: "TypeError",
    message: /rows: expected "pairs" with a source of the kind "images", got "conversations"/,
  });
});

test("prompts and completions may be separated by semicolons", async () => {
  const file = join(folder, "prompts.csv");
  writeFileSync(file, "prompt;completion\nWhat, a cat?;Yes.\n");
  const source = await openSource(file, { rows: "conversations" });
  const { conversation } = await source.get(0, context);
  assert.deepEqual((conversation as { messages: unknown }).messages, [
    { role: "user", content: "What, a cat?" },
    { role: "assistant", content: "Yes." },
  ]);
});

test("images of conversations are in the column that options say", async () => {
  const file = join(folder, "photo.jsonl");
  const messages = [
    { role: "user", content: [{ type: "image" }] },
    { role: "assistant", content: "A cat." },
  ];
  writeFileSync(file, `${JSON.stringify({ photo: "cat.png", messages })}\n`);
  const source = await openSource(file, {
    ...{ rows: "conversations", imageColumn: "photo" },
    conversationColumns: { images: "photo" },
  });
  const { conversation } = await source.get(0, context);
  assert.deepEqual((conversation as { images: unknown }).images, [join(folder, "cat.png")]);
});

test("damaged conversations in Parquet are an error of the file or of a row", async (t) => {
  const seed = Number(process.env.PIXTOK_TEST_SEED) || Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const random = randomNumbers(seed);
  const next = (below: number) => Math.floor(random() * below);
  const bytes = readFileSync(at("from-value.parquet"));
  const file = join(folder, "damaged.parquet");
  for (let time = 0; time < 60; time += 1) {
    const damaged = Buffer.from(bytes);
    damaged[next(damaged.length)] = next(256);
    writeFileSync(file, damaged);
    try {
      const source = await openSource(file, { rows: "conversations" });
      for (let index = 0; index < source.length; index += 1) {
        await Promise.resolve(source.get(index, context)).catch((error) => {
          assert.ok(error instanceof PixtokError, String(error?.stack));
        });
      }
    } catch (error) {
      assert.ok(error instanceof PixtokError, String((error as Error).stack));
    }
  }
});
