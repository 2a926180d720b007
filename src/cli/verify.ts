import type { Command } from "commander";
import { verifyPack } from "../packing/pack.js";
import { withProgress } from "./progress.js";

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("compare every byte of a packed set with its checksums; code 1 if any differs")
    .argument("<folder>", "what pixtok pack wrote")
    .option("--json", "print everything as JSON")
    .action(async (folder: string, { json }: { json?: true }) => {
      const report = await withProgress((onProgress) => verifyPack(folder, { onProgress }));
      const { ok, files, pairs, problems } = report;
      if (!ok) process.exitCode = 1;
      if (json) {
        console.log(JSON.stringify(report, null, 2));
        return;
      }
      for (const { file, rows, message } of problems) {
        const place = rows === null ? "" : `, rows ${rows[0]} to ${rows[1]}`;
        console.log(`${file ?? folder}${place}: ${message}`);
      }
      const summary = ok ? "whole" : files === 0 ? "no packed set" : "damaged";
      console.log(`${files} files, ${pairs} pairs: ${summary}`);
    });
}
