// One process for each choice of kernel and decoder: they are made once for a process.

import { type ChildProcess, fork } from "node:child_process";
import { runtimeInfo } from "pixtok";
import { programFile, typescript } from "../support/programs.js";
import type { CaseResult } from "./case-result.js";
import { families } from "./families.js";
import type { Suite } from "./suite.js";

/** Undefined: the result does not depend on it, and it is left to pixtok. */
export interface Setting {
  kernel?: string;
  decoder?: string;
}

/** Every choice of kernel and decoder that this machine has and the suite is run with. */
export function settingsOf({ family }: Suite): Setting[] {
  const { on } = families[family];
  if (on === "nothing") return [{}];
  const kernels = runtimeInfo().kernels.map((kernel) => ({ kernel }));
  if (on === "kernels") return kernels;
  return ["native", "sharp"].flatMap((decoder) => kernels.map((each) => ({ ...each, decoder })));
}

export interface TestedSetting {
  readonly setting: Setting;
  readonly cases: "all" | "few";
}

/** The kernel and the decoder that pixtok chooses here. */
export function defaultSettingOf(suite: Suite): TestedSetting {
  const [first] = testedSettingsOf(suite).filter(isDefault);
  if (first === undefined) throw new Error(`${suite.family}: no setting is the default`);
  return first;
}

/** All that the tests run with, but that one. */
export function otherSettingsOf(suite: Suite): TestedSetting[] {
  return testedSettingsOf(suite).filter((tested) => !isDefault(tested));
}

function isDefault({ setting: { kernel, decoder } }: TestedSetting): boolean {
  return (kernel ?? runtimeInfo().kernel) === runtimeInfo().kernel && decoder !== "sharp";
}

/**
 * What the tests run with. sharp decodes for one kernel alone and few cases: no kernel comes before it, and those
 * after it are given what they are given by the addon's decoder.
 */
export function testedSettingsOf(suite: Suite): TestedSetting[] {
  const { kernel } = runtimeInfo();
  return settingsOf(suite)
    .filter((setting) => setting.decoder !== "sharp" || setting.kernel === kernel)
    .map((setting) => ({ setting, cases: setting.decoder === "sharp" ? "few" : "all" }));
}

const processes = new Map<string, ChildProcess>();

/** The process of a setting. It ends with this one, which it does not keep alive. */
function processOf({ kernel, decoder }: Setting): ChildProcess {
  const name = `${kernel}, ${decoder}`;
  const running = processes.get(name);
  if (running !== undefined) return running;
  const child = fork(programFile("test/conformance/suite-worker.ts"), {
    execArgv: [...typescript],
    env: {
      ...process.env,
      ...(kernel === undefined ? {} : { PIXTOK_KERNEL: kernel }),
      ...(decoder === undefined ? {} : { PIXTOK_DECODER: decoder }),
    },
  });
  child.once("exit", () => processes.delete(name));
  processes.set(name, child);
  return child;
}

/**
 * Judges every case of a suite in the process of its setting, which starts with the first suite. One suite of
 * a setting at a time.
 */
export async function runSuite(
  suite: Suite,
  setting: Setting,
  cases: "all" | "few" = "all",
): Promise<CaseResult[]> {
  const child = processOf(setting);
  child.ref();
  child.channel?.ref();
  return new Promise<CaseResult[]>((resolve, reject) => {
    const settle = () => {
      child.off("message", onResults).off("error", onError).off("exit", onExit);
      child.unref();
      child.channel?.unref();
    };
    const onResults = (results: unknown) => {
      settle();
      resolve(results as CaseResult[]);
    };
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    const onExit = (code: number | null, signal: string | null) =>
      onError(
        new Error(`${suite.source} ${suite.family}: the process ended with ${signal ?? code}`),
      );
    child.on("message", onResults).on("error", onError).on("exit", onExit);
    child.send({ suite, cases });
  });
}
