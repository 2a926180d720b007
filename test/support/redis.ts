// Debian's Redis on a port of its own, for one test.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { freePort } from "./free-port.js";

const program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find(existsSync);

/** For `skip`: false, or what is not there. */
export const withoutRedis =
  program === undefined && "Redis is not installed: apt-get install redis-server";

/** @param folder its current one, where nothing is written. */
export async function startRedis(
  folder: string,
): Promise<{ url: string; stop(): Promise<unknown> }> {
  const port = await freePort();
  const given = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn(program ?? "redis-server", given, { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () =>
        resolve(false),
      );
      socket.once("connect", () => socket.destroy());
    });
  for (let tries = 0; !(await answers()); tries += 1) {
    if (tries === 100) {
      child.kill("SIGKILL");
      await ended;
      throw new Error("redis-server does not answer");
    }
    await setTimeout(100);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
