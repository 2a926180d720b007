import { InvalidArgumentError } from "commander";

const units: Record<string, number> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
};

export function parseBytes(value: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*((?:[kmg]i?)?)b?$/i.exec(value.trim());
  const bytes = Math.floor(Number(found?.[1]) * (units[(found?.[2] ?? "").toLowerCase()] ?? 0));
  if (bytes >= 1) return bytes;
  throw new InvalidArgumentError("Expected a number of bytes, such as 512MiB or 1GB.");
}
