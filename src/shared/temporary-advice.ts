/** What helps where the folder for temporary files cannot be written to: another one by the variable that tmpdir() of node:os reads. */
export function temporaryAdvice(platform: NodeJS.Platform = process.platform): string {
  const variable = platform === "win32" ? "TEMP" : "TMPDIR";
  return `set ${variable} to a folder with room that can be written to`;
}
