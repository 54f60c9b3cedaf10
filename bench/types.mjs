// @ts-check
/**
 * Typed options of a real nixpkgs: `floe types` beside the bare evaluation of the option tree, which walks all names and reads nothing else, and
 * the TypeScript compiler on a typed host. Needs nixpkgs in $FLOE_NIXPKGS: a checkout, or a flake reference. Also on its own: `node bench/types.mjs`.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { createJiti } from "jiti";
import { ROOT } from "../scripts/setup/checkout.mjs";
import { run } from "./lib/program.mjs";
import { compared, describeResult, least, median, timesTheOther } from "./lib/result.mjs";

const RUNS = 5;
const TSC = path.join(ROOT, "node_modules/typescript/bin/tsc");
/** What the compiler may take on a typed host, in milliseconds. */
const COMPILER_MS = 1000;

const WALK = `configurations: let
  set = s: builtins.foldl' (sum: name: sum + (if name == "_module" then 0 else walk s.\${name})) 0 (builtins.attrNames s);
  walk = v: if !builtins.isAttrs v then 0 else if (v._type or null) == "option" then 1 + set (v.type.getSubOptions v.loc) else set v;
in set configurations.crown.options`;

const HOST = `import { host, sh } from "floe";
export default host({ system: "x86_64-linux" }, ({ config, lib, pkgs }) => ({
  networking: { hostName: "crown", firewall: { allowedTCPPorts: [22, 443] } },
  services: {
    openssh: { enable: true },
    nginx: { enable: true, virtualHosts: { "a.org": { forceSSL: true, locations: { "/": { root: \`\${pkgs.hello}/share\` } } } } },
    postgresql: { enable: lib.mkDefault(true) },
  },
  systemd: { services: { hello: { wantedBy: ["multi-user.target"], script: sh\`exec \${pkgs.hello}/bin/hello \${config.networking.hostName}\` } } },
  users: { users: { me: { isNormalUser: true, shell: pkgs.zsh } } },
  environment: { systemPackages: [pkgs.htop, pkgs.python3.withPackages((ps) => [ps.requests])] },
  time: { timeZone: lib.mkForce("UTC") },
}));
`;

/**
 * @param {{ readonly root: string, readonly env: NodeJS.ProcessEnv }} lab
 * @returns {Promise<import("./lib/result.mjs").BenchResult>}
 */
export async function types(lab) {
  const nixpkgs = process.env["FLOE_NIXPKGS"];
  if (nixpkgs === undefined) return { rows: [], details: ["skipped: set FLOE_NIXPKGS to a checkout of nixpkgs"] };
  const project = path.join(lab.root, "types");
  write(project, nixpkgs);
  const floeTypes = await typesOf(project);
  const walk = () =>
    run("nix", [...SETTINGS, "eval", "--json", "path:.#nixosConfigurations", "--apply", WALK], {
      cwd: path.join(project, ".floe/src"),
      env: lab.env,
    });
  const compile = (/** @type {string} */ config) =>
    run(process.execPath, [TSC, "-p", config], {
      cwd: project,
      env: lab.env,
    });

  await run(process.execPath, [
    TSC,
    "-p",
    path.join(ROOT, "tsconfig.build.json"),
    "--outDir",
    path.join(project, "floe"),
  ]);
  // The first run locks the input and copies it into the store.
  const { optionCount } = await floeTypes();
  const times = {
    floe: /** @type {number[]} */ ([]),
    walk: /** @type {number[]} */ ([]),
    typed: /** @type {number[]} */ ([]),
    untyped: /** @type {number[]} */ ([]),
  };
  for (let round = 0; round < RUNS; round++) {
    times.floe.push((await floeTypes()).ms);
    times.walk.push((await walk()).ms);
    times.typed.push((await compile("tsconfig.json")).ms);
    times.untyped.push((await compile("untyped.json")).ms);
  }
  const compiler = compared({
    what: "tsc on a typed host",
    floe: { name: "typed", ms: times.typed },
    other: { name: "untyped", ms: times.untyped },
  });
  return {
    rows: [
      timesTheOther({
        what: "floe types",
        floe: { name: "floe types", ms: times.floe },
        other: { name: "walk of the option tree", ms: times.walk },
        factor: 3,
        of: least,
      }),
      { ...compiler, aim: `at most ${COMPILER_MS} ms`, isMet: least(times.typed) <= COMPILER_MS },
    ],
    details: [
      `${optionCount} options; ${fs.statSync(path.join(project, ".floe/types/nixos.d.ts")).size} bytes of declarations; tsc ${Math.round(median(times.typed))} ms`,
    ],
  };
}

// --- internal ---

const SETTINGS = [
  "--extra-experimental-features",
  "nix-command flakes",
  "--option",
  "eval-cache",
  "false",
  "--option",
  "substituters",
  "",
];

/**
 * @param {string} project
 * @param {string} nixpkgs
 */
function write(project, nixpkgs) {
  const scheme = fs.existsSync(path.join(nixpkgs, ".git")) ? "git+file://" : "path:";
  const url = nixpkgs.includes(":") ? nixpkgs : `${scheme}${nixpkgs}`;
  const files = {
    "flake.nix": `{ inputs.nixpkgs.url = "${url}"; outputs = { self, nixpkgs }: { nixosConfigurations.crown = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ]; }; }; }`,
    "package.json": JSON.stringify({ type: "module" }),
    "hosts/crown.ts": HOST,
    "declarations.json": JSON.stringify(DECLARATIONS),
    "tsconfig.json": JSON.stringify({ compilerOptions: COMPILER, include: ["hosts", ".floe/types"] }),
    "untyped.json": JSON.stringify({ compilerOptions: COMPILER, include: ["hosts"] }),
  };
  for (const [file, text] of Object.entries(files)) {
    const target = path.join(project, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
}

/** floe's own types, as its package has them. */
const DECLARATIONS = {
  extends: path.join(ROOT, "tsconfig.build.json"),
  compilerOptions: {
    rootDir: path.join(ROOT, "src"),
    outDir: "floe",
    typeRoots: [path.join(ROOT, "node_modules/@types")],
  },
  files: [path.join(ROOT, "src/index.ts")],
};
const COMPILER = {
  ...{
    target: "es2023",
    module: "nodenext",
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
  },
  ...{
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
    paths: { floe: ["./floe/index.d.ts"] },
  },
};

/**
 * Reads everything anew, as `floe types` does when something changed.
 * @param {string} project
 */
async function typesOf(project) {
  const jiti = createJiti(import.meta.url);
  const load = (/** @type {string} */ file) => jiti.import(path.join(ROOT, "src", file));
  const { generateTypes } = /** @type {typeof import("../src/types/generate-types.ts")} */ (
    await load("types/generate-types.ts")
  );
  const { findNix } = /** @type {typeof import("../src/nix/find.ts")} */ (await load("nix/find.ts"));
  const cacheDir = path.join(project, ".floe/cache");
  const nix = await findNix({ cacheDir });
  const subject = {
    machines: [{ kind: /** @type {const} */ ("host"), name: "crown", declaring: "" }],
    declaring: {},
    flake: "",
  };
  return async () => {
    const begin = performance.now();
    const { optionCount } = await generateTypes({ nix, root: project, cacheDir, subject, emit: () => {}, fresh: true });
    return { optionCount, ms: performance.now() - begin };
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "floe-bench-types-"));
  try {
    process.stdout.write(`${describeResult("types", await types({ root, env: process.env }))}\n`);
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}
