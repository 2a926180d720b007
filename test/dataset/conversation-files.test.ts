// What rows of conversations in a file name, they have from below its folder alone.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MultimodalDataset } from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { fixture } from "../support/fixtures.js";

const processor = await chatProcessor();
const folder = mkdtempSync(join(tmpdir(), "pixtok-conversation-files-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "data"));
copyFileSync(fixture("images/png-rgb.png"), join(folder, "outside.png"));
const answer = { role: "assistant", content: "A cat." };

describe("a file's rows read no other files of this machine:", () => {
  const refused: [string, object, RegExp][] = [
    [
      "a path in a column",
      { image: "../outside.png", prompt: "a", completion: "b" },
      /image: .*leads out/,
    ],
    [
      "a path in a part",
      {
        messages: [
          { role: "user", content: [{ type: "image", path: join(folder, "outside.png") }] },
          answer,
        ],
      },
      /messages: .*leads out/,
    ],
    [
      "a URL of a file in a part",
      {
        messages: [
          { role: "user", content: [{ type: "image", url: `file://${folder}/outside.png` }] },
          answer,
        ],
      },
      /leads out/,
    ],
    [
      "a part of a file",
      {
        messages: [
          {
            role: "user",
            content: [
              {
                type: "image",
                image: { path: join(folder, "outside.png"), offset: 0, length: 10 },
              },
            ],
          },
          answer,
        ],
      },
      /leads out/,
    ],
  ];
  for (const [at, [what, row, message]] of refused.entries()) {
    test(what, async () => {
      const file = join(folder, "data", `outside-${at}.jsonl`);
      writeFileSync(file, `${JSON.stringify(row)}\n`);
      const dataset = await MultimodalDataset.from(file, { processor });
      await assert.rejects(dataset.get(0), { index: 0, message });
    });
  }
});
