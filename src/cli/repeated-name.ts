/** The first name that is given a second time. */
export function repeatedName(named: readonly (readonly [string, unknown])[]): string | undefined {
  const names = named.map(([name]) => name);
  return names.find((name, i) => names.indexOf(name) < i);
}
