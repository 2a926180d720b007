import { parseBoundedJson } from "../shared/bounded-json.js";
import { isObject } from "../shared/validation.js";

/** Names of classes, by their numbers. */
export type ClassNames = readonly string[];

/** A feature is a ClassLabel, or a list of them, of which there are several ways to write it. */
function namesOf(feature: unknown, depth = 0): ClassNames | undefined {
  if (depth > 2) return undefined;
  if (Array.isArray(feature)) return namesOf(feature[0], depth + 1);
  if (!isObject(feature)) return undefined;
  if (feature._type !== "ClassLabel") return namesOf(feature.feature, depth + 1);
  const { names } = feature;
  return Array.isArray(names) && names.every((name) => typeof name === "string")
    ? names
    : undefined;
}

/**
 * The class names of a column, in what the `datasets` library keeps of a table's features; undefined where
 * it has none.
 */
export function classNames(
  huggingface: string | undefined,
  column: string,
): ClassNames | undefined {
  if (huggingface === undefined) return undefined;
  let value: unknown;
  try {
    value = parseBoundedJson(huggingface);
  } catch {
    return undefined; // they are no more than a help
  }
  const info = isObject(value) && isObject(value.info) ? value.info : {};
  const features = isObject(info.features) ? info.features : {};
  return Object.hasOwn(features, column) ? namesOf(features[column]) : undefined;
}
