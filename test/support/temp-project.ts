/** A project in a temporary folder. */
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

export interface TempProject {
  readonly root: string;
  /** Writes a file, with its folders; answers its path. */
  write(file: string, text: string): Promise<string>;
  remove(): Promise<void>;
}

/** Its name has the process it is for: `npm test` removes those of runs that were killed. `files` are texts by their relative path; `from` is a folder that is copied first, its links kept or followed as `cp` does. */
export async function tempProject(files: Readonly<Record<string, string>> = {}, from?: string): Promise<TempProject> {
  const root = await realpath(await mkdtemp(path.join(os.tmpdir(), `floe-project-${process.pid}-`)));
  if (from !== undefined)
    await cp(from, root, {
      recursive: true,
      dereference: true,
      filter: (source) => !/\/(\.floe|node_modules)(\/|$)/.test(source),
    });
  const write = async (file: string, text: string): Promise<string> => {
    const target = path.join(root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
    return target;
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { root, write, remove: () => rm(root, { recursive: true, force: true }) };
}
