import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** An image file and the text that goes with it. */
export interface Pair {
  image: string;
  text: string;
}

/**
 * Reads a JSON Lines file of `{"image": path, "text": string}`; blank lines are passed over.
 *
 * @returns the pairs, with image paths made absolute from the manifest's folder
 * @throws an error that names the file, and the line where one is at fault
 */
export async function readManifest(file: string): Promise<Pair[]> {
  const content = await readContent(file);
  const folder = dirname(resolve(file));
  const pairs = content
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((line, index) => {
      if (line.trim() === "") {
        return [];
      }
      const { image, text } = parseLine(line, `${file}:${index + 1}`);
      return [{ image: resolve(folder, image), text }];
    });
  if (pairs.length === 0) {
    throw new Error(`${file} holds no pairs`);
  }
  return pairs;
}

async function readContent(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const said =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a folder"
          : String(error);
    throw new Error(`cannot read the manifest ${file}: ${said}`, { cause: error });
  }
}

function parseLine(line: string, place: string): Pair {
  const expected = 'expected {"image": path, "text": string}';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`${place}: this line is not JSON; ${expected}`, { cause: error });
  }
  if (typeof value !== "object" || value === null) {
    throw new Error(`${place}: ${expected}, got ${JSON.stringify(value)}`);
  }
  const { image, text } = value as { image?: unknown; text?: unknown };
  if (typeof image !== "string" || image === "") {
    throw new Error(`${place}: "image" is ${kindOf(image)}; ${expected}`);
  }
  if (typeof text !== "string") {
    throw new Error(`${place}: "text" is ${kindOf(text)}; ${expected}`);
  }
  return { image, text };
}

function kindOf(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}
