// Sources that are made of other sources, without reading more than is needed.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  concat,
  DataLoader,
  filter,
  MultimodalDataset,
  map,
  mix,
  openSource,
  type PairSource,
  packDataset,
  repeat,
  type SourceContext,
  select,
  split,
  take,
} from "pixtok";
import { context, lettered, textsOf, withBad } from "../support/lettered-pairs.js";
import { smallTokenizer, tinyImage } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-sets-"));
after(() => rmSync(root, { recursive: true }));
describe("select", () => {
  test("has the pairs at the indices, in their order, some of them twice", async () => {
    assert.deepEqual(await textsOf(select(lettered("p", 9), [3, 0, 3])), ["p3", "p0", "p3"]);
    assert.deepEqual(await textsOf(select(lettered("p", 9), Uint32Array.of(8))), ["p8"]);
  });

  test("names the index that does not exist", () => {
    assert.throws(() => select(lettered("p", 9), [0, 9]), /indices\[1\]: .*got 9/);
    assert.throws(() => select(lettered("p", 9), [-1]), RangeError);
    assert.throws(() => select(lettered("p", 9), [0.5]), /indices\[0\]/);
    assert.throws(() => select(lettered("p", 9), []), RangeError);
    assert.throws(() => select(lettered("p", 9), 3 as never), TypeError);
  });

  test("tells other indices apart by its fingerprint", () => {
    const source = lettered("p", 9);
    assert.notEqual(select(source, [1, 2]).fingerprint, select(source, [2, 1]).fingerprint);
    assert.equal(select(source, [1, 2]).fingerprint, select(source, [1, 2]).fingerprint);
    assert.notEqual(select(source, [1]).fingerprint, select(lettered("q", 9), [1]).fingerprint);
  });

  test("names its own index in errors", async () => {
    await assert.rejects(async () => select(withBad(9, 7), [1, 2, 7]).get(2, context), {
      code: "SAMPLE_FAILED",
      index: 2,
    });
  });

  test("gives texts without images where its source does", async () => {
    const source = lettered("p", 9, { texts: (index) => `text ${index}` });
    assert.equal(await select(source, [4]).texts?.(0, context), "text 4");
    assert.equal(select(lettered("p", 9), [4]).texts, undefined);
  });
});

describe("a set of other sets", () => {
  test("asks for pairs with the context that it is asked with: seed, epoch and signal", async () => {
    const given: (SourceContext | undefined)[] = [];
    const { get, ...others } = lettered("p", 4);
    const source: PairSource = {
      ...others,
      get(index, asked) {
        given.push(asked);
        return get(index, asked);
      },
    };
    const asked = { seed: 5, epoch: 6, signal: new AbortController().signal };
    for (const of of [
      select(source, [1]),
      take(source, 2),
      repeat(source, 2),
      concat([source, lettered("q", 2)]),
      map(source, (pair) => pair),
      mix([source]).source,
      await filter(source, () => true),
      (await split(source, { a: 1 })).a,
    ]) {
      given.length = 0;
      await of.get(0, asked);
      assert.deepEqual(given, [asked]);
      assert.equal(given[0]?.signal, asked.signal);
    }
  });
});

describe("take and repeat", () => {
  test("take has the first pairs", async () => {
    assert.deepEqual(await textsOf(take(lettered("p", 9), 2)), ["p0", "p1"]);
    assert.throws(() => take(lettered("p", 9), 10), /count: .*got 10/);
  });

  test("repeat has all pairs several times over", async () => {
    const twice = await textsOf(repeat(lettered("p", 2), 3));
    assert.deepEqual(twice, ["p0", "p1", "p0", "p1", "p0", "p1"]);
    assert.throws(() => repeat(lettered("p", 2), 0), RangeError);
    assert.throws(() => repeat(lettered("p", 2), 2 ** 53), RangeError);
  });
});

describe("concat", () => {
  test("has the pairs of each source, one behind the other", async () => {
    const all = concat([lettered("a", 2), lettered("b", 1), lettered("c", 2)]);
    assert.deepEqual(await textsOf(all), ["a0", "a1", "b0", "c0", "c1"]);
  });

  test("names the index of the whole in errors", async () => {
    const all = concat([lettered("a", 5), withBad(3, 1)]);
    await assert.rejects(async () => all.get(6, context), { code: "SAMPLE_FAILED", index: 6 });
  });

  test("gives texts without images where all of the sources do", async () => {
    const some = lettered("a", 2, { texts: (index) => `some ${index}` });
    const more = lettered("b", 2, { texts: (index) => `more ${index}` });
    assert.equal(await concat([some, more]).texts?.(3, context), "more 1");
    assert.equal(concat([some, lettered("c", 2)]).texts, undefined);
  });

  test("refuses what is no list of sources", () => {
    assert.throws(() => concat([]), RangeError);
    assert.throws(() => concat(lettered("a", 2) as never), TypeError);
    assert.throws(() => concat([{} as never]), TypeError);
  });
});

describe("map", () => {
  test("has what the function makes of each pair", async () => {
    const louder = map(lettered("p", 2), (pair, index) => ({
      ...pair,
      text: `${pair.text}! ${index}`,
    }));
    assert.deepEqual(await textsOf(louder), ["p0! 0", "p1! 1"]);
  });

  test("does not give texts that the function has not seen", () => {
    const source = lettered("p", 2, { texts: () => "unchanged" });
    assert.equal(map(source, (pair) => pair).texts, undefined);
  });

  test("does not call the function with what is no pair", async () => {
    const change = () => assert.fail("it was called");
    const nothing = map({ length: 1, get: () => null as never }, change);
    await assert.rejects(async () => nothing.get(0, context), {
      code: "INVALID_SAMPLE",
      index: 0,
    });
  });

  test("makes an error of what the function throws an error of that pair", async () => {
    const source = map(lettered("p", 3), () => {
      throw new Error("no such word");
    });
    const dataset = new MultimodalDataset({
      source,
      tokenizer: await smallTokenizer(),
      image: tinyImage,
    });
    await assert.rejects(dataset.get(2), {
      code: "SAMPLE_FAILED",
      index: 2,
      reason: "no such word",
    });
  });
});

describe("a packed set", () => {
  async function packed(name: string, length: number, maxLength = 8): Promise<PairSource> {
    const folder = join(root, name);
    const dataset = new MultimodalDataset({
      source: lettered(name, length),
      tokenizer: await smallTokenizer(),
      image: tinyImage,
      text: { maxLength },
    });
    await packDataset(dataset, folder);
    return openSource(folder);
  }

  test("can be selected from, split and concatenated, and goes on as a packed set", async () => {
    const [a, b] = [await packed("a", 6), await packed("b", 4)];
    const some = concat([select(a, [5, 0]), b]);
    const dataset = await MultimodalDataset.from(some);
    const texts: string[] = [];
    for await (const batch of new DataLoader(dataset, { batchSize: 4 })) texts.push(...batch.texts);
    assert.deepEqual(texts, ["a5", "a0", "b0", "b1", "b2", "b3"]);
  });

  test("does not go with one that was packed in another way, nor with one that is not packed", async () => {
    const [a, other] = [await packed("c", 2), await packed("d", 2, 9)];
    assert.throws(() => concat([a, other]), { code: "PACK_MISMATCH" });
    assert.throws(() => concat([a, lettered("p", 2)]), TypeError);
  });

  test("of conversations goes with one whose source had them in other columns, and not with another way to make them", () => {
    const set = (folder: string, chat: object) =>
      ({
        ...lettered("p", 1),
        pack: { folder, config: { conversations: { chat } } },
      }) as PairSource;
    const one = set("/one", { labels: true, columns: null });
    const other = set("/other", { labels: true, columns: { messages: "said" } });
    assert.equal(concat([one, other]).length, 2);
    assert.throws(() => concat([one, set("/third", { labels: false, columns: null })]), {
      code: "PACK_MISMATCH",
      source: "/third",
      reason: "conversations.chat.labels is false in the pack, and true is asked for",
    });
  });

  test("is not mapped: its pairs are ready", async () => {
    const a = await packed("e", 2);
    assert.throws(() => map(a, (pair) => pair), TypeError);
  });
});

test("MultimodalDataset.from takes a source that is open, and no options of what is opened", async () => {
  const tokenizer = await smallTokenizer();
  const source = lettered("p", 3);
  const dataset = await MultimodalDataset.from(source, { tokenizer, image: tinyImage });
  assert.equal(dataset.length, 3);
  await assert.rejects(
    MultimodalDataset.from(source, { tokenizer, textColumn: "x" }),
    /textColumn/,
  );
});
