import { itemsOf, TemplateError, type Value } from "./values.js";

/** Steps of a rendering: a template with tools needs some ten thousand for a long conversation. */
const MOST_STEPS = 5_000_000;
/** Characters of all texts that a rendering makes on its way. */
const MOST_CHARACTERS = 1 << 28;
/** Steps that take as long as a turn of a loop, or going through a list, without what is in it. */
const STEPS_OF_TURN = 8;
/** Characters of a text that are looked through in the time of a step. */
const SCANNED = 64;
/** Characters of one text. */
const MOST_TEXT = 1 << 26;

/** What is left of the time and memory that one rendering may take: templates come from elsewhere. */
export class Allowance {
  #steps = MOST_STEPS;
  #characters = MOST_CHARACTERS;

  /** @throws {TemplateError} where nothing is left. */
  steps(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new TemplateError(`it takes more than ${MOST_STEPS} steps`);
  }

  /** A turn of a loop, or a list or dict that is written or compared. @throws {TemplateError} likewise. */
  turn(): void {
    this.steps(STEPS_OF_TURN);
  }

  /** To be called before a text of this length is looked through. @throws {TemplateError} likewise. */
  scan(length: number): void {
    this.steps(length / SCANNED);
  }

  /** itemsOf(); each of those that are made for it is a step. @throws {TemplateError} likewise. */
  items(value: Value): readonly Value[] {
    if (typeof value === "string") this.steps(value.length);
    if (value instanceof Map) this.steps(value.size);
    return itemsOf(value);
  }

  /** Texts put together, with another between them. @throws {TemplateError} likewise. */
  joined(texts: readonly string[], between = ""): string {
    this.steps(texts.length);
    this.text(texts.reduce((sum, { length }) => sum + length + between.length, 0));
    return texts.join(between);
  }

  /** To be called before a text of this length is made. @throws {TemplateError} likewise. */
  text(length: number): void {
    this.#characters -= length;
    if (!(length <= MOST_TEXT && this.#characters >= 0)) {
      throw new TemplateError(`it makes texts of more than ${MOST_TEXT} characters`);
    }
  }
}
