import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { runtimeInfo } from "pixtok";
import { identicalOf, resultTable, type SuiteResult } from "./result-table.js";
import { type GoldenFolder, shippedGoldens } from "./suite.js";

function versionsOf({ source, golden }: GoldenFolder): string {
  const lines = readFileSync(join(golden, "VERSIONS.txt"), "utf8").trim().split("\n");
  return `- ${source} expected values: ${lines.join(", ")}`;
}

/** Two numbers of each package's version, by Python's name. */
function packagesIn(file: string): Map<string, string> {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", version = ""] = line.split(" ");
      return [name, version.split(".").slice(0, 2).join(".")];
    }),
  );
}

/** Which versions of Python's packages are matched, in a sentence. */
function matchedVersions(): string {
  const { golden } = shippedGoldens;
  const newest = packagesIn(join(golden, "VERSIONS.txt"));
  const older = packagesIn(join(golden, "VERSIONS.pillow12.txt"));
  const [transformers, torchvision, torch, tokenizers] = [
    "transformers",
    "torchvision",
    "torch",
    "tokenizers",
  ].map((name) => `${name} ${newest.get(name)}`);
  return `What is matched is transformers' both backends (${transformers}), ${torchvision}, ${torch}, ${tokenizers} and Pillow ${newest.get("pillow")}, or Pillow ${older.get("pillow")} with \`resampler: "pillow12"\`.`;
}

/** The results as a page of the documentation. */
export function conformancePage(
  results: SuiteResult[],
  folders: GoldenFolder[],
  command: string,
): string {
  const { version, decoder, sharp } = runtimeInfo();
  const cases = results.flatMap((result) => result.cases);
  const identical = identicalOf(cases);
  const library = decoder.name === "sharp" ? "" : `, ${decoder.name} ${decoder.version} or newer`;
  return `# Conformance

${matchedVersions()}

Made by \`${command}\` on ${new Date().toISOString().slice(0, 10)}; do not edit.

**${identical} of ${cases.length} cases are identical** to what Python gives: whole tensors and whole
rows of ids are compared, without a tolerance. \`transformers\` by resampler torch is its torchvision backend, by pillow13 its
Pillow backend. What the families are is said in
[make_goldens.py](../test/goldens/make_goldens.py), what is known to differ beyond them in
[exactness.md](exactness.md). "shipped" is this project's own data; "shared" are 400 photos and 40 460
captions that are not part of it.

- pixtok ${version}, sharp ${sharp}${library}, Node ${process.version}, ${process.platform} ${process.arch}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}
${folders.map(versionsOf).join("\n")}

${resultTable(results)}
`;
}
