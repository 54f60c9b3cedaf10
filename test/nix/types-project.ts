/** A project that the TypeScript compiler checks against the types of its nixpkgs. */
import { symlink } from "node:fs/promises";
import path from "node:path";
import { run } from "../../src/exec/run.ts";
import type { TempProject } from "../support/temp-project.ts";

const repository = path.resolve(import.meta.dirname, "../..");

export interface Mistake {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Adds what a project of TypeScript has: a package.json and a tsconfig.json like those of `floe init`. */
export async function typedProject(project: TempProject): Promise<void> {
  await project.write("package.json", JSON.stringify({ type: "module" }));
  await symlink(path.join(repository, "node_modules"), path.join(project.root, "node_modules"));
  const compilerOptions = {
    ...{
      target: "es2023",
      module: "nodenext",
      types: ["node"],
      strict: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
    },
    ...{
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
      paths: { floe: [path.join(repository, "src/index.ts")] },
    },
  };
  await project.write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions, include: ["*.ts", "hosts", "homes", "modules", ".floe/types"] }),
  );
}

/** What the compiler says, in the order of the places. */
export async function compile(root: string, ...flags: string[]): Promise<Mistake[]> {
  const tsc = path.join(repository, "node_modules/typescript/bin/tsc");
  const { stdout, stderr } = await run([process.execPath, tsc, "-p", root, "--pretty", "false", ...flags], {
    cwd: root,
  });
  const mistakes: Mistake[] = [];
  for (const line of `${stdout}${stderr}`.split("\n")) {
    const [, file, row, column, text] = /^(?:(.+?)\((\d+),(\d+)\): )?error (TS.*)$/.exec(line) ?? [];
    if (text !== undefined) mistakes.push({ file: file ?? "", line: Number(row), column: Number(column), text });
  }
  return mistakes;
}
