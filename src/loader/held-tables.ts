/** A table in a cache that is mapped, and whose room there is in use. */
export interface HeldTable {
  /** The file whose weights it is made of. */
  readonly file: string;
  /** Tells it from tables of other weights. */
  readonly key: string;
  readonly release: () => void;
}

const held = new Set<HeldTable>();
const whenCollected = new FinalizationRegistry<HeldTable>(letGo);

function letGo(table: HeldTable): void {
  held.delete(table);
  table.release();
}

/** Holds a table until its memory is collected, or letGoOfOthers() ends it. */
export function holdTable(table: HeldTable, memory: object): void {
  held.add(table);
  whenCollected.register(memory, table);
}

/**
 * Gives back the room of what a file's weights were before: they are written anew for every epoch, perhaps, and memory is
 * collected late. Who still draws by them has them mapped.
 */
export function letGoOfOthers({ file, key }: Pick<HeldTable, "file" | "key">): void {
  for (const table of held) if (table.file === file && table.key !== key) letGo(table);
}
