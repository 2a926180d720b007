import { constants } from "node:buffer";
import { isMainThread } from "node:worker_threads";
import { PixtokError } from "../shared/errors.js";
import { idleBlocks, MOST_LARGER } from "./idle-blocks.js";
import { runtime } from "./runtime.js";

/**
 * Memory that batches are written into, and that is used again when they are gone: fresh memory costs a
 * page fault every 4 KiB, more than it costs to fill it. Its array buffers are the engine's own. A user
 * gets a lease: a second array buffer over the same memory (native/addon/memory_leases.h).
 */
interface Block {
  readonly buffer: ArrayBuffer;
  /** Offset of the memory in it, for alignment. */
  readonly start: number;
  /**
   * What a user has, if one has it. "itself" where the engine has no leases, and in worker threads: a
   * lease could be moved to another thread, and its memory goes when the thread that it is from ends.
   */
  lent?: "lease" | "itself";
  /** While nobody has it: a lease that was not ended, which its last user may still look at. */
  lease?: ArrayBuffer | undefined;
}

/** Kernels write whole vectors where memory begins at a multiple of this. */
const ALIGNMENT = 64;
/**
 * Sizes are rounded up by at most an eighth, so that a block fits batches of similar size; by at most a half where sizes
 * vary. What is never written takes no memory.
 */
const SIZES_IN_AN_OCTAVE = 8;
const VARYING_SIZES_IN_AN_OCTAVE = 2;
const idle = idleBlocks<Block>({ bytes: 384 * 2 ** 20, blocks: 4096 });
/** Whether keepReturned() is also called while no memory is allocated. */
let listening = false;
const inUse = new WeakMap<ArrayBuffer, Block>();
/** Blocks that are lent again and again, by their leases: these do not keep each other. */
const lentAgain = new WeakMap<ArrayBuffer, Block>();

function blockBytes(bytes: number, sizesInAnOctave: number): number {
  const wanted = bytes + ALIGNMENT;
  const step = Math.max(ALIGNMENT, 2 ** Math.floor(Math.log2(wanted)) / sizesInAnOctave);
  return Math.ceil(wanted / step) * step;
}

/** The same memory in another array buffer; `buffer` is empty then. */
function moved(buffer: ArrayBuffer): ArrayBuffer {
  // ArrayBuffer.prototype.transfer, which Node 20 lacks
  return structuredClone(buffer, { transfer: [buffer] });
}

/** Keeps the blocks that the garbage collector has found. */
function keepReturned(): void {
  for (const buffer of runtime().addon.takeReturnedMemory()) {
    const block = inUse.get(buffer);
    inUse.delete(buffer);
    // else what a lease that had been moved was of is in other use, or is not wanted
    if (block?.lent === "lease") idle.keep({ buffer, start: block.start });
  }
}

function freshBlock(size: number, bytes: number): Block {
  const refused = (cause?: unknown) =>
    new PixtokError("OUT_OF_MEMORY", `no array buffer of ${bytes} bytes can be had`, { cause });
  if (size > constants.MAX_LENGTH) throw refused();
  const make = (): Block => {
    const buffer = new ArrayBuffer(size);
    return { buffer, start: runtime().addon.alignMemory(buffer) };
  };
  try {
    return make();
  } catch {
    // idle blocks may take the memory that it needs
    idle.dropAll();
  }
  try {
    return make();
  } catch (cause) {
    throw refused(cause);
  }
}

/**
 * Memory to write into, its contents unspecified. Give it to releaseMemory(), or lend it.
 *
 * @param sizesVary whether the next sizes will be others: an idle block that is larger is taken then.
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export function allocateMemory(bytes: number, sizesVary = false): Uint8Array {
  if (!listening) {
    runtime().addon.onMemoryReturned(keepReturned);
    listening = true;
  }
  keepReturned();
  const size = blockBytes(bytes, sizesVary ? VARYING_SIZES_IN_AN_OCTAVE : SIZES_IN_AN_OCTAVE);
  const block = idle.take(size, sizesVary ? MOST_LARGER * size : size) ?? freshBlock(size, bytes);
  inUse.set(block.buffer, block);
  return new Uint8Array(block.buffer, block.start, bytes);
}

/** Whether a user has moved what a lease is of elsewhere: it comes back when that has been collected. */
function isMoved(lease: ArrayBuffer): boolean {
  return lease.byteLength === 0;
}

/** The same bytes in another block. */
function copied(memory: Uint8Array): Uint8Array {
  const copy = allocateMemory(memory.length);
  copy.set(memory);
  return copy;
}

/**
 * Lends the memory to a user. It comes back when it is released, or else when the garbage collector
 * finds it unreachable.
 */
export function lendMemory(memory: Uint8Array): Uint8Array {
  const { byteOffset, length } = memory;
  const buffer = memory.buffer as ArrayBuffer;
  // what V8 counts is what is used of it
  const used = Math.max(byteOffset + length, ALIGNMENT);
  const block = inUse.get(buffer);
  if (block?.lease !== undefined) {
    if (isMoved(block.lease)) return lendMemory(copied(memory));
    runtime().addon.endLease(block.lease);
    block.lease = undefined;
  }
  const lease = isMainThread ? runtime().addon.beginLease(buffer, used) : undefined;
  if (block !== undefined) block.lent = lease === undefined ? "itself" : "lease";
  return new Uint8Array(lease ?? buffer, byteOffset, length);
}

/**
 * As lendMemory(), by the lease that the memory was lent by before, where it was: no array buffer is made. When it is
 * released what was lent is not empty, and shows what is written into the memory then; it must not be released
 * again when the memory has been lent once more. Where there are no leases it is lendMemory().
 */
export function lendMemoryAgain(memory: Uint8Array): Uint8Array {
  const block = inUse.get(memory.buffer as ArrayBuffer);
  if (block === undefined || !isMainThread) return lendMemory(memory);
  const { buffer } = block;
  if (block.lease !== undefined && isMoved(block.lease)) return lendMemoryAgain(copied(memory));
  const lease = block.lease ?? runtime().addon.beginLease(buffer, buffer.byteLength);
  if (lease === undefined) return lendMemory(memory);
  block.lease = undefined;
  block.lent = "lease";
  lentAgain.set(lease, block);
  return new Uint8Array(lease, memory.byteOffset, memory.length);
}

/** Takes back the block that `buffer` is, or is a lease of; undefined where it is not lent. */
function reclaim(buffer: ArrayBuffer): Block | undefined {
  const memory = runtime().addon.endLease(buffer);
  const block = inUse.get(memory ?? buffer);
  if (block === undefined || (block.lent === "lease" && memory === undefined)) return undefined;
  inUse.delete(block.buffer);
  // lent itself, its user has moved it
  return block.buffer.byteLength === 0 ? undefined : block;
}

/**
 * Gives memory back: what was lent is empty from then on, unless it was lent again and again. Memory that is back already
 * is left alone.
 */
export function releaseMemory({ buffer }: Uint8Array): void {
  const lease = buffer as ArrayBuffer;
  const again = lentAgain.get(lease);
  lentAgain.delete(lease);
  if (again !== undefined && !isMoved(lease)) {
    inUse.delete(again.buffer);
    idle.keep({ buffer: again.buffer, start: again.start, lease });
    return;
  }
  const block = reclaim(lease);
  if (block === undefined) return;
  const { buffer: memory, lent, ...same } = block;
  idle.keep({ ...same, buffer: lent === "itself" ? moved(memory) : memory });
}

/**
 * Takes what was lent from its user and out of the pool: an array buffer with the same memory, which can
 * be transferred to other threads. Precondition: it has not been given back.
 */
export function withdrawMemory(lent: ArrayBuffer): ArrayBuffer {
  const block = reclaim(lent);
  if (block === undefined) return lent;
  return block.lent === "lease" ? block.buffer : moved(block.buffer);
}
