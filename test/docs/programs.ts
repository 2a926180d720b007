// The code of a Markdown page as programs. The blocks under a heading of the second level, after those
// above the first such heading, are one program: each block sees the names of those before it and may
// use a name again. Comments that readers do not see say what else belongs to it:
//
//   <!-- given            code that runs before the next block: what the reader has of his own
//   function train() {}
//   -->
//   <!-- not run: why --> the next block is compiled and not run

/** The blocks of code of a section. */
export interface Program {
  page: string;
  heading: string;
  /** A TypeScript module of all blocks, to be compiled; empty where there are none. */
  compiled: string;
  /** The same without the blocks that cannot run. */
  run: string;
  /** What `compiled` imports. */
  packages: string[];
  /** Lines of shell that call `npx pixtok`, to be run before it. */
  commands: string[];
}

interface Block {
  language: string;
  line: number;
  code: string;
  given: string;
  runs: boolean;
}

interface Section {
  heading: string;
  blocks: Block[];
}

function sectionsOf(markdown: string): Section[] {
  const sections: Section[] = [{ heading: "", blocks: [] }];
  const lines = markdown.split("\n");
  let given = "";
  let runs = true;
  /** The lines after `start`, up to the one that `ends`. */
  const upTo = (ends: string, start: number): string[] => {
    const length = lines.slice(start + 1).indexOf(ends);
    if (length < 0) throw new Error(`line ${start + 1} has no end: ${ends}`);
    return lines.slice(start + 1, start + 1 + length);
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const [, heading] = /^## (.*)/.exec(line) ?? [];
    const [, language] = /^```(\w*)$/.exec(line) ?? [];
    if (heading !== undefined) sections.push({ heading, blocks: [] });
    if (/^<!-- not run: .+ -->$/.test(line)) runs = false;
    if (line === "<!-- given") {
      const code = upTo("-->", at);
      given += `${code.join("\n")}\n`;
      at += code.length + 1;
    }
    if (language !== undefined) {
      const code = upTo("```", at);
      sections.at(-1)?.blocks.push({ language, line: at + 2, code: code.join("\n"), given, runs });
      given = "";
      runs = true;
      at += code.length + 1;
    }
  }
  return sections;
}

const importStatement = /^import (?:[^;]*? from )?"([^"]+)";\n?/gm;

/** Imports of several blocks, each name once. */
function joinedImports(statements: readonly string[]): string {
  const named = new Map<string, Set<string>>();
  const others = new Set<string>();
  for (const statement of statements) {
    const [, names, from] = /^import \{([^}]*)\} from "([^"]+)"/.exec(statement) ?? [];
    if (names === undefined || from === undefined) others.add(statement.trim());
    else {
      const set = named.get(from) ?? new Set();
      for (const name of names.split(",")) if (name.trim() !== "") set.add(name.trim());
      named.set(from, set);
    }
  }
  const lines = [...named].map(
    ([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`,
  );
  return [...others, ...lines].join("\n");
}

/** Blocks as one module, each in a scope within that of the one before: a name may be declared again. */
function moduleOf(page: string, blocks: readonly Block[]): string {
  if (blocks.length === 0) return "";
  const imports: string[] = [];
  let body = "";
  for (const { line, code, given } of blocks) {
    const statements = `${given}// ${page}:${line}\n${code}\n`;
    body += `{\n${statements.replace(importStatement, (statement) => {
      imports.push(statement);
      return "";
    })}`;
  }
  return `${joinedImports(imports)}\n${body}${"}".repeat(blocks.length)}\nexport {};\n`;
}

function programOf(page: string, heading: string, blocks: readonly Block[]): Program {
  const typescript = blocks.filter(({ language }) => language === "ts");
  const compiled = moduleOf(page, typescript);
  const run = moduleOf(
    page,
    typescript.filter(({ runs }) => runs),
  );
  const shell = blocks
    .filter(({ language, runs }) => language === "sh" && runs)
    .flatMap(({ code }) => code.replaceAll("\\\n", " ").split("\n"));
  return {
    page,
    heading,
    compiled,
    run,
    packages: [...compiled.matchAll(importStatement)].map(([, name = ""]) => name),
    commands: shell.filter((line) => line.startsWith("npx pixtok ")),
  };
}

/** The programs of a page. */
export function programsOf(page: string, markdown: string): Program[] {
  const [first, ...sections] = sectionsOf(markdown);
  const above = first?.blocks ?? [];
  const own = sections.filter(({ blocks }) =>
    blocks.some(({ language }) => language === "ts" || language === "sh"),
  );
  const programs =
    own.length === 0 || above.length === 0
      ? [first as Section, ...own]
      : [
          { heading: "", blocks: above },
          ...own.map((s) => ({ ...s, blocks: [...above, ...s.blocks] })),
        ];
  return programs
    .map(({ heading, blocks }) => programOf(page, heading, blocks))
    .filter(({ compiled, commands }) => compiled !== "" || commands.length > 0);
}
