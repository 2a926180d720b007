#!/usr/bin/env node
import { Command } from "commander";
import { packageVersion, runtimeInfo } from "./runtime.js";

function printInfo(): void {
  const { version, kernel, kernels, decoder, sharp, threads } = runtimeInfo();
  const rows: [string, string][] = [
    ["pixtok", version],
    ["kernel", `${kernel} (this CPU can run ${kernels.join(", ")})`],
    ["JPEG decoder", `${decoder.name} ${decoder.version}`],
    ["library", decoder.library ?? "none of its own"],
    ["sharp", sharp],
    ["threads", String(threads)],
    ["node", process.version],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(14)}${value}`);
}

const program = new Command("pixtok")
  .description("image–text pairs to training batches")
  .version(packageVersion());

program
  .command("info")
  .description("show the kernel, decoder and threads in use")
  .action(printInfo);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`pixtok: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
