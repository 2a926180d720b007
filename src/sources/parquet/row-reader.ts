import { type BoundedCache, boundedCache, type Sized } from "./bounded-cache.js";
import { isPaged, openPagedColumn } from "./paged-column.js";
import {
  type ImageBytes,
  type Others,
  plainMaker,
  readImages,
  readOthers,
  type TextsOfRow,
  viewMaker,
} from "./pair-values.js";
import type { PairColumns } from "./parquet-columns.js";
import { isDamage } from "./parquet-file.js";
import type { Place } from "./parquet-rows.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import type { Maker } from "./parquet-values.js";
import { type TextValue, textMaker } from "./text-values.js";

/** What a row has beside its images' bytes. */
export interface RowOthers {
  readonly texts: TextsOfRow | undefined;
  /** Paths of each column of images, where it has them. */
  readonly paths: readonly (TextsOfRow | undefined)[];
  readonly id: TextValue | null | undefined;
  /** What it has of the other columns, by the columns' names; a RangeError where that is damaged. */
  readonly columns: Readonly<Record<string, () => unknown>>;
}

/** Reads rows, and keeps what has been read with them. */
export interface RowReader {
  others(place: Place, columns: PairColumns): Promise<RowOthers>;
  /** Bytes of the row's image, or of each of a list. */
  images(place: Place, leaf: ParquetLeaf): Promise<ImageBytes | readonly ImageBytes[]>;
}

/** What became of something that was read: gives it, or throws what is wrong with it. */
type Outcome<T> = () => T;

/** What is kept takes beside its value: a key, promises, small objects. */
const ENTRY_BYTES = 512;

/** Damage is cached too: the other rows must not read it again. */
async function outcomeOf<T>(read: () => Promise<Sized<T>>): Promise<Sized<Outcome<T>>> {
  try {
    const { value, bytes } = await read();
    return { value: () => value, bytes: bytes + ENTRY_BYTES };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const fail = () => {
      throw cause;
    };
    return { value: fail, bytes: ENTRY_BYTES };
  }
}

/** Of `rowCacheBytes`; at least so many bytes. */
const SHARE_FOR_OTHERS = 1 / 4;
const SHARE_FOR_PLACES = 1 / 8;
const LEAST_BYTES = 2 ** 24;

/** @param rowCacheBytes most bytes of images that are kept; texts, and where pages are, have shares of their own. */
export function rowReader(rowCacheBytes: number): RowReader {
  const share = (part: number) => boundedCache(Math.max(rowCacheBytes * part, LEAST_BYTES));
  // what is small and often read alone is not evicted by images
  const images = boundedCache(rowCacheBytes);
  const others = share(SHARE_FOR_OTHERS);
  const places = share(SHARE_FOR_PLACES);
  const kept = async <T>(cache: BoundedCache, key: string, read: () => Promise<Sized<T>>) =>
    (await cache.get<Outcome<T>>(key, () => outcomeOf(read)))();

  const keyOf = ({ file, group }: Pick<Place, "file" | "group">, role: string) =>
    `${role} ${group} ${file.path}`;
  const pagesOf = (place: Place, leaf: ParquetLeaf) =>
    kept(places, keyOf(place, `pages ${leaf.column}`), () =>
      openPagedColumn(place.file, place.group, leaf),
    );
  /** A value of a column that is read a page at a time. */
  const pagedValue = async <T>(
    cache: BoundedCache,
    place: Place,
    leaf: ParquetLeaf,
    role: string,
    make: Maker<T>,
  ): Promise<T | null> => {
    const column = await pagesOf(place, leaf);
    const { page, rowInPage } = column.pageOf(place.row);
    const key = keyOf(place, role);
    const dictionary = column.isLookedUp(page)
      ? await kept(cache, `dictionary ${key}`, () => column.dictionary(make))
      : undefined;
    const values = await kept(cache, `${page} ${key}`, () => column.values(page, make, dictionary));
    return values[rowInPage] as T | null;
  };

  return {
    async others(place, columns) {
      const { file, group, row } = place;
      const read: Others = await kept(others, keyOf(place, "others"), () =>
        readOthers(file, group, columns),
      );
      const isApart = (leaf: ParquetLeaf | undefined): leaf is ParquetLeaf =>
        leaf !== undefined && isPaged(file, group, leaf);
      const text = async <T>(
        leaf: ParquetLeaf | undefined,
        role: string,
        make: Maker<TextValue>,
        ofGroup: readonly T[] | undefined,
      ): Promise<T | TextValue | null | undefined> =>
        isApart(leaf) ? pagedValue(others, place, leaf, role, make) : ofGroup?.[row];
      const found = columns.others.map(async ({ name, leaf }) => {
        if (!isApart(leaf)) return [name, () => read.columns[name]?.(row)] as const;
        const value = await pagedValue(others, place, leaf, `column ${name}`, plainMaker);
        return [name, () => value] as const;
      });
      const paths = columns.images.map((column, i) =>
        text(column?.path, `path ${i}`, textMaker(), read.paths[i]),
      );
      return {
        texts: await text(columns.texts, "text", textMaker(columns.classes), read.texts),
        paths: await Promise.all(paths),
        id: await text(columns.id, "id", textMaker(), read.ids),
        columns: Object.fromEntries(await Promise.all(found)),
      };
    },
    async images(place, leaf) {
      const { file, group, row } = place;
      if (!isPaged(file, group, leaf)) {
        const read = () => readImages(file, group, leaf);
        return (await kept(images, keyOf(place, `image ${leaf.column}`), read))(row);
      }
      const column = await pagesOf(place, leaf);
      if (column.isStored(column.pageOf(row).page)) return column.rangeOf(row);
      return pagedValue(images, place, leaf, `image ${leaf.column}`, viewMaker);
    },
  };
}
