import { type Pair, type PairSource, PixtokError } from "pixtok";

export const context = { seed: 0, epoch: 0 };

/** Pairs whose text and key are a prefix and their index; one byte of pixels each. */
export function lettered(
  prefix: string,
  length: number,
  extra: Partial<PairSource> = {},
): PairSource {
  return {
    length,
    fingerprint: prefix,
    get: (index): Pair => ({
      image: { data: Uint8Array.of(index, 0, 0), width: 1, height: 1, channels: 3 },
      text: `${prefix}${index}`,
      key: `${prefix}${index}`,
    }),
    ...extra,
  };
}

export async function textsOf(source: PairSource): Promise<string[]> {
  const pairs = Array.from({ length: source.length }, (_, i) => source.get(i, context));
  return (await Promise.all(pairs)).map(({ text }) => String(text));
}

/** A source in which one pair cannot be read. */
export function withBad(length: number, bad: number): PairSource {
  const { get, ...others } = lettered("p", length);
  return {
    ...others,
    get(index, given) {
      if (index === bad) throw new PixtokError("SAMPLE_FAILED", "it is bad", { index });
      return get(index, given);
    },
  };
}
