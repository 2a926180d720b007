// Prints what sources say of row 0 while the process can open no more files, and after that.
//   node out-of-descriptors.mjs MANIFEST FOLDER
import { closeSync, openSync } from "node:fs";
import { openImageFolder, openManifest } from "pixtok";

const [manifest, folder] = process.argv.slice(2);
const sources = [await openManifest(manifest), await openImageFolder(folder)];
const last = (source) => source.length - 1;
const textsOrCodes = () =>
  Promise.all(sources.map((source) => source.texts(last(source)).catch(({ code }) => code)));

const opened = [];
try {
  while (opened.length < 100_000) opened.push(openSync(manifest));
} catch {
  // as many as the process may have
}
const during = await textsOrCodes();
const again = await Promise.all([
  openManifest(manifest).catch(({ code }) => code),
  openImageFolder(folder).catch(({ code }) => code),
]);
for (const descriptor of opened) closeSync(descriptor);
console.log(JSON.stringify({ during, again, after: await textsOrCodes() }));
