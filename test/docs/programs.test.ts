import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { programsOf } from "./programs.js";

const fence = "```";
const block = (code: string, language = "ts") => `${fence}${language}\n${code}\n${fence}\n`;

describe("a page", () => {
  test("without headings of the second level is one program", () => {
    const [program, ...more] = programsOf(
      "p.md",
      `# Title\n${block("a();")}text\n${block("b();")}`,
    );
    assert.deepEqual(more, []);
    assert.match(program?.run ?? "", /a\(\);[\s\S]*\{\n[\s\S]*b\(\);/);
  });

  test("gives each section the blocks above the first heading", () => {
    const programs = programsOf(
      "p.md",
      `${block("a();")}## One\n${block("b();")}## Two\n${block("c();")}`,
    );
    assert.deepEqual(
      programs.map(({ heading, run }) => [heading, run.replace(/[^abc]/g, "")]),
      [
        ["", "a"],
        ["One", "ab"],
        ["Two", "ac"],
      ],
    );
  });
});

test("imports are joined, and stand first", () => {
  const [program] = programsOf(
    "p",
    `${block('import { a } from "x";\na();')}${block('import { a, b } from "x";\nimport "y";\nb();')}`,
  );
  assert.match(program?.run ?? "", /^import "y";\nimport \{ a, b \} from "x";\n\{/);
  assert.deepEqual(program?.packages, ["y", "x"]);
});

test("what is given runs before the next block", () => {
  const [program] = programsOf("p", `<!-- given\nconst a = 1;\n-->\n${block("use(a);")}`);
  assert.match(program?.run ?? "", /const a = 1;\n[\s\S]*use\(a\);/);
});

test("a block that is not run is compiled", () => {
  const [program] = programsOf("p", `${block("a();")}<!-- not run: a reason -->\n${block("b();")}`);
  assert.match(program?.compiled ?? "", /b\(\)/);
  assert.doesNotMatch(program?.run ?? "", /b\(\)/);
});

test("lines of shell that call pixtok are commands", () => {
  const [program] = programsOf("p", block("npm ci\nnpx pixtok check \\\n  pairs.jsonl", "sh"));
  assert.deepEqual(program?.commands, ["npx pixtok check    pairs.jsonl"]);
});

test("a block without an end is an error", () => {
  assert.throws(() => programsOf("p", `text\n${fence}ts\na();\n`), /line 2 has no end/);
});
