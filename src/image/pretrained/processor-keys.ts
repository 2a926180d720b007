/** A configuration by transformers' names. */
export type ProcessorKeys = Readonly<Record<string, unknown>>;
