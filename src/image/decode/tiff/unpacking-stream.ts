import type { Transform } from "node:stream";
import { corrupt } from "../image-fault.js";

export function endsEarly(): Error {
  return corrupt("its pixels end early");
}

/** The first `bytes` that come out of a stream of zlib's where `packed` goes in. @throws {ImageFault} */
export function firstUnpacked(stream: Transform, packed: Buffer, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    stream.on("data", (piece: Buffer) => {
      pieces.push(piece);
      length += piece.length;
      if (length < bytes) return;
      stream.destroy();
      resolve((pieces.length === 1 ? piece : Buffer.concat(pieces)).subarray(0, bytes));
    });
    stream.on("end", () => reject(endsEarly()));
    stream.on("error", (cause) => reject(corrupt("its pixels cannot be unpacked", cause)));
    stream.end(packed);
  });
}
