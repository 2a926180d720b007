/** Values of options that both commands take. */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { PYTHON_VARIABLE } from "./python-interpreter.js";

export function parsePositiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  }
  return number;
}

export function parseSeconds(value: string): number {
  const number = Number(value);
  if (!(number > 0 && number < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError("Expected a number above 0.");
  }
  return number;
}

function parseProgram(value: string): string {
  const path = resolve(value);
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new InvalidArgumentError("Expected the path of a program.");
  }
  return path;
}

export function pythonOption(): Option {
  return new Option("--python <path>", "interpreter with the packages of python/requirements.txt")
    .env(PYTHON_VARIABLE)
    .argParser(parseProgram);
}
