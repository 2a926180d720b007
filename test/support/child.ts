import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a script did in a process of its own. */
export interface ChildResult {
  /** What it printed, as JSON; undefined where it was ended or printed nothing. */
  value: unknown;
  /** Its exit code, or the signal that ended it. */
  ended: number | string | null;
  errors: string;
  peakMiB: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs the body of an async function, which gives what is to be known, in a process of its own: it may
 * crash or hang there. Ended after `seconds`.
 */
export async function inChild(
  body: string,
  { seconds = 100, args = [] as readonly string[], env = {} as NodeJS.ProcessEnv } = {},
): Promise<ChildResult> {
  const code = `
    const work = async () => { ${body} };
    const value = await work().catch(({ name, code, message }) => ({ error: name, code, message }));
    console.log(JSON.stringify({ value, peakMiB: process.resourceUsage().maxRSS / 1024 }));
  `;
  const child = spawn(
    process.execPath,
    ["--max-old-space-size=512", "--input-type=module", "-e", code, ...args],
    { cwd: root, env: { ...process.env, ...env }, timeout: 1000 * seconds, killSignal: "SIGKILL" },
  );
  let [output, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = await new Promise<number | string | null>((resolve) => {
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  const last = output.trim().split("\n").at(-1) || "{}";
  return { peakMiB: 0, value: undefined, ...(JSON.parse(last) as object), ended, errors };
}
