import type { TarEntry } from "./tar-entries.js";

/** One file of a sample. */
export interface ShardComponent {
  /** What follows the first dot of the file's name, as it is written. */
  readonly extension: string;
  /** Of its first byte in the shard. */
  readonly offset: number;
  readonly size: number;
}

/** Files of one key, one after the other in a shard. */
export interface ShardSample {
  /** Their path up to the first dot of the name. */
  readonly key: string;
  readonly components: ShardComponent[];
}

/** Path up to the first dot of the name, and what follows it; undefined for files of no sample. */
function splitName(path: string): { key: string; extension: string } | undefined {
  const found = /^((?:.*\/)?[^/.]+)\.([^/]*)$/.exec(path);
  // names in double underscores are WebDataset's own
  if (found === null || /^__[^/]*__(\/|$)/.test(path)) return undefined;
  return { key: found[1] as string, extension: found[2] as string };
}

/** Groups the files of a shard as the webdataset library does. */
export function shardGrouping() {
  const samples: ShardSample[] = [];
  return {
    samples,
    add({ path, offset, size }: TarEntry): void {
      const name = splitName(path);
      if (name === undefined) return;
      const component = { extension: name.extension, offset, size };
      const last = samples.at(-1);
      if (last?.key === name.key) last.components.push(component);
      else samples.push({ key: name.key, components: [component] });
    },
  };
}
