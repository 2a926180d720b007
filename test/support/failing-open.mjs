// Imported before a program: opening files whose path ends in FAILING_FILE fails with FAILING_CODE.

import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const { FAILING_FILE: file, FAILING_CODE: code } = process.env;
const { open } = fs;
fs.open = async (path, ...rest) => {
  if (!String(path).endsWith(file)) return open(path, ...rest);
  const message = `${code}: what the system says, open '${path}'`;
  throw Object.assign(new Error(message), { code, syscall: "open", path });
};
syncBuiltinESMExports();
