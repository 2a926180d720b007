// The sets that a README names in `configs`, as the hub writes it and people change it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configOf, filesOfConfig, filesWanted } from "../../src/sources/dataset-card.js";

const named = (text: string, wanted?: string) => configOf({ text, name: "README.md" }, wanted);
const card = (configs: string) => `---\n${configs}\n---\n# A set\n`;

async function patternsOf(files: string, { split = "train", folder = "" } = {}) {
  const config = await named(
    card(`configs:\n- config_name: a\n  data_dir: ${folder}\n  data_files: ${files}`),
  );
  assert.ok(config?.splits);
  const of = { ...config, splits: config.splits };
  return {
    wanted: filesWanted(of),
    among: (paths: readonly string[]) => filesOfConfig(of, split, paths, "README.md"),
  };
}

describe("configs of a README are read", () => {
  for (const [what, text] of [
    ["behind a byte order mark", `\uFEFF${card("configs:\n- config_name: a")}`],
    ["with lines that end in CRLF", "---\r\nconfigs:\r\n- config_name: a\r\n---\r\n"],
    ["with blanks behind the lines of hyphens", "---  \nconfigs:\n- config_name: a\n--- \n"],
    ["without a text behind them", "---\nconfigs:\n- config_name: a\n---"],
    ["with a blank before the colon", card("configs :\n- config_name: a")],
    ["with a field behind them", card("configs:\n- config_name: a\nlicense: [mit")],
  ] as const) {
    test(what, async () => {
      assert.equal((await named(text))?.name, "a");
    });
  }

  test("with comments among them", async () => {
    const text = card("configs:\n- config_name: a\n# the other one\n- config_name: b");
    assert.equal((await named(text, "b"))?.name, "b");
  });

  test("with numbers for names", async () => {
    assert.equal((await named(card("configs:\n- config_name: 2024"), "2024"))?.name, "2024");
  });

  test("with a letter alone for a name, as PyYAML reads it", async () => {
    for (const name of ["y", "n", "Y", "N"]) {
      assert.equal((await named(card(`configs:\n- config_name: ${name}`)))?.name, name);
    }
  });

  test("in YAML 1.1, where off is no text", async () => {
    const text = card("configs:\n- config_name: a\n  data_files: [{split: off, path: x}]");
    await assert.rejects(named(text), { code: "UNKNOWN_SOURCE", message: /entry 1: data_files/ });
  });

  test("with each split once", async () => {
    const splits = "[{split: a, path: one}, {split: a, path: two}]";
    const text = card(`configs:\n- config_name: a\n  data_files: ${splits}`);
    await assert.rejects(named(text), { message: /each split once/ });
  });

  test("with no folder elsewhere, written as on Windows", async () => {
    const text = card("configs:\n- config_name: a\n  data_dir: 'x\\..\\..'");
    await assert.rejects(named(text), { message: /data_dir: expected a folder in this one/ });
  });
});

describe("the files of a split", () => {
  test("are in the order of its patterns, of each in that of the names, each once", async () => {
    const { among } = await patternsOf("['b*', '*']");
    assert.deepEqual(among(["c", "b2", "a", "b1"]), ["b1", "b2", "a", "c"]);
  });

  test("are none that say something of the data, whatever the pattern", async () => {
    const { among } = await patternsOf("'**'");
    const data = ["a.json", "x/config.jsonl"];
    const others = ["README.md", "config.json", "dataset_info.json", "dataset_infos.json"];
    const inFolder = ["x/dummy_data.zip", "x/dataset_dict.json", "x/README.md"];
    assert.deepEqual(among([...data, ...others, ...inFolder]), data);
  });

  test("are below the config's folder, to which those above lead", async () => {
    const { wanted, among } = await patternsOf("'*.csv'", { folder: "one/two" });
    assert.deepEqual(among(["x.csv", "one/two/x.csv", "one/two2/x.csv"]), ["one/two/x.csv"]);
    const folders = ["one", "one/two", "other", "one/two2"];
    assert.deepEqual(folders.filter(wanted.mayHold), ["one", "one/two"]);
    assert.equal(wanted.isFile("one/two/x.csv"), true);
    assert.equal(wanted.isFile("one/two/x.txt"), false);
    assert.equal(wanted.isFile("x.csv"), false);
  });
});
