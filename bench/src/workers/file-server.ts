/** A child process: a web server of the files in a folder, with ranges. Prints its port. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";

const folder = process.argv[2] ?? "";

const server = createServer(async (request, response) => {
  const path = join(folder, basename(decodeURIComponent(request.url ?? "")));
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { size, mtimeMs } = found;
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const [start, end] = [Number(from), to === "" ? size - 1 : Number(to)];
  const isPart = request.headers.range !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    ETag: `"${size}-${mtimeMs}"`,
    "Content-Length": end - start + 1,
    ...(isPart && { "Content-Range": `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === "HEAD") response.end();
  else
    await pipeline(createReadStream(path, { start, end, highWaterMark: 2 ** 20 }), response).catch(
      () => {},
    );
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
