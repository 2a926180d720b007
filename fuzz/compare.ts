import { readFileSync } from "node:fs";
import type { PillowVerdict } from "./pillow.js";
import type { CaseResult } from "./watched-process.js";

export interface Difference {
  readonly kind: "verdict" | "pixels";
  readonly what: string;
}

const anyNumber = (text: string) => text.replace(/0x[0-9a-f]{6,}|\d+/g, "N");

/** Refusals that say that the file is of a kind that is not read, whole or not: docs/exactness.md. */
const notRead = new Set(["UNSUPPORTED_FORMAT"]);

/** Formats of which every kind is read that Pillow reads. */
const readEntirely = new Set(["BMP", "PPM", "TGA", "QOI"]);

/** What libavif's arithmetic and ours differ by in some kinds: docs/exactness.md. */
const tolerance: Record<string, number> = { AVIF: 2 };

export function largestDifference(one: string, other: string): number {
  const [a, b] = [readFileSync(one), readFileSync(other)];
  if (a.length !== b.length) return 256;
  return a.reduce((most, byte, i) => Math.max(most, Math.abs(byte - (b[i] as number))), 0);
}

/**
 * Where a decoder and Pillow do not agree; null where they do, "pixels" where their pixels have to be
 * looked at.
 */
export function verdictDifference(
  result: CaseResult,
  pillow: PillowVerdict,
): Difference | "pixels" | null {
  if (result.kind !== "read" || pillow.verdict === "unknown") return null;
  const [row] = result.rows;
  if (row === undefined) return null;
  if (pillow.verdict === "refused") {
    if (row.verdict === "refused") return null;
    const what = `reads what Pillow refuses: ${anyNumber(pillow.error)}`;
    return { kind: "verdict", what };
  }
  if (row.verdict === "refused") {
    if (notRead.has(row.code) && !readEntirely.has(pillow.format)) return null;
    const what = `${row.code} for a ${pillow.format} that Pillow reads`;
    return { kind: "verdict", what };
  }
  return row.digest === pillow.digest ? null : "pixels";
}

export function pixelDifference(format: string, largest: number): Difference | null {
  if (largest <= (tolerance[format] ?? 0)) return null;
  const amount = largest > 2 ? "more than 2" : String(largest);
  return { kind: "pixels", what: `${format} pixels differ from Pillow's by ${amount}` };
}
