import { link, symlink } from "node:fs/promises";

/** Links a file. On Windows a symbolic link needs a privilege, and another one the same disk. */
export const linkTo = process.platform === "win32" ? link : symlink;
