import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Why a folder cannot be shown as on slow storage here; undefined where it can be. */
export function whyNoSlowMount(): string | undefined {
  if (process.platform !== "linux") return "only Linux has such file systems";
  if (!existsSync("/dev/fuse")) return "there is no /dev/fuse";
  if (process.getuid?.() !== 0) return "only root may mount it";
  const probe = mkdtempSync(join(tmpdir(), "pixtok-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "none", probe], { stdio: "ignore" });
    execFileSync("umount", [probe], { stdio: "ignore" });
  } catch {
    return "file systems cannot be mounted here";
  } finally {
    rmdirSync(probe);
  }
  try {
    execFileSync("pkg-config", ["--exists", "fuse3"]);
  } catch {
    return "libfuse3 and its headers are not installed";
  }
  return undefined;
}

/** What shows folders as on slow storage. */
export interface SlowMounts {
  /**
   * Shows a folder, each read so many milliseconds late, until `use` is done. None of it is in the system's cache at first.
   */
  during<T>(folder: string, milliseconds: number, use: (mount: string) => Promise<T>): Promise<T>;
}

/**
 * @param root a folder for the program that does so (slow-mount.c).
 */
export function slowMounts(root: string): SlowMounts {
  const source = fileURLToPath(new URL("slow-mount.c", import.meta.url));
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "fuse3"], { encoding: "utf8" });
  const program = join(root, "slow-mount");
  execFileSync("cc", ["-O1", "-o", program, source, ...flags.trim().split(/\s+/)]);
  return {
    async during(folder, milliseconds, use) {
      const mount = mkdtempSync(join(root, "mount-"));
      const { dev: before } = statSync(mount);
      const parameters = [folder, String(milliseconds), mount];
      const server = spawn(program, parameters, { stdio: ["ignore", "inherit", "inherit"] });
      const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
      try {
        for (let i = 0; statSync(mount).dev === before; i += 1) {
          if (i === 1000 || server.exitCode !== null) throw new Error(`${folder} is not mounted`);
          await sleep(10);
        }
        return await use(mount);
      } finally {
        server.kill();
        await ended;
        rmdirSync(mount);
      }
    },
  };
}
