import { spawnSync } from "node:child_process";

/** The Python that has the packages of test/goldens/requirements.txt. */
export const python = process.env.PIXTOK_TEST_PYTHON || "python3";

/** For `skip`: false, or why a test in Python cannot run. `versions` begin as these do, by package. */
export function withoutPython(versions: Readonly<Record<string, string>>): string | false {
  for (const [name, version] of Object.entries(versions)) {
    // without importing it, which takes seconds
    const code = `from importlib.metadata import version; print(version("${name}"))`;
    const { status, stdout } = spawnSync(python, ["-c", code], { encoding: "utf8" });
    if (status !== 0 || !stdout.startsWith(version)) {
      return `there is no Python with ${name} ${version} (PIXTOK_TEST_PYTHON is ${python})`;
    }
  }
  return false;
}
