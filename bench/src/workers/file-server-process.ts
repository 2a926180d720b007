import { spawn } from "node:child_process";
import { once } from "node:events";
import { workerProgram } from "./worker-program.js";

/** A web server of a folder's files, in a process of its own. */
export async function startFileServer(
  folder: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const { file, execArgv } = workerProgram("file-server");
  const child = spawn(process.execPath, [...execArgv, file, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const [port] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return {
    url: `http://127.0.0.1:${port.trim()}`,
    async close() {
      child.kill();
      await closed;
    },
  };
}
