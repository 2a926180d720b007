/** Paragraphs of RESULTS.md that every suite has. */
import type { RunEnvironment } from "./environment.js";

const MEBIBYTES_IN_A_GIBIBYTE = 1024;

export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function codeBlock(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

export function bulletList(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function describeVersions(versions: RunEnvironment["versions"]): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function describePixtok(pixtok: unknown): string {
  if (typeof pixtok !== "object" || pixtok === null) return `${pixtok}`;
  return Object.entries(pixtok)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

export function environmentLines(environment: RunEnvironment): string[] {
  const { date, machine, versions, python, pixtok } = environment;
  const gibibytes = Math.round(machine.memoryMiB / MEBIBYTES_IN_A_GIBIBYTE);
  return [
    `Date: ${date}`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${gibibytes} GiB, ${machine.system}`,
    `pixtok: ${describePixtok(pixtok)}`,
    `Node: ${describeVersions(versions)}`,
    ...(Object.keys(python).length > 0 ? [`Python: ${describeVersions(python)}`] : []),
  ];
}
