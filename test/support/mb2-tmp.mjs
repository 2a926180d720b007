import { openPackedSource } from "../../dist/sources/packed/local-pack.js";
const w = await openPackedSource("/tmp/pk280", {}, {files:0, bytes: 2**25});
const f = await openPackedSource("/tmp/pk300", {}, {files:0, bytes: 2**25});
const cpu = (s) => { const { user, system } = process.cpuUsage(s); return [user, system]; };
function run(name, s, n) {
  const t = process.cpuUsage(); let x = 12345;
  const rel = []; const keep = (r) => rel.push(r);
  for (let i = 0; i < n; i++) { x = (x * 1103515245 + 12345) & 0x7fffffff; s.get(x % s.length, { seed: 0, epoch: 0, }); if (rel.length >= 64) { for (const r of rel) r(); rel.length = 0; } }
  const [u, k] = cpu(t); console.log(name, (u / n).toFixed(1), "user", (k / n).toFixed(1), "system us/row");
}
for (let i = 0; i < 6; i++) { run("windows", w, 2000);  }
process.exit(0); const n = 20000; let t = process.cpuUsage();
import { runtime } from "../../dist/native/runtime.js";
const { addon } = runtime(); import { statSync } from "node:fs";
const p = "/tmp/pk300/data-00005-of-00300.arrow"; const size = statSync(p).size;
for (let k = 0; k < 2; k++) { t = process.cpuUsage(); for (let i = 0; i < n; i++) { const m = addon.mapRange(p, size, 4096, size - 5000); addon.unmapRange(m.bytes); } console.log("map+unmap", cpu(t).map((v) => v / n)); }
