// Buckets, which here are a server of our own that checks signatures; nothing leaves this machine.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MultimodalDataset, openSource, type PixtokError, packDataset } from "pixtok";
import { closedServers } from "../support/closed-servers.js";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";
import {
  contentsOf,
  folderOf,
  imageBytes,
  imageNames,
  newFolder,
  quick,
  shardsOf,
} from "../support/remote-sets.js";
import { credentials, type S3Server, s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);

const start = closedServers(startS3);
const tokenizer = await smallTokenizer();

/** The files of a folder as objects below "sets/NAME/". */
function serve(files: Record<string, Buffer>): Promise<S3Server> {
  const objects = Object.entries(files).map(([path, bytes]) => [`sets/name${path}`, bytes]);
  return start(Object.fromEntries(objects));
}

describe("of a bucket there can be opened", () => {
  test("a prefix that has shards, listed page by page", async () => {
    const files = shardsOf(3, 4);
    const server = await serve(files);
    server.pageSize = 2;
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name", {
        tokenizer,
        ...quick({ endpoint: server.url }),
      }),
      await MultimodalDataset.from(folderOf(files), { tokenizer }),
    );
  });

  test("a pattern of shards, and one by its name", async () => {
    const server = await serve(shardsOf(3, 4));
    const options = quick({ endpoint: server.url });
    for (const [pattern, length] of [
      ["s3://sets/name/{000..001}.tar", 8],
      ["s3://sets/name/*.tar", 12],
      ["s3://sets/name/002.tar", 4],
    ] as const) {
      assert.equal((await openSource(pattern, options)).length, length);
    }
  });

  test("an imagefolder, with its images", async () => {
    const rows = imageNames.map((file_name, i) => JSON.stringify({ file_name, text: `text ${i}` }));
    const images = Object.fromEntries(imageNames.map((name, i) => [name, imageBytes[i] as Buffer]));
    const root = folderOf({ ...images, "metadata.jsonl": rows.join("\n") });
    const server = await serve(contentsOf(root));
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name/", {
        tokenizer,
        ...quick({ endpoint: server.url }),
      }),
      await MultimodalDataset.from(root, { tokenizer }),
    );
  });

  test("a packed set", async () => {
    const imagePaths = imageNames.map((name) => fixture(`images/${name}`));
    const root = newFolder();
    await packDataset(
      new MultimodalDataset({ imagePaths, texts: ["a", "b", "c"], tokenizer }),
      root,
    );
    const server = await serve(contentsOf(root));
    await assertSameEpoch(
      await MultimodalDataset.from("s3://sets/name", quick({ endpoint: server.url })),
      await MultimodalDataset.from(root),
    );
  });
});

describe("of a bucket", () => {
  test("what comes is compared with the checksum that S3 keeps", async () => {
    const server = await serve(shardsOf(1, 4));
    server.isCorrupt = true;
    await assert.rejects(openSource("s3://sets/name/000.tar", quick({ endpoint: server.url })), {
      code: "REMOTE_CORRUPT_FILE",
      reason: /crc32/,
    });
  });

  test("a transfer that stalls ends", async () => {
    const server = await serve(shardsOf(1, 4));
    server.isStalling = true;
    const options = quick({ endpoint: server.url, timeoutSeconds: 0.5, remoteRetries: 0 });
    await assert.rejects(openSource("s3://sets/name/000.tar", options), {
      code: "REMOTE_UNREACHABLE",
      source: "s3://sets/name/000.tar",
    });
  });

  test("what is not there says so", async () => {
    const server = await serve({});
    const options = quick({ endpoint: server.url });
    for (const url of ["s3://sets/name/000.tar", "s3://sets/other", "s3://sets/name/*.tar"]) {
      await assert.rejects(openSource(url, options), { code: "REMOTE_NOT_FOUND", source: url });
    }
  });

  test("a list that leads to itself is refused", async () => {
    const server = await serve(shardsOf(1, 4));
    server.list =
      "<ListBucketResult><Contents><Key>name/0.tar</Key><Size>1</Size></Contents>" +
      "<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /a page leads to itself/,
    });
    assert.equal(server.requests.length, 2);
  });

  test("an answer that is none of S3 says that endpoint is to be checked", async () => {
    const server = await serve({});
    server.list = "<html>the console of the server</html>";
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /none of S3: check endpoint/,
    });
  });

  for (const endpoint of ["nonsense", "localhost:9000", "127.0.0.1:9000", "s3://x"]) {
    test(`${endpoint} is no endpoint`, async () => {
      await assert.rejects(openSource("s3://sets/name", { endpoint }), {
        name: "RangeError",
        message: /endpoint: expected the URL of a server, http:\/\/HOST or https:\/\/HOST/,
      });
    });
  }

  test("an object that is compressed on its way is refused, as from a web server", async () => {
    const server = await serve(shardsOf(1, 4));
    server.headers = { "Content-Encoding": "gzip" };
    await assert.rejects(openSource("s3://sets/name/000.tar", quick({ endpoint: server.url })), {
      code: "REMOTE_REFUSED",
      reason: /Content-Encoding: gzip/,
    });
  });

  for (const key of ["/../x.tar", "/./x.tar", "//x.tar", "/a\\b.tar", `/${"x".repeat(300)}.tar`]) {
    test(`${JSON.stringify(key.slice(0, 20))} is no name of a file below a folder, and is not left out`, async () => {
      const server = await serve({ ...shardsOf(1, 4), [key]: Buffer.from("x") });
      await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
        code: "UNKNOWN_SOURCE",
        source: "s3://sets/name",
        reason: /cannot be the name of a file/,
      });
    });
  }

  test("a file that is below another one is no name of a file, either", async () => {
    const files = { "/a.tar": Buffer.from("x"), "/a.tar/b.tar": Buffer.from("x") };
    const server = await serve(files);
    await assert.rejects(openSource("s3://sets/name", quick({ endpoint: server.url })), {
      code: "UNKNOWN_SOURCE",
      reason: /cannot be the name of a file/,
    });
  });

  test("refusals show neither keys nor signatures", async () => {
    const server = await serve(shardsOf(1, 4));
    process.env.AWS_SECRET_ACCESS_KEY = "another-secret";
    try {
      // another timeout: clients of the same one keep their credentials
      const options = quick({ endpoint: server.url, timeoutSeconds: 4 });
      await assert.rejects(openSource("s3://sets/name/000.tar", options), (error: PixtokError) => {
        assert.equal(error.code, "REMOTE_REFUSED");
        for (let one: unknown = error; one instanceof Error; one = one.cause) {
          assert.doesNotMatch(`${one.message} ${one.stack}`, /another-secret|Signature=/);
        }
        return true;
      });
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = credentials.secret;
    }
  });
});
