import { readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { caseFolders } from "./case-folder.js";
import { largestDifference, pixelDifference, verdictDifference } from "./compare.js";
import type { Finding } from "./finding.js";
import type { CaseRequest } from "./outcome.js";
import type { Pillow, PillowVerdict } from "./pillow.js";
import type { CaseFiles, TargetName } from "./target.js";
import {
  type CaseResult,
  type Limits,
  type WatchedProcess,
  watchProcess,
} from "./watched-process.js";

/** What is wrong with what became of a case. */
export type Fault = Pick<Finding, "kind" | "what" | "detail">;

export interface Examination {
  readonly faults: readonly Fault[];
  readonly isRead: boolean;
}

/** What images are compared with, and images of which formats. */
export interface Reference {
  readonly pillow: Pillow;
  readonly formats: readonly string[];
}

/** Runs cases of a target and says what is wrong with what becomes of them. */
export interface Oracle {
  examine(files: CaseFiles, number: number): Promise<Examination>;
  growth(): readonly Fault[];
  close(): void;
}

const limits: Limits = {
  cpuSeconds: 10,
  wallSeconds: 40,
  residentBytes: 1200 * 2 ** 20,
  growthBytes: 400 * 2 ** 20,
};

function faultsOf(result: CaseResult, process: string): Fault[] {
  if (result.kind === "read" || result.kind === "refused") return [];
  const { kind, what, detail } = result;
  return [{ kind, what: `${process}${what}`, detail }];
}

const isRead = (result: CaseResult) =>
  result.kind === "read" &&
  (result.rows.length === 0 || result.rows.some(({ verdict }) => verdict === "read"));

/** Everything but images: what does not crash, hang, grow or throw errors of others is right. */
function watched(target: TargetName, root: string): Oracle {
  const process = watchProcess({}, limits);
  const folders = caseFolders(root);
  return {
    async examine(files) {
      const request = { target, folder: folders.next(files), exifOrientation: false };
      const result = await process.run(request);
      return { faults: faultsOf(result, ""), isRead: isRead(result) };
    },
    growth: () => [process.growth() ?? []].flat(),
    close() {
      process.close();
      folders.clear();
    },
  };
}

/** What both decoders do is one fault. */
function merged(faults: readonly Fault[]): Fault[] {
  const common = (fault: Fault) => fault.what.replace(/^(native|sharp): /, "");
  return faults.flatMap((fault) => {
    const others = faults.filter((other) => common(other) === common(fault));
    if (others.length === 1) return [fault];
    return others[0] === fault ? [{ ...fault, what: `both: ${common(fault)}` }] : [];
  });
}

const imageIn = (folder: string) => join(folder, readdirSync(folder)[0] as string);

/** Images: both decoders say what Pillow says, where there is a Pillow. */
function compared(root: string, reference: Reference | undefined): Oracle {
  const decoders = ["native", "sharp"] as const;
  const processes = decoders.map((decoder) => watchProcess({ PIXTOK_DECODER: decoder }, limits));
  const folders = caseFolders(join(root, "case"));
  const pixelsOf = (name: string) => join(root, `${name}.rgb`);

  /** Where decoder `i` and Pillow do not agree. */
  const differenceOf = async (
    i: number,
    result: CaseResult,
    verdict: PillowVerdict,
    request: Omit<CaseRequest, "id">,
  ): Promise<Fault | null> => {
    const [decoder, process] = [decoders[i] as string, processes[i] as WatchedProcess];
    const path = imageIn(request.folder);
    const { exifOrientation } = request;
    let difference = verdictDifference(result, verdict);
    if (difference === "pixels" && verdict.verdict === "read") {
      const [own, theirs] = [pixelsOf(decoder), pixelsOf("pillow")];
      await reference?.pillow.judge({ path, exifOrientation, pixelsTo: theirs });
      await process.run({ ...request, pixelsTo: own });
      difference = pixelDifference(verdict.format, largestDifference(own, theirs));
    }
    if (difference === null || difference === "pixels") return null;
    const turned = exifOrientation && difference.kind === "pixels" ? " (exifOrientation)" : "";
    const what = `${decoder}: ${difference.what}, ${extname(path)}${turned}`;
    return { kind: difference.kind, what, detail: JSON.stringify({ result, verdict }) };
  };

  return {
    async examine(files, number) {
      const folder = folders.next(files);
      const exifOrientation = number % 2 === 1;
      const request = { target: "images", folder, exifOrientation };
      const path = imageIn(folder);
      const isCompared = reference?.formats.includes(extname(path).slice(1));
      const [verdict, ...results] = await Promise.all([
        isCompared ? reference?.pillow.judge({ path, exifOrientation }) : undefined,
        ...processes.map((process) => process.run(request)),
      ]);
      const faults: Fault[] = [];
      for (const [i, result] of results.entries()) {
        const own = faultsOf(result, `${decoders[i]}: `);
        const difference = verdict && (await differenceOf(i, result, verdict, request));
        if (difference) own.push(difference);
        faults.push(...own);
      }
      return { faults: merged(faults), isRead: results.some(isRead) };
    },
    growth: () => processes.flatMap((process) => process.growth() ?? []),
    close() {
      for (const process of processes) process.close();
      folders.clear();
    },
  };
}

/** @param root a folder that may be overwritten. */
export function oracleOf(
  target: TargetName,
  root: string,
  reference: Reference | undefined,
): Oracle {
  return target === "images" ? compared(root, reference) : watched(target, root);
}
