import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export const NOT_BUILT = "has not been built: run npm run build";

type Flags = Readonly<Record<string, string | number>>;

/** What a program prints that is given `--name value` for each flag, and then the rest. */
export async function runForJson<Report>(
  program: string,
  flags: Flags,
  rest: readonly string[] = [],
): Promise<Report> {
  const given = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);
  try {
    const { stdout } = await run(program, [...given, ...rest]);
    return JSON.parse(stdout) as Report;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(said || String(error));
  }
}
