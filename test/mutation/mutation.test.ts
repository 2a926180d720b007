import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";

interface Mistake {
  readonly begin: number;
  readonly end: number;
  readonly replacement: string;
}

interface Compiler {
  treeOf(file: string): object;
  takes(file: string, text: string): boolean;
  close(): void;
}

interface Ended {
  readonly passes: boolean;
  readonly why: string;
  readonly seconds: number;
}

const script = (name: string): Promise<unknown> =>
  import(new URL(`../../scripts/mutation/${name}`, import.meta.url).href);

const { openCompiler } = (await script("compiler.mjs")) as {
  openCompiler(config: string): Compiler;
};
const { mistakesIn } = (await script("mistakes.mjs")) as { mistakesIn(tree: object): Mistake[] };
const { reachedLines, linesOfTranslation } = (await script("reached-lines.mjs")) as {
  reachedLines(
    folder: string,
    moduleOf: (url: string) => { file: string; lines: Uint32Array } | undefined,
  ): Map<string, Set<number>>;
  linesOfTranslation(translation: { code: string; map: string }): Uint32Array;
};
const { translated } = (await script("source-build.mjs")) as {
  translated(text: string): { code: string; map: string };
};
const { runWithin } = (await script("test-process.mjs")) as {
  runWithin(entry: string, options: object): Promise<Ended>;
};
const { drawn } = (await script("sample.mjs")) as {
  drawn<T>(items: readonly T[], count: number, seed: number): T[];
};

const folder = mkdtempSync(join(tmpdir(), "pixtok-mutation-"));
after(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** What can become of each line that has a mistake; a line has one statement. */
const EXPECTED: Record<string, string[]> = {
  "export const less = (a: number, b: number) => a < b;": ["a <= b"],
  "export const sum = (a: number, b: number) => a + b;": ["a - b"],
  'export const text = (a: string) => a + "x";': ['a + ""'],
  "export const or = (a?: number) => a ?? 7;": ["a;", "a ?? 8"],
  "export const on = true;": ["on = false"],
  "export const not = (a: boolean) => !a;": ["=> a"],
  "export const side = (a: boolean) => (a ? less : sum);": ["a ? sum : less"],
  "export const low = (a: number, b: number) => Math.min(a, b);": ["Math.max(a, b)"],
  "export const part = (a: number[], b: number) => a.slice(b);": ["=> a;"],
  "export const two = (a: number, b: number) => less(a, b);": ["less(b, a)"],
  "export const rest = (a: object) => ({ ...a });": ["({  })"],
  "export function drop(a: number[]) { a.pop(); }": ["{ ; }"],
  "export function check(a: boolean) { if (a) return 2; return 2n; }": [
    "if (!(a))",
    "if (false && (a))",
    "return 3;",
  ],
  "export function end(a: () => void) { try { a(); } finally { a(); } }": [
    "try { ; } finally { a(); }",
    "finally {}",
    "finally { ; }",
  ],
  "export function each(a: number[]) { for (const b of a) { if (b) continue; } }": [
    "if (!(b))",
    "if (false && (b))",
    "if (b) ;",
  ],
};

/** What only the compiler reads, or only people, or what is the same. */
const NONE = [
  'import { type Other } from "./other.js";',
  "export const twice = (a: number) => less(a, a);",
  'export type Kind = "a" | 7 | Other;',
  "export interface Sized { readonly size: 7 }",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a program
  'export function raise(a: number) { throw new RangeError(`${a + 1} "x"` + "y"); }',
];

describe("mistakes", () => {
  const config = write(
    "tsconfig.json",
    '{ "compilerOptions": { "strict": true, "target": "es2023", "types": [] }, "files": ["some.ts"] }',
  );
  write("other.ts", "export type Other = 8;");
  const lines = [...Object.keys(EXPECTED), ...NONE, 'export const after = "é" + sum(1, 2);'];
  const text = lines.join("\n");
  const file = write("some.ts", text);
  const compiler = openCompiler(config);
  after(() => compiler.close());
  const mistakes = mistakesIn(compiler.treeOf(file));
  const madeOn = (line: string): string[] => {
    const start = text.indexOf(line);
    return mistakes
      .filter(({ begin }) => start <= begin && begin < start + line.length)
      .map(({ begin, end, replacement }) =>
        [text.slice(start, begin), replacement, text.slice(end, start + line.length)].join(""),
      );
  };

  for (const [line, expected] of Object.entries(EXPECTED)) {
    test(`of ${line}`, () => {
      const made = madeOn(line);
      for (const part of expected) {
        assert.ok(
          made.some((one) => one.includes(part)),
          `${part} in ${made.join("\n")}`,
        );
      }
      assert.equal(made.length, expected.length);
    });
  }

  test("are in neither types nor messages, nor in what would be the same", () => {
    assert.deepEqual(NONE.flatMap(madeOn), []);
  });

  test("are the compiler's where it refuses them", () => {
    assert.equal(compiler.takes(file, text.replace("a < b", "a <= b")), true);
    assert.equal(compiler.takes(file, text.replace("a < b", "a.b")), false);
    assert.equal(compiler.takes(file, text.replace("a < b", "a <")), false);
    assert.equal(compiler.takes(file, text), true);
  });
});

describe("a draw", () => {
  const items = Array.from({ length: 20 }, (_, i) => i);

  test("is the same for the same seed, and has nothing twice", () => {
    assert.deepEqual(drawn(items, 8, 5), drawn(items, 8, 5));
    assert.notDeepEqual(drawn(items, 8, 5), drawn(items, 8, 6));
    assert.deepEqual(
      drawn(items, 30, 5).sort((a, b) => a - b),
      items,
    );
  });
});

describe("a process of tests", () => {
  const limits = { processorSeconds: 60, clockSeconds: 60 };

  test("says which lines of src it ran", async () => {
    const source = [
      "interface Unread { readonly a: number }",
      "export const MOST: number = 3;",
      "export function called(a: Unread | undefined): number {",
      "  if (a === undefined) return 1;",
      "  return a.a;",
      "}",
      "export function other(): number {",
      "  return 2;",
      "}",
    ].join("\n");
    const uncalled = "export function uncalled(): number {\n  return 1;\n}";
    const sources = new Map(
      [source, uncalled].map((one, i) => {
        const translation = translated(one);
        const path = write(`built-${i}.mjs`, translation.code);
        const module = { file: `built-${i}`, lines: linesOfTranslation(translation) };
        return [pathToFileURL(path).href, module];
      }),
    );
    const entry = write(
      "entry.mjs",
      'import { called } from "./built-0.mjs";\nimport "./built-1.mjs";\ncalled(undefined);\n',
    );
    const coverage = join(folder, "v8");
    const ended = await runWithin(entry, { ...limits, env: { NODE_V8_COVERAGE: coverage } });
    assert.equal(ended.passes, true);
    const reached = reachedLines(coverage, (url) => sources.get(url));
    const ran = [1, 2, 3, 4, 5, 8].filter((line) => reached.get("built-0")?.has(line));
    assert.deepEqual(ran, [2, 3, 4]);
    assert.deepEqual([...(reached.get("built-1") ?? [])], []);
  });

  test("says what it took of the processor", async () => {
    const entry = write(
      "busy.mjs",
      "const end = performance.now() + 60; while (performance.now() < end);",
    );
    const { passes, seconds } = await runWithin(entry, limits);
    assert.equal(passes, true);
    assert.ok(seconds > 0.01 && seconds < 10, String(seconds));
  });

  test("ends with the first test that fails, and what it has started with it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const started = write(
      "started.mjs",
      `import { connect } from "node:net";
      connect(${port}, "127.0.0.1", () => console.log("    ok 1 - one\\n    not ok 2 - another\\nok 3"));`,
    );
    const entry = write(
      "fails.mjs",
      `import { spawn } from "node:child_process";
      spawn(process.execPath, [${JSON.stringify(started)}], { stdio: "inherit" });`,
    );
    const connection = once(server, "connection");
    const { passes, why } = await runWithin(entry, limits);
    assert.deepEqual({ passes, why }, { passes: false, why: "not ok 2 - another" });
    const [socket] = (await connection) as [Socket];
    socket.on("error", () => {}).resume();
    if (!socket.closed) await once(socket, "close");
    server.close();
  });

  test("ends where it takes too long", async () => {
    const entry = write("waits.mjs", "setInterval(() => {}, 1000);");
    const { passes, why } = await runWithin(entry, { ...limits, clockSeconds: 0.2 });
    assert.deepEqual({ passes, why }, { passes: false, why: "took too long" });
  });

  test("fails where it ends with another status than 0", async () => {
    const entry = write("status.mjs", "process.exitCode = 7;");
    const { passes, why } = await runWithin(entry, limits);
    assert.deepEqual({ passes, why }, { passes: false, why: "ended with 7" });
  });
});
