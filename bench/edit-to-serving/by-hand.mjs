// @ts-check
/**
 * The same edit the way it is done without floe: build the root file system and the metadata as tar.xz, copy both, import them,
 * delete the instance, launch it again, forward its port.
 */
import fs from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { run } from "../lib/program.mjs";
import { pinExpression, system } from "../lib/store.mjs";
import { visit } from "../lib/visitor.mjs";
import { copyFirn, replaceInFile, SITE, write } from "./project.mjs";

/** The instance of this way. Its image has an alias of its own beside floe's. */
const INSTANCE = "by-hand";
const ALIAS = "site-by-hand";

/**
 * A hand-written flake around the module that floe wrote, so that both ways build the same system.
 * @param {{ root: string, from: string, xz: import("../lib/store.mjs").Pin }} options `from`: floe's project, synthesised
 */
export function writeHandProject({ root, from, xz }) {
  copyFirn(root);
  for (const folder of ["nix", "modules"])
    fs.cpSync(path.join(from, folder), path.join(root, folder), { recursive: true });
  write(root, "flake.nix", flakeText(xz));
  write(root, "server/README", "Where image files are copied to.\n");
}

/**
 * The first instance of this way, from the image that floe has built: only to have something to replace.
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ port: number }} options
 */
export async function launchFirst(lab, { port }) {
  await run("incus", ["launch", SITE, INSTANCE], { env: lab.env });
  await forward(lab, port);
}

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {{ project: string, port: number, url: string, before: string, after: string, isFirst: boolean }} round
 */
export async function serveByHand(lab, { project, port, url, before, after, isFirst }) {
  const { env } = lab;
  /** @type {import("./phases.mjs").PhaseTime[]} */
  const phases = [];
  const begin = performance.now();
  const step = async (/** @type {string} */ name, /** @type {() => Promise<unknown> | void} */ action) => {
    const from = performance.now() - begin;
    await action();
    phases.push({ name, from, to: performance.now() - begin });
  };
  greetInNix(project, before, after);
  await buildAndCopy(project, env, step);
  // Only from here on: the builds shall have the processors for themselves.
  const visitor = visit(url);
  try {
    await visitor.waitFor(before);
    await step("incus image import", async () => {
      if (!isFirst) await run("incus", ["image", "delete", ALIAS], { env });
      await run("incus", ["image", "import", "server/metadata.tar.xz", "server/rootfs.tar.xz", "--alias", ALIAS], {
        cwd: project,
        env,
      });
    });
    await step("incus delete --force", () => run("incus", ["delete", "--force", INSTANCE], { env }).then(() => {}));
    await step("incus launch", () => run("incus", ["launch", ALIAS, INSTANCE], { env }).then(() => {}));
    await step("incus config device add", () => forward(lab, port));
    const served = await visitor.waitFor(after);
    return { servingMs: served - begin, downtimeMs: visitor.gapBetween(before, after), phases };
  } finally {
    visitor.stop();
  }
}

// --- internal ---

/**
 * @param {string} project
 * @param {NodeJS.ProcessEnv} env
 * @param {(name: string, action: () => Promise<unknown> | void) => Promise<void>} step
 */
async function buildAndCopy(project, env, step) {
  const copy = (/** @type {string} */ name) => {
    const folder = path.join(project, "result/tarball");
    const [file = ""] = fs.readdirSync(folder);
    fs.copyFileSync(path.join(folder, file), path.join(project, "server", name));
  };
  await step(`nix build .#${SITE}-tarball`, () => run("nix", ["build", `.#${SITE}-tarball`], { cwd: project, env }));
  await step("cp", () => copy("rootfs.tar.xz"));
  await step(`nix build .#${SITE}-metadata`, () => run("nix", ["build", `.#${SITE}-metadata`], { cwd: project, env }));
  await step("cp ", () => copy("metadata.tar.xz"));
}

/**
 * @param {import("../lib/lab.mjs").Lab} lab
 * @param {number} port
 */
async function forward({ env }, port) {
  const device = ["proxy", `listen=tcp:127.0.0.1:${port}`, "connect=tcp:127.0.0.1:80"];
  await run("incus", ["config", "device", "add", INSTANCE, "http", ...device], { env });
}

/**
 * @param {string} root
 * @param {string} before
 * @param {string} after
 */
function greetInNix(root, before, after) {
  replaceInFile(path.join(root, `nix/containers/${SITE}.nix`), before, after);
}

/**
 * The tarball is that of the system, but for its compression: `xz -6` on two threads, which is what such images are made with.
 * @param {import("../lib/store.mjs").Pin} xz
 */
const flakeText = (xz) => `{
  outputs =
    { self }:
    let
      firn = (import ./firn/flake.nix).outputs { self = firn // { outPath = ./firn; }; };
      inherit (firn) lib;
      xz = ${pinExpression(xz).replaceAll("\n", "\n      ")};
      compress = line:
        if lib.hasInfix "zstd --format=xz" line
        then "\${xz}/ld.so --library-path \${xz}/lib \${xz}/xz -6 -T2 --stdout root.tar >$out/tarball/rootfs.tar.xz"
        else line;
      build = (lib.nixosSystem {
        system = "${system()}";
        modules = [ ./nix/containers/${SITE}.nix ];
      }).config.system.build;
    in
    {
      packages.${system()} = {
        ${SITE}-tarball = build.tarball.overrideAttrs (old: {
          buildCommand = lib.concatStringsSep "\\n" (map compress (lib.splitString "\\n" old.buildCommand));
        });
        ${SITE}-metadata = build.metadata;
      };
    };
}
`;
