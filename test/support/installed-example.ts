import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** An example with packages of its own. */
export interface InstalledExample {
  /** For `skip`: false, or how its packages are installed. */
  readonly skip: string | false;
  /**
   * Runs what `npm start` runs.
   *
   * @param onLine called with each line it prints, and the process.
   * @param env variables beside those of this process.
   * @returns what it has printed
   * @throws {Error} with what it printed as errors, unless its code is 0 or it was killed.
   */
  run(
    parameters: readonly string[],
    onLine?: (line: string, child: ChildProcess) => void,
    env?: NodeJS.ProcessEnv,
  ): Promise<string[]>;
  /** What the compiler has against it. */
  typeErrors(): Promise<string[]>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

export function installedExample(name: string): InstalledExample {
  const folder = join(root, "examples", name);
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    scripts: { start: string };
  };
  const [, ...start] = scripts.start.split(" ");
  return {
    skip:
      !existsSync(join(folder, "node_modules")) &&
      `its packages are not installed: npm ci --prefix examples/${name}`,
    async run(parameters, onLine = () => {}, env = {}) {
      const program = [...start, ...parameters];
      const { lines, errors, ended } = await output(folder, program, onLine, env);
      if (ended !== 0 && ended !== "SIGKILL")
        throw new Error(`${name} ended by ${ended}: ${errors}`);
      return lines;
    },
    async typeErrors() {
      const tsc = join(root, "node_modules/typescript/bin/tsc");
      const { lines } = await output(folder, [tsc, "-p", ".", "--pretty", "false"], () => {});
      return lines;
    },
  };
}

function output(
  cwd: string,
  parameters: readonly string[],
  onLine: (line: string, child: ChildProcess) => void,
  env: NodeJS.ProcessEnv = {},
) {
  const child = spawn(process.execPath, parameters, { cwd, env: { ...process.env, ...env } });
  const lines: string[] = [];
  let [errors, unfinished] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text.slice(0, 2000);
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = `${unfinished}${text}`.split("\n");
    unfinished = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      onLine(line, child);
    }
  });
  return new Promise<{ lines: string[]; errors: string; ended: number | string | null }>(
    (resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ lines, errors, ended: signal ?? code }));
    },
  );
}
