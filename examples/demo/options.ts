import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";

/** What the command line asks for. */
export interface DemoOptions {
  /** The user's own pairs; drawn scenes where left out. */
  manifest?: string;
  tokenizer: string;
  count: number;
  batchSize: number;
  seed: number;
  epochs: number;
  page: string;
}

const projectTokenizer = fileURLToPath(new URL("../../test/data/wordpiece", import.meta.url));

/** Reads the command line; prints a message and leaves the process where it cannot be understood. */
export function readOptions(): DemoOptions {
  return new Command("demo")
    .description("Turns image–text pairs into training batches, and shows what comes out.")
    .option("--manifest <file>", 'your own pairs: {"image": path, "text": string} a line')
    .option("--tokenizer <folder>", "a folder with tokenizer.json", projectTokenizer)
    .option("--count <pairs>", "scenes to draw where there is no manifest", wholeNumber(1), 320)
    .option("--batch-size <pairs>", "pairs in a batch", wholeNumber(1), 64)
    .option("--seed <number>", "decides the scenes and the order", wholeNumber(0), 7)
    .option("--epochs <number>", "times through all pairs", wholeNumber(1), 2)
    .option("--page <file>", "where the page of the first batch goes", "demo-output/batch.html")
    .parse()
    .opts<DemoOptions>();
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`Expected a whole number from ${least} on.`);
    }
    return value;
  };
}
