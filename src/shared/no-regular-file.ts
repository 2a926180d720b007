import { statSync } from "node:fs";

/** What opening a socket, or a device that is not there, fails with; or storage that is gone. */
const codes: ReadonlySet<string | undefined> = new Set(["ENXIO", "ENODEV", "EOPNOTSUPP"]);

/** Whether opening failed for what is at the path: no regular file. */
export function isNoRegularFile(cause: unknown): boolean {
  const { code, syscall, path } = cause as Partial<NodeJS.ErrnoException>;
  if (syscall !== "open" || path === undefined || !codes.has(code)) return false;
  try {
    return !statSync(path).isFile();
  } catch {
    return false; // gone, or out of reach as its storage is
  }
}
