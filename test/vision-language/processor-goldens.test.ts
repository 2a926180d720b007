// What transformers' processors make of conversations about images: test/goldens/make_conversations.py.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type ConversationOptions,
  PixtokError,
  type ProcessedRows,
  Processor,
  type ProcessorRow,
  type Tensor,
} from "pixtok";
import { writeChatModel } from "../support/chat-model.js";
import {
  conversationGoldens,
  type GoldenCall,
  type GoldenRow,
} from "../support/conversation-goldens.js";
import { drawnImage } from "../support/drawn-image.js";
import { sha256 } from "../support/fixtures.js";

const { models, calls } = conversationGoldens();
const root = await mkdtemp(join(tmpdir(), "pixtok-conversations-"));
after(() => rmSync(root, { recursive: true }));

const row = ({ images, ...given }: GoldenRow): ProcessorRow => {
  const drawn = images.map(([width, height]) => drawnImage(width, height));
  return { ...given, images: drawn } as ProcessorRow;
};

const listsOf = ({ data, dims: [rows = 0, length = 0] }: Tensor): number[][] =>
  Array.from({ length: rows }, (_, at) =>
    Array.from({ length }, (_, place) => Number(data[at * length + place])),
  );

async function process(processor: Processor, call: GoldenCall): Promise<ProcessedRows> {
  const masks = call.outputs?.assistant_masks !== undefined;
  const options = { ...call.options, labels: masks } as ConversationOptions<"int64">;
  return processor.process(call.rows.map(row), options);
}

function compare(given: ProcessedRows, { outputs = {}, tensors }: GoldenCall): void {
  const { labels, ...rest } = given;
  const named = Object.entries(rest) as [string, Tensor][];
  const isList = (name: string) => name in outputs;
  const lists = named.filter(([name]) => isList(name));
  assert.deepEqual(
    Object.fromEntries(lists.map(([name, tensor]) => [name, listsOf(tensor)])),
    outputs,
  );
  if (labels !== undefined) {
    const masks = outputs.assistant_masks as number[][];
    const expected = outputs.input_ids?.map((ids, at) =>
      ids.map((id, place) => (masks[at]?.[place] === 1 ? id : -100)),
    );
    assert.deepEqual(listsOf(labels), expected);
  }
  if (tensors === undefined) return;
  const others = named.filter(([name]) => !isList(name));
  const shown = others.map(([name, { type, dims, data }]) => [
    name,
    { dims, dtype: type, sha256: sha256(data as Float32Array) },
  ]);
  assert.deepEqual(Object.fromEntries(shown), tensors);
}

/** A call gives what Python gives, or is refused where Python refuses it. */
async function hold(processor: Processor, call: GoldenCall, at: number): Promise<void> {
  const name = `call ${at}`;
  if (call.error !== undefined) {
    await assert.rejects(process(processor, call), PixtokError, `${name}: ${call.error}`);
    return;
  }
  const given = await process(processor, call).catch((fault: Error) => {
    throw new Error(`${name}: ${fault.message}`, { cause: fault });
  });
  assert.doesNotThrow(() => compare(given, call), name);
}

describe("ids, masks, labels and tensors are those of transformers", () => {
  for (const [number, model] of models.entries()) {
    const { chat_template: template = "texts" } = {
      chat_template: model.files["chat_template.jinja"],
    };
    test(`of ${model.model}, model ${number}, by ${String(template)}`, async () => {
      const folder = await writeChatModel(join(root, String(number)), model);
      const processor = await Processor.fromPretrained(folder, { image: model.keys });
      const own = calls.filter(({ of }) => of === number);
      // at once: a call waits for threads more than it computes
      await Promise.all(own.map((call, at) => hold(processor, call, at)));
    });
  }
});
