import type { Command } from "commander";
import type { PackReport } from "../packing/pack-report.js";
import { serverReaders } from "../remote/remote-options.js";
import { locationKind } from "../shared/location.js";
import { numberRanges } from "../shared/number-ranges.js";
import { readOptions } from "../shared/options.js";
import { wrongType } from "../shared/validation.js";
import { parseCount } from "./parse-number.js";
import { withProgress } from "./progress.js";
import { withTemporaryFolder } from "./temporary-folder.js";

interface VerifyArguments {
  quick?: boolean;
  missing?: number;
  names?: true;
  json?: true;
}

function linesOf(folder: string, { ok, files, pairs, problems }: PackReport): string[] {
  const lines = problems.map(({ file, rows, message }) => {
    const place = rows === null ? "" : `, rows ${rows[0]} to ${rows[1]}`;
    return `${file ?? folder}${place}: ${message}`;
  });
  const summary = ok ? "whole" : files === 0 ? "no packed set" : "damaged";
  return [...lines, `${files} files, ${pairs} pairs: ${summary}`];
}

/** Prints which parts have missing files, by names alone. */
async function printMissing(folder: string, parts: number, json: true | undefined): Promise<void> {
  const { findMissingParts } = await import("../packing/missing-parts.js");
  const { packPlace } = await import("../packing/packs-by-location.js");
  const place = await packPlace(folder, readOptions("verify", {}, serverReaders));
  const { version, versions, parts: missing } = await findMissingParts(place, parts);
  if (missing.length > 0) process.exitCode = 1;
  if (json) {
    console.log(JSON.stringify({ missingParts: missing }, null, 2));
    return;
  }
  const which = versions > 1 ? ` of version ${version}` : "";
  console.error(`${missing.length} of ${parts} parts${which} have missing files`);
  if (missing.length > 0) console.log(numberRanges(missing));
}

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description(
      "compare every byte of a packed set with its checksums; code 1 if any differs or is missing",
    )
    .argument("<folder>", "what pixtok pack wrote: a folder, or s3://BUCKET/PREFIX")
    .option("--quick", "look at counts, sizes, ends of files and the lock, not at what is between")
    .option(
      "--missing <parts>",
      "print which of so many parts are to be packed again, as sbatch --array takes them, such as 0,3-5; all else goes to standard error",
      parseCount,
    )
    .option("--names", "with --missing, look at the index and the names of files, and not into any")
    .option("--json", "print everything as JSON")
    .action(async (folder: string, given: VerifyArguments) => {
      const { quick, missing, names, json } = given;
      if (names) {
        if (missing === undefined) throw wrongType("--missing", "a number with --names", missing);
        return printMissing(folder, missing, json);
      }
      const { checkPack } = await import("../packing/verify-pack.js");
      const options = {
        ...(quick && { quick }),
        ...(missing !== undefined && { parts: missing }),
      };
      const check = (temporary?: string) =>
        withProgress((onProgress) => checkPack(folder, { ...options, onProgress }, temporary));
      // of a set that is elsewhere files are copied to here, one after the other
      const report = await (locationKind(folder) === "url"
        ? withTemporaryFolder("pixtok-verify-", check)
        : check());
      if (!report.ok) process.exitCode = 1;
      if (json) {
        console.log(JSON.stringify(report, null, 2));
        return;
      }
      const { missingParts } = report;
      const say = missingParts === undefined ? console.log : console.error;
      for (const line of linesOf(folder, report)) say(line);
      if (missingParts !== undefined && missingParts.length > 0) {
        console.log(numberRanges(missingParts));
      }
    });
}
