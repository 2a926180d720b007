import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { linkTarget, pages, root, textOf } from "./pages.js";

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(markdown: string): string[] {
  const prose = markdown.replace(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("links", () => {
  for (const page of pages.filter((path) => existsSync(join(root, path)))) {
    test(`of ${page} lead to a file or heading that is there`, () => {
      const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      const broken = links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const [path = "", anchor] = link.split("#");
          const target = path === "" ? page : linkTarget(page, path);
          if (!existsSync(join(root, target))) return true;
          return anchor !== undefined && !anchorsOf(textOf(target)).includes(anchor);
        });
      assert.deepEqual(broken, []);
    });
  }
});

test("rows of tables are in tables, which a blank line ends", () => {
  const alone = pages
    .filter((path) => existsSync(join(root, path)))
    .flatMap((page) => {
      const blocks = textOf(page)
        .replace(/^```[\s\S]*?^```$/gm, "")
        .split(/\n\s*\n/);
      const cut = blocks.filter((block) => /^\|/.test(block) && !/^\|.*\n\|[\s:|-]+\n/.test(block));
      return cut.map((block) => `${page}: ${block.split("\n")[0]}`);
    });
  assert.deepEqual(alone, []);
});

test("every page of docs is linked from another page", () => {
  const there = pages.filter((path) => existsSync(join(root, path)));
  const linked = new Set(
    there.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, link = ""]) => linkTarget(page, link)),
    ),
  );
  const alone = pages.filter((page) => page.startsWith("docs/") && !linked.has(page));
  assert.deepEqual(alone, []);
});

test("README has at most 120 lines", () => {
  assert.ok(textOf("README.md").trimEnd().split("\n").length <= 120);
});
