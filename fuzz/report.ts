import { cpus } from "node:os";
import type { Findings } from "./finding.js";
import type { NativeRun } from "./native.js";
import type { TargetRun } from "./run-target.js";

export interface Report {
  readonly date: string;
  readonly command: string;
  readonly seed: number;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly native: readonly NativeRun[];
  readonly targets: readonly TargetRun[];
  readonly findings: readonly { target: string; kind: string; what: string; times: number }[];
}

export function makeReport(
  parts: Pick<Report, "command" | "seed" | "versions" | "native" | "targets">,
  { list }: Findings,
): Report {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${first?.model ?? "unknown"}, ${cpus().length} cores`,
    ...parts,
    findings: list.map(({ target, kind, what, times }) => ({ target, kind, what, times })),
  };
}

const grouped = (count: number) => count.toLocaleString("en-US").replaceAll(",", " ");

/** The figures as a page of documentation. */
export function reportPage(report: Report): string {
  const { date, command, seed, machine, versions, native, targets, findings } = report;
  const ofTarget = (name: string) => findings.filter(({ target }) => target === name).length;
  const rows = [
    ...native.map(({ name, runs, seconds }) => [
      `\`native/fuzz/${name}\``,
      runs,
      "",
      seconds,
      ofTarget(name),
    ]),
    ...targets.map(({ name, cases, read, seconds }) => [
      name,
      cases,
      grouped(read),
      seconds,
      ofTarget(name),
    ]),
  ] as [string, number, string, number, number][];
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    "# A long run of the fuzzers",
    "",
    "<!-- Written by npm run fuzz -- --report: do not edit. -->",
    "",
    `On ${date}, ${machine}; ${used.join(", ")}; seed ${seed}.`,
    "",
    "```sh",
    command,
    "```",
    "",
    "| target | cases | of which something was read | seconds | findings |",
    "|---|---:|---:|---:|---:|",
    ...rows.map(
      ([name, cases, read, seconds, found]) =>
        `| ${name} | ${grouped(cases)} | ${read} | ${Math.round(seconds)} | ${found} |`,
    ),
    "",
    ...(findings.length === 0 ? [] : ["| target | kind | finding | cases |", "|---|---|---|---:|"]),
    ...findings.map(
      ({ target, kind, what, times }) =>
        `| ${target} | ${kind} | ${what.replaceAll("|", "\\|")} | ${times} |`,
    ),
    ...(findings.length === 0 ? [] : [""]),
  ].join("\n");
}
