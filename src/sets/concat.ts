import { outOfRange, wrongType } from "../shared/validation.js";
import { blocksOfAll } from "../sources/block-lengths.js";
import {
  derivedSource,
  descriptionOf,
  fingerprintOf,
  rowsInTurn,
} from "../sources/derived-source.js";
import { isPacked, type PackedSource } from "../sources/packed/is-packed.js";
import type { Pack } from "../sources/packed/pack-format.js";
import { requireSame } from "../sources/packed/pack-match.js";
import { makeFingerprint, type PairSource, requireIndexedSource } from "../sources/pair-source.js";

/**
 * The pairs of several sources, one source behind the other. Packed sets go with packed sets alone, that
 * were packed with the same options.
 *
 * @throws {TypeError | RangeError}
 * @throws {PixtokError} PACK_MISMATCH
 */
export function concat(sources: readonly PairSource[]): PairSource {
  const checked = requireSources(sources);
  const { length, rowAt } = rowsInTurn(checked);
  return derivedSource(checked, rowAt, {
    length,
    fingerprint: makeFingerprint(["concatenated", ...checked.map(fingerprintOf)]),
    description: `${length} pairs: ${checked.map(descriptionOf).join("; ")}`,
    ...blocksOfAll(checked),
    ...packOf(checked),
  });
}

/** @throws {TypeError | RangeError} for what is no array of sources, or an empty one. */
export function requireSources(sources: unknown): readonly PairSource[] {
  if (!Array.isArray(sources)) throw wrongType("sources", "an array of sources", sources);
  if (sources.length === 0) throw outOfRange("sources", "at least one source", sources);
  return sources.map(requireIndexedSource);
}

/** The pack that all of the sources are like; nothing where none of them is packed. */
function packOf(sources: readonly PairSource[]): Partial<Pick<PackedSource, "pack">> {
  const packed = sources.filter(isPacked);
  const [first] = packed;
  if (first === undefined) return {};
  if (packed.length < sources.length) {
    throw wrongType("sources", "packed sets alone, or none", sources.map(descriptionOf).join("; "));
  }
  for (const { pack } of packed) {
    requireSame(pack.folder, preparation(pack), preparation(first.pack));
  }
  return { pack: first.pack };
}

/** How a pack's pairs were prepared: all of its configuration but what they are, in what files and columns of their source. */
function preparation({
  config: { processor, size, pictures, conversations, text, tokenizer, columns, imageColumns },
}: Pack) {
  const { columns: _, ...chat } = conversations?.chat ?? {};
  const said = conversations && { ...conversations, chat };
  return { processor, size, pictures, conversations: said, text, tokenizer, columns, imageColumns };
}
