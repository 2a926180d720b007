/** The variable of the environment that names the system's folder for temporary files. */
export const temporaryVariable = process.platform === "win32" ? "TEMP" : "TMPDIR";
