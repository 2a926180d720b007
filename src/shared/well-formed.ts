/** Half of a surrogate pair alone, which UTF-8 does not have. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a text is the same after it was written as UTF-8. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}
