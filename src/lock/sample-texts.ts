import type { LockedText } from "./lock-format.js";

const words = "a dog that runs on the beach beside two people with red umbrellas and";

/** The texts whose tokens a lock keeps. */
export const sampleTexts: readonly Omit<LockedText, "outputs">[] = [
  ...singleTexts().map((one) => ({ ...one, pair: null })),
  {
    name: "pair",
    text: "What is on the sofa?",
    pair: "A cat sits on a sofa, in front of 3 windows!",
  },
  { name: "long-pair", text: `who ${words}`.repeat(8), pair: `where ${words}`.repeat(9) },
];

function singleTexts(): { readonly name: string; readonly text: string }[] {
  return [
    { name: "plain", text: "A cat sits on a sofa, in front of 3 windows!" },
    { name: "empty", text: "" },
    { name: "space", text: "  two  spaces,\ttabs\nand\r\nlines " },
    { name: "case", text: "McDonald's NASA iPhone eBay don't I'LL we've" },
    { name: "numbers", text: "1234567890 3.14159 1,000,000 $5.00 50% 12:30 2026-11-27" },
    { name: "accents", text: "café naïve Straße İstanbul K Å ﬁ Ǆ" },
    { name: "decomposed", text: "cafe\u0301 nai\u0308ve o\u0302\u0301 \u1100\u1161\u11a8" },
    { name: "writings", text: "北京の猫 고양이 кошка γάτα חתול قطة बिल्ली แมว" },
    { name: "emoji", text: "🐶 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ ☃" },
    { name: "marks", text: "“quotes” — dash… ‹a› «b» ¿c? ¡d! •e· ©®™ ²½ ∑√∞" },
    {
      name: "unusual-space",
      text: "a\u00a0b\u2003c\u3000d\u0085e\u001cf\ufeffg\u200bh\u00adi\u0000j\ufffdk",
    },
    {
      name: "markup",
      text: "<b>x</b> [CLS] [SEP] [MASK] <s> </s> <pad> <|endoftext|> ##ing @user #tag",
    },
    { name: "rare", text: "antidisestablishmentarianism zzxqj https://example.org/a_b?c=d&e=f" },
    { name: "long", text: Array.from({ length: 12 }, (_, i) => `${i} ${words}`).join(" ") },
  ];
}
