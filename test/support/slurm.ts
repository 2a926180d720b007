// Debian's Slurm on this machine, for one test: a controller, a node and munge, on ports of their own, without systemd.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./free-port.js";

const programs = { munged: "munged", slurmctld: "slurmctld", slurmd: "slurmd" } as const;
const folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin"];
const pathOf = (program: string) =>
  folders.map((folder) => join(folder, program)).find((path) => existsSync(path));

/** For `skip`: false, or what is not there. */
export const withoutSlurm =
  Object.keys(programs).some((program) => pathOf(program) === undefined) &&
  "Slurm is not installed: apt-get install slurm-wlm";

export interface Slurm {
  /** What its commands need. */
  readonly env: NodeJS.ProcessEnv;
  /** What a command of it prints. */
  run(command: string, ...parameters: string[]): string;
  /** Waits until no job is left. */
  ended(): Promise<void>;
  stop(): Promise<void>;
}

/** @param folder where its files are, under a short path: sockets have no long ones. */
export async function startSlurm(folder: string): Promise<Slurm> {
  const [host = ""] = hostname().split(".");
  const { username } = userInfo();
  const [controller, node] = [await freePort(), await freePort()];
  for (const name of ["munge", "state", "spool"]) mkdirSync(join(folder, name));
  chmodSync(join(folder, "munge"), 0o700);
  const key = join(folder, "munge/key");
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  const socket = join(folder, "munge/socket");
  const conf = join(folder, "slurm.conf");
  const lines = {
    ClusterName: "pixtok",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: controller,
    SlurmdPort: node,
    SlurmUser: username,
    SlurmdUser: username,
    // a job that is put back into the queue waits for this to end, by default for two minutes; less is too short where
    // the machine is busy
    AuthInfo: `socket=${socket},cred_expire=15`,
    StateSaveLocation: join(folder, "state"),
    SlurmdSpoolDir: join(folder, "spool"),
    SlurmctldPidFile: join(folder, "slurmctld.pid"),
    SlurmdPidFile: join(folder, "slurmd.pid"),
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_CPU",
    ReturnToService: 2,
    // two CPUs, however many there are
    SlurmdParameters: "config_overrides",
    SchedulerParameters: "sched_interval=1,bf_interval=1,batch_sched_delay=0",
    MinJobAge: 2,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}=${value}`);
  text.push(`NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`);
  text.push(`PartitionName=all Nodes=${host} Default=YES State=UP`);
  writeFileSync(conf, `${text.join("\n")}\n`);

  const env = { ...process.env, SLURM_CONF: conf };
  const daemons: { name: string; ended: Promise<unknown>; kill(signal: NodeJS.Signals): void }[] =
    [];
  const logOf = (name: string) => join(folder, `${name}.txt`);
  const start = (name: string, ...parameters: string[]) => {
    const log = openSync(logOf(name), "a");
    const child = spawn(pathOf(name) ?? name, parameters, { env, stdio: ["ignore", log, log] });
    closeSync(log);
    const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
    daemons.push({ name, ended, kill: (signal) => child.kill(signal) });
  };
  const said = () =>
    daemons
      .map(({ name }) => `${name}: ${readFileSync(logOf(name), "utf8").slice(-2000)}`)
      .join("\n");
  const run = (command: string, ...parameters: string[]) =>
    execFileSync(command, parameters, {
      env,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
    });
  const until = async (what: string, isSo: () => boolean, seconds: number) => {
    const end = performance.now() + 1000 * seconds;
    let last: unknown;
    for (;;) {
      try {
        if (isSo()) return;
      } catch (error) {
        last = error; // the controller does not answer yet
      }
      if (performance.now() > end) {
        const message = `${what}: not within ${seconds} seconds\n${said()}`;
        throw new Error(message, { cause: last });
      }
      await setTimeout(200);
    }
  };
  const hasNoJobs = () => run("squeue", "-h").trim() === "";

  async function stop() {
    try {
      // jobs go on without the daemons
      run("scancel", "--user", username);
      await until("the end of cancelled jobs", hasNoJobs, 45);
    } catch {
      // without a controller there are none
    }
    for (const { kill } of daemons.reverse()) kill("SIGTERM");
    const late = globalThis.setTimeout(() => {
      for (const { kill } of daemons) kill("SIGKILL");
    }, 10_000);
    await Promise.all(daemons.map(({ ended }) => ended));
    clearTimeout(late);
  }

  const files = ["pid", "log", "seed"].map(
    (name) => `--${name}-file=${join(folder, "munge", name)}`,
  );
  try {
    start("munged", "--foreground", "--force", `--key-file=${key}`, `--socket=${socket}`, ...files);
    await until("munge", () => existsSync(socket), 20);
    start("slurmctld", "-D", "-c");
    start("slurmd", "-D", "-c", "-N", host);
    await until("an idle node", () => run("sinfo", "-h", "-o", "%t").trim() === "idle", 60);
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, run, ended: () => until("the end of all jobs", hasNoJobs, 240), stop };
}
