/** A git repository with a firn of its own, for tests in which an input gets newer revisions. */
import { randomUUID } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { makeRepository } from "./corpus.ts";
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
  const around = await realpath(await mkdtemp(path.join(os.tmpdir(), "floe-input-")));
  // The name by which a nixpkgs is known.
  const folder = path.join(around, "nixpkgs");
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
    remove: () => rm(around, { recursive: true, force: true }),
  };
}

/**
 * A project on it: hosts crown (with hello) and nas (without), container web with hello, shells default with hello and plain. Its systems are no other
 * test's, and not those of an earlier run: what is built already is compared in another way.
 */
export function updateProject(url: string): Record<string, string> {
  const run = randomUUID();
  const machine = (kind: string, spec: string, name: string, packages: string) =>
    `import { ${kind} } from "floe";\nexport default ${kind}({ ${spec} }, ({ pkgs }) => ({ networking: { hostName: "${name}" }, environment: { systemPackages: [${packages}], etc: { run: { text: "${run}" } } } }));\n`;
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

export interface SecondProject {
  readonly files: Readonly<Record<string, string>>;
  /** The flake reference of `tool`. */
  readonly tool: string;
  /** What `tool` brings; it goes with `remove`. */
  readonly second: GitFirn;
}

/**
 * A project in which `tool`, an input, brings a nixpkgs of its own: host crown has a package of it, host nas only a text, and shell tool is made of nothing
 * else. That nixpkgs builds as the project's does until it is changed.
 */
export async function secondProject(firn: GitFirn): Promise<SecondProject> {
  const second = await gitFirn();
  await second.change("README.md", /$/, "The tool's.\n", "README: of the tool");
  const tool = path.join(second.folder, "../tool");
  await mkdir(tool);
  await writeFile(
    path.join(tool, "flake.nix"),
    `{
  inputs.nixpkgs.url = "${second.url}";
  outputs = { self, nixpkgs }: let pkgs = nixpkgs.legacyPackages.x86_64-linux; in {
    packages.x86_64-linux.tool = pkgs.hello;
    devShells.x86_64-linux.tool = pkgs.mkShell { packages = [ pkgs.hello ]; };
    lib.greeting = "Hello";
  };
}
`,
  );
  await makeRepository(tool);
  const host = (name: string, more: string) =>
    `import { host } from "floe";
export default host({ system: "x86_64-linux" }, ({ inputs }) => ({ networking: { hostName: "${name}" }, ${more} }));
`;
  const files = {
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "update-test", inputs: { nixpkgs: "${firn.url}", tool: "git+file://${tool}" }, hosts: dir("./hosts"), shells: "./devshells.ts" });
`,
    "hosts/crown.ts": host("crown", 'environment: { systemPackages: [inputs.tool.packages["x86_64-linux"].tool] }'),
    "hosts/nas.ts": host("nas", "environment: { etc: { greeting: { text: inputs.tool.lib.greeting } } }"),
    "devshells.ts": `import { shells } from "floe";
export default shells(({ inputs, system }) => ({ plain: {}, tool: inputs.tool.devShells.$(system).tool }));
`,
    ".gitignore": ".floe\nnode_modules\n",
  };
  return { files, tool: `git+file://${tool}`, second };
}
