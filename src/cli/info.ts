import type { Command } from "commander";
import { runtimeInfo } from "../native/runtime-info.js";

function printInfo({ json }: { json?: true }): void {
  const info = { ...runtimeInfo(), node: process.version };
  if (json) {
    console.log(JSON.stringify(info, null, 2));
    return;
  }
  const { version, kernel, kernels, decoder, sharp, resampler, threads, node } = info;
  const rows: [string, string][] = [
    ["pixtok", version],
    ["kernel", `${kernel} (this CPU can run ${kernels.join(", ")})`],
    ["JPEG decoder", `${decoder.own ? "pixtok, " : ""}${decoder.name} ${decoder.version}`],
    ["library", decoder.library ?? "none of its own"],
    ["PNG decoder", decoder.zlib === undefined ? `sharp ${sharp}` : `pixtok, zlib ${decoder.zlib}`],
    [
      "WebP decoder",
      decoder.webp === undefined
        ? `sharp ${sharp}`
        : `pixtok, libwebp ${decoder.webp.version} (${decoder.webp.library})`,
    ],
    ["sharp", sharp],
    ["resampler", resampler],
    ["threads", String(threads)],
    ["node", node],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(14)}${value}`);
}

export function addInfo(program: Command): void {
  program
    .command("info")
    .description("show the kernel, decoder and threads in use")
    .option("--json", "print everything as JSON")
    .action(printInfo);
}
