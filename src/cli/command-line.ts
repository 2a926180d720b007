import { Command, CommanderError } from "commander";
import { packageVersion } from "../native/runtime-info.js";
import { addAttest } from "./attest.js";
import { addCheck } from "./check.js";
import { exitCodeOf, TRY_AGAIN } from "./exit-code.js";
import { addInfo } from "./info.js";
import { addLock } from "./lock.js";
import { addPack } from "./pack.js";
import { addPlan } from "./plan.js";
import { addShow } from "./show.js";
import { addStats } from "./stats.js";
import { addVerify } from "./verify.js";
import { wordsOfCommand } from "./words-of-command.js";

/**
 * Runs the command that these parameters name, such as `["verify", "packed/"]`. It prints as a program does, says
 * on standard error why a command cannot do its work, and leaves its code in `process.exitCode`.
 */
export async function runCommandLine(parameters: readonly string[]): Promise<void> {
  // commands inherit exitOverride: commander would end the process
  const program = new Command("pixtok")
    .exitOverride()
    .description("image–text pairs to training batches")
    .version(packageVersion())
    .addHelpText(
      "after",
      `\nCode ${TRY_AGAIN} says that the same command may do better later: storage, a server or memory has failed, the disk is full, or another process is at work. Code 1 says that it will not: data or options are wrong.`,
    );
  const commands = [
    ...[addInfo, addCheck, addStats, addShow],
    ...[addPlan, addPack, addVerify, addLock, addAttest],
  ];
  for (const add of commands) add(program);
  try {
    await program.parseAsync(parameters, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed the help, or what is wrong with a parameter
      process.exitCode = error.exitCode;
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    const named = program.commands.find((command) => command.name() === parameters[0]);
    console.error(`pixtok: ${wordsOfCommand(message, named)}`);
    process.exitCode = exitCodeOf(error);
  }
}
