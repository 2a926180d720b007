/**
 * When a copy says that it was changed, in seconds since 1970: in the years 2001 to 2017, as no file that is written now. A
 * copy with another time is not as it was written.
 */
export function timeOfCopy(key: string): number {
  return 1_000_000_000 + (Number.parseInt(key.slice(0, 8), 16) % 500_000_000);
}
