import type { GivenOption } from "../shared/given-option.js";
import type { TokenType } from "../text/token-rows.js";
import type { DatasetTexts, ReadyTokens, TextOptions } from "./dataset-options.js";
import type { TrainerTokens } from "./trainer-needs.js";

/** Texts whose tokens are of type `Y`: what options and the library that batches are for have decided. */
export interface TypedTexts<Y extends TokenType> extends TextOptions {
  /** Type of the token tensors. No default. */
  type: Y;
}

/** Type of the token tensors of texts: any, where it is not said. */
export type TokenTypeOf<T extends DatasetTexts> = T extends TypedTexts<infer Y> ? Y : TokenType;

/** Type of the token tensors of a dataset with these options: all that are possible, where that is not said. */
export type ChosenTokenType<O> =
  GivenOption<GivenOption<O, "text">, "type"> extends infer Given
    ?
        | Extract<TokenType, Given>
        | (undefined extends Given ? TrainerTokens<GivenOption<O, "for">> : never)
    : never;

/** Texts of a dataset with the options `O`, whose `text` is `T`. */
export type ChosenTexts<T extends DatasetTexts, O> = T extends null
  ? null
  : (T extends ReadyTokens ? ReadyTokens : unknown) &
      ([TokenType] extends [ChosenTokenType<O>] ? TextOptions : TypedTexts<ChosenTokenType<O>>);
