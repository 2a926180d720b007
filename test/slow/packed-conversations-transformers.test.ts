// Transformers on packs of conversations: it opens their folders as those of models, and makes the same ids of their texts. It
// takes seconds to import.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { type AnyDataset, MultimodalDataset, Processor } from "pixtok";
import { writeChatModel } from "../support/chat-model.js";
import { conversationGoldens } from "../support/conversation-goldens.js";
import { drawnImage } from "../support/drawn-image.js";
import { conversations, packed, processor } from "../support/packed-chats.js";
import { newFolder } from "../support/packs-of-images.js";
import { python, withoutPython } from "../support/python.js";

const program = `
import os, sys, json, glob
os.environ.update(TRANSFORMERS_VERBOSITY="critical", HF_HUB_OFFLINE="1")
import pyarrow, transformers
from PIL import Image
found = []
for folder in sys.argv[1:]:
    processor = transformers.AutoProcessor.from_pretrained(folder)
    name = glob.glob(folder + "/*.arrow")[0]
    rows = pyarrow.ipc.open_stream(pyarrow.memory_map(name)).read_all().to_pylist()
    for row in rows:
        images = [Image.new("RGB", (width, height)) for height, width in row["image_size"]]
        adds = {"add_special_tokens": False} if row["text"].startswith(processor.tokenizer.bos_token) else {}
        outputs = processor(text=[row["text"]], images=[images] if images else None, **adds)
        found.append([list(map(int, outputs["input_ids"][0])) == row["input_ids"], len(images)])
print(json.dumps(found))`;

test("AutoProcessor makes a pack's ids of its texts, by the files beside it", {
  skip: withoutPython({ transformers: "5.24", pyarrow: "" }),
}, async () => {
  const { models } = conversationGoldens();
  const folders = [await packed(new MultimodalDataset({ conversations, processor }) as never)];
  for (const name of ["Llava", "Idefics3", "Gemma3"]) {
    const model = models.find((one) => one.model === `${name}Processor`);
    assert.ok(model !== undefined);
    const own = await Processor.fromPretrained(
      await writeChatModel(join(newFolder(), name), model),
    );
    const parts = [{ type: "image" }, { type: "text", text: "What is in the picture?" }];
    const messages = [
      { role: "user", content: parts },
      { role: "assistant", content: [{ type: "text", text: "A cat." }] },
    ];
    const rows = [{ messages, images: [drawnImage(90, 60)] }];
    const chat = { labels: false };
    const dataset = new MultimodalDataset({ conversations: rows, processor: own, chat });
    folders.push(await packed(dataset as unknown as AnyDataset));
  }
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, ...folders], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  const images = [...conversations.map((row) => row.images.length), 1, 1, 1];
  assert.deepEqual(
    JSON.parse(stdout),
    images.map((count) => [true, count]),
  );
});
