import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The project's Markdown pages, as paths from its root. */
export const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md") && !path.includes("node_modules"))
    .map((path) => join("docs", path)),
  ...["bench/README.md", "examples/README.md", "native/README.md"],
  ...readdirSync(join(root, "examples"))
    .map((name) => join("examples", name, "README.md"))
    .filter((path) => existsSync(join(root, path))),
].sort();

export function textOf(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Path from the project's root of what a link on a page leads to. */
export function linkTarget(page: string, link: string): string {
  return relative(root, join(root, page, "..", link));
}
