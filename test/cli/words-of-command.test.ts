// What the library says of its options is said of the command's.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Command } from "commander";
import { addCheck } from "../../src/cli/check.js";
import { addVerify } from "../../src/cli/verify.js";
import { wordsOfCommand } from "../../src/cli/words-of-command.js";
import { runCommand } from "../support/command-line.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-words-"));
after(() => rmSync(folder, { recursive: true }));

const program = new Command();
for (const add of [addCheck, addVerify]) add(program);
const [check, verify] = program.commands;

describe("options of the library become those of a command:", () => {
  const said: [library: string, command: string][] = [
    [
      'there are several splits; expected split: "test"',
      "there are several splits; expected --split test",
    ],
    [
      "which is an error unless allowOutsideRoot is true",
      "which is an error unless --allow-outside-root is given",
    ],
    ['"a.jsonl": imageColumn: expected "x"', '"a.jsonl": --image-column: expected "x"'],
    ["an image of columns; raise maxPixels", "an image of columns; raise --max-pixels"],
    ["none with text: null", "none with --no-texts"],
    ["columns: expected types", "--columns: expected types"],
  ];
  for (const [library, command] of said) {
    test(command, () => assert.equal(wordsOfCommand(library, check), command));
  }

  test("but not in paths, nor of other words", () => {
    for (const words of [
      '"data/imageColumn/a.jpg": no such file',
      "the split of a kind",
      '"maxPixels.jpg"',
    ]) {
      assert.equal(wordsOfCommand(words, check), words);
    }
  });

  test("but none that the command does not have", () =>
    assert.equal(
      wordsOfCommand("none with text: null; maxPixels", verify),
      "none with text: null; maxPixels",
    ));
});

describe("a command", () => {
  const path = join(folder, "rows.jsonl");
  writeFileSync(path, '{"id": 1, "image": "a.jpg", "conversations": []}\n');

  for (const command of [
    ["check"],
    ["stats"],
    ["pack", "--out", join(folder, "out")],
    ["plan", "--measure"],
  ]) {
    test(`${command[0]} asks for --tokenizer or --no-texts`, async () => {
      const pairs = join(folder, "pairs.jsonl");
      writeFileSync(pairs, '{"image": "a.jpg", "text": "a"}\n');
      const { code, stderr } = await runCommand(...command, pairs);
      assert.equal(code, 1);
      assert.match(stderr, /^pixtok: --tokenizer: expected .*, or --no-texts for/m);
    });
  }

  test("says of rows of conversations that they need --model", async () => {
    const { stderr } = await runCommand("check", path);
    assert.match(
      stderr,
      /--text-column: expected one of .*; conversations is a column of conversations, which need --model MODEL/,
    );
  });
});
