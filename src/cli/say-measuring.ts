/** Measuring takes a minute or two: what is done now is said where people read it. */
export const say = (what: string) => console.error(`measuring: ${what}`);
