/** Runs the built command, as a user does. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { type TempProject, tempProject } from "../../support/temp-project.ts";

const root = path.resolve(import.meta.dirname, "../../..");
export const bin = path.join(root, "dist", "bin.mjs");

/** Builds what is not up to date; call it before all tests of a file. */
export function buildFloe(): void {
  execFileSync(process.execPath, [path.join(root, "scripts", "build.mjs"), "--no-types"], { stdio: "inherit" });
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FloeOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Gets the process when it has begun. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Without colours, without a terminal, and without an Incus but the one that the project names. */
export function floe(args: readonly string[], options: FloeOptions = {}): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, FLOE_OFFLINE: "1", ...options.env };
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: options.cwd ?? root,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** The last JSON document that was printed. */
export function lastDocument(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

/** True where nix is; without it (and without FLOE_REQUIRE=nix) tests that evaluate are left out. */
export function skipNix(): boolean {
  if ((process.env["FLOE_REQUIRE"] ?? "").split(",").includes("nix")) return false;
  return !(process.env["PATH"] ?? "").split(":").some((folder) => existsSync(path.join(folder, "nix")));
}

/** The least of nixpkgs that the generated flake asks for: enough to evaluate, in milliseconds. */
const base = `{
  outputs = { self }: {
    lib.nixosSystem = { system, modules, specialArgs }:
      let
        make = name: derivation { inherit name system; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; };
        # Reads every module, so that a broken one is noticed.
        read = builtins.deepSeq (map (module: if builtins.isPath module then builtins.readFile module else null) modules);
      in
      { config.system.build = read { toplevel = make "toplevel"; squashfs = make "rootfs"; metadata = make "metadata"; }; };
    legacyPackages.x86_64-linux.mkShell = arguments: derivation { name = "shell"; system = "x86_64-linux"; builder = "/bin/sh"; };
  };
}
`;

export interface FleetOptions {
  /** The socket of the server \`local\`; default: one that is not there. */
  readonly socket?: string;
  /** The Incus project of the instances. */
  readonly project?: string;
}

/** A project with a host, a container with two instances, and a base of its own. */
export function fleetProject({
  socket = "/nonexistent/unix.socket",
  project = "default",
}: FleetOptions = {}): Promise<TempProject> {
  return tempProject({
    "base/flake.nix": base,
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({
  name: "cli-test",
  inputs: { nixpkgs: dir("./base") },
  incus: { local: { socket: ${JSON.stringify(socket)} } },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
});
`,
    "hosts/crown.ts": `import { host } from "floe";
export default host({ system: "x86_64-linux", tags: ["server"] }, { networking: { hostName: "crown" } });
`,
    "containers/web.ts": `import { container } from "floe";
const instance = { project: ${JSON.stringify(project)} };
export default container({ system: "x86_64-linux", instances: { "web-1": instance, "web-2": instance } }, { services: {} });
`,
  });
}
