/** Options of the command line: those of every suite, and those that several have. */
import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { fromBench } from "./paths.js";
import { PYTHON_VARIABLE } from "./python.js";

export interface SetupOptions {
  readonly manifest?: string;
  readonly pairs?: number;
  readonly tokenizer?: string;
  readonly python?: string;
}

export interface OutputOptions {
  readonly out: string;
}

export function parsePositiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  }
  return number;
}

export function parsePositiveNumber(value: string): number {
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

export function outputOption(): Option {
  return new Option("--out <folder>", "where results and RESULTS.md are written")
    .argParser((value) => resolve(value))
    .default(fromBench(""), "bench");
}

/** Options that every suite has. */
export function setupOptions(): Option[] {
  return [
    new Option(
      "--manifest <file.jsonl>",
      'lines of {"image": path, "text": string}; drawn scenes where none is given or found',
    ),
    new Option("--pairs <count>", "use only the first of the pairs").argParser(
      parsePositiveInteger,
    ),
    new Option("--tokenizer <folder>", "with tokenizer.json and tokenizer_config.json"),
    new Option("--python <path>", "interpreter with the packages of python/requirements.txt")
      .env(PYTHON_VARIABLE)
      .argParser(parseProgram),
  ];
}

export interface RoundOptions {
  readonly rounds: number;
}

export function roundsOption(count: number): Option {
  return new Option("--rounds <count>", "measurements of each")
    .argParser(parsePositiveInteger)
    .default(count);
}

export interface LeastPairsOption {
  readonly leastPairs: number;
}

export function leastPairsOption(count: number): Option {
  return new Option("--least-pairs <count>", "fewer pairs are listed several times")
    .argParser(parsePositiveInteger)
    .default(count);
}

export interface TimeOptions {
  readonly seconds: number;
}

export function secondsOption(seconds: number, description: string): Option {
  return new Option("--seconds <time>", description)
    .argParser(parsePositiveNumber)
    .default(seconds);
}

export interface BatchOptions {
  readonly batchSize: number;
}

export function batchSizeOption(count = 64): Option {
  return new Option("--batch-size <count>", "pairs in a batch")
    .argParser(parsePositiveInteger)
    .default(count);
}
