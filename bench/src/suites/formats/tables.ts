import { groupBy } from "../../measuring/grouping.js";
import { FORMATS, type Format } from "../../programs/decoders.js";
import { NOTHING, type Table } from "../../reporting/table.js";
import type { DecodeRecord, FormatResults, LoaderRecord } from "./results.js";

const titles: Readonly<Record<Format, string>> = { jpeg: "JPEG", png: "PNG", webp: "WebP" };

function rateCell({ rate, megapixels }: DecodeRecord): string {
  const perSecond = rate.median * megapixels;
  return perSecond.toFixed(perSecond < 10 ? 1 : 0);
}

function formatTable(records: readonly DecodeRecord[]): Table {
  const names = [...new Set(records.map(({ decoder }) => decoder))];
  const cases = groupBy(records, ({ label }) => label);
  return [
    ["megapixels a second", ...names],
    ...[...cases].map(([label, ofCase]) => [
      label,
      ...names.map((name) => {
        const record = ofCase.find(({ decoder }) => decoder === name);
        return record === undefined ? NOTHING : rateCell(record);
      }),
    ]),
  ];
}

/** A table for each format. */
export function decodingTables({ decoding }: FormatResults): { title: string; table: Table }[] {
  return FORMATS.flatMap((format) => {
    const records = decoding.filter((record) => record.format === format);
    if (records.length === 0) return [];
    return [{ title: `${titles[format]}, one thread`, table: formatTable(records) }];
  });
}

function bareCells({ bare }: LoaderRecord, name: string): string[] {
  const found = bare.find(({ decoder }) => decoder === name);
  if (found === undefined) return [NOTHING, NOTHING];
  return [found.rate.median.toFixed(0), `${found.ratio.median.toFixed(2)}×`];
}

export function loaderTable({ loader }: FormatResults): Table {
  const names = [...new Set(loader.flatMap(({ bare }) => bare.map(({ decoder }) => decoder)))];
  return [
    [
      "set",
      "loader, pairs/s",
      "event loop",
      ...names.flatMap((name) => [`${name}, images/s`, `of ${name}`]),
    ],
    ...loader.map((record) => [
      record.label,
      record.rate.median.toFixed(0),
      `${(100 * record.eventLoop).toFixed(0)} %`,
      ...names.flatMap((name) => bareCells(record, name)),
    ]),
  ];
}

export function formatNotes({ missing }: FormatResults): string[] {
  return missing.map(({ decoder, status, reason }) => `${decoder} ${status}: ${reason}`);
}
