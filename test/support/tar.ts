import { Header, type HeaderData, Pax } from "tar";

/** A file in a tar: its name and its bytes. */
export type TarFile = readonly [name: string, content: string | Uint8Array];

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 511)]);
}

/** An entry: a header and its bytes, filled up to whole blocks. */
export function tarEntry(data: HeaderData, content: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(content);
  const header = new Header({ mode: 0o644, type: "File", size: bytes.length, ...data });
  const block = Buffer.alloc(512);
  header.encode(block);
  return Buffer.concat([block, padded(bytes)]);
}

/** Names the entry that follows as GNU tar does it. */
export function gnuLongName(name: string): Buffer {
  return tarEntry({ path: "././@LongLink", type: "NextFileHasLongPath" }, `${name}\0`);
}

/** Names the entry that follows as pax does it. */
export function paxHeader(records: { path?: string; size?: number }): Buffer {
  return new Pax(records as HeaderData).encode();
}

export const TAR_END = Buffer.alloc(1024);

/** A whole tar. */
export function tarOf(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.map(([path, content]) => tarEntry({ path }, content)), TAR_END]);
}
