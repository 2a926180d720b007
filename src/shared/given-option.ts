/**
 * Beside the options of a function, infers `O` from what they are given as, so that a type can follow what is left out. It
 * never asks for anything itself: a plain `O` would also allow options that do not exist.
 */
export type InferredFrom<O> = [O] extends [never] ? O : unknown;

/** What an option is given as: undefined where it is left out, with undefined where that may be. */
export type GivenOption<O, Name extends string> = O extends unknown
  ? Name extends keyof O
    ? O[Name]
    : undefined
  : never;
