#!/usr/bin/env node
import { Command } from "commander";
import { packageVersion } from "../native/runtime-info.js";
import { addAttest } from "./attest.js";
import { addCheck } from "./check.js";
import { exitCodeOf, TRY_AGAIN } from "./exit-code.js";
import { addInfo } from "./info.js";
import { addLock } from "./lock.js";
import { addPack } from "./pack.js";
import { addStats } from "./stats.js";
import { addVerify } from "./verify.js";

const program = new Command("pixtok")
  .description("image–text pairs to training batches")
  .version(packageVersion())
  .addHelpText(
    "after",
    `\nCode ${TRY_AGAIN} says that the same command may do better later: a disk, a server or memory has failed, or another process is at work. Code 1 says that it will not.`,
  );

addInfo(program);
addCheck(program);
addStats(program);
addPack(program);
addVerify(program);
addLock(program);
addAttest(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`pixtok: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = exitCodeOf(error);
}
