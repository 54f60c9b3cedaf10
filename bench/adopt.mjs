// @ts-check
/**
 * Taking over a flake with five hosts and twenty images: `floe adopt` beside `nix flake show`, which reads the same outputs. Both see the flake for
 * the first time in each round. The aim is for a real nixpkgs, in $FLOE_NIXPKGS; firn is so small that nix has read it all in the time that Node
 * takes to begin, so there the ratio is only told.
 */
import fs from "node:fs";
import path from "node:path";
import { FLOE, ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { compared, least, timesTheOther } from "./lib/result.mjs";

const RUNS = 9;
const REAL_RUNS = 2;
const HOSTS = 5;
const IMAGES = 20;

/**
 * @param {{ readonly root: string, readonly env: NodeJS.ProcessEnv }} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function adopt(lab) {
  const nixpkgs = process.env["FLOE_NIXPKGS"];
  const onFirn = compared(await beside(lab, "firn", FIRN, RUNS));
  if (nixpkgs === undefined)
    return { rows: [onFirn], details: ["on a real nixpkgs: skipped, set FLOE_NIXPKGS to a flake reference"] };
  const real = await beside(lab, "nixpkgs", realBase(nixpkgs), REAL_RUNS);
  return { rows: [onFirn, timesTheOther({ ...real, factor: 1.5, of: least })] };
}

// --- internal ---

/**
 * @param {{ readonly root: string, readonly env: NodeJS.ProcessEnv }} lab
 * @param {string} name
 * @param {Base} base
 * @param {number} runs
 */
async function beside(lab, name, base, runs) {
  const project = path.join(lab.root, `adopt-${name}`);
  fs.mkdirSync(project);
  base.prepare(project);
  const ways = {
    floe: () => run(process.execPath, [FLOE, "adopt", "--dry-run", "--json"], { cwd: project, env: lab.env }),
    show: () => run("nix", [...SETTINGS, "flake", "show", "--json", "path:."], { cwd: project, env: lab.env }),
  };
  const times = { floe: /** @type {number[]} */ ([]), show: /** @type {number[]} */ ([]) };
  // The first look locks the inputs and copies them into the store.
  fs.writeFileSync(path.join(project, "flake.nix"), flakeOf("before", base));
  await ways.show();
  let found = "";
  for (let round = 0; round < runs; round++) {
    for (const way of /** @type {const} */ (["floe", "show"])) {
      fs.writeFileSync(path.join(project, "flake.nix"), flakeOf(`${way} ${round} ${process.pid}`, base));
      const { ms, stdout } = await ways[way]();
      times[way].push(ms);
      if (way === "floe") found = stdout;
    }
  }
  const { hosts, containers } = JSON.parse(found).found;
  if (hosts.length !== HOSTS || containers.length !== IMAGES)
    throw new Error(`floe adopt found ${hosts.length} hosts and ${containers.length} containers`);
  return {
    what: `${HOSTS} hosts and ${IMAGES} images on ${name}`,
    floe: { name: "floe adopt", ms: times.floe },
    other: { name: "nix flake show", ms: times.show },
  };
}

/**
 * What the machines are made of: an input and a binding in Nix, and the module that makes an image.
 * @typedef {{ inputs: string, nixpkgs: string, image: string, metadata: string, prepare: (project: string) => void }} Base
 */

/** @type {Base} */
const FIRN = {
  inputs: "",
  nixpkgs: "(import ./firn/flake.nix).outputs { self = nixpkgs; }",
  image: "./firn/nixos/modules/virtualisation/lxc-container.nix",
  metadata: "metadata",
  prepare: (project) => fs.cpSync(path.join(ROOT, "firn"), path.join(project, "firn"), { recursive: true }),
};

/**
 * Any release since 20.09; the oldest have no metadata, which is not looked at here.
 * @param {string} url
 * @returns {Base}
 */
const realBase = (url) => ({
  inputs: `inputs.base.url = "${url}";`,
  nixpkgs: "inputs.base",
  image: '"${nixpkgs}/nixos/modules/virtualisation/lxc-container.nix"',
  metadata: "tarball",
  prepare: () => {},
});

const SETTINGS = ["--extra-experimental-features", "nix-command flakes", "--option", "substituters", ""];

/**
 * @param {string} round a text that no evaluation before had
 * @param {Base} base
 */
function flakeOf(round, { inputs, nixpkgs, image, metadata }) {
  const names = (/** @type {number} */ count, /** @type {string} */ prefix) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
  const hosts = names(HOSTS, "host").map(
    (name) => `nixosConfigurations.${name} = host { networking.hostName = "${name}"; };`,
  );
  const images = names(IMAGES, "web").map(
    (name) => `${name} = builds.${name}.tarball; ${name}Metadata = builds.${name}.${metadata};`,
  );
  const builds = names(IMAGES, "web").map((name) => `${name} = build "${name}";`);
  return `# ${round}
{
  description = "${HOSTS} hosts, ${IMAGES} images";
  ${inputs}
  outputs = inputs: let
    nixpkgs = ${nixpkgs};
    system = "x86_64-linux";
    host = module: nixpkgs.lib.nixosSystem { inherit system; modules = [ module ]; };
    build = name: (host { imports = [ ${image} ]; networking.hostName = name; }).config.system.build;
    builds = { ${builds.join(" ")} };
  in {
    ${hosts.join("\n    ")}
    packages.\${system} = {
      ${images.join("\n      ")}
    };
    devShells.\${system}.default = nixpkgs.legacyPackages.\${system}.mkShell { name = "shell"; };
  };
}
`;
}
