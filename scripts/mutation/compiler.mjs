// The TypeScript compiler, asked about one file at a time.

import { resolve } from "node:path";
import { API } from "typescript/unstable/sync";

/**
 * Opens a project: the syntax trees of its files, and whether the compiler takes a text in place of a file's.
 * The compiler runs until it is closed.
 *
 * @param {string} config the path of the project's tsconfig.json
 */
export function openCompiler(config) {
  let changed;
  const readFile = (file) => (file === changed?.file ? changed.text : undefined);
  const compiler = new API({ fs: { readFile } });
  const project = resolve(config);
  const programAfter = (change) => compiler.updateSnapshot(change).getProject(project).program;
  const program = programAfter({ openProjects: [project] });

  return {
    /** The syntax tree of a file as it stands. */
    treeOf: (file) => program.getSourceFile(resolve(file)),

    /** Whether the compiler has nothing against the text, within the file itself. */
    takes(path, text) {
      const before = changed?.file ?? [];
      const file = resolve(path);
      changed = { file, text };
      const mistaken = programAfter({ fileChanges: { changed: [file].concat(before) } });
      return (
        mistaken.getSyntacticDiagnostics(file).length === 0 &&
        mistaken.getSemanticDiagnostics(file).length === 0
      );
    },

    close: () => compiler.close(),
  };
}
