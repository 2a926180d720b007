import { existsSync } from "node:fs";
import { fromBench } from "./paths.js";

const ownInterpreter = fromBench("python/.venv/bin/python");

export const PYTHON_VARIABLE = "PIXTOK_BENCH_PYTHON";

export const PYTHON_NOT_INSTALLED =
  "no Python with its packages: run python3 -m venv bench/python/.venv && " +
  "bench/python/.venv/bin/pip install -r bench/python/requirements.txt";

/** The interpreter of bench/python/.venv, where that has been made. */
export function installedPython(): string | undefined {
  return existsSync(ownInterpreter) ? ownInterpreter : undefined;
}
