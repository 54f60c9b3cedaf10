/** A git repository with a firn of its own, for tests in which an input gets newer revisions. */
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { run } from "./run.ts";

const firn = path.resolve(import.meta.dirname, "../../firn");

export interface GitFirn {
  readonly folder: string;
  /** A flake reference of its branch. */
  readonly url: string;
  git(...args: string[]): Promise<string>;
  /** Replaces a text in a file and commits; answers the commit. */
  change(file: string, from: string | RegExp, to: string, subject: string): Promise<string>;
  remove(): Promise<void>;
}

export async function gitFirn(): Promise<GitFirn> {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "floe-input-")));
  const names = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
  const git = (...args: string[]): Promise<string> => run("git", ["-C", folder, ...names, ...args]);
  await cp(firn, folder, { recursive: true });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=firn begins");
  return {
    folder,
    url: `git+file://${folder}?ref=main`,
    git,
    async change(file, from, to, subject) {
      const text = await readFile(path.join(folder, file), "utf8");
      if (text.replace(from, to) === text) throw new Error(`${file} has no ${from}`);
      await writeFile(path.join(folder, file), text.replace(from, to));
      await git("commit", "--quiet", "--all", `--message=${subject}`);
      return (await git("rev-parse", "HEAD")).trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A project on it: hosts crown (with hello) and nas (without), container web with hello, shells default with hello and plain. */
export function updateProject(url: string): Record<string, string> {
  const machine = (kind: string, spec: string, name: string, packages: string) =>
    `import { ${kind} } from "floe";\nexport default ${kind}({ ${spec} }, ({ pkgs }) => ({ networking: { hostName: "${name}" }, environment: { systemPackages: [${packages}] } }));\n`;
  return {
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "update-test", inputs: { nixpkgs: "${url}" }, hosts: dir("./hosts"), containers: dir("./containers"), shells: "./devshells.ts" });
`,
    "hosts/crown.ts": machine("host", 'system: "x86_64-linux"', "crown", "pkgs.hello"),
    "hosts/nas.ts": machine("host", 'system: "x86_64-linux"', "nas", ""),
    "containers/web.ts": machine("container", "instances: { web: {} }", "web", "pkgs.hello"),
    "devshells.ts": `import { shells } from "floe";\nexport default shells(({ pkgs }) => ({ default: { packages: [pkgs.hello] }, plain: {} }));\n`,
    ".gitignore": ".floe\nnode_modules\n",
  };
}
