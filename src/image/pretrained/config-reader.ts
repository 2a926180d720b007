import { PixtokError } from "../../shared/errors.js";
import { describe, isObject } from "../../shared/validation.js";
import type { PerChannel } from "../normalization-options.js";
import type { ResizeTarget, Size } from "../output-size.js";
import type { ProcessorKeys } from "./processor-keys.js";

/** Reads the keys of one configuration; its errors name the key and the file. */
export class ConfigReader {
  readonly #keys: ProcessorKeys;
  readonly #path: string;

  constructor(keys: ProcessorKeys, path: string) {
    this.#keys = keys;
    this.#path = path;
  }

  invalid(message: string): PixtokError {
    return new PixtokError("INVALID_PROCESSOR", message, { source: this.#path });
  }

  /** Of null, as of a key that is missing: undefined. */
  get(key: string): unknown {
    return this.#keys[key] ?? undefined;
  }

  expected(key: string, expectation: string): PixtokError {
    return this.invalid(`${key}: expected ${expectation}, got ${describe(this.#keys[key])}`);
  }

  flag(key: string): boolean {
    const value = this.get(key) ?? false;
    if (typeof value !== "boolean") throw this.expected(key, "true or false");
    return value;
  }

  number(key: string): number {
    const value = this.get(key);
    if (typeof value !== "number") throw this.expected(key, "a number");
    return value;
  }

  /** A whole number of at least 1. */
  whole(key: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.get(key);
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most) {
      return value as number;
    }
    const bound = most === Number.MAX_SAFE_INTEGER ? "of at least 1" : `from 1 to ${most}`;
    throw this.expected(key, `an integer ${bound}`);
  }

  /** What sides are to be multiples of. */
  divisor(key: string): number {
    const value = this.get(key);
    if (!Number.isInteger(value) || value === 0) {
      throw this.expected(key, "an integer other than 0");
    }
    return value as number;
  }

  perChannel(key: string): PerChannel {
    const value = this.get(key);
    const list = typeof value === "number" ? [value, value, value] : value;
    if (!Array.isArray(list) || list.length !== 3) throw this.expected(key, "three numbers");
    return list as unknown as PerChannel;
  }

  /** A size as height and width: an integer, [height, width] or an object. */
  frame(key: string): Size {
    const value = this.get(key);
    if (typeof value === "number") return { width: value, height: value };
    if (Array.isArray(value) && value.length === 2) return { height: value[0], width: value[1] };
    if (isObject(value) && Object.keys(value).sort().join() === "height,width") {
      return { height: value.height as number, width: value.width as number };
    }
    throw this.expected(key, "an integer, [height, width] or { height, width }");
  }

  /** Several sizes, each as [height, width]. */
  sizes(key: string): Size[] {
    const value = this.get(key);
    const isSide = (side: unknown) => Number.isSafeInteger(side) && (side as number) >= 1;
    const isSize = (size: unknown): size is [number, number] =>
      Array.isArray(size) && size.length === 2 && size.every(isSide);
    if (!Array.isArray(value) || value.length === 0 || !value.every(isSize)) {
      throw this.expected(key, "a list of [height, width]");
    }
    return value.map(([height, width]) => ({ height, width }));
  }

  /** Of a size { longest_edge }; undefined: it is another size. */
  longestEdge(key: string): number | undefined {
    const value = this.get(key);
    const { longest_edge: longest } = isObject(value) ? value : {};
    if (!isObject(value) || longest === undefined || longest === null) return undefined;
    if (!Number.isSafeInteger(longest) || (longest as number) < 1) {
      throw this.expected(key, "{ longest_edge }, an integer of at least 1");
    }
    return longest as number;
  }

  resizeTarget(): ResizeTarget {
    const size = this.get("size");
    if (typeof size === "number" && !this.flag("default_to_square")) return { shortestEdge: size };
    if (!isObject(size)) return this.frame("size");
    const { shortest_edge, longest_edge, max_height, max_width } = size as Record<string, number>;
    switch (Object.keys(size).sort().join()) {
      case "height,width":
        return { width: size.width as number, height: size.height as number };
      case "shortest_edge":
        return { shortestEdge: shortest_edge as number };
      case "longest_edge,shortest_edge":
        return longest_edge === null
          ? { shortestEdge: shortest_edge as number }
          : { shortestEdge: shortest_edge as number, longestEdge: longest_edge as number };
      case "max_height,max_width":
        return { maxWidth: max_width as number, maxHeight: max_height as number };
      default:
        throw this.invalid(
          `size: expected height and width, shortest_edge (with longest_edge), or max_height and max_width, got ${Object.keys(size).join(", ")}`,
        );
    }
  }

  /** Of a size that must be { shortest_edge }. */
  shortestEdge(): number {
    const target = this.resizeTarget();
    if (!("shortestEdge" in target)) throw this.expected("size", "{ shortest_edge }");
    return target.shortestEdge;
  }

  /** Of a size that must be { height, width }. */
  fixedSize(): Size {
    const target = this.resizeTarget();
    if (!("width" in target)) throw this.expected("size", "{ height, width }");
    return target;
  }
}
