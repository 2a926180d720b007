import { PixtokError } from "../../shared/errors.js";
import { describe, isObject } from "../../shared/validation.js";

/** How a class names a token: the first of these that there is. */
export interface TokenName {
  /** Its name in `tokenizer_config.json`. */
  readonly name?: string;
  /** Its key in `processor_config.json`. */
  readonly key?: string;
  /** The token itself. */
  readonly otherwise?: string;
}

/** What a model's files say, as its class reads it. */
export interface ClassSetup {
  /** Undefined where no file names it. */
  tokenIfAny(named: TokenName): string | undefined;
  /** @throws {PixtokError} INVALID_PROCESSOR where no file names it. */
  token(named: TokenName): string;
  /** A key of processor_config.json. @throws {PixtokError} INVALID_PROCESSOR for what is no whole number. */
  whole(key: string, otherwise?: number): number;
  /** Whole numbers by whole numbers. */
  wholes(
    key: string,
    otherwise: Readonly<Record<number, number>>,
  ): Readonly<Record<number, number>>;
  number(key: string, otherwise: number): number;
  text(key: string, otherwise?: string): string;
  flag(key: string, otherwise: boolean): boolean;
  invalid(message: string): PixtokError;
  /** What has been read so far, by name: what the class's texts are made of. */
  readonly used: Readonly<Record<string, unknown>>;
}

/**
 * @param config of `processor_config.json`.
 * @param tokens of the tokenizer, by name.
 * @param path of the model, for errors.
 */
export function classSetup(
  config: Readonly<Record<string, unknown>>,
  tokens: Readonly<Record<string, string>>,
  path: string,
): ClassSetup {
  const invalid = (message: string) =>
    new PixtokError("INVALID_PROCESSOR", message, { source: path });
  const used: Record<string, unknown> = {};
  const read = <T>(
    key: string,
    otherwise: T | undefined,
    expected: string,
    isRight: (value: unknown) => boolean,
  ): T => {
    const value = config[key] ?? otherwise;
    if (isRight(value)) {
      used[key] = value;
      return value as T;
    }
    throw invalid(`${key}: expected ${expected}, got ${describe(value)}`);
  };
  const tokenIfAny = ({ name = "", key = "", otherwise }: TokenName) => {
    const inConfig = Object.hasOwn(config, key) ? config[key] : undefined;
    const found = Object.hasOwn(tokens, name) ? tokens[name] : (inConfig ?? otherwise);
    if (typeof found !== "string" || found === "") return undefined;
    used[name || key || found] = found;
    return found;
  };
  return {
    tokenIfAny,
    token(named) {
      const found = tokenIfAny(named);
      if (found !== undefined) return found;
      throw invalid(
        `${named.name ?? named.key}: a model of this class has to name such a token, in its tokenizer_config.json`,
      );
    },
    whole: (key, otherwise) =>
      read(
        key,
        otherwise,
        "a whole number of at least 0",
        (value) => Number.isSafeInteger(value) && (value as number) >= 0,
      ),
    wholes: (key, otherwise) =>
      read(
        key,
        otherwise,
        "an object of whole numbers",
        (value) => isObject(value) && Object.values(value).every(Number.isSafeInteger),
      ),
    number: (key, otherwise) =>
      read(key, otherwise, "a number above 0", (value) => typeof value === "number" && value > 0),
    text: (key, otherwise) => read(key, otherwise, "a text", (value) => typeof value === "string"),
    flag: (key, otherwise) =>
      read(key, otherwise, "true or false", (value) => typeof value === "boolean"),
    invalid,
    used,
  };
}
