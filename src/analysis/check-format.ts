import type { Size } from "../image/output-size.js";
import { describe, requireResult } from "../shared/validation.js";
import {
  type CheckReport,
  type CleanedText,
  type ImageUse,
  percentage,
  type TensorSummary,
} from "./check-report.js";

const MOST_LINES = 10;
const LABEL_WIDTH = 12;

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 100 ? value.toPrecision(3) : Math.round(value)} MB`;
}

function size({ width, height }: Size): string {
  return `${width}x${height}`;
}

/** "jpeg 12, png 3", most frequent first. */
function counts(numbers: Readonly<Record<string, number>>): string {
  const entries = Object.entries(numbers).toSorted(([, a], [, b]) => b - a);
  return entries.map(([name, count]) => `${name} ${count}`).join(", ");
}

function tensor([name, { type, dims }]: [string, TensorSummary]): string {
  return `${name} ${type} [${dims.join(", ")}]`;
}

/** Label and text of each line that sums up what was found. */
function summaryLines({ checked, length, images, texts, batch }: CheckReport): [string, string][] {
  const lines: [string, string][] = [["checked", `${checked} of ${length} pairs`]];
  if (images !== null) {
    const { formats, modes, smallest, largest } = images;
    lines.push(["images", `${counts(formats)}; ${counts(modes)}`]);
    if (smallest !== null && largest !== null) {
      lines.push(["sizes", `${size(smallest)} to ${size(largest)}`]);
    }
  }
  if (texts !== null) {
    const { longest, maxLength, truncatedShare, unknownShare, empty } = texts;
    const lost =
      texts.losing.count === 0 ? "" : `; ${percentage(texts.lostLetterShare)} of letters dropped`;
    const cut =
      maxLength === null ? "none cut" : `${percentage(truncatedShare)} cut to ${maxLength}`;
    lines.push([
      "texts",
      `up to ${longest} tokens, ${cut}; ${percentage(unknownShare)} of tokens unknown${lost}; ${empty.count} empty`,
    ]);
  }
  if (batch !== null) {
    lines.push(["tensors", Object.entries(batch.tensors).map(tensor).join(", ")]);
    lines.push(["memory", `${megabytes(batch.bytes)} for a batch of ${batch.size}`]);
    lines.push([
      "rate",
      `${Math.round(batch.pairsPerSecond)} pairs a second; an epoch takes ${duration(batch.epochSeconds)}`,
    ]);
  }
  return lines;
}

function imageUse({ index, path, text }: ImageUse): string {
  const source = path === null ? "" : `, ${JSON.stringify(path)}`;
  return `sample ${index}${source}: ${describe(text)}`;
}

function cleanedText({ index, original, cleaned }: CleanedText): string {
  return `sample ${index}: ${describe(original)} becomes ${describe(cleaned)}`;
}

/** A heading and what is under it, cut where it is long; nothing where there is nothing. */
function section(heading: string, count: number, lines: readonly string[]): string[] {
  if (count === 0) return [];
  const shown = lines.slice(0, MOST_LINES);
  const more = count > shown.length ? [`… and ${count - shown.length} more`] : [];
  return ["", heading, ...[...shown, ...more].map((line) => `  ${line}`)];
}

/** What checkDataset() found, as lines for a terminal or a log. */
export function formatCheck(report: CheckReport): string {
  requireResult("report", report, "what checkDataset() found", ["problems", "errors", "batch"]);
  const { errors, images, texts, problems, ok } = report;
  const empty = texts?.empty ?? { count: 0, list: [] };
  const losing = texts?.losing ?? { count: 0, list: [] };
  const losingSigns = texts?.losingSigns ?? { count: 0, list: [] };
  const duplicates = images?.duplicates ?? { count: 0, list: [] };
  const conclusions = problems.flatMap(({ level, message, advice }) => [
    `${level}: ${message}`,
    `  ${advice}`,
  ]);
  return [
    ...summaryLines(report).map(([label, text]) => `${label.padEnd(LABEL_WIDTH)}${text}`),
    ...section(
      "cannot be read",
      errors.count,
      errors.list.map(({ code, message }) => `${code}: ${message}`),
    ),
    ...section(
      "empty texts",
      empty.count,
      empty.list.map((index) => `sample ${index}`),
    ),
    ...section("letters dropped by text.clean", losing.count, losing.list.map(cleanedText)),
    ...section(
      "digits, punctuation and symbols dropped by text.clean",
      losingSigns.count,
      losingSigns.list.map(cleanedText),
    ),
    ...section(
      "same image, different texts",
      duplicates.count,
      duplicates.list.map((uses) => uses.map(imageUse).join("; ")),
    ),
    "",
    ...conclusions,
    ok ? "ok" : "not ok: fix the errors before training",
    "",
  ].join("\n");
}
