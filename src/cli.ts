#!/usr/bin/env node
import { Command } from "commander";
import { runtimeInfo } from "./runtime.js";

function printInfo(): void {
  const info = runtimeInfo();
  const { decoder } = info;
  const rows: [string, string][] = [
    ["pixtok", info.version],
    ["kernel", `${info.kernel} (this CPU can run ${info.kernels.join(", ")})`],
    ["JPEG decoder", `${decoder.name} ${decoder.version}`],
    ["library", decoder.library ?? "none of its own"],
    ["sharp", info.sharp],
    ["threads", String(info.threads)],
    ["node", process.version],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(14)}${value}`);
}

const program = new Command("pixtok")
  .description("image–text pairs to training batches")
  .version(runtimeInfo().version);

program
  .command("info")
  .description("show the kernel, decoder and threads in use")
  .action(printInfo);

await program.parseAsync();
