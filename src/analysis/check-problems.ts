import type { SampleErrors } from "../shared/sample-error.js";
import {
  type CheckProblem,
  type CheckReport,
  type ImageSummary,
  type ImageUse,
  percentage,
  type TextSummary,
} from "./check-report.js";

/** Share of unknown tokens above which they are a warning, and above which an error. */
const UNKNOWN_WARNING = 0.01;
const UNKNOWN_ERROR = 0.1;

/** Share of dropped letters above which they are a warning: English has some accents and Greek letters. */
const LOST_WARNING = 0.01;

/** Share of texts that lose digits, punctuation or symbols above which they are a warning. */
const LOSING_SIGNS_WARNING = 0.01;

/** Share of cut texts above which they are a warning. */
const TRUNCATED_WARNING = 0.01;

function textProblems(texts: TextSummary, pairs: number): CheckProblem[] {
  const { empty, unknownShare, truncatedShare, truncated, maxLength, longest } = texts;
  const { lostLetterShare, losing, lostSigns, losingSigns } = texts;
  const problems: CheckProblem[] = [];
  if (empty.count > 0) {
    problems.push({
      kind: "empty-text",
      level: "error",
      message: `texts that are empty when cleaned: ${empty.count}`,
      advice: "leave these pairs out, or have text.clean keep more",
    });
  }
  if (lostLetterShare > LOST_WARNING) {
    problems.push({
      kind: "lost-letters",
      level: "warning",
      message: `letters that text.clean drops: ${percentage(lostLetterShare)}, in ${losing.count} texts`,
      advice:
        'use text: { clean: "none" }, or a function that keeps them: "alphanumeric" keeps those of English alone',
    });
  }
  if (losingSigns.count > LOSING_SIGNS_WARNING * pairs) {
    problems.push({
      kind: "lost-signs",
      level: "warning",
      message: `digits, punctuation and symbols that text.clean drops: ${lostSigns}, in ${losingSigns.count} texts`,
      advice:
        'use text: { clean: "none" } where the model is to have texts as they are, as transformers tokenizes them',
    });
  }
  if (unknownShare > UNKNOWN_WARNING) {
    problems.push({
      kind: "unknown-tokens",
      level: unknownShare > UNKNOWN_ERROR ? "error" : "warning",
      message: `tokens that are not in the vocabulary: ${percentage(unknownShare)}`,
      advice: "use a tokenizer that was made for such texts, or another text.clean",
    });
  }
  if (truncatedShare > TRUNCATED_WARNING) {
    problems.push({
      kind: "truncated-text",
      level: "warning",
      message: `texts that are cut to text.maxLength = ${maxLength} tokens: ${truncated} (${percentage(truncatedShare)})`,
      advice: `raise text.maxLength, up to ${longest}, as far as the model takes it`,
    });
  }
  return problems;
}

/** Whether the pairs name several files, not one that has several texts. */
function inSeveralFiles(uses: readonly ImageUse[]): boolean {
  return new Set(uses.map(({ path }) => path).filter((path) => path !== null)).size > 1;
}

function duplicateProblems({ duplicates }: ImageSummary): CheckProblem[] {
  if (duplicates.count === 0) return [];
  const files = duplicates.list.some(inSeveralFiles);
  return [
    {
      kind: "duplicate-image",
      level: files ? "error" : "warning",
      message: `images that are there more than once, with different texts: ${duplicates.count}`,
      advice: files
        ? "keep the pair whose text is right; such a file often stands for one that is missing"
        : "nothing, where images have several texts; otherwise keep the right one",
    },
  ];
}

function readingProblems({ count }: SampleErrors): CheckProblem[] {
  if (count === 0) return [];
  return [
    {
      kind: "unreadable",
      level: "error",
      message: `pairs that cannot be read: ${count}`,
      advice: "fix these files, or leave these pairs out",
    },
  ];
}

/** Everything that is wrong, errors first. */
export function problemsOf(report: Omit<CheckReport, "ok" | "problems">): CheckProblem[] {
  const problems = [
    ...readingProblems(report.errors),
    ...(report.texts === null
      ? []
      : textProblems(report.texts, report.checked - report.errors.count)),
    ...(report.images === null ? [] : duplicateProblems(report.images)),
  ];
  const rank = ({ level }: CheckProblem) => (level === "error" ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b));
}
