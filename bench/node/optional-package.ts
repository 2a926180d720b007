import type { Unavailable } from "../src/contenders/contender.js";

const INSTALL_COMMAND = "npm ci --prefix bench/node";

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

/**
 * A package of this folder's package.json, which may not be installed. `Package` names the part of
 * it that is used, for its own types may not be there either.
 */
export async function importOptional<Package>(name: string): Promise<Package | Unavailable> {
  try {
    return (await import(name)) as Package;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return { unavailable: `${name} is not installed: run ${INSTALL_COMMAND}` };
  }
}

export function isUnavailable(value: object): value is Unavailable {
  return "unavailable" in value;
}
