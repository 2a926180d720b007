import {
  type Arguments,
  isTrue,
  TemplateError,
  typeName,
  Undefined,
  UnsupportedError,
  type Value,
} from "./values.js";

/** Arguments of a call by the names of the function's parameters. */
export interface GivenArguments {
  /** @param otherwise where it is left out. */
  get<T extends Value | undefined>(name: string, otherwise: T): Value | T;
  /** @throws {TemplateError} for what is no text. */
  text(name: string, otherwise: string): string;
  /** A text, or null where it is left out or None. */
  textOrNull(name: string): string | null;
  whole(name: string, otherwise: number): number;
  flag(name: string, otherwise: boolean): boolean;
}

/**
 * @param parameters names of the function's parameters, in their order.
 * @throws {TemplateError} for an argument that it does not have.
 */
export function argumentsOf(
  owner: string,
  { positional, named }: Arguments,
  parameters: readonly string[],
): GivenArguments {
  if (positional.length > parameters.length) {
    throw new TemplateError(`${owner}() takes at most ${parameters.length} arguments`);
  }
  const values = new Map(positional.map((value, at) => [parameters[at] as string, value]));
  for (const [name, value] of named) {
    if (!parameters.includes(name)) throw new UnsupportedError(`${owner}() with ${name}=`);
    if (values.has(name)) throw new TemplateError(`${owner}() got two values for ${name}`);
    values.set(name, value);
  }
  const wrong = (name: string, expected: string, value: Value) => {
    if (value instanceof Undefined) return new TemplateError(value.what);
    return new TemplateError(`${owner}(): ${name}: expected ${expected}, got ${typeName(value)}`);
  };
  const get: GivenArguments["get"] = (name, otherwise) => {
    const value = values.get(name);
    return value === undefined ? otherwise : value;
  };
  return {
    get,
    text(name, otherwise) {
      const value = get(name, otherwise);
      if (typeof value === "string") return value;
      throw wrong(name, "a text", value);
    },
    textOrNull(name) {
      const value = get(name, null);
      if (value === null || typeof value === "string") return value;
      throw wrong(name, "a text", value);
    },
    whole(name, otherwise) {
      const value = get(name, otherwise);
      if (typeof value === "number") return value;
      if (typeof value === "boolean") return Number(value);
      throw wrong(name, "a whole number", value);
    },
    flag: (name, otherwise) => isTrue(get(name, otherwise)),
  };
}
