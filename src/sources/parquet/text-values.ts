import { isUtf8 } from "node:buffer";
import { isObject } from "../../shared/validation.js";
import type { ClassNames } from "../class-names.js";
import type { Maker } from "./parquet-values.js";

/** In place of a text that is none. */
interface BadText {
  readonly problem: string;
}

export type TextValue = string | BadText;

const REPLACEMENT = "\uFFFD";

/** Strings; those that are not UTF-8 are marked. */
export function textMaker(classes?: ClassNames): Maker<TextValue> {
  return {
    bytes(page, start, end) {
      const text = page.toString("utf8", start, end);
      const isDamaged = text.includes(REPLACEMENT) && !isUtf8(page.subarray(start, end));
      return isDamaged ? { problem: "this is not UTF-8" } : text;
    },
    integer(value) {
      if (classes === undefined) return String(value);
      const name = classes[Number(value)];
      return (
        name ?? { problem: `expected the number of one of ${classes.length} classes, got ${value}` }
      );
    },
  };
}

/** What is wrong with a text, or with the first bad one of several. */
export function problemIn(value: unknown): string | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) if (isObject(one) && typeof one.problem === "string") return one.problem;
  return undefined;
}
