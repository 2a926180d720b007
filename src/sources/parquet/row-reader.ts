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

/** What is kept takes beside its key and value: promises, small objects; and an error that is kept. */
const ENTRY_BYTES = 512;
const ERROR_BYTES = 1024;

/** Damage is cached too: the other rows must not read it again. */
async function outcomeOf<T>(
  key: string,
  read: () => Promise<Sized<T>>,
): Promise<Sized<Outcome<T>>> {
  const own = ENTRY_BYTES + 2 * key.length;
  try {
    const { value, bytes } = await read();
    return { value: () => value, bytes: bytes + own };
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const fail = () => {
      throw cause;
    };
    return { value: fail, bytes: own + ERROR_BYTES };
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
    (await cache.get<Outcome<T>>(key, () => outcomeOf(key, read)))();

  const keyOf = ({ file, groupNumber }: Place, role: string) =>
    `${role} ${groupNumber} ${file.path}`;
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
    /** Nobody misses a damaged dictionary of whose page no value is looked up, as where all are null. */
    let damage: unknown;
    const dictionary = column.isLookedUp(page)
      ? await kept(cache, `dictionary ${key}`, () => column.dictionary(make)).catch((cause) => {
          if (!isDamage(cause)) throw cause;
          damage = cause;
          return undefined;
        })
      : undefined;
    const values = await kept(cache, `${page} ${key}`, () =>
      column.values(page, make, dictionary),
    ).catch((cause) => {
      throw damage !== undefined && isDamage(cause) ? damage : cause;
    });
    return values[rowInPage] as T | null;
  };

  return {
    async others(place, columns) {
      const { file, group, row } = place;
      const read: Others = await kept(others, keyOf(place, "others"), () =>
        readOthers(file, group, columns),
      );
      const isApart = (leaf: ParquetLeaf | undefined): leaf is ParquetLeaf =>
        leaf !== undefined && isPaged(group, leaf);
      const text = async <T>(
        leaf: ParquetLeaf | undefined,
        role: string,
        make: Maker<TextValue>,
        ofGroup: readonly T[] | undefined,
      ): Promise<T | TextValue | null | undefined> =>
        isApart(leaf) ? pagedValue(others, place, leaf, role, make) : ofGroup?.[row];
      const ofColumn = async ({ name, leaf }: PairColumns["others"][number]) => {
        if (!isApart(leaf)) return [name, () => read.columns[name]?.(row)] as const;
        const value = await pagedValue(others, place, leaf, `column ${leaf.column}`, plainMaker);
        return [name, () => value] as const;
      };
      // awaited together: one that fails while another is waited for would end the process
      const [texts, paths, id, found] = await Promise.all([
        text(columns.texts, "text", textMaker(columns.classes), read.texts),
        Promise.all(
          columns.images.map((column, i) =>
            text(column?.path, `path ${i}`, textMaker(), read.paths[i]),
          ),
        ),
        text(columns.id, "id", textMaker(), read.ids),
        Promise.all(columns.others.map(ofColumn)),
      ]);
      return { texts, paths, id, columns: Object.fromEntries(found) };
    },
    async images(place, leaf) {
      const { file, group, row } = place;
      if (!isPaged(group, leaf)) {
        const read = () => readImages(file, group, leaf);
        return (await kept(images, keyOf(place, `image ${leaf.column}`), read))(row);
      }
      const column = await pagesOf(place, leaf);
      const { page, rowInPage } = column.pageOf(row);
      if (column.isStored(page)) {
        const key = keyOf(place, `ranges ${leaf.column} ${page}`);
        return (await kept(places, key, () => column.ranges(page))).at(rowInPage);
      }
      return pagedValue(images, place, leaf, `image ${leaf.column}`, viewMaker);
    },
  };
}
